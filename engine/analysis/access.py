"""Which cells one execution of an op reads and writes, exactly.

Reads follow from the op's declaration and the tokens that arrived: a view of a buffer reads
nothing, who computes with it reads the contents. Writes are seen by comparing before and after,
because what an assignment writes depends on what it finds: contents, or a record without a buffer
of the right size.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any, NamedTuple

import numpy as np

from ..executor.plan import PlanOp
from ..memory import Alias, Buffer, Handle, Memory, RefVariable, ResourceVariable
from ..ops.registry import Cell, ControlFlow, Effect

CellKey = tuple[Hashable, ...]
"""What one access touches; its first element is a `Cell`'s value, `mode` or `error`."""

START = "_Start"
READ = "_ReadElement"
ASSEMBLE = "_Assemble"
EVALUATE = "_Evaluate"
WRITE = "_WriteElement"
"""Types of the ops that a kernel is taken apart into; reads and writes have an `_element`."""

ERROR: CellKey = ("error",)
"""Whether the run has failed: failing writes it, what a failure may swallow reads it."""


class Touch(NamedTuple):
    """One access to one cell."""

    cell: CellKey
    writes: bool


class Cells:
    """Names for what a memory holds, the same in every execution of a search.

    Attributes:
        elements: cells that are looked at element by element -> how many elements they have.
        buffers: every buffer that has been met -> the name of its contents.

    Reference variables are named by their position in the memory, buffers by their variable and
    the execution that made them.
    """

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self._refs = {id(v): key for key, v in memory.ref_variables.items()}
        self.buffers: dict[Buffer, CellKey] = {}
        self.elements: dict[CellKey, int] = {}
        for key, variable in memory.ref_variables.items():
            if variable.buffer is not None:
                self.buffers[variable.buffer] = ("contents", key)
        for resource in memory.resource_variables.values():
            if isinstance(resource.value, Alias) and resource.value.buffer not in self.buffers:
                self.buffers[resource.value.buffer] = ("contents", id(resource.value.buffer))

    def record(self, variable: RefVariable) -> CellKey:
        key = self._refs.get(id(variable))
        if key is None:
            key = next(k for k, v in self.memory.ref_variables.items() if v is variable)
            self._refs[id(variable)] = key
        return ("record", key)

    def contents(self, buffer: Buffer) -> CellKey:
        return self.buffers[buffer]

    def behind(self, token: Any) -> CellKey | None:
        """The cell, `contents` or `value`, that `token` leads to; None for a value."""
        if isinstance(token, RefVariable):
            return None if token.buffer is None else self.contents(token.buffer)
        if isinstance(token, Alias):
            return self.contents(token.buffer)
        return ("value", token.key) if isinstance(token, Handle) else None

    def made(self, variable: RefVariable, by: Hashable) -> None:
        """The execution `by` gave `variable` the buffer that it has now."""
        assert variable.buffer is not None
        self.buffers[variable.buffer] = ("contents", self.record(variable)[1], by)

    def is_held(self, buffer: Buffer) -> CellKey | None:
        """The name of `buffer` if a reference variable has it, so that it can still be written."""
        name = self.buffers.get(buffer)
        if name is None or len(name) < 2 or not isinstance(name[1], tuple):
            return name
        variable = self.memory.ref_variables.get(name[1])  # type: ignore[arg-type]
        return name[:2] if variable is not None and variable.buffer is buffer else None


class AccessRule:
    """What executions of one plan op may touch, worked out once.

    Attributes:
        silent: it never touches anything.
    """

    def __init__(self, op: PlanOp) -> None:
        self.op = op
        declaration = op.declaration
        attrs = op.node.attrs
        self._effects: list[tuple[Effect, tuple[int, ...]]] = []
        self._positions = positions = _operand_positions(op)
        for effect in declaration.effects:
            self._effects.append((effect, positions.get(effect.operand, ())))
        self._generator: CellKey | None = None
        if any(effect.cell is Cell.GENERATOR for effect in declaration.effects):
            self._generator = ("generator", op.node.name)
        self._declared = {at for _, operands in self._effects for at in operands}
        self._adopts = op.node.type == "AssignVariableOp"
        self._attrs = attrs
        self.silent = not op.memory_inputs and not self._effects

    def reads(self, tokens: list[Any], cells: Cells) -> set[Touch]:
        """What an execution on `tokens` reads; call it before the op executes."""
        op = self.op
        found: set[Touch] = set()
        for position in op.memory_inputs:
            token = tokens[position]
            if isinstance(token, RefVariable):
                if not op.ref_inputs[position]:
                    found.add(Touch(cells.record(token), writes=False))
                    if token.buffer is not None and self._reads_contents(position, tokens):
                        found.add(Touch(cells.contents(token.buffer), writes=False))
                elif position in self._declared and (
                    position not in op.declaration.allows_uninitialized
                ):
                    found.add(Touch(cells.record(token), writes=False))
            elif isinstance(token, Alias) and self._reads_contents(position, tokens):
                found.add(Touch(cells.contents(token.buffer), writes=False))
        for effect, operands in self._effects:
            if effect.cell is Cell.STATE:
                for position in operands:
                    found.update(self._state(effect, tokens, position))
            elif effect.reads:
                for position in operands:
                    found.update(_declared_reads(effect, tokens[position], cells))
        if self._generator is not None:
            found.add(Touch(self._generator, writes=True))
        if self._adopts and isinstance(tokens[0], Handle):
            found.add(Touch(("mode", tokens[0].key), writes=False))
            variable = tokens[0].variable()
            if isinstance(tokens[1], Alias) and variable is not None and variable.copy_on_read:
                found.add(Touch(cells.contents(tokens[1].buffer), writes=False))
        return found

    def _state(self, effect: Effect, tokens: list[Any], position: int) -> Iterator[Touch]:
        """What is touched of a resource that is no variable: one element, or all that it has."""
        handle = tokens[position]
        if not isinstance(handle, Handle):
            return
        record = handle.memory.resources.get(handle.key)
        count = len(getattr(record, "elements", ()))
        if not effect.index:
            yield Touch(("state", handle.key), effect.writes)
            for element in range(count):
                yield Touch(("state", handle.key, element), effect.writes)
            return
        (at,) = self._positions[effect.index]
        element = int(np.asarray(_value(tokens[at])).reshape(-1)[0])
        yield Touch(("state", handle.key), effect.writes and element >= count)
        yield Touch(("state", handle.key, element), effect.writes)

    def adopted(self, tokens: list[Any], cells: Cells) -> tuple[tuple[str, str], CellKey] | None:
        """The resource variable that an execution on `tokens` lets show a buffer, and which."""
        if not self._adopts or not isinstance(tokens[1], Alias):
            return None
        return tokens[0].key, cells.contents(tokens[1].buffer)

    def _reads_contents(self, position: int, tokens: list[Any]) -> bool:
        op, declaration = self.op, self.op.declaration
        kind = op.control_flow
        if kind is not None:
            return kind is ControlFlow.SWITCH and position == 1
        if declaration.routes:
            return False
        if declaration.view is False or position != declaration.view_of:
            return True
        if declaration.view is True:
            return False
        values = [_value(token) for token in tokens]
        return not declaration.view(self._attrs, values)

    def before(self, tokens: list[Any]) -> list[_Seen]:
        """The state of every variable that an execution on `tokens` may write."""
        seen: list[_Seen] = []
        for effect, operands in self._effects:
            for position in operands:
                token = tokens[position]
                if effect.cell is not Cell.STATE and (effect.writes or effect.cell is Cell.VALUE):
                    seen.append(_Seen.of(token, effect))
        return seen


class _Seen(NamedTuple):
    """A variable as it was before an op executed."""

    token: Any
    effect: Effect
    versions: int
    holds: Any
    shape: Any
    mode: bool

    @classmethod
    def of(cls, token: Any, effect: Effect) -> _Seen:
        if isinstance(token, RefVariable):
            buffer = token.buffer
            shape = None if buffer is None else buffer.array.shape
            return cls(token, effect, token.versions, buffer, shape, mode=False)
        variable = token.variable() if isinstance(token, Handle) else None
        if variable is None:
            return cls(token, effect, 0, None, None, mode=False)
        return cls(
            token, effect, variable.versions, variable.value, None, mode=variable.copy_on_read
        )

    def writes(self, cells: Cells, by: Hashable) -> Iterator[Touch]:
        """What has been written since; `by` is the execution that did it."""
        token = self.token
        if isinstance(token, RefVariable):
            yield from self._ref_writes(token, cells, by)
        elif isinstance(token, Handle):
            yield from self._resource_writes(token.key, token.variable())

    def _ref_writes(self, token: RefVariable, cells: Cells, by: Hashable) -> Iterator[Touch]:
        if token.versions == self.versions or token.buffer is None:
            return
        if token.buffer is not self.holds:
            cells.made(token, by)
            yield Touch(cells.record(token), writes=True)
            return
        yield Touch(cells.contents(token.buffer), writes=True)
        if token.buffer.array.shape != self.shape:
            yield Touch(cells.record(token), writes=True)

    def _resource_writes(
        self, key: tuple[str, str], variable: ResourceVariable | None
    ) -> Iterator[Touch]:
        if variable is None:
            return
        if variable.versions != self.versions or variable.value is not self.holds:
            yield Touch(("value", key), writes=True)
        if (variable.value is None) != (self.holds is None):
            yield Touch(("initialized", key), writes=True)
        if variable.copy_on_read != self.mode:
            yield Touch(("mode", key), writes=True)


def _declared_reads(effect: Effect, token: Any, cells: Cells) -> Iterator[Touch]:
    if isinstance(token, RefVariable):
        if effect.cell is Cell.RECORD:
            yield Touch(cells.record(token), writes=False)
        elif effect.cell is Cell.CONTENTS and token.buffer is not None:
            yield Touch(cells.contents(token.buffer), writes=False)
    elif isinstance(token, Handle):
        yield Touch((effect.cell.value, token.key), writes=False)
        variable = token.variable()
        if effect.cell is Cell.VALUE and variable is not None:
            # Whoever changes an adopted buffer reads it; a plain read passes the alias on.
            if isinstance(variable.value, Alias) and effect.writes:
                yield Touch(cells.contents(variable.value.buffer), writes=False)
            if variable.value is None:
                yield Touch(("initialized", token.key), writes=False)


def refined(op: PlanOp, tokens: list[Any], touched: set[Touch], cells: Cells) -> set[Touch]:
    """`touched` with the elements of those cells that are looked at element by element."""
    found: set[Touch] = set()
    for cell, writes in touched:
        count = cells.elements.get(cell)
        if count is None:
            found.add(Touch(cell, writes))
            continue
        elements = range(count)
        if op.node.type in (READ, WRITE):
            elements = [_element(tokens[0], op.node.attrs["_element"](tokens))]
        found.update(Touch((*cell, "element", element), writes) for element in elements)
    return found


def _element(token: Any, position: int) -> int:
    """Where in the buffer the element is that has `position` in what `token` shows of it."""
    if not isinstance(token, Alias) or not token.views:
        return position
    size = token.buffer.array.size
    places = Alias(Buffer(np.arange(size), ""), token.shape, token.views).read()
    return int(places.reshape(-1)[position])


def _value(token: Any) -> Any:
    if isinstance(token, RefVariable):
        return token.read()
    return token.read() if isinstance(token, Alias) else token


def _operand_positions(op: PlanOp) -> dict[str, tuple[int, ...]]:
    """Input argument -> the positions of its tensors among the op's inputs."""
    found: dict[str, tuple[int, ...]] = {}
    start = 0
    for argument, count in op.declaration.input_counts(op.node.attrs):
        found[argument] = tuple(range(start, start + count))
        start += count
    return found
