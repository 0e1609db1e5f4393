"""When two states of a machine are the same: nothing that can still happen tells them apart."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from ..executor.plan import PlanOp, StaticFrame
from ..executor.propagator import Instance, Iteration
from ..memory import RefVariable
from .machine import Machine


def state_of(
    machine: Machine, varying: Sequence[PlanOp], cells: Sequence[Any], fetches: Sequence[int]
) -> Hashable:
    """Equal for states from which the same can happen, and that have the same past results.

    Args:
        machine: the run.
        varying: the ops whose inputs may differ between schedules.
        cells: the variables that may.
        fetches: the positions of the fetches that may.
    """
    executor, memory, key = machine.executor, machine.memory, machine.interner.key
    error = executor.error
    return (
        machine.executed,
        machine.dropped,
        None if error is None else (type(error).__name__, error.message, error.op),
        machine.held,
        _tokens(machine, varying),
        tuple(_variable(machine, cell) for cell in cells),
        tuple(key(executor.token(position)) for position in fetches),
        () if machine.plan.is_straight else tuple(sorted(memory.positions.items())),
        _resources(machine),
    )


def _variable(machine: Machine, variable: Any) -> Hashable:
    if isinstance(variable, RefVariable):
        buffer = variable.buffer
        return None if buffer is None else machine.interner.number(buffer.array)
    held = machine.memory.resource_variables.get(variable)
    if held is None or held.value is None:
        return None
    return (machine.interner.key(held.value), held.copy_on_read)


def _tokens(machine: Machine, varying: Sequence[PlanOp]) -> Hashable:
    """What has arrived at ops that have not executed."""
    propagator = machine.executor.propagator
    if machine.plan.is_straight:
        key, executed, inputs = machine.interner.key, machine.executed, propagator.root.inputs
        return tuple(
            key(inputs[slot])
            for op in varying
            if not executed >> op.id & 1
            for slot in range(op.first_input, op.first_input + op.input_count)
        )
    inside: dict[StaticFrame, list[PlanOp]] = {}
    for op in varying:
        inside.setdefault(op.frame, []).append(op)
    return tuple(
        _turn(machine, turn, inside.get(frame.static, ()))
        for frame in propagator.frames
        for turn in list(frame.iterations.values())
    )


def _turn(machine: Machine, turn: Iteration, varying: Sequence[PlanOp]) -> Hashable:
    key, number = machine.interner.key, machine.order.number
    waiting: list[Hashable] = []
    for op in varying:
        if not machine.executed >> number(Instance(op, turn)) & 1:
            arrived = turn.inputs[op.first_input : op.first_input + op.input_count]
            if any(token is not None for token in arrived):
                waiting.append((op.id, *map(key, arrived)))
    return (tuple(waiting), tuple(sorted(turn.dead.items())))


def _resources(machine: Machine) -> Hashable:
    number = machine.interner.number
    held = machine.memory.resources.items()
    return tuple(sorted((name, number(record)) for name, record in held))
