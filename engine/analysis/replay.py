"""Replaying a schedule that takes kernels apart, as the witnesses of the level `split` do.

Such a schedule is the order of another plan, in which some kernels are reads and writes of elements
(`split`). That plan is executed and debugged as any other; `Request.parts` says what its nodes are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, replace
from time import perf_counter
from typing import Any

import numpy as np

from ..debugger import Run
from ..errors import GraphError, OpError
from ..executor.executor import Executor
from ..executor.request import KernelPart, Request
from ..executor.schedule import Entry, EntryLike, Replay, read_entry, refuse_leftover
from ..memory import Memory, variable_behind
from ..session import Session
from .access import ASSEMBLE, EVALUATE, READ, START, WRITE, CellKey
from .machine import Machine
from .search import Budget
from .split.graph import SplitGraph
from .split.overlap import taken_apart
from .split.scratch import value_of
from .study import Study

_LEARN_SECONDS = 5.0
"""How long to look for kernels that other orders than the first one execute, at most."""

_DOES = {
    START: "begins",
    READ: "reads",
    ASSEMBLE: "has read",
    EVALUATE: "computes",
    WRITE: "writes",
}


def replay(
    session: Session,
    fetches: Any,
    schedule: Iterable[EntryLike],
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
    request = session.request(fetches, feed_dict, targets)
    request, order = scheduled(request, session.memory, entries)
    executor = Executor(request.plan, session.memory, request.feeds, order)
    try:
        with np.errstate(all="ignore"):
            executor.advance()
            refuse_leftover(order)
            return request.restore(executor.results())
    except OpError as error:
        error.op = request.op_name(error.op)
        raise
    finally:
        executor.close()


def debug_replay(
    session: Session,
    fetches: Any,
    schedule: Iterable[EntryLike],
    feed_dict: Mapping[Any, Any] | None = None,
    *,
    targets: Iterable[str] = (),
) -> Run:
    """`session.debug` in the order of `schedule`, an outcome's witness at any level.

    The steps of kernels that overlap are their parts: `run.request.parts` says what they are.

    Raises:
        GraphError: the schedule does not fit the run.
    """
    entries = [read_entry(entry) for entry in schedule]
    request = session.request(fetches, feed_dict, targets)
    return Run(session.memory, *scheduled(request, session.memory, entries))


class OverlapReplay(Replay):
    """The order of a plan that takes kernels apart.

    Attributes:
        witness: the schedule that it follows, in the words of the whole plan.
    """

    def __init__(self, order: Sequence[Entry], witness: Sequence[Entry]) -> None:
        super().__init__(order)
        self.witness = [entry.to_json() for entry in witness]


def torn(schedule: Iterable[Entry]) -> frozenset[str]:
    """The ops whose kernels `schedule` takes apart."""
    return frozenset(entry.op for entry in schedule if entry.phase in ("read", "write"))


def scheduled(
    request: Request, memory: Memory, schedule: Sequence[Entry]
) -> tuple[Request, Replay]:
    """The run of `request` in the order of `schedule`, which may take kernels apart.

    The run will begin with what `memory` holds, which is not changed.

    Raises:
        GraphError: the schedule does not fit the run.
    """
    if not torn(schedule):
        return request, Replay(schedule)
    finer, split = _taken_apart(request, memory, schedule)
    return finer, OverlapReplay(_renamed(schedule, finer, split), schedule)


def _taken_apart(
    request: Request, memory: Memory, schedule: Sequence[Entry]
) -> tuple[Request, SplitGraph]:
    study = Study(request, memory.copy(), Budget(perf_counter() + _LEARN_SECONDS))
    machine = study.machine
    try:
        with np.errstate(all="ignore"):
            machine.settle(lambda _: True)
            machine.back_to(0)
        kernels = _kernels(machine, schedule)
        if torn(schedule) - {request.plan.ops[op].node.name for op in kernels}:
            study.run()  # What only other orders execute.
            kernels = _kernels(machine, schedule)
        finer, split = taken_apart(request, machine, kernels)
        return replace(finer, parts=_parts(request, machine, split)), split
    finally:
        study.close()


def _kernels(machine: Machine, schedule: Sequence[Entry]) -> dict[int, set[CellKey]]:
    """The ops that `schedule` takes apart -> the contents and values that it sees them touch."""
    inputs = {name: set[int]() for name in torn(schedule)}
    for entry in schedule:
        if entry.input is not None:
            inputs[entry.op].add(entry.input)
    found: dict[int, set[CellKey]] = {}
    for op in machine.plan.ops:
        tokens = machine.tokens.get(op.id)
        if tokens is None or op.node.name not in inputs:
            continue
        cells = {
            machine.cells.behind(tokens[at]) for at in inputs[op.node.name] or op.memory_inputs
        }
        found[op.id] = {cell for cell in cells if cell is not None}
    return found


def _parts(request: Request, machine: Machine, split: SplitGraph) -> dict[int, KernelPart]:
    """What each node of a kernel that was taken apart does."""
    nodes = split.flat.nodes
    parts: dict[int, KernelPart] = {}
    for number, kernel in split.kernels.items():
        kind = nodes[number].type
        part = split.parts.get(number)
        if part is None or part.input is None or part.element is None:
            place = "first" if kind == START else "inner"
            parts[number] = KernelPart(kernel, _DOES[kind], place)
            continue
        op = request.plan.op(kernel)
        assert op is not None
        token = machine.tokens[op.id][part.input]
        element = np.unravel_index(part.element, np.shape(value_of(token)))
        indices = f"[{', '.join(str(int(i)) for i in element)}]" if element else ""
        does = f"{_DOES[kind]} {variable_behind(token)}{indices}"
        parts[number] = KernelPart(kernel, does, "inner")
    for kernel in set(split.kernels.values()):
        declaration = nodes[kernel].declaration
        assert declaration is not None
        does = "ends" if declaration.type in ("NoOp", "RefIdentity") else "computes"
        parts[kernel] = KernelPart(kernel, does, "last")
    return parts


def _renamed(entries: Sequence[Entry], request: Request, split: SplitGraph) -> list[Entry]:
    """`entries` with the names that the parts of kernels have in the rewritten graph."""
    nodes = request.plan.flat.nodes
    parts = {
        (nodes[part.of].name, *astuple(part)[1:]): nodes[number].name
        for number, part in split.parts.items()
    }
    renamed: list[Entry] = []
    for entry in entries:
        name = parts.get((entry.op, entry.phase, entry.element, entry.input, entry.part))
        if name is not None:
            renamed.append(Entry(name, entry.frame, entry.iteration))
        elif entry.phase in ("read", "write"):
            raise GraphError(
                f"the schedule cannot be replayed: '{entry.op}' does not {entry.phase} element "
                f"{entry.element} of a variable in this run"
            )
        else:
            renamed.append(entry)
    return renamed
