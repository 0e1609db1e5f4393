"""The finer level: kernels that may overlap, taken apart into reads and writes of elements.

A plan whose racing kernels may overlap is rewritten: each such kernel becomes ops of its own, one
per element that it reads or writes, with edges for the order that the kernel keeps, and beside them
a first and a last op that take and give back what the kernel locks. The search then explores the
new plan as any other. What an element comes to is computed by the kernel itself, on a scratch copy
of its variables.

Which kernel touches what in which order, and what it locks, was found out from TensorFlow 2.21's
kernels: in-place updates work element by element, each read before it is written; scatters go index
after index; everything else reads what it needs in any order and then computes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .. import dtypes
from ..dtypes import DType
from ..errors import OpError
from ..executor.flat import FlatGraph, FlatNode, Port
from ..executor.plan import PlanOp
from ..graph import Argument
from ..memory import Array, Handle
from ..ops import OpDef, lookup
from ..ops.registry import Cell, Effect, Kernel
from ..ops.shapes import broadcasting
from ..ops.state_resource import existing
from .access import READ, WRITE, CellKey
from .locks import LockStep
from .scratch import (
    ElementOf,
    ScatteredElement,
    always,
    contents,
    is_elementwise_update,
    is_scatter,
    only_step,
    own_inputs,
    scratch_variable,
    value_of,
    without_value,
)

MOST_ELEMENTS = 16
"""Elements that one kernel may have and still be taken apart."""


@dataclass(frozen=True, slots=True)
class Part:
    """Which step of which kernel an op of the rewritten plan is.

    Attributes:
        of: the number of the kernel's node.
        phase: `read` or `write`; None for what no schedule needs to name.
        input: the input through which the element is reached.
        which: its number among the parts that agree in all this; None for the first.
        element: flattened; None for the first and the last op of a kernel.
    """

    of: int
    phase: str | None
    element: int | None = None
    input: int | None = None
    which: int | None = None


@dataclass(slots=True)
class SplitGraph:
    """A graph in which some kernels are taken apart.

    Attributes:
        parts: node -> what part of a kernel it is.
        locks: node -> what it locks.
        kernels: node that a kernel was taken apart into -> the kernel's node.
        elements: cells that kernels look at element by element -> how many elements they have.
        skipped: kernels that were not taken apart, and why, a sentence each.
    """

    flat: FlatGraph
    parts: dict[int, Part]
    locks: dict[int, LockStep]
    kernels: dict[int, int] = field(default_factory=dict[int, int])
    elements: dict[CellKey, int] = field(default_factory=dict[CellKey, int])
    skipped: list[str] = field(default_factory=list[str])

    def original_name(self, name: str) -> str:
        """The name of the op that `name` is a part of, or is."""
        number = self.flat.index(name)
        kernel = None if number is None else self.kernels.get(number)
        return name if kernel is None else self.flat.nodes[kernel].name


class Splitter:
    """Takes kernels of one flat graph apart.

    Args:
        flat: the graph; it is not changed.
    """

    def __init__(self, flat: FlatGraph) -> None:
        self.result = SplitGraph(FlatGraph(flat.graph), {}, {})
        self.result.flat.nodes = list(flat.nodes)

    def split(
        self, op: PlanOp, tokens: Sequence[Any], racing: Mapping[int, Array], locks: LockStep
    ) -> bool:
        """Take the kernel of `op` apart; whether it could be.

        Args:
            op: the op whose kernel it is.
            tokens: what it was executed on.
            racing: input position -> the contents, of the inputs through which it races.
            locks: what it takes and gives back.
        """
        elements = sum(array.size for array in racing.values())
        if elements > MOST_ELEMENTS:
            self.result.skipped.append(
                f"{op.node.name} touches {elements} racing elements, more than {MOST_ELEMENTS}: "
                "how it overlaps with others is not enumerated."
            )
            return False
        kernel = _KernelSplitter(self.result, op, tokens, racing, locks)
        own = [at for at in own_inputs(op) if at in racing]
        if not own:
            kernel.compute()
        elif is_scatter(op):
            kernel.scatter()
        elif is_elementwise_update(op):
            kernel.update(own)
        else:
            self.result.skipped.append(
                f"{op.node.name} ({op.node.type}) is taken as indivisible: how it overlaps with "
                "others is not enumerated."
            )
            return False
        return True


class _KernelSplitter:
    """Takes one kernel apart."""

    def __init__(
        self,
        result: SplitGraph,
        op: PlanOp,
        tokens: Sequence[Any],
        racing: Mapping[int, Array],
        locks: LockStep,
    ) -> None:
        self.result = result
        self.op = op
        self.node = op.node
        self.tokens = tokens
        self.racing = racing
        self.types = [dtype.base for dtype in op.declaration.input_dtypes(op.node.attrs)]
        self.locks = locks
        self.start = self._start()

    # Kinds of kernels

    def compute(self) -> None:
        """A kernel that reads what it needs in any order and then computes."""
        spread = self._spread()
        given: dict[int, Port] = {}
        for position, array in self.racing.items():
            shape = array.shape if spread is None else spread
            places = np.broadcast_to(np.arange(array.size).reshape(array.shape), shape)
            reads = [self._read(position, int(at)) for at in places.reshape(-1)]
            given[position] = self._assemble(position, reads, shape)
        if any(isinstance(self.tokens[at], Handle) for at in self.racing):
            self._finish_on_scratch(given)
            return
        inputs = [given.get(at, port) for at, port in enumerate(self.node.inputs)]
        self._replace(self.op.declaration, self.node.given_attrs, inputs, [])

    def update(self, own: Sequence[int]) -> None:
        """A kernel that updates each element of its variables by itself."""
        last: list[int] = []
        count = next(iter(self.racing[at].size for at in own))
        reads_own = {
            effect.operand: effect.reads
            for effect in self.op.declaration.effects
            if effect.cell in (Cell.CONTENTS, Cell.VALUE)
        }
        names = [argument.name for argument in self.op.declaration.inputs]
        for element in range(count):
            reads: dict[int, Port] = {}
            for position, array in self.racing.items():
                if position in own and not reads_own.get(names[position], True):
                    continue
                reads[position] = self._read(position, element if array.size > 1 else 0)
            computed = self._evaluate(reads, own, lambda _, at=element: at, None)
            last += self._writes(own, computed, lambda _, at=element: at, element)
        self._finish(last)

    def scatter(self) -> None:
        """A kernel that goes index after index, and element by element of a row."""
        (own,) = (at for at in own_inputs(self.op) if at in self.racing)
        array = self.racing[own]
        indices = np.asarray(value_of(self.tokens[1]))
        depth = indices.shape[-1] if "Nd" in self.node.type else 1
        count = indices.size // max(1, depth)
        width = math.prod(array.shape[depth:])
        updates = np.asarray(value_of(self.tokens[2]))
        before: list[int] = []
        for number in range(count):
            written: list[int] = []
            for offset in range(width):
                place = ScatteredElement(number, offset, width, depth, array.shape)
                reads: dict[int, Port] = {}
                if not self.node.type.endswith("Update"):
                    reads[own] = self._read(own, place, before)
                if 2 in self.racing:
                    at = number * width + offset if updates.ndim else 0
                    reads[2] = self._read(2, at, before)
                computed = self._evaluate(reads, [own], place, number, before)
                written += self._writes([own], computed, place, None)
            before = written
        self._finish(before)

    # Their parts

    def _start(self) -> int:
        """The op that does what a kernel does before it touches an element."""
        declaration = self.op.declaration
        checks = [
            Effect(argument.name, Cell.RECORD, reads=True)
            for argument in declaration.inputs
            if argument.is_ref
        ]
        node = self._add(
            "start",
            OpDef(
                "_Start",
                declaration.inputs,
                (),
                declaration.attrs,
                kernel=lambda _: lambda *tokens: (),
                effects=tuple(checks),
                routes=True,
                allows_uninitialized=declaration.allows_uninitialized,
            ),
            list(self.node.inputs),
            list(self.node.control_inputs),
            Part(self.node.index, "read" if self.locks.takes else None),
        )
        if self.locks.takes:
            self.result.locks[node] = replace(self.locks, gives=())
        return node

    def _read(self, position: int, at: int | ElementOf, after: Sequence[int] = ()) -> Port:
        """Reads one element of input `position`."""
        token = self.tokens[position]
        inputs, ports = [self._argument("input", position)], [self.node.inputs[position]]
        if callable(at):
            inputs.append(self._argument("indices", 1))
            ports.append(self.node.inputs[1])
        element_of = at if callable(at) else always(at)

        def kernel(_: Any) -> Kernel:
            def read(source: Any, *rest: Any) -> Any:
                return np.asarray(value_of(source)).reshape(-1)[element_of([source, *rest])]

            return read

        cell = Cell.VALUE if isinstance(token, Handle) else None
        effects = () if cell is None else (Effect("input", cell, reads=True),)
        node = self._add(
            "read",
            OpDef(
                READ, tuple(inputs), (self._output(position),), (), kernel=kernel, effects=effects
            ),
            ports,
            [self.start, *after],
            Part(self.node.index, "read", element_of(self._read_tokens()), position),
            {"_element": element_of},
        )
        return (node, 0)

    def _assemble(self, position: int, reads: Sequence[Port], shape: tuple[int, ...]) -> Port:
        """Puts the elements that were read together."""
        arguments = [self._argument(f"x{i}", position) for i in range(len(reads))]
        dtype = self._type(position).numpy

        def kernel(_: Any) -> Kernel:
            return lambda *parts: np.array(parts, dtype).reshape(shape)

        definition = OpDef(
            "_Assemble", tuple(arguments), (self._output(position),), (), kernel=kernel
        )
        return (self._add("assemble", definition, reads, [], None), 0)

    def _evaluate(
        self,
        reads: Mapping[int, Port],
        own: Sequence[int],
        element_of: ElementOf,
        index: int | None,
        after: Sequence[int] = (),
    ) -> int:
        """Runs the kernel on scratch variables that hold what was read; gives the new elements."""
        positions = [at for at in range(len(self.node.inputs)) if at not in own or at in reads]
        arguments = [self._argument(f"x{at}", at) for at in positions]
        outputs = tuple(
            Argument(f"y{number}", dtype=self._type(at)) for number, at in enumerate(own)
        )
        shapes = {at: self.racing[at].shape for at in own}
        reading = set(reads)
        full, sizes = self.op.kernel, {at: array.shape for at, array in self.racing.items()}
        tokens = self.tokens

        def kernel(_: Any) -> Kernel:
            def evaluate(*values: Any) -> list[Any]:
                given = dict(zip(positions, values, strict=True))
                place = element_of([None, given.get(1)])
                operands: list[Any] = []
                for at in range(len(tokens)):
                    if at in shapes:
                        start = np.zeros(shapes[at], self._type(at).numpy)
                        if at in reading:
                            start.reshape(-1)[place] = given[at]
                        operands.append(scratch_variable(tokens[at], start))
                    elif at in reading:
                        operands.append(np.full(sizes[at], given[at]))
                    else:
                        operands.append(given[at])
                assert full is not None
                if index is None:
                    full(*operands)
                else:
                    whole, operands = operands, only_step(operands, index, "Nd" in self.node.type)
                    try:
                        full(*operands)
                    except OpError:
                        full(*whole)  # Fails at the same index, and says which it is.
                        raise
                return [contents(operands[at]).reshape(-1)[place] for at in own]

            return evaluate

        definition = OpDef("_Evaluate", tuple(arguments), outputs, (), kernel=kernel)
        if len(own) == 1:
            definition = OpDef(
                "_Evaluate",
                tuple(arguments),
                outputs,
                (),
                kernel=lambda attrs: lambda *values: kernel(attrs)(*values)[0],
            )
        ports = [reads.get(at, self.node.inputs[at]) for at in positions]
        return self._add("evaluate", definition, ports, [self.start, *after], None)

    def _writes(
        self, own: Sequence[int], computed: int, element_of: ElementOf, element: int | None
    ) -> list[int]:
        """Writes what was computed, to the variables in the kernel's order: the slots first."""
        previous: list[int] = []
        for number in [*range(1, len(own)), 0]:
            position = own[number]
            token = self.tokens[position]
            resource = isinstance(token, Handle)
            arguments = [
                Argument("variable", dtype=self._type(position), is_ref=True)
                if not resource
                else Argument("variable", dtype=dtypes.resource),
                Argument("value", dtype=self._type(position)),
            ]
            ports: list[Port] = [self.node.inputs[position], (computed, number)]
            if element is None:
                arguments.append(self._argument("indices", 1))
                ports.append(self.node.inputs[1])

            def kernel(_: Any) -> Kernel:
                def write(variable: Any, value: Any, *rest: Any) -> tuple[()]:
                    held = existing(variable) if isinstance(variable, Handle) else variable
                    array = np.array(held.read())
                    array.reshape(-1)[element_of([variable, *rest])] = value
                    held.store(array)
                    return ()

                return write

            effect = Effect(
                "variable", Cell.VALUE if resource else Cell.CONTENTS, reads=False, writes=True
            )
            previous = [
                self._add(
                    "write",
                    OpDef(WRITE, tuple(arguments), (), (), kernel=kernel, effects=(effect,)),
                    ports,
                    previous,
                    Part(self.node.index, "write", element_of(self._read_tokens()), position),
                    {"_element": without_value(element_of)},
                )
            ]
        return previous

    def _finish(self, after: Sequence[int]) -> None:
        """The op that takes the kernel's place: its consumers go on when all is written."""
        outputs = self.op.declaration.outputs
        if outputs:
            identity = lookup("RefIdentity")
            assert identity is not None
            attrs = {"T": self.types[0]}
            self._replace(identity, attrs, [self.node.inputs[0]], after)
        else:
            nothing = lookup("NoOp")
            assert nothing is not None
            self._replace(nothing, {}, [], after)

    def _finish_on_scratch(self, given: Mapping[int, Port]) -> None:
        """The kernel itself, on a scratch variable that holds what was read of a resource."""
        op, tokens = self.op, self.tokens
        arguments = [
            Argument(f"x{at}", dtype=self._type(at)) for at in range(len(self.node.inputs))
        ]
        ports = [given.get(at, port) for at, port in enumerate(self.node.inputs)]

        def kernel(_: Any) -> Kernel:
            def compute(*values: Any) -> Any:
                assert op.kernel is not None
                return op.kernel(
                    *(
                        scratch_variable(tokens[at], value) if at in given else value
                        for at, value in enumerate(values)
                    )
                )

            return compute

        outputs = tuple(
            Argument(argument.name, dtype=dtype)
            for argument, dtype in zip(
                op.declaration.outputs,
                op.declaration.output_dtypes(self.node.attrs),
                strict=True,
            )
        )
        self._replace(
            OpDef("_Compute", tuple(arguments), outputs, (), kernel=kernel), {}, ports, []
        )

    # Making nodes

    def _add(
        self,
        label: str,
        declaration: OpDef,
        inputs: Sequence[Port],
        controls: Sequence[int],
        part: Part | None,
        attrs: Mapping[str, Any] | None = None,
    ) -> int:
        nodes = self.result.flat.nodes
        node = FlatNode(
            len(nodes),
            f"{self.node.name}#{label}{len(nodes)}",
            declaration.type,
            self.node.given_attrs if declaration.type == "_Start" else attrs or {},
            self.node.device,
            self.node.path,
            self.node.call,
        )
        node.declaration = declaration
        node.inputs = list(inputs)
        node.control_inputs = list(controls)
        nodes.append(node)
        self.result.kernels[node.index] = self.node.index
        if part is not None:
            alike = sum(replace(other, which=None) == part for other in self.result.parts.values())
            self.result.parts[node.index] = replace(part, which=alike or None)
        return node.index

    def _replace(
        self,
        declaration: OpDef,
        attrs: Mapping[str, Any],
        inputs: Sequence[Port],
        after: Sequence[int],
    ) -> None:
        old = self.node
        node = FlatNode(old.index, old.name, old.type, attrs, old.device, old.path, old.call)
        node.declaration = declaration
        node.inputs = list(inputs)
        node.control_inputs = [self.start, *after, *old.control_inputs]
        self.result.flat.nodes[old.index] = node
        if self.locks.gives:
            self.result.locks[old.index] = replace(self.locks, takes=())
            self.result.parts[old.index] = Part(old.index, "write")

    def _read_tokens(self) -> list[Any]:
        """What a read of an element was given when the kernel was seen: variable and indices."""
        return list(self.tokens[:2])

    def _type(self, position: int) -> DType:
        token = self.tokens[position]
        if isinstance(token, Handle):
            variable = token.variable()
            return dtypes.from_numpy(variable.read().dtype) if variable else self.types[position]
        return self.types[position]

    def _argument(self, name: str, position: int) -> Argument:
        """An argument that takes what arrives at input `position`, dereferenced."""
        return Argument(name, dtype=self.types[position])

    def _output(self, position: int) -> Argument:
        return Argument("output", dtype=self._type(position))

    def _spread(self) -> tuple[int, ...] | None:
        """The shape over which an elementwise kernel spreads its inputs; None for other kernels."""
        if self.op.declaration.shape is not broadcasting:
            return None
        shapes = [np.shape(value_of(token)) for token in self.tokens]
        return np.broadcast_shapes(*shapes)
