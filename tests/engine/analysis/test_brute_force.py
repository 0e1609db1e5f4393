"""Random programs: the outcomes are those of running every order, and witnesses replay to them.

OPSCOPE_SEEDS says how many programs, 150 unless it is set.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence

import pytest

from opscope.engine import Session, outcomes
from opscope.engine.analysis import Outcome
from opscope.engine.errors import OpError
from opscope.engine.session import Program

from . import brute_force, random_programs
from .random_programs import RandomProgram

SEEDS = int(os.environ.get("OPSCOPE_SEEDS", "150"))
_CHUNK = 25


@pytest.mark.parametrize("first", range(0, SEEDS, _CHUNK))
def test_the_outcomes_are_those_of_every_order(first: int) -> None:
    wrong: dict[int, str] = {}
    racy = compared = 0
    for seed in range(first, min(first + _CHUNK, SEEDS)):
        asked = random_programs.make(seed)
        session = prepared(asked)
        try:
            expected, _ = brute_force.all_results(session, asked.fetches, targets=asked.targets)
        except brute_force.TooMany:
            continue
        compared += 1
        racy += len(expected) > 1
        if reason := difference(asked, session, expected):
            wrong[seed] = reason
    assert wrong == {}
    assert compared > 0
    assert racy > 0


def prepared(asked: RandomProgram) -> Session:
    """The session in which the run of `asked` happens."""
    session = Program("random", asked.graph.definition).session()
    if asked.initialized:
        session.run([], targets=[asked.initializer])
    return session


def difference(asked: RandomProgram, session: Session, expected: set[object]) -> str:
    """What is wrong with the analysis of `asked`; empty if nothing is."""
    analysis = outcomes(session, asked.fetches, targets=asked.targets, budget=None)
    found = brute_force.results_of(analysis, asked.fetches)
    if found != expected:
        return f"{len(found - expected)} results too many, {len(expected - found)} missing"
    if analysis.count != len(found):
        return f"{analysis.count - len(found)} results are listed twice"
    names = list(analysis.kinds)
    for outcome in analysis.outcomes():
        given = replayed(asked, session, outcome, names)
        if given != brute_force.key_of(outcome, asked.fetches, names):
            return f"the witness {[entry.to_json() for entry in outcome.schedule]} gives {given}"
    return ""


def replayed(
    asked: RandomProgram, session: Session, outcome: Outcome, names: Sequence[str]
) -> object:
    """What distinguishes the result of a run with the witness of `outcome`."""
    schedule = json.loads(json.dumps([entry.to_json() for entry in outcome.schedule]))
    memory = session.memory
    session.memory = memory.copy()
    try:
        values = session.run(asked.fetches, targets=asked.targets, schedule=schedule)
        fetches, failure = dict(zip(asked.fetches, values, strict=True)), None
    except OpError as error:
        fetches, failure = None, error
    held = session.variables
    session.memory = memory
    result = Outcome(fetches, {name: held.get(name) for name in names}, failure, ())
    return brute_force.key_of(result, asked.fetches, names)
