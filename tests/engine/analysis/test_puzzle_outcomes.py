"""The outcomes of every run of a puzzle are the legal ones, and witnesses replay to them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from opscope.engine import Session, load, outcomes
from opscope.engine.analysis import Outcome as Found
from opscope.engine.errors import OpError

from .puzzles import ROWS, Outcome, Row

GALLERY = Path(__file__).resolve().parents[3] / "server" / "gallery"
FILES = {
    entry["name"]: GALLERY / entry["file"]
    for entry in json.loads((GALLERY / "puzzles.json").read_text(encoding="utf-8"))
}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_the_outcomes_are_the_legal_ones(row: Row) -> None:
    session = prepared(row)
    analysis = outcomes(session, list(row.fetches), row.feeds, targets=row.targets)
    found = [as_listed(row, outcome) for outcome in analysis.outcomes()]
    keys = {outcome.key() for outcome in found}
    legal = {outcome.key() for outcome in row.legal}
    accepted = {outcome.key() for outcome in row.accepted}
    assert analysis.complete
    assert legal <= keys <= legal | accepted
    start = session.memory.copy()
    for outcome, listed in zip(analysis.outcomes(), found, strict=True):
        session.memory = start.copy()
        assert replayed(row, session, outcome).key() == listed.key()


def prepared(row: Row) -> Session:
    """The session in which the run of `row` happens."""
    session = load(FILES[row.program]).session()
    if row.init is not None:
        session.run([], targets=[row.init])
    for _ in range(row.before):
        session.run(list(row.fetches), row.feeds, targets=row.targets)
    return session


def as_listed(row: Row, outcome: Found) -> Outcome:
    fetches = outcome.fetches
    return Outcome(
        None if fetches is None else tuple(fetches[name] for name in row.fetches),
        outcome.variables,
        None if outcome.error is None else type(outcome.error).__name__,
    )


def replayed(row: Row, session: Session, outcome: Found) -> Outcome:
    """What a run with the witness of `outcome` gives."""
    schedule: list[Any] = json.loads(json.dumps([e.to_json() for e in outcome.schedule]))
    values, error = None, None
    try:
        values = session.run(list(row.fetches), row.feeds, targets=row.targets, schedule=schedule)
    except OpError as raised:
        error = type(raised).__name__
    held = session.variables
    variables = {name: held.get(name) for name in outcome.variables}
    return Outcome(None if values is None else tuple(map(np.asarray, values)), variables, error)
