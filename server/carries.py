"""What an edge carries, as far as the graph alone tells: a value, an alias, a ref or a handle."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from ..engine import dtypes
from ..engine.executor.flat import FlatGraph, Port
from ..engine.graph import Argument
from ..engine.ops import lookup
from ..engine.ops.registry import ControlFlow

Carried = Literal["value", "handle", "alias", "ref"]

_RANK: dict[Carried, int] = {"value": 0, "handle": 1, "alias": 2, "ref": 3}

_MOST_FOLLOWED = 64
"""How many outputs are looked at to find out what one gives."""

_ROUTES = {
    ControlFlow.SWITCH,
    ControlFlow.ENTER,
    ControlFlow.EXIT,
    ControlFlow.NEXT_ITERATION,
}
_FED = {"Placeholder", "PlaceholderV2"}


class Carries:
    """What the outputs of a graph's nodes give to those who take them; each is found out once.

    An alias is the buffer of a reference variable, or a view of it, which shows later writes; an
    op that is a view by a rule of its own, on shapes, is taken for one. Where a `Merge` may pass
    on one thing or another, an alias comes before a handle, and that before a value.

    Few attributes are read: to decode those of all nodes would take longer than all else that a
    large graph needs before it can be drawn.
    """

    def __init__(self, flat: FlatGraph) -> None:
        self._flat = flat
        self._known: dict[Port, Carried] = {}

    def of(self, port: Port) -> Carried:
        """What the edges carry that leave from output `port`, of an op or of a call."""
        kind = self._known.get(port)
        if kind is None:
            kind = self._known[port] = self._find(port)
        return kind

    def _find(self, port: Port) -> Carried:
        first = self._outside_calls(port)
        found, passed = self._rule(first)
        if not passed:
            return found
        seen = {first}
        waiting = [*passed]
        while waiting and len(seen) <= _MOST_FOLLOWED:
            port = self._outside_calls(waiting.pop())
            if port in seen:
                continue
            seen.add(port)
            kind = self._known.get(port)
            if kind is None:
                kind, passed = self._rule(port)
                waiting += passed
            if kind == "ref":  # whoever is given a reference and passes it on gives the buffer
                kind = "alias"
            if _RANK[kind] > _RANK[found]:
                found = kind
        return found

    def _outside_calls(self, port: Port) -> Port:
        """The output that an output is; that of a call is one of its body's."""
        while (expansion := self._flat.nodes[port[0]].expansion) is not None:
            port = expansion.outputs[port[1]]
        return port

    def _rule(self, port: Port) -> tuple[Carried, Sequence[Port]]:
        """What an op gives by itself, and the inputs that it may pass on instead."""
        node = self._flat.nodes[port[0]]
        kind, passed = _declared(node.type, port[1])
        if node.type in _FED and node.given_attrs.get("dtype") is dtypes.resource:
            kind = "handle"
        return kind, () if passed is None else node.inputs[passed]


@lru_cache(4096)
def _declared(type: str, output: int) -> tuple[Carried, slice | None]:
    """What an op type's declaration says of an output, and of the inputs that it may be."""
    declaration = lookup(type)
    argument = None if declaration is None else _argument(declaration.outputs, output)
    if declaration is None or argument is None:
        return "value", None
    if argument.is_ref:
        return "ref", None
    if argument.dtype is dtypes.resource:
        return "handle", None
    if declaration.control_flow is ControlFlow.MERGE:
        return "value", slice(None) if output == 0 else None
    if not (declaration.routes or declaration.view or declaration.control_flow in _ROUTES):
        return "value", None
    through = declaration.view_of if declaration.view else 0
    if argument.type_list_attr:  # each output is the input at its place
        through = output
    given = _argument(declaration.inputs, through)
    if given is None or given.dtype is dtypes.resource:  # it gives what it reads through a handle
        return "value", None
    return "value", slice(through, through + 1)


def _argument(arguments: Sequence[Argument], place: int) -> Argument | None:
    """The argument that a tensor belongs to; a list is taken to be the last."""
    for number, argument in enumerate(arguments):
        if number == place or argument.number_attr or argument.type_list_attr:
            return argument
    return None
