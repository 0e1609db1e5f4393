"""What a kernel that is taken apart works on: elements, and scratch copies of its variables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...executor.plan import PlanOp
from ...memory import Alias, Array, Buffer, Handle, Memory, RefVariable, ResourceVariable
from ...ops.registry import Cell
from ...ops.state_resource import existing

ElementOf = Callable[[Sequence[Any]], int]
"""The tokens of a read or write of an element -> the element's position, flattened."""


class ScatteredElement:
    """The element that step `number` of a scatter touches at `offset` in its row."""

    def __init__(
        self, number: int, offset: int, width: int, depth: int, shape: tuple[int, ...]
    ) -> None:
        self.number = number
        self.offset = offset
        self.width = width
        self.depth = depth
        self.shape = shape[:depth]

    def __call__(self, tokens: Sequence[Any]) -> int:
        indices = np.asarray(value_of(tokens[1]))
        row = indices.reshape(-1, self.depth)[self.number]
        if any(not 0 <= i < n for i, n in zip(row, self.shape, strict=True)):
            return 0  # The kernel itself says what is wrong with it.
        return int(np.ravel_multi_index(tuple(row), self.shape)) * self.width + self.offset


def always(element: int) -> ElementOf:
    """The same element, whatever the tokens."""
    return lambda _: element


def without_value(element_of: ElementOf) -> ElementOf:
    """For a write, whose inputs are the variable, the value and perhaps the indices."""
    return lambda tokens: element_of([tokens[0], *tokens[2:]])


def own_inputs(op: PlanOp) -> list[int]:
    """The inputs through which `op` changes variables in place."""
    names = {
        effect.operand
        for effect in op.declaration.effects
        if effect.writes and effect.cell in (Cell.CONTENTS, Cell.VALUE)
    }
    return [at for at, argument in enumerate(op.declaration.inputs) if argument.name in names]


def is_scatter(op: PlanOp) -> bool:
    """Whether its kernel goes index after index."""
    return op.node.type.removeprefix("Resource").startswith("Scatter")


def is_elementwise_update(op: PlanOp) -> bool:
    """Whether its kernel updates each element of its variables by itself."""
    name = op.node.type
    return name in ("Assign", "AssignAdd", "AssignSub", "CountUpTo") or name.startswith("Apply")


def value_of(token: Any) -> Any:
    """What `token` shows now; None for a resource without a value."""
    if isinstance(token, RefVariable | Alias):
        return token.read()
    if isinstance(token, Handle):
        variable = token.variable()
        return None if variable is None else variable.read()
    return token


def scratch_variable(token: Any, array: Array) -> Any:
    """A variable like the one that `token` names, of its own, that holds `array`."""
    memory = Memory()
    if isinstance(token, Handle):
        handle = Handle(memory, token.container, token.name, token.node, token.dtype, token.shape)
        variable = ResourceVariable(memory, token.node, token.dtype)
        variable.value = np.array(array)
        variable.copy_on_read = True
        memory.resource_variables[handle.key] = variable
        return handle
    twin = RefVariable(memory, token.name, token.dtype, token.shape)
    twin.buffer = Buffer(np.array(array), token.name)
    return twin


def contents(scratch: Any) -> Array:
    """What the scratch variable `scratch` holds."""
    held = existing(scratch) if isinstance(scratch, Handle) else scratch
    return np.asarray(held.read())


def only_step(arguments: list[Any], index: int, vectors: bool) -> list[Any]:
    """The arguments of a scatter that does its step number `index` alone."""
    variable, indices, updates, *rest = arguments
    indices = np.asarray(indices)
    if vectors:
        lead = indices.shape[:-1]
        one = indices.reshape(-1, indices.shape[-1])[index : index + 1]
    else:
        lead = indices.shape
        one = indices.reshape(-1)[index : index + 1]
    updates = np.asarray(updates)
    if updates.ndim:
        updates = updates.reshape(-1, *updates.shape[len(lead) :])[index : index + 1]
    return [variable, one, updates, *rest]
