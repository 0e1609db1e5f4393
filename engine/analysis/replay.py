"""Replaying a schedule that takes kernels apart, as the witnesses of the level `split` do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple
from typing import Any

import numpy as np

from ..errors import GraphError
from ..executor.executor import Executor
from ..executor.request import Request
from ..executor.schedule import Entry, Replay, read_entry, refuse_leftover
from ..memory import Memory
from ..session import Session
from .access import CellKey
from .machine import Machine
from .order import StaticOrder
from .overlap import taken_apart
from .split import SplitGraph


def replay(
    session: Session,
    fetches: Any,
    schedule: Sequence[str | Mapping[str, Any]],
    feed_dict: Mapping[Any, Any] | None = None,
    *,
    targets: Iterable[str] = (),
) -> Any:
    """`session.run` in the order of `schedule`, an outcome's witness at any level.

    Raises:
        GraphError: the schedule does not fit the run.
        OpError: the run fails.
    """
    entries = [read_entry(entry) for entry in schedule]
    names = {entry.op for entry in entries if entry.phase in ("read", "write")}
    if not names:
        return session.run(fetches, feed_dict, targets=targets, schedule=schedule)
    request = session.request(fetches, feed_dict, targets)
    finer, split = _as_scheduled(request, session.memory.copy(), names)
    order = [entry.to_json() for entry in _renamed(entries, finer, split)]
    executor = Executor(finer.plan, session.memory, finer.feeds, Replay(order))
    try:
        with np.errstate(all="ignore"):
            executor.advance()
            refuse_leftover(executor.schedule)
            return finer.restore(executor.results())
    finally:
        executor.close()


def _as_scheduled(request: Request, memory: Memory, names: set[str]) -> tuple[Request, SplitGraph]:
    """The run with the kernels of the ops `names` taken apart."""
    machine = Machine(request.plan, memory, request.feeds, StaticOrder(request.plan))
    with np.errstate(all="ignore"):
        machine.settle(lambda _: True)
    touching: dict[CellKey, set[int]] = {}
    for number, touches in enumerate(machine.touched):
        op = machine.order.ops[number]
        for cell, _ in touches:
            if cell[0] in ("contents", "value") and op.node.name in names:
                touching.setdefault(cell, set()).add(op.id)
    kernels: dict[int, set[CellKey]] = {}
    for cell, ops in touching.items():
        for op in ops:
            kernels.setdefault(op, set()).add(cell)
    while machine.path:
        machine.back()
    return taken_apart(request, machine, kernels)


def _renamed(entries: Sequence[Entry], request: Request, split: SplitGraph) -> list[Entry]:
    """`entries` with the names that the parts of kernels have in the rewritten graph."""
    nodes = request.plan.flat.nodes
    parts = {
        (nodes[part.of].name, *astuple(part)[1:]): nodes[number].name
        for number, part in split.parts.items()
    }
    renamed: list[Entry] = []
    for entry in entries:
        if entry.phase not in ("read", "write"):
            renamed.append(entry)
            continue
        name = parts.get((entry.op, entry.phase, entry.element, entry.input, entry.part))
        if name is None:
            raise GraphError(
                f"the schedule cannot be replayed: '{entry.op}' does not {entry.phase} element "
                f"{entry.element} of a variable in this run"
            )
        renamed.append(Entry(name, entry.frame, entry.iteration))
    return renamed
