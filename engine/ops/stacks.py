"""Stacks, on which loops keep what their gradients will need."""

from __future__ import annotations

from typing import Any

from ..errors import InvalidArgumentError
from ..memory import Handle
from .registry import Attrs, Kernel, op
from .run_resources import CHANGES, CREATES, create, drop, held, put

_WHAT = "Stack"


@op(
    "StackV2",
    "max_size: int32",
    "handle: resource",
    "elem_type: type, stack_name: string = ''",
    effects=CREATES,
    uses_site=True,
)
def stack_v2(attrs: Attrs) -> Kernel:
    """A new stack; a negative size is no limit."""
    label: str = attrs["stack_name"].decode()
    return lambda site, max_size: create(site, label, (int(max_size), ()))


@op(
    "StackPushV2",
    "handle: resource, elem: T",
    "output: T",
    "T: type, swap_memory: bool = false",
    effects=CHANGES,
)
def stack_push_v2(attrs: Attrs) -> Kernel:
    """Puts an element on the stack, and passes it on."""

    def kernel(handle: Handle, element: Any) -> Any:
        limit, elements = held(handle, _WHAT)
        if 0 <= limit <= len(elements):
            raise InvalidArgumentError(f"Stack[{handle.name}] overflowed its max_size ({limit})")
        put(handle.memory, handle.key, (limit, (*elements, element)))
        return element

    return kernel


@op("StackPopV2", "handle: resource", "elem: elem_type", "elem_type: type", effects=CHANGES)
def stack_pop_v2(attrs: Attrs) -> Kernel:
    """Takes the last element from the stack."""

    def kernel(handle: Handle) -> Any:
        limit, elements = held(handle, _WHAT)
        if not elements:
            raise InvalidArgumentError(f"Stack[{handle.name}] is empty when calling Pop().")
        put(handle.memory, handle.key, (limit, elements[:-1]))
        return elements[-1]

    return kernel


@op("StackCloseV2", "handle: resource", "", effects=CHANGES)
def stack_close_v2(attrs: Attrs) -> Kernel:
    """Ends the stack."""

    def kernel(handle: Handle) -> tuple[()]:
        drop(handle)
        return ()

    return kernel
