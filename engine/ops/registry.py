"""What an op type is: one declaration each, read by all that need to know about it."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..dtypes import DType
from ..graph import Argument, Operation, Shape
from .signature import Attr, argument_dtypes, parse_arguments, parse_attrs

Attrs = Mapping[str, Any]
"""The attributes of one node, decoded, with the declared defaults filled in."""

Kernel = Callable[..., Any]
"""Computes one node. Takes one value per input (lists spread out). Returns the value of the one
output; where the declaration has no output, several, or a list, a sequence of values instead.
It never changes the arrays that it is given; those that it returns may share their memory."""

KernelFactory = Callable[[Attrs], Kernel]
ShapeRule = Callable[[Attrs, Sequence[Shape], Sequence[Any]], Sequence[Shape]]
"""(attrs, input shapes, constant input values or None) -> output shapes."""

ViewRule = Callable[[Attrs, Sequence[Any]], bool]
"""(attrs, input arrays) -> whether the outputs alias that input's memory in TensorFlow."""


class Cell(enum.Enum):
    """What an op may touch besides the values it is given."""

    CONTENTS = "contents"
    """The elements of a reference variable's buffer."""
    RECORD = "record"
    """Whether a reference variable is initialised, its shape, and which buffer it has."""
    VALUE = "value"
    """The value of a resource variable."""
    INITIALIZED = "initialized"
    """Whether a resource variable has a value."""
    GENERATOR = "generator"
    """The position of the node's own random generator."""
    STATE = "state"
    """Anything else that a resource holds: a queue's elements, a table's entries."""


class Lock(enum.Enum):
    """What an access excludes while the kernel runs."""

    NONE = "none"
    SHARED = "shared"
    EXCLUSIVE = "exclusive"
    USE_LOCKING = "use_locking"
    """Exclusive where the attribute `use_locking` is true, else none."""
    USE_LOCKING_OR_SHARED = "use_locking_or_shared"
    """Exclusive where the attribute `use_locking` is true, else shared."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One cell that an op reads, writes or both.

    Attributes:
        operand: the input through which it is reached; empty for what belongs to the node itself.
        by_element: single elements or rows are touched, not all of it at once.
        index: the input that says which element, where that is one scalar; empty otherwise.
    """

    operand: str
    cell: Cell
    reads: bool = False
    writes: bool = False
    by_element: bool = False
    lock: Lock = Lock.NONE
    index: str = ""


class ControlFlow(enum.Enum):
    """The op types that the executor's propagation treats on their own."""

    SWITCH = "switch"
    MERGE = "merge"
    ENTER = "enter"
    EXIT = "exit"
    NEXT_ITERATION = "next_iteration"
    LOOP_COND = "loop_cond"
    CONTROL_TRIGGER = "control_trigger"


@dataclass(frozen=True, slots=True)
class OpDef:
    """The declaration of an op type.

    Attributes:
        type: its name in graphs.
        inputs, outputs, attrs: as TensorFlow registers them.
        doc: what it computes, in a sentence or two.
        kernel: makes the kernel of a node from its attributes; None where the engine only
            knows the op and cannot run it.
        shape: infers output shapes; None says nothing about them.
        effects: every cell that it touches besides its values; exact, because the analysis of
            races rests on them.
        view: whether an output aliases input `view_of` when that input is an alias: always (True),
            never (False) or by a rule. Output i is then what the kernel returns at position i.
        view_of: the position of the input that `view` speaks of.
        control_flow: set for the op types that route values.
        allows_uninitialized: input positions that take a reference to an uninitialised variable.
        routes: the kernel passes tokens on without reading them: it is given aliases as they are.
        uses_site: the kernel's first argument is the `Site` of the node (its name and memory).
        refused: why the op is never executed from an opened file; empty where it may be.
        explain: turns an exception of NumPy's into TensorFlow's; gets attributes and inputs.
    """

    type: str
    inputs: tuple[Argument, ...]
    outputs: tuple[Argument, ...]
    attrs: tuple[Attr, ...]
    doc: str = ""
    kernel: KernelFactory | None = None
    shape: ShapeRule | None = None
    effects: tuple[Effect, ...] = ()
    view: bool | ViewRule = False
    view_of: int = 0
    control_flow: ControlFlow | None = None
    allows_uninitialized: frozenset[int] = frozenset()
    routes: bool = False
    uses_site: bool = False
    refused: str = ""
    explain: Callable[[Attrs, Sequence[Any]], Exception | None] | None = None

    @property
    def returns_sequence(self) -> bool:
        """Whether the kernel returns a sequence of outputs, not the one output itself."""
        if len(self.outputs) != 1:
            return True
        only = self.outputs[0]
        return bool(only.number_attr or only.type_list_attr)

    @property
    def fixed_output_count(self) -> int | None:
        """The number of outputs, where it does not depend on attributes."""
        if any(output.number_attr or output.type_list_attr for output in self.outputs):
            return None
        return len(self.outputs)

    @property
    def writes(self) -> bool:
        return any(effect.writes for effect in self.effects)

    def complete(self, attrs: Mapping[str, Any]) -> Attrs:
        """`attrs` with the declared defaults for what they leave out."""
        defaults = {attr.name: attr.default for attr in self.attrs if attr.has_default}
        return {**defaults, **attrs}

    def input_dtypes(self, attrs: Attrs) -> list[DType]:
        return [dtype for argument in self.inputs for dtype in argument_dtypes(argument, attrs)]

    def input_counts(self, attrs: Attrs) -> list[tuple[str, int]]:
        """Each input argument with the number of its tensors, in order."""
        return [(argument.name, len(argument_dtypes(argument, attrs))) for argument in self.inputs]

    def output_dtypes(self, attrs: Attrs) -> list[DType]:
        return [dtype for argument in self.outputs for dtype in argument_dtypes(argument, attrs)]

    def output_ranges(self, attrs: Attrs) -> dict[str, range]:
        """Output argument name -> the positions of its tensors among the node's outputs."""
        ranges: dict[str, range] = {}
        start = 0
        for argument in self.outputs:
            stop = start + len(argument_dtypes(argument, attrs))
            ranges[argument.name] = range(start, stop)
            start = stop
        return ranges


_REGISTRY: dict[str, OpDef] = {}


def register(declaration: OpDef) -> OpDef:
    """Make `declaration` known. An op type is declared once."""
    if declaration.type in _REGISTRY:
        raise ValueError(f"op type {declaration.type} is declared twice")
    _REGISTRY[declaration.type] = declaration
    return declaration


def declare(
    type: str,
    inputs: str = "",
    outputs: str = "",
    attrs: str = "",
    *,
    kernel: KernelFactory | None = None,
    doc: str = "",
    shape: ShapeRule | None = None,
    effects: Sequence[Effect] = (),
    view: bool | ViewRule = False,
    view_of: int = 0,
    control_flow: ControlFlow | None = None,
    allows_uninitialized: Sequence[int] = (),
    routes: bool = False,
    uses_site: bool = False,
    refused: str = "",
    explain: Callable[[Attrs, Sequence[Any]], Exception | None] | None = None,
) -> OpDef:
    """Declare and register an op type; the strings are in the notation of `signature`."""
    parsed = parse_attrs(attrs)
    return register(
        OpDef(
            type=type,
            inputs=parse_arguments(inputs, parsed),
            outputs=parse_arguments(outputs, parsed),
            attrs=parsed,
            doc=doc,
            kernel=kernel,
            shape=shape,
            effects=tuple(effects),
            view=view,
            view_of=view_of,
            control_flow=control_flow,
            allows_uninitialized=frozenset(allows_uninitialized),
            routes=routes,
            uses_site=uses_site,
            refused=refused,
            explain=explain,
        )
    )


def op(
    type: str, inputs: str = "", outputs: str = "", attrs: str = "", **options: Any
) -> Callable[[KernelFactory], KernelFactory]:
    """Decorator for a kernel factory: declares its op type, with the docstring as documentation."""

    def decorate(factory: KernelFactory) -> KernelFactory:
        doc = " ".join((factory.__doc__ or "").split())
        declare(type, inputs, outputs, attrs, kernel=factory, doc=doc, **options)
        return factory

    return decorate


def lookup(type: str) -> OpDef | None:
    """The declaration of op type `type`, or None if the engine does not know it."""
    return _REGISTRY.get(type)


def all_ops() -> Iterator[OpDef]:
    """Every declaration, by name."""
    for name in sorted(_REGISTRY):
        yield _REGISTRY[name]


def output_count(operation: Operation) -> int:
    """How many outputs `operation` has; 1 is assumed for a type that the engine does not know."""
    declaration = lookup(operation.type)
    if declaration is None:
        return 1
    fixed = declaration.fixed_output_count
    if fixed is not None:
        return fixed
    return len(declaration.output_dtypes(declaration.complete(operation.attrs)))
