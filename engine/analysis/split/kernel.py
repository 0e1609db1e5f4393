"""The ops that a kernel is taken apart into: its first, reads and writes of elements, its last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ... import dtypes
from ...dtypes import DType
from ...executor.flat import FlatNode, Port
from ...executor.plan import PlanOp
from ...graph import Argument
from ...memory import Array, Handle
from ...ops import OpDef, lookup
from ...ops.registry import Cell, Effect, Kernel
from ...ops.state_resource import existing
from ..access import ASSEMBLE, EVALUATE, READ, START, WRITE
from ..locks import LockStep
from .graph import Part, SplitGraph
from .scratch import ElementOf, always, scratch_variable, value_of, without_value


class KernelParts:
    """Makes the ops that one kernel is taken apart into.

    Args:
        result: the graph that gets them.
        op: the op whose kernel it is; its node becomes the last of them.
        tokens: what it was executed on.
        racing: input position -> the contents, of the inputs through which it races.
        locks: what it takes and gives back.

    Attributes:
        start: the op that does what the kernel does before it touches an element.
        indices: the position of the input that says which rows, where there is one.
    """

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
        self.names = [argument.name for argument in op.declaration.inputs]
        self.indices = self.names.index("indices") if "indices" in self.names else None
        self._types = [dtype.base for dtype in op.declaration.input_dtypes(op.node.attrs)]
        self._locks = locks
        self.start = self._start()

    # First and last

    def _start(self) -> int:
        declaration = self.op.declaration
        effects = [
            Effect(argument.name, Cell.RECORD, reads=True)
            for argument in declaration.inputs
            if argument.is_ref
        ]
        sparse = [
            effect.operand
            for effect in declaration.effects
            if effect.cell is Cell.VALUE and effect.by_element
        ]
        effects += [Effect(name, Cell.INITIALIZED, reads=True, writes=True) for name in sparse]
        handles = [self.names.index(name) for name in sparse]

        def start(*tokens: Any) -> tuple[()]:
            for at in handles:
                existing(tokens[at]).use_sparsely()
            return ()

        node = self.add(
            "start",
            OpDef(
                START,
                declaration.inputs,
                (),
                declaration.attrs,
                kernel=lambda _: start,
                effects=tuple(effects),
                routes=True,
                allows_uninitialized=declaration.allows_uninitialized,
            ),
            list(self.node.inputs),
            list(self.node.control_inputs),
            Part(self.node.index, "read"),
        )
        if self._locks.takes:
            self.result.locks[node] = replace(self._locks, gives=())
        return node

    def finish(self, after: Sequence[int], shown: Port | None = None) -> None:
        """The op that takes the kernel's place: its consumers go on when all is written.

        They get the reference that the kernel was given, or the value `shown`.
        """
        if shown is not None:
            identity = lookup("Identity")
            assert identity is not None
            self.replace(identity, {"T": self._types[0]}, [shown], after)
        elif self.op.declaration.outputs:
            identity = lookup("RefIdentity")
            assert identity is not None
            self.replace(identity, {"T": self._types[0]}, [self.node.inputs[0]], after)
        else:
            nothing = lookup("NoOp")
            assert nothing is not None
            self.replace(nothing, {}, [], after)

    def finish_on_scratch(self, given: Mapping[int, Port]) -> None:
        """The kernel itself, on a scratch variable that holds what was read of a resource."""
        op, tokens = self.op, self.tokens
        arguments = [Argument(f"x{at}", dtype=self.type(at)) for at in range(len(self.node.inputs))]
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
        self.replace(OpDef("_Compute", tuple(arguments), outputs, (), kernel=kernel), {}, ports, [])

    # In between

    def read(self, position: int, at: int | ElementOf, after: Sequence[int] = ()) -> Port:
        """Reads one element of input `position`."""
        token = self.tokens[position]
        inputs, ports = [self.argument("input", position)], [self.node.inputs[position]]
        if callable(at):
            self._add_indices(inputs, ports)
        element_of = at if callable(at) else always(at)

        def kernel(_: Any) -> Kernel:
            def read(source: Any, *rest: Any) -> Any:
                return np.asarray(value_of(source)).reshape(-1)[element_of([source, *rest])]

            return read

        cell = Cell.VALUE if isinstance(token, Handle) else None
        effects = () if cell is None else (Effect("input", cell, reads=True),)
        output = Argument("output", dtype=self.type(position))
        node = self.add(
            "read",
            OpDef(READ, tuple(inputs), (output,), (), kernel=kernel, effects=effects),
            ports,
            [self.start, *after],
            Part(self.node.index, "read", self._seen(element_of), position),
            {"_element": element_of},
        )
        return (node, 0)

    def assemble(self, position: int, reads: Sequence[Port], shape: tuple[int, ...]) -> Port:
        """Puts the elements that were read together."""
        arguments = [self.argument(f"x{i}", position) for i in range(len(reads))]
        output = Argument("output", dtype=self.type(position))
        dtype = self.type(position).numpy

        def kernel(_: Any) -> Kernel:
            return lambda *parts: np.array(parts, dtype).reshape(shape)

        definition = OpDef(ASSEMBLE, tuple(arguments), (output,), (), kernel=kernel)
        return (self.add("assemble", definition, reads, [], None), 0)

    def evaluate(
        self,
        function: Callable[..., Any],
        inputs: Sequence[tuple[int, Port]],
        outputs: Sequence[int],
        after: Sequence[int] = (),
    ) -> int:
        """Computes new elements from what was read.

        Args:
            function: takes a value per input, gives a new element per output.
            inputs: input positions of the kernel, and where their value, or element, comes from.
            outputs: the input positions of the variables whose elements are computed.
            after: ops that come before.
        """
        arguments = [self.argument(f"x{n}", at) for n, (at, _) in enumerate(inputs)]
        results = [Argument(f"y{n}", dtype=self.type(at)) for n, at in enumerate(outputs)]

        def kernel(_: Any) -> Kernel:
            return function if len(outputs) > 1 else lambda *values: function(*values)[0]

        definition = OpDef(EVALUATE, tuple(arguments), tuple(results), (), kernel=kernel)
        controls = [self.start, *after]
        part = Part(self.node.index, "fail")
        return self.add("evaluate", definition, [port for _, port in inputs], controls, part)

    def write(
        self, position: int, value: Port, at: int | ElementOf, after: Sequence[int] = ()
    ) -> int:
        """Writes one element of the variable at input `position`."""
        resource = isinstance(self.tokens[position], Handle)
        arguments = [
            Argument("variable", dtype=self.type(position), is_ref=True)
            if not resource
            else Argument("variable", dtype=dtypes.resource),
            Argument("value", dtype=self.type(position)),
        ]
        ports: list[Port] = [self.node.inputs[position], value]
        if callable(at):
            self._add_indices(arguments, ports)
        element_of = at if callable(at) else always(at)

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
        return self.add(
            "write",
            OpDef(WRITE, tuple(arguments), (), (), kernel=kernel, effects=(effect,)),
            ports,
            after,
            Part(self.node.index, "write", self._seen(element_of), position),
            {"_element": without_value(element_of)},
        )

    def _add_indices(self, arguments: list[Argument], ports: list[Port]) -> None:
        assert self.indices is not None
        arguments.append(self.argument("indices", self.indices))
        ports.append(self.node.inputs[self.indices])

    def _seen(self, element_of: ElementOf) -> int:
        """The element that it was when the kernel was seen."""
        indices = [] if self.indices is None else [self.tokens[self.indices]]
        return element_of([self.tokens[0], *indices])

    # Making nodes

    def add(
        self,
        label: str,
        declaration: OpDef,
        inputs: Sequence[Port],
        controls: Sequence[int],
        part: Part | None,
        attrs: Mapping[str, Any] | None = None,
    ) -> int:
        """A new node; its number."""
        nodes = self.result.flat.nodes
        node = FlatNode(
            len(nodes),
            f"{self.node.name}#{label}{len(nodes)}",
            declaration.type,
            self.node.given_attrs if declaration.type == START else attrs or {},
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

    def replace(
        self,
        declaration: OpDef,
        attrs: Mapping[str, Any],
        inputs: Sequence[Port],
        after: Sequence[int],
    ) -> None:
        """Another node in the place of the kernel's own."""
        old = self.node
        node = FlatNode(old.index, old.name, old.type, attrs, old.device, old.path, old.call)
        node.declaration = declaration
        node.inputs = list(inputs)
        node.control_inputs = [self.start, *after, *old.control_inputs]
        self.result.flat.nodes[old.index] = node
        if self._locks.gives:
            self.result.locks[old.index] = replace(self._locks, takes=())
            self.result.parts[old.index] = Part(old.index, "write")

    def type(self, position: int) -> DType:
        """The type of the elements that input `position` leads to."""
        token = self.tokens[position]
        if isinstance(token, Handle):
            variable = token.variable()
            return dtypes.from_numpy(variable.read().dtype) if variable else self._types[position]
        return self._types[position]

    def argument(self, name: str, position: int) -> Argument:
        """An argument that takes what arrives at input `position`, dereferenced."""
        return Argument(name, dtype=self._types[position])
