"""The oracle of the search: every order of a run's ops, one after the other, nothing left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from opscope.engine import Session
from opscope.engine.analysis import Analysis, Outcome
from opscope.engine.analysis.machine import Machine
from opscope.engine.analysis.order import StaticOrder
from opscope.engine.analysis.search import Budget
from opscope.engine.analysis.split import overlap
from opscope.engine.analysis.split.graph import SplitGraph
from opscope.engine.analysis.study import Study, declared_variables
from opscope.engine.analysis.values import value_key
from opscope.engine.dtypes import int32
from opscope.engine.executor.request import Request
from opscope.engine.memory import Alias, RefVariable

SOURCES = {"Const", "Placeholder", "VarHandleOp", "VariableV2"}
"""Ops that only give a value: when they run, where they wait for nothing, cannot matter."""

ROUTING = {"Enter", "Exit", "Identity", "Less", "LoopCond", "Merge", "NextIteration", "Switch"}
"""Ops that neither fail nor touch memory if what they are given are values, not aliases; so do
additions of integers, which are counters of loops.
"""


class TooMany(Exception):
    """There are more orders than somebody wants to wait for."""


def all_results(
    session: Session,
    fetches: list[str],
    feeds: Mapping[str, Any] | None = None,
    targets: Iterable[str] = (),
    limit: int = 1000,
    *,
    apart: bool = False,
) -> tuple[set[Any], int]:
    """What distinguishes each result that some order gives, and how many orders there are.

    Args:
        session: where the run would happen.
        fetches: of the run.
        feeds: of the run.
        targets: of the run.
        limit: how many orders may be tried.
        apart: whether kernels are taken apart that may overlap.

    Raises:
        TooMany: there are more than `limit`.
    """
    request, split = session.request(fetches, feeds, targets), None
    if apart:
        request, split = taken_apart(request, session)
    memory = session.memory.copy()
    machine = Machine(request.plan, memory, request.feeds, StaticOrder(request.plan), split)
    machine.failures = True  # Dead ops and what a failure may swallow are choices from the start.
    machine.restart()
    variables = declared_variables(request.plan.flat)
    results: set[Any] = set()
    orders = 0

    def is_quiet(number: int) -> bool:
        for instance in machine.executor.ready:
            if machine.order.number(instance) == number:
                op = instance.op
                if op.node.type in SOURCES:
                    return not op.frame.pending[op.local]
                tokens = machine.executor.propagator.inputs(instance)
                lives = any(isinstance(token, (Alias, RefVariable)) for token in tokens)
                counts = op.node.type == "AddV2" and op.node.attrs["T"] == int32
                return (counts or op.node.type in ROUTING) and not lives
        return False

    def visit() -> None:
        nonlocal orders
        mark = len(machine.path)
        machine.settle(is_quiet)
        moves = machine.moves()
        if not moves:
            orders += 1
            if orders > limit:
                raise TooMany
            results.add(result(machine, variables, split))
        for move in moves:
            machine.do(move)
            visit()
            machine.back()
        while len(machine.path) > mark:
            machine.back()

    with np.errstate(all="ignore"):
        try:
            visit()
        finally:
            while machine.path:
                machine.back()
            machine.close()
    return results, orders


def taken_apart(request: Request, session: Session) -> tuple[Request, SplitGraph]:
    """The run of `request` with all kernels taken apart that may overlap with another."""
    study = Study(request, session.memory.copy(), Budget(None, None), None)
    try:
        study.run()
        return overlap.taken_apart(request, study.machine, study.tearable())
    finally:
        study.close()


def result(machine: Machine, variables: Any, split: SplitGraph | None) -> Any:
    """What distinguishes the result of the run that `machine` has ended."""
    executor = machine.executor
    error = executor.failure
    held = tuple((v.name, key(machine.value(v.key))) for v in variables)
    if error is not None:
        op = error.op if split is None or error.op is None else split.original_name(error.op)
        return ((type(error).__name__, op), held)
    return (tuple(key(executor.fetched(i)) for i in range(len(machine.plan.fetches))), held)


def key(value: Any) -> Any:
    return value_key(value)


def results_of(analysis: Analysis, fetches: Sequence[str]) -> set[Any]:
    """The outcomes of an analysis, as `all_results` distinguishes them."""
    names = list(analysis.kinds)
    return {key_of(outcome, fetches, names) for outcome in analysis.outcomes()}


def key_of(outcome: Outcome, fetches: Sequence[str], names: Sequence[str]) -> Any:
    """What distinguishes `outcome`, looking at `fetches` and the variables `names`."""
    held = tuple((name, key(outcome.variables[name])) for name in names)
    if outcome.error is not None:
        return ((type(outcome.error).__name__, outcome.error.op), held)
    assert outcome.fetches is not None
    return (tuple(key(outcome.fetches[name]) for name in fetches), held)
