"""Which kernels of a run are taken apart, and the run that results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ...executor.plan import Plan, PlanOp, resolve_target
from ...executor.request import Request
from ...memory import Alias, Array, Handle, RefVariable
from ...ops.registry import Lock
from ..access import CellKey
from ..locks import LockStep, lock_of
from ..machine import Machine
from .graph import SplitGraph
from .scratch import own_inputs
from .splitter import Splitter


def taken_apart(
    request: Request, machine: Machine, kernels: Mapping[int, set[CellKey]]
) -> tuple[Request, SplitGraph]:
    """The run of `request` with some kernels taken apart.

    Args:
        request: the run.
        machine: has executed it, and knows what each op was given.
        kernels: op -> the cells, `contents` or `value`, that are looked at element by element.
    """
    splitter = Splitter(request.plan.flat)
    result = splitter.result
    rebound = {
        cell[1]
        for touches in machine.touched
        for cell, writes in touches
        if writes and cell[0] in ("record", "initialized")
    }
    wanted: dict[int, dict[int, tuple[CellKey, Array]]] = {}
    for number, cells in kernels.items():
        op = request.plan.ops[number]
        racing = _inputs(machine, op, cells)
        if any(cell[1] in rebound for cell in {*cells, *(cell for cell, _ in racing.values())}):
            result.skipped.append(
                f"{op.node.name} touches a variable that gets its memory in this run: how it "
                "overlaps with others is not enumerated."
            )
        elif racing:
            wanted[number] = racing
    locked = _locks(request.plan, machine, wanted)
    for number, racing in wanted.items():
        op = request.plan.ops[number]
        arrays = {position: array for position, (_, array) in racing.items()}
        step = locked.pop(number, LockStep(op.node.index))
        if splitter.split(op, machine.tokens[number], arrays, step):
            result.elements.update({cell: array.size for cell, array in _whole(machine, racing)})
        elif step.takes:
            locked[number] = step
    for number, step in locked.items():
        result.locks[request.plan.ops[number].node.index] = step
    fetches = [
        (source.node.index, output) if isinstance(source, PlanOp) else (source, output)
        for source, output in request.plan.fetches
    ]
    targets = [resolve_target(request.plan.flat, name) for name in request.targets]
    plan = Plan(result.flat, fetches, request.plan.feeds, targets, names=request.tensors)
    return replace(request, plan=plan, program=None), result


def _inputs(machine: Machine, op: PlanOp, cells: set[CellKey]) -> dict[int, tuple[CellKey, Array]]:
    """The inputs of `op` through which it touches `cells`, or changes a variable at all.

    Returns:
        Position -> cell, contents.
    """
    found: dict[int, tuple[CellKey, Array]] = {}
    changed = own_inputs(op)
    for position in op.memory_inputs:
        token = machine.tokens[op.id][position]
        cell, array = machine.cells.behind(token), _shown(token)
        if cell is not None and array is not None and (cell in cells or position in changed):
            found[position] = (cell, array)
    return found


def _shown(token: Any) -> Array | None:
    """What `token` shows of a variable; None where that is nothing."""
    if isinstance(token, RefVariable):
        return None if token.buffer is None else token.buffer.array
    if isinstance(token, Handle):
        variable = token.variable()
        return None if variable is None or variable.value is None else variable.read()
    return token.read() if isinstance(token, Alias) else None


def _whole(
    machine: Machine, racing: Mapping[int, tuple[CellKey, Array]]
) -> Iterable[tuple[CellKey, Array]]:
    """The cells of `racing`, each with all that it holds."""
    for cell, array in racing.values():
        key: Any = cell[1]
        held = machine.value(key) if isinstance(key, tuple) else None
        yield cell, array if held is None else held


def _locks(
    plan: Plan, machine: Machine, wanted: Mapping[int, Mapping[int, tuple[CellKey, Array]]]
) -> dict[int, LockStep]:
    """What each op locks of the variables that are looked at element by element."""
    cells = {cell for racing in wanted.values() for cell, _ in racing.values()}
    steps: dict[int, LockStep] = {}
    for op in plan.ops:
        if op.id not in machine.tokens:
            continue
        taken: dict[Any, bool] = {}
        for position in op.memory_inputs:
            cell = machine.cells.behind(machine.tokens[op.id][position])
            lock = lock_of(op, position)
            if cell is not None and cell in cells and lock is not Lock.NONE:
                taken[cell[1]] = taken.get(cell[1], False) or lock is Lock.EXCLUSIVE
        if taken:
            step: Sequence[tuple[Any, bool]] = tuple(sorted(taken.items()))
            steps[op.id] = LockStep(op.node.index, tuple(step), tuple(step))
    return steps
