"""The order that the edges of a plan give its ops, the turns of a loop apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ..ops.registry import ControlFlow

if TYPE_CHECKING:
    from .plan import PlanOp


def within_turn(op: PlanOp) -> Iterable[PlanOp]:
    """The ops that wait for `op` in the same turn of a loop."""
    return () if op.control_flow is ControlFlow.NEXT_ITERATION else op.followers()


def topological(ops: Sequence[PlanOp]) -> list[PlanOp]:
    """`ops`, all those of a plan, each after what it waits for within a turn.

    What is on a cycle that leads through no NextIteration, or behind one, is left out.
    """
    waiting = [0] * len(ops)
    for op in ops:
        for follower in within_turn(op):
            waiting[follower.id] += 1
    order = [op for op in ops if not waiting[op.id]]
    for op in order:
        for follower in within_turn(op):
            waiting[follower.id] -= 1
            if not waiting[follower.id]:
                order.append(follower)
    return order


def cycle(ops: Sequence[PlanOp]) -> list[str]:
    """The names along a cycle among `ops`."""
    from networkx import DiGraph, find_cycle  # only to explain what is wrong, and slow to import

    graph: Any = DiGraph()
    members = {op.id for op in ops}
    for op in ops:
        graph.add_edges_from((op, end) for end in within_turn(op) if end.id in members)
    edges: Any = find_cycle(graph)
    return [edge[0].node.name for edge in edges]
