"""Repairs of races in which kernels overlap: what was torn is gone, and the level stays."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import opscope.engine.tf as tf
from opscope.engine import Session, load, outcomes, repairs
from opscope.engine.analysis import Analysis, Repair
from opscope.engine.executor.expand import expand

from .training import Duel, keys

RACES = json.loads(
    gzip.decompress((Path(__file__).parents[2] / "cases" / "races.json.gz").read_bytes())
)["cases"]
TORN = [case for case in RACES if any(o["level"] == "split" for o in case["predicted"])]


def check(atomic: Analysis, split: Analysis, repair: Repair) -> None:
    """That `repair` of `split` makes the set smaller, and that nothing torn is left."""
    assert repair.removes_race
    assert repair.before is split
    assert repair.after.level == "split"
    assert repair.after.complete
    assert repair.after.count < split.count
    assert repair.edges
    assert not repair.new
    torn = keys(split) - keys(atomic)
    assert torn
    assert not torn & keys(repair.after)
    assert keys(repair.after) <= keys(atomic)
    assert not any(entry.phase in ("read", "write") for o in repair.kept for entry in o.schedule)
    (deciding,) = (group for group in split.groups if len(group.outcomes) > 1)
    assert len(repair.gone) + len(repair.kept) == len(deciding.outcomes)


def test_there_are_published_programs_of_this_kind() -> None:
    assert len(TORN) > 1


@pytest.mark.parametrize("case", TORN, ids=lambda case: case["name"])
def test_published_programs(case: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "graph.pbtxt"
    path.write_text(case["graph"], encoding="utf-8")
    session = load(path).session()
    session.run([], targets=[case["init_target"]])
    run = (session, case["fetches"], case["feeds"])
    atomic = outcomes(*run, targets=case["targets"])
    split = outcomes(*run, targets=case["targets"], level="split")
    for race in [*range(len(split.races)), None]:
        found = repairs(*run, split, race, targets=case["targets"])
        assert found
        for repair in found:
            check(atomic, split, repair)


@pytest.mark.parametrize(
    "duel",
    [
        Duel("Momentum", "accum"),
        Duel("Adagrad", "var", "read"),
        Duel("Adagrad", "var", "read", is_resource=True),
    ],
    ids=str,
)
def test_steps_of_optimizers(duel: Duel) -> None:
    session, fetches, targets = duel.build()
    atomic = outcomes(session, fetches, targets=targets)
    split = outcomes(session, fetches, targets=targets, level="split")
    found = repairs(session, fetches, None, split, 0, targets=targets)
    (race,) = split.races
    sides = race.first.name, race.second.name
    assert {sides, sides[::-1]} <= {edge for repair in found for edge in repair.edges}
    for repair in found:
        check(atomic, split, repair)
        assert repair.after.count == 1


def test_the_level_of_the_analysis_is_that_of_the_proof() -> None:
    duel = Duel("Momentum", "accum")
    session, fetches, targets = duel.build()
    for level in ("atomic", "split"):
        analysis = outcomes(session, fetches, targets=targets, level=level)
        found = repairs(session, fetches, None, analysis, 0, targets=targets)
        assert {repair.after.level for repair in found} == {level}
        assert {len(repair.kept) for repair in found} == {1}
        assert {len(repair.gone) for repair in found} == {analysis.count - 1}


def three_adds(locking: bool) -> tuple[Session, list[str]]:
    """Three additions to a reference variable, the first two of which use locks as told."""
    variable = tf.Variable(np.zeros(2, np.float32), use_resource=False, name="v")
    for name, amount in (("a", 1.0), ("b", 2.0)):
        tf.assign_add(variable, [amount, amount], use_locking=locking, name=name)
    tf.assign_add(variable, [4.0, 4.0], use_locking=False, name="c")
    init = tf.global_variables_initializer().name
    session = Session(expand(tf.get_default_graph().definition))
    session.run([], targets=[init])
    return session, ["a", "b", "c"]


@pytest.mark.parametrize("locking", [False, True])
def test_what_locks_exclude_needs_no_edge(locking: bool) -> None:
    """Additions commute: what they lose to each other is lost only where they overlap."""
    session, _ = three_adds(locking)
    both = ["a", "b"]
    split = outcomes(session, [], targets=both, level="split")
    ((race,),) = (split.races,)
    assert race.tearable is not locking
    assert split.count == (1 if locking else 9)
    assert split.depends_on_schedule is not locking
    (first, second) = repairs(session, [], None, split, 0, targets=both)
    assert {tuple(first.edges), tuple(second.edges)} == {(("a", "b"),), (("b", "a"),)}
    for repair in (first, second):
        assert repair.removes_race
        assert repair.after.count == 1
        assert len(repair.gone) == split.count - 1


def test_an_edge_of_one_race_leaves_what_the_others_tear() -> None:
    session, targets = three_adds(locking=True)
    split = outcomes(session, [], targets=targets, level="split")
    number = next(
        n for n, r in enumerate(split.races) if {r.first.name, r.second.name} == {"a", "c"}
    )
    for repair in repairs(session, [], None, split, number, targets=targets):
        assert repair.removes_race
        assert 1 < repair.after.count < split.count
        assert not repair.new
    (whole, *_) = repairs(session, [], None, split, None, targets=targets)
    assert whole.after.count == 1
    assert [o.variables["v"].tolist() for o in whole.kept] == [[7, 7]]
