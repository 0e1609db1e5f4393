"""Resources that live as long as one run: tensor arrays and stacks.

What such a resource holds is kept in the memory as an immutable record under its handle's key,
and each change puts another record there: undoing a change or restoring a snapshot is then a
matter of the dictionary alone.
"""

from __future__ import annotations

from typing import Any

from ..errors import NotFoundError
from ..memory import Handle, Memory, Site
from .registry import Cell, Effect, Lock

CONTAINER = "(run)"
"""The container of all resources that end with their run."""

CREATES = (Effect("", Cell.STATE, writes=True, lock=Lock.EXCLUSIVE),)
CHANGES = (Effect("handle", Cell.STATE, reads=True, writes=True, lock=Lock.EXCLUSIVE),)
CHANGES_ELEMENT = (
    Effect("handle", Cell.STATE, True, True, by_element=True, lock=Lock.EXCLUSIVE, index="index"),
)
READS = (Effect("handle", Cell.STATE, reads=True, lock=Lock.EXCLUSIVE),)


def put(memory: Memory, key: tuple[str, str], record: Any) -> None:
    """Make `record` what the resource `key` holds."""
    if memory.undo is not None:
        if key in memory.resources:
            memory.undo.item(memory.resources, key)
        else:
            memory.undo.new_item(memory.resources, key)
    memory.resources[key] = record


def create(site: Site, label: str, record: Any) -> Handle:
    """A new resource that holds `record`; its name is unique in the session."""
    memory = site.memory
    counter = (CONTAINER, "")
    number = memory.resources.get(counter, 0)
    put(memory, counter, number + 1)
    handle = Handle(memory, CONTAINER, f"{label or site.name}_{number}", site.name)
    put(memory, handle.key, record)
    return handle


def held(handle: Handle, what: str) -> Any:
    """The record of the resource that `handle` names.

    Raises:
        NotFoundError: the resource was closed.
    """
    record = handle.memory.resources.get(handle.key)
    if record is None:
        raise NotFoundError(f"{what} {handle.name} does not exist")
    return record


def drop(handle: Handle) -> None:
    """End the resource that `handle` names."""
    memory = handle.memory
    if handle.key in memory.resources:
        if memory.undo is not None:
            memory.undo.removed_item(memory.resources, handle.key)
        del memory.resources[handle.key]


def end_run(memory: Memory) -> None:
    """Drop every resource that ends with a run."""
    for key in [key for key in memory.resources if key[0] == CONTAINER]:
        if memory.undo is not None:
            memory.undo.removed_item(memory.resources, key)
        del memory.resources[key]
