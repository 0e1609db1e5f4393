"""The steps at which a run's races happened, in the lanes of their variables."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Evaluate

READ = {"op": 1, "name": "read", "type": "Identity", "does": "reads"}
ADD = {"op": 2, "name": "add", "type": "AssignAdd", "does": "reads and writes"}
SET = {"op": 3, "name": "set", "type": "Assign", "does": "writes"}
FETCH = {"op": 0, "name": "_retval_v_0_0", "type": "_Retval", "does": "reads"}


def race(variable: str, first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    return {"variable": variable, "first": first, "second": second}


# Extends marks by `ops` in two chunks, and says where they are.
MARKS = """
const marks = new m.RaceMarks(races, 5);
const columns = { op: Uint32Array.from(ops) };
marks.extend(columns, 2, false);
marks.extend(columns, ops.length, ended ?? true);
const seen = Object.fromEntries(
  [...marks.lanes].map(([name, { reads, writes }]) => [name, [reads, writes]]));
"""


def test_reads_and_writes_are_marked_in_the_lanes_of_their_variables(evaluate: Evaluate) -> None:
    seen = evaluate(
        "state/race-marks.js",
        MARKS + "return seen",
        races=[race("v", ADD, READ), race("v", SET, READ), race("w", READ, SET)],
        ops=[0, 1, 2, 4, 3, 1],
        ended=True,
    )
    assert seen == {"v": [[1, 5], [2, 4]], "w": [[1, 5], [4]]}


def test_the_fetch_of_a_reference_is_marked_after_the_last_step(evaluate: Evaluate) -> None:
    for ended, reads in ((False, []), (True, [3])):
        seen = evaluate(
            "state/race-marks.js",
            MARKS + "marks.extend(columns, ops.length, ended); return seen",
            races=[race("v", FETCH, ADD)],
            ops=[0, 4, 2],
            ended=ended,
        )
        assert seen == {"v": [reads, [2]]}


def test_the_markers_of_one_race_are_told_from_the_others(evaluate: Evaluate) -> None:
    steps = evaluate(
        "state/race-marks.js",
        MARKS
        + "return races.map((race) => marks.accessesOf(race).map(({ by, steps, writes }) =>"
        + "[by.name, steps, writes]))",
        races=[race("v", ADD, READ), race("v", SET, READ), race("v", SET, SET)],
        ops=[1, 2, 3],
        ended=True,
    )
    assert steps == [
        [["add", [1], True], ["read", [0], False]],
        [["set", [2], True], ["read", [0], False]],
        [["set", [2], True]],
    ]


def test_the_marker_under_the_pointer_is_explained(evaluate: Evaluate) -> None:
    said = evaluate(
        "state/race-marks.js",
        MARKS
        + """return points.map(([step, reach]) => {
            const found = marks.nearest("v", step, reach);
            return found && m.markText("v", found.access, found.step);
        })""",
        races=[race("v", ADD, READ), race("v", SET, READ), race("v", FETCH, SET)],
        ops=[4, 1, 2, 4, 3, 4],
        ended=True,
        points=[[1.3, 0.4], [2.5, 0.4], [2.3, 0.4], [4, 1], [5.9, 0.2]],
    )
    assert said == [
        "Step 1: read reads v; nothing orders it and add, set.",
        None,
        "Step 2: add reads and writes v; nothing orders it and read.",
        "Step 4: set writes v; nothing orders it and read, _retval_v_0_0.",
        "The fetch _retval_v_0_0, which is no step, reads v; nothing orders it and set.",
    ]


@pytest.mark.parametrize(
    ("ops", "sentence"),
    [
        ([0, 4], ""),
        ([0, 1], "1 race marker: 1 read (a diamond)."),
        ([1, 2, 1], "3 race markers: 2 reads (diamonds) and 1 write (a ring)."),
    ],
)
def test_the_markers_are_counted_in_words(
    evaluate: Evaluate, ops: list[int], sentence: str
) -> None:
    races = [race("v", ADD, READ)]
    body = MARKS + "return marks.sentence()"
    said = evaluate("state/race-marks.js", body, races=races, ops=ops, ended=True)
    assert said == sentence


def test_what_is_known_of_another_run_is_not_shown(evaluate: Evaluate) -> None:
    counts = evaluate(
        "state/race-marks.js",
        "return [[known, { id: 7 }], [known, { id: 8 }], [known, null], [null, { id: 7 }],"
        "[{ run: 7, found: null }, { id: 7 }]].map((pair) => m.racesOfRun(...pair).length)",
        known={"run": 7, "found": {"races": [race("v", ADD, READ)]}},
    )
    assert counts == [1, 0, 0, 0, 0]
