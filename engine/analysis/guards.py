"""Branches that a graph spells out: what must be chosen for an op to be live."""

from __future__ import annotations

from itertools import combinations

from ..executor.plan import Plan, PlanOp
from ..executor.topology import topological
from ..ops.registry import ControlFlow

Guard = tuple[object, int]
"""A predicate, and the output of Switch that it must choose."""


def undecided_merges(plan: Plan) -> list[str]:
    """The Merge ops that two live inputs may reach: then what they pass on depends on the order.

    A Merge whose inputs hang on different choices of one predicate is none of them, nor is that of
    a loop, whose inputs arrive in different turns.
    """
    needed = guards(plan)
    loops = (ControlFlow.ENTER, ControlFlow.NEXT_ITERATION)
    found: list[str] = []
    for op in plan.ops:
        if op.control_flow is not ControlFlow.MERGE:
            continue
        ways = [
            _way(source, needed)
            for source in op.sources
            if not (isinstance(source[0], PlanOp) and source[0].control_flow in loops)
        ]
        if any(not _exclude(first, second) for first, second in combinations(ways, 2)):
            found.append(op.node.name)
    return found


def _way(source: tuple[object, int], needed: list[frozenset[Guard]]) -> frozenset[Guard]:
    """What must be chosen for something to come from `source`."""
    producer, output = source
    if not isinstance(producer, PlanOp):
        return frozenset()
    wanted = needed[producer.id]
    if producer.control_flow is ControlFlow.SWITCH:
        wanted |= {(predicate_of(producer), output)}
    return wanted


def _exclude(first: frozenset[Guard], second: frozenset[Guard]) -> bool:
    return any(
        predicate == other and choice != another
        for predicate, choice in first
        for other, another in second
    )


def guards(plan: Plan) -> list[frozenset[Guard]]:
    """Op -> what must have been chosen for it to be live.

    In a loop these are choices of one turn; what leaves the loop is as live as what enters it.
    """
    none: frozenset[Guard] = frozenset()
    found: dict[int, frozenset[Guard]] = {}
    loops: dict[int, frozenset[Guard]] = {}
    for op in topological(plan.ops):
        arriving: list[frozenset[Guard]] = []
        for source in op.sources:
            if not isinstance(source[0], PlanOp):
                arriving.append(none)
            elif source[0].id in found:
                wanted = found[source[0].id]
                if source[0].control_flow is ControlFlow.SWITCH:
                    wanted |= {(predicate_of(source[0]), source[1])}
                arriving.append(wanted)
        if op.control_flow is ControlFlow.MERGE and arriving:
            wanted = frozenset.intersection(*arriving)
        else:
            wanted = none.union(*arriving)
        if op.control_flow is ControlFlow.EXIT:
            wanted = loops.get(id(op.frame), none)
        for control in op.node.control_inputs:
            source_op = plan.op(control)
            if source_op is not None and op.control_flow is not ControlFlow.CONTROL_TRIGGER:
                wanted |= found.get(source_op.id, none)
        if op.control_flow is ControlFlow.ENTER:
            loops[id(op.child)] = loops.get(id(op.child), none) | wanted
        found[op.id] = wanted
    return [found[op.id] for op in plan.ops]


def predicate_of(switch: PlanOp) -> object:
    """What distinguishes the predicate of a Switch from others."""
    source = switch.sources[1]
    while isinstance(source[0], PlanOp) and source[0].node.type == "Identity":
        source = source[0].sources[0]
    return (source[0].id, source[1]) if isinstance(source[0], PlanOp) else source
