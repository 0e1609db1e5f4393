"""The published racy programs: their outcomes, their races, and witnesses that replay."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from opscope.engine import Session, load, outcomes
from opscope.engine.analysis import Analysis, Outcome
from opscope.engine.analysis.replay import replay
from opscope.engine.analysis.results import Level

CASES = Path(__file__).resolve().parents[2] / "cases"
RACES = json.loads(gzip.decompress((CASES / "races.json.gz").read_bytes()))["cases"]
_DIGITS = 4


@pytest.fixture(params=RACES, ids=lambda case: case["name"])
def case(request: pytest.FixtureRequest) -> dict[str, Any]:
    return request.param


@pytest.fixture
def session(case: dict[str, Any], tmp_path: Path) -> Session:
    path = tmp_path / "graph.pbtxt"
    path.write_text(case["graph"], encoding="utf-8")
    session = load(path).session()
    session.run([], targets=[case["init_target"]])
    return session


@pytest.fixture(params=["atomic", "split"])
def level(request: pytest.FixtureRequest) -> Level:
    return request.param


def analyse(case: dict[str, Any], session: Session, level: Level = "atomic") -> Analysis:
    return outcomes(session, case["fetches"], case["feeds"], targets=case["targets"], level=level)


def rounded(values: Mapping[str, Any]) -> tuple[Any, ...]:
    """What distinguishes results that the cases give with four decimals."""
    return tuple(
        (name, tuple(np.round(np.asarray(value, np.float64), _DIGITS).ravel()))
        for name, value in sorted(values.items())
    )


def key(fetches: Mapping[str, Any] | None, variables: Mapping[str, Any]) -> tuple[Any, ...]:
    assert fetches is not None
    return rounded(fetches), rounded(variables)


def test_the_outcomes(case: dict[str, Any], session: Session, level: Level) -> None:
    analysis = analyse(case, session, level)
    found = [key(o.fetches, o.variables) for o in analysis.outcomes()]
    expected = {
        key(o["fetches"], o["variables"])
        for o in case["predicted"]
        if o["level"] in ("atomic", level)
    }
    assert analysis.complete
    assert set(found) == expected
    assert len(found) == len(expected)


def test_the_races(case: dict[str, Any], session: Session) -> None:
    races = {
        (race.variable, race.kind, race.first.name, race.second.name)
        for race in analyse(case, session).races
    }
    assert races == {(r["variable"], r["kind"], r["first"], r["second"]) for r in case["races"]}


def test_every_outcome_is_what_its_witness_replays_to(
    case: dict[str, Any], session: Session, level: Level
) -> None:
    start = session.memory.copy()
    for outcome in analyse(case, session, level).outcomes():
        session.memory = start.copy()
        assert key(*replayed(case, session, outcome)) == key(outcome.fetches, outcome.variables)


def replayed(
    case: dict[str, Any], session: Session, outcome: Outcome
) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """Fetches and variables after a run with the witness of `outcome`, as its JSON has it."""
    schedule = json.loads(json.dumps([entry.to_json() for entry in outcome.schedule]))
    values = replay(session, case["fetches"], schedule, case["feeds"], targets=case["targets"])
    return dict(zip(case["fetches"], values, strict=True)), session.variables
