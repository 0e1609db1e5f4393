"""What an edge carries, as far as the graph alone tells: a value, an alias, a ref or a handle."""

from __future__ import annotations

from typing import Literal

from ..engine import Program
from ..engine.executor.flat import FlatGraph
from ..engine.ops.registry import ControlFlow

Carried = Literal["value", "alias", "ref", "handle"]

_LONGEST_CHAIN = 64
"""How far ops that pass on what they are given are followed."""

_ROUTES = {
    ControlFlow.SWITCH,
    ControlFlow.MERGE,
    ControlFlow.ENTER,
    ControlFlow.EXIT,
    ControlFlow.NEXT_ITERATION,
}


def carried(program: Program, node: int, output: int) -> Carried:
    """What output `output` of `node` gives to those who take it.

    `alias` is the buffer of a reference variable, or a view of it, which shows later writes; an op
    that is a view by a rule of its own, on shapes, is taken for one.
    """
    flat: FlatGraph = program.flat
    for hop in range(_LONGEST_CHAIN):
        source = flat.nodes[node]
        if source.expansion is not None:
            node, output = source.expansion.outputs[output]
            continue
        declaration = source.declaration
        if declaration is None:
            return "value"
        dtypes = declaration.output_dtypes(source.attrs)
        if output >= len(dtypes):
            return "value"
        if dtypes[output].is_ref:
            return "ref"
        if dtypes[output].name == "resource":
            return "value" if hop else "handle"  # who reads through a handle gives a value
        passes = declaration.routes or declaration.control_flow in _ROUTES
        if not (passes or declaration.view) or not source.inputs:
            return "value"
        through = declaration.view_of if declaration.view else 0
        if through >= len(source.inputs):
            return "value"
        node, output = source.inputs[through]
        if _is_ref(flat, node, output):
            return "alias"
    return "value"


def _is_ref(flat: FlatGraph, node: int, output: int) -> bool:
    source = flat.nodes[node]
    if source.declaration is None or source.expansion is not None:
        return False
    dtypes = source.declaration.output_dtypes(source.attrs)
    return output < len(dtypes) and dtypes[output].is_ref
