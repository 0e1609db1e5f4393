"""All state of one session: variables, resources, random generators."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np

from ..dtypes import DType
from .tokens import Alias, Array, Handle
from .undo import UndoLog
from .variables import Buffer, RefVariable, ResourceVariable, Write


class Site(NamedTuple):
    """The node instance that a kernel belongs to: the key of what the node owns in the memory."""

    name: str
    memory: Memory


class Checkpoint(Protocol):
    """Tensors by name, as a saved checkpoint holds them."""

    def read(self, name: str) -> Array:
        """The whole tensor `name`."""
        ...

    def read_slice(self, name: str, shape_and_slice: str) -> Array:
        """The part of it that a RestoreV2 op names."""
        ...


class Memory:
    """What outlives a run.

    Attributes:
        ref_variables: (container, shared name) -> record.
        resource_variables: (container, name) -> record; exists from the first assignment on.
        resources: (container, name) -> any other resource: queues, tables, tensor arrays.
        positions: node name -> position of its random generator, in Philox blocks.
        seeds: node name -> what a node without a seed drew; never taken back, so that a run that is
            undone or repeated draws the same numbers.
        undo: where changes are noted so that they can be taken back; None when nobody asks.
        written: what was written since the list was last emptied; None when nobody records.
        writes_in_place: whether an array that only a variable holds may be changed in place.
        prints: whether ops that print do so; not while a search runs them again and again.
        checkpoint: what a restore op reads from while a program is loaded; None afterwards.
    """

    def __init__(self) -> None:
        self.ref_variables: dict[tuple[str, str], RefVariable] = {}
        self.resource_variables: dict[tuple[str, str], ResourceVariable] = {}
        self.resources: dict[tuple[str, str], Any] = {}
        self.positions: dict[str, int] = {}
        self.seeds: dict[str, tuple[int, int]] = {}
        self.undo: UndoLog | None = None
        self.written: list[Write] | None = None
        self.prints = True
        self.checkpoint: Checkpoint | None = None

    @property
    def writes_in_place(self) -> bool:
        return self.undo is None and self.written is None

    def ref_variable(
        self,
        container: str,
        shared_name: str,
        node: str,
        dtype: DType,
        shape: tuple[int | None, ...] | None,
    ) -> RefVariable:
        """The reference variable `shared_name`, created uninitialised if it does not exist."""
        key = (container, shared_name or node)
        variable = self.ref_variables.get(key)
        if variable is None:
            variable = RefVariable(self, node, dtype, shape)
            if self.undo is not None:
                self.undo.new_item(self.ref_variables, key)
            self.ref_variables[key] = variable
        return variable

    def create_resource_variable(self, handle: Handle) -> ResourceVariable:
        variable = self.resource_variables.get(handle.key)
        if variable is None:
            variable = ResourceVariable(self, handle.node, handle.dtype)
            if self.undo is not None:
                self.undo.new_item(self.resource_variables, handle.key)
            self.resource_variables[handle.key] = variable
        return variable

    def advance(self, node: str, blocks: int) -> int:
        """Reserve `blocks` blocks of the generator of `node`; returns the position before."""
        position = self.positions.get(node, 0)
        if self.undo is not None:
            if node in self.positions:
                self.undo.item(self.positions, node)
            else:
                self.undo.new_item(self.positions, node)
        self.positions[node] = position + blocks
        return position

    def variables(self) -> Iterator[tuple[str, RefVariable | ResourceVariable]]:
        """Every variable that the session knows, by the name of its node."""
        for ref in self.ref_variables.values():
            yield ref.name, ref
        for resource in self.resource_variables.values():
            yield resource.name, resource

    def record(
        self, is_resource: bool, container: str, name: str
    ) -> RefVariable | ResourceVariable | None:
        """The variable kept under `name`; None as long as nothing has made it."""
        kept = self.resource_variables if is_resource else self.ref_variables
        return kept.get((container, name))

    def values(self) -> dict[str, Array]:
        """The value of every initialised variable, by node name. Never change the arrays."""
        values: dict[str, Array] = {}
        for name, variable in self.variables():
            held = variable.buffer if isinstance(variable, RefVariable) else variable.value
            if held is not None:
                values[name] = np.asarray(variable.read())
        return values

    def snapshot(self) -> MemorySnapshot:
        """All state now, to come back to. Costs references, because arrays are not changed."""
        return MemorySnapshot(self)

    def copy(self) -> Memory:
        """A memory of its own in the same state; arrays are shared, because nobody changes them."""
        return self.snapshot().materialize(self)

    def restore(self, snapshot: MemorySnapshot) -> None:
        """Come back to `snapshot`. What runs hold of the memory since then is void."""
        snapshot.apply(self)


class MemorySnapshot:
    """The state of a memory at one moment."""

    def __init__(self, memory: Memory) -> None:
        self._refs = [
            (v, v.buffer, None if v.buffer is None else v.buffer.array, v.versions)
            for v in memory.ref_variables.values()
        ]
        self._resources = [
            (v, v.value, v.copy_on_read, v.versions) for v in memory.resource_variables.values()
        ]
        self._adopted = [
            (value.buffer, value.buffer.array)
            for _, value, _, _ in self._resources
            if isinstance(value, Alias)
        ]
        self._positions = dict(memory.positions)
        self._others = dict(memory.resources)

    @property
    def positions(self) -> dict[str, int]:
        """Node name -> position of its random generator."""
        return dict(self._positions)

    @cached_property
    def variables(self) -> dict[str, tuple[Array | Alias | None, int]]:
        """What each variable held (None: uninitialised), and how often it had been written."""
        held: dict[str, tuple[Array | Alias | None, int]] = {}
        for ref, _, array, versions in self._refs:
            held[ref.name] = (array, versions)
        for resource, value, _, versions in self._resources:
            held[resource.name] = (value, versions)
        return held

    @cached_property
    def buffers(self) -> dict[int, Array]:
        """The id of each buffer -> what it held."""
        held = {id(buffer): array for buffer, array in self._adopted}
        for _, buffer, array, _ in self._refs:
            if buffer is not None and array is not None:
                held[id(buffer)] = array
        return held

    def materialize(self, of: Memory) -> Memory:
        """A new memory in this state, which `of`, the memory that it is a snapshot of, had."""
        memory = Memory()
        memory.seeds = of.seeds
        buffers: dict[int, Buffer] = {}
        for ref, buffer, array, versions in self._refs:
            key = next(key for key, value in of.ref_variables.items() if value is ref)
            twin = memory.ref_variables[key] = RefVariable(memory, ref.name, ref.dtype, ref.shape)
            twin.versions = versions
            if buffer is not None and array is not None:
                twin.buffer = buffers[id(buffer)] = Buffer(array, buffer.variable, versions)
        for buffer, array in self._adopted:
            if id(buffer) not in buffers:
                buffers[id(buffer)] = Buffer(array, buffer.variable, buffer.version)
        for resource, value, copy_on_read, versions in self._resources:
            key = next(key for key, item in of.resource_variables.items() if item is resource)
            copied = ResourceVariable(memory, resource.name, resource.dtype)
            if isinstance(value, Alias):
                copied.value = Alias(buffers[id(value.buffer)], value.shape, value.views)
            else:
                copied.value = value
            copied.copy_on_read = copy_on_read
            copied.versions = versions
            memory.resource_variables[key] = copied
        memory.positions = dict(self._positions)
        memory.resources = deepcopy(self._others, {id(of): memory})
        return memory

    def apply(self, memory: Memory) -> None:
        """Put this state back into `memory`."""
        # Records stay, because plans refer to them; what is newer loses its value.
        for ref in memory.ref_variables.values():
            ref.buffer = None
            ref.versions = 0
        for ref, buffer, array, versions in self._refs:
            ref.buffer = buffer
            ref.versions = versions
            if buffer is not None and array is not None:
                buffer.array = array
                buffer.version = versions
        for resource in memory.resource_variables.values():
            resource.value = None
            resource.copy_on_read = False
            resource.versions = 0
        for resource, value, copy_on_read, versions in self._resources:
            resource.value = value
            resource.copy_on_read = copy_on_read
            resource.versions = versions
        memory.positions = dict(self._positions)
        memory.resources = dict(self._others)
