"""Runs that take kernels apart, told in steps of the program's own ops."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...engine.debugger import Run, VersionAt
from ...engine.executor.flat import FlatNode
from ...engine.trace.file import pack, unpack

PART = 8
"""Flag of a step: the kernel of its op goes on after it."""
BEGINS = 16
"""Flag of a step: it is the first part of a kernel."""


def op_node(run: Run, node: int) -> FlatNode:
    """The op that node `node` of the run's plan is, or is a part of."""
    part = run.request.parts.get(node)
    return run.plan.flat.nodes[node if part is None else part.kernel]


def plan_nodes(run: Run) -> NDArray[np.uint32]:
    """The ops that the run may execute, in their order."""
    ops = (op.node.index for op in run.plan.ops)
    return np.array(list(dict.fromkeys(op_node(run, node).index for node in ops)), "<u4")


def told_steps(run: Run, first: int, count: int) -> bytes:
    """Steps as columns of the protocol."""
    columns = run.trace.columns(first, count)
    parts = run.request.parts
    if not parts:
        return columns
    steps = unpack(columns, count)
    for step in steps:
        part = parts.get(int(step["op"]))
        if part is not None:
            step["op"] = part.kernel
            step["flags"] |= {"first": PART | BEGINS, "inner": PART, "last": 0}[part.place]
    return pack(steps)


def told_ready(run: Run, most: int) -> list[int]:
    """Node, frame and iteration of what could run next, one after another, of at most `most`."""
    numbers = run.ready_numbers(most)
    if run.request.parts:
        numbers[::3] = [op_node(run, node).index for node in numbers[::3]]
    return numbers


def versions_read(run: Run, step: int) -> list[tuple[str, VersionAt]]:
    """The versions of variables that the op of step `step` has read, each once.

    A kernel that is taken apart may have seen several of one variable.
    """
    trace, parts = run.trace, run.request.parts
    node = trace.nodes[step]
    if node not in parts:
        return run.reads(step)
    where = (parts[node].kernel, trace.frames[step], trace.iterations[step])
    seen: dict[tuple[str, int], tuple[str, VersionAt]] = {}
    for at in range(step):
        part = parts.get(trace.nodes[at])
        if part is None or part.place != "inner":
            continue
        if (part.kernel, trace.frames[at], trace.iterations[at]) == where:
            for name, version in run.reads(at):
                seen.setdefault((name, version.number), (name, version))
    return list(seen.values())
