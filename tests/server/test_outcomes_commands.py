"""`opscope outcomes` and `opscope check`: what they print, and with which exit code they end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from opscope.engine import outcomes
from opscope.engine.analysis import Analysis, Effort, Group, Outcome
from opscope.server.cli import main
from opscope.server.commands.outcomes_text import as_text

GALLERY = Path(__file__).resolve().parents[2] / "server" / "gallery"
PUZZLES = GALLERY / "puzzles"
RACY = [PUZZLES / "p13_cross_updates_ref.pb", "--init", "init", "--fetch", "u:0", "w:0"]
FAILING = ["--target", "init", "--fetch", "update:0", "value:0"]


@pytest.fixture
def opscope(capsys):
    """Runs a command in this process: (exit code, standard output, standard error)."""

    def run(*arguments):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def steady(counter_file):
    """A run with one result."""
    return [counter_file, "--init", "init", "--fetch", "update:0", "value:0"]


@pytest.fixture
def failing(counter_file):
    """A run that may fail in two ways, or not at all: it races with the initialiser."""
    return [counter_file, *FAILING]


# outcomes


def test_the_outcomes_as_json(opscope):
    code, out, err = opscope("outcomes", *RACY, "--json")
    assert (code, err) == (0, "")
    answer = json.loads(out)
    assert list(answer) == [
        "level", "complete", "unexplored", "count", "groups", "outcomes", "races", "notes",
    ]  # fmt: skip
    assert (answer["level"], answer["complete"], answer["unexplored"]) == ("atomic", True, [])
    (group,) = answer["groups"]
    assert (group["fetches"], group["variables"]) == (["u:0", "w:0"], ["a", "b"])
    assert group["complete"]
    assert answer["outcomes"] == group["outcomes"]
    assert answer["count"] == len(group["outcomes"]) == 3
    found = [(outcome["fetches"], outcome["variables"]) for outcome in group["outcomes"]]
    for u, w in ((1, 1), (1, 2), (2, 1)):
        assert ({"u:0": u, "w:0": w}, {"a": u, "b": w}) in found
    for race in answer["races"]:
        assert list(race) == ["variable", "kind", "first", "second", "tearable", "why", "fix"]
        assert race["kind"] == "read-write"
        assert "no path of edges" in race["why"]
        assert "tf.control_dependencies" in race["fix"]
    assert {race["variable"] for race in answer["races"]} == {"a", "b"}


def test_failures_as_json(opscope, failing):
    code, out, _ = opscope("outcomes", *failing, "--json")
    assert code == 0
    outcomes = json.loads(out)["outcomes"]
    failed = [outcome for outcome in outcomes if outcome["error"]]
    assert len(failed) == len(outcomes) - 1
    for outcome in failed:
        assert outcome["fetches"] is None
        assert outcome["error"]["class"] == "FailedPreconditionError"
        assert outcome["error"]["message"] == "Attempting to use uninitialized value v"
        assert outcome["error"]["op"] in ("update", "v/read")
    assert any(isinstance(e, dict) and e["phase"] == "drop" for o in failed for e in o["schedule"])


@pytest.mark.parametrize(
    "request_",
    [
        RACY,
        [PUZZLES / "p31_overlapping_turns_ref.pb", "--init", "init", "--fetch", "total:0"],
        [PUZZLES / "p26_dependent_initial_value_resource.pb", "--target", "raw_init"],
        None,
    ],
    ids=["straight", "loop", "failure", "drops"],
)
def test_every_outcome_replays_on_the_command_line(opscope, failing, tmp_path, request_):
    asked = request_ or failing
    _, out, _ = opscope("outcomes", *asked, "--json")
    answer = json.loads(out)
    assert answer["count"] > 1
    for outcome in answer["outcomes"]:
        path = tmp_path / "outcome.json"
        path.write_text(json.dumps(outcome))
        code, out, _ = opscope("run", *asked, "--json", "--schedule", f"replay:{path}")
        given = json.loads(out)
        assert code == (3 if outcome["error"] else 0)
        assert given["fetches"] == (outcome["fetches"] or {})
        assert given["variables"] == outcome["variables"]
        assert given["error"] == outcome["error"]


def test_overlapping_kernels_replay_on_the_command_line(opscope, tmp_path):
    asked = [PUZZLES / "p14_swap_ref.pb", "--init", "init", "--target", "swap"]
    _, out, _ = opscope("outcomes", *asked, "--json", "--level", "split")
    (swap,) = [o for o in json.loads(out)["outcomes"] if o["variables"] == {"a": 2, "b": 1}]
    path, trace = tmp_path / "outcome.json", tmp_path / "run.trace"
    path.write_text(json.dumps(swap))
    given = {"fetches": {}, "variables": {"a": 2, "b": 1}, "steps": 15, "error": None}
    for schedule in (path, trace):  # the first run records what the second replays
        code, out, _ = opscope(
            "run", *asked, "--json", "--schedule", f"replay:{schedule}", "--trace", trace
        )
        assert (code, json.loads(out)) == (0, given)


@pytest.mark.parametrize("text", ["[1]", '{"schedule": [null]}', "{}", '"v"', "]"])
def test_what_is_no_schedule(opscope, steady, tmp_path, text):
    path = tmp_path / "outcome.json"
    path.write_text(text)
    code, _, err = opscope("run", *steady, "--schedule", f"replay:{path}")
    assert code == 2
    assert str(path) in err
    assert err.count("\n") == 1


def test_the_whole_set_is_no_schedule(opscope, tmp_path):
    _, out, _ = opscope("outcomes", *RACY, "--json")
    path = tmp_path / "all.json"
    path.write_text(out)
    code, _, err = opscope("run", *RACY, "--schedule", f"replay:{path}")
    assert code == 2
    assert "take one of its 'outcomes'" in err


def test_the_outcomes_for_people(opscope):
    code, out, err = opscope("outcomes", *RACY)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].endswith(": 3 results, depending on the order of operations.")
    assert lines[2].split() == ["u:0", "w:0", "a", "(ref)", "b", "(ref)"]
    rows = {tuple(line.split()[1:]) for line in lines[3:6]}
    assert rows == {("1.0",) * 4, ("1.0", "2.0", "1.0", "2.0"), ("2.0", "1.0", "2.0", "1.0")}
    assert "Race on a: " in out
    assert "Fix: build " in out
    assert "Complete: no other result is possible" in out
    assert f"opscope run {RACY[0]}".replace(f"{Path.cwd()}/", "") in out
    assert "--schedule replay:FILE" in lines[-1]
    assert all(len(line) <= 100 for line in lines[:-1])


def test_a_variable_without_a_value_is_called_uninitialised(opscope):
    puzzle = PUZZLES / "p26_dependent_initial_value_resource.pb"
    code, out, _ = opscope("outcomes", puzzle, "--target", "raw_init")
    assert code == 0
    rows = [line.split() for line in out.splitlines()]
    assert ["b", "(resource)", "error"] in rows
    assert ["1", "42.0", "-"] in rows
    assert any(row[1:3] == ["uninitialised", "FailedPreconditionError"] for row in rows)


def test_a_fetched_operation_is_done(opscope, counter_file):
    code, out, _ = opscope("outcomes", counter_file, "--fetch", "init")
    assert code == 0
    assert ["init", "done"] in [line.split() for line in out.splitlines()]


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_a_run_without_a_result_but_failures_exits_with_3(opscope, counter_file, flags):
    code, out, err = opscope("outcomes", counter_file, "--fetch", "value:0", *flags)
    assert code == 3
    assert "Attempting to use uninitialized value v" in out
    assert err.startswith("opscope outcomes: ")
    assert err.endswith(
        "counter.pbtxt: the run fails in every order. init initialises the variable: run it first "
        "with --init init\n"
    )
    assert err.count("\n") == 1


def test_one_result_for_people(opscope, steady):
    code, out, _ = opscope("outcomes", *steady)
    assert code == 0
    lines = out.splitlines()
    assert lines[0].endswith("counter.pbtxt: 1 result, in every order.")
    assert [line.split() for line in lines[2:5]] == [
        ["update:0", "1"], ["value:0", "1"], ["v", "(ref)", "1"],
    ]  # fmt: skip
    assert "replay" not in out
    assert "no other result is possible (looked at " in out


def test_failures_for_people(opscope, failing):
    code, out, _ = opscope("outcomes", *failing)
    assert code == 0
    assert "FailedPreconditionError at v/read" in out
    assert "Attempting to use uninitialized value v (op 'update')" in out
    assert "both can fail and nothing orders them" in out


def test_groups_are_a_product(program_with_pairs):
    analysis = outcomes(program_with_pairs.session(), ["r0:0", "r1:0", "r2:0"])
    text = as_text("pairs.pb", program_with_pairs, analysis, 100)
    assert "2 x 2 x 2 = 8 results, depending on the order of operations, in 3 indep" in text
    assert [line for line in text.splitlines() if line.startswith("Group ")] == [
        f"Group {number}: 2 results" for number in (1, 2, 3)
    ]


@pytest.fixture
def program_with_pairs():
    """Three variables, each read beside an update of its own."""
    import opscope.engine.tf as tf
    from opscope.engine.session import Program

    graph = tf.Graph()
    initial = {}
    with graph.as_default():
        for number in range(3):
            variable = tf.Variable(0.0, use_resource=True, name=f"v{number}")
            update = tf.assign_add(variable, 1.0)
            tf.add(variable.read_value(), tf.identity(update), name=f"r{number}")
            initial[f"v{number}"] = 0.0
    return Program("pairs", graph.definition, initial=initial)


def test_values_whose_texts_are_equal_are_told_apart(counter_program):
    import numpy as np

    values = [np.zeros(1000), np.zeros(1000)]
    values[1][500] = 1
    made = [Outcome({"x:0": value}, {}, None, ()) for value in values]
    analysis = Analysis("atomic", [Group(["x:0"], [], made)], [], True)
    text = as_text("graph.pb", counter_program, analysis, 100)
    assert "0.0 0.0] #1" in text
    assert "0.0 0.0] #2" in text
    assert "(#1, #2, …: " in text


def test_wide_outcomes_are_written_one_below_the_other(counter_program):
    names = [f"layer_{number}/kernel_read:0" for number in range(8)]
    made = [Outcome(dict.fromkeys(names, value), {}, None, ()) for value in (1.0, 2.0)]
    analysis = Analysis("atomic", [Group(names, [], made)], [], True)
    lines = as_text("graph.pb", counter_program, analysis, 80).splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert lines[2].split() == ["1", names[0], "1.0"]
    assert lines[10].split() == ["2", names[0], "2.0"]


def test_a_huge_product_is_not_written_out():
    from opscope.engine.analysis.report import to_json

    made = [Outcome({"x": number}, {}, None, ()) for number in range(10)]
    five = Analysis("atomic", [Group(["x"], [], made)] * 5, [], True)
    assert to_json(five)["outcomes"] is None
    assert to_json(five)["count"] == 100_000


@pytest.fixture
def counter_program(counter_file):
    from opscope.engine import load

    return load(counter_file)


# check


def test_a_check_that_passes(opscope, steady):
    code, out, err = opscope("check", *steady)
    assert (code, err) == (0, "")
    assert out.endswith("counter.pbtxt: one result in every order of operations\n")
    assert out.count("\n") == 1


def test_races_that_change_nothing_pass(opscope):
    code, out, _ = opscope(
        "check", PUZZLES / "p29_many_fetches_resource.pb", "--init", "init", "--target", "turns"
    )
    assert code == 0
    assert "one result in every order of operations (3 races change nothing)" in out


def test_a_check_that_fails_has_a_line_per_race(opscope):
    code, out, err = opscope("check", *RACY)
    assert (code, err) == (1, "")
    lines = out.splitlines()
    assert len(lines) == 2
    for line, variable in zip(lines, "ab", strict=True):
        assert f"p13_cross_updates_ref.pb: variable {variable}: op " in line
        assert "(Assign) writes" in line
        assert ", nothing orders them [build " in line


def test_the_order_of_failures_has_a_line(opscope, failing):
    code, out, _ = opscope("check", *failing)
    assert code == 1
    failure, repair = out.splitlines()[-2:]
    assert "failure: the run fails in 2 ways" in failure
    assert "One result is left with" in repair


def test_a_run_that_always_fails_does_not_pass(opscope, counter_file):
    code, out, err = opscope("check", counter_file, "--fetch", "value:0")
    assert (code, out) == (3, "")
    assert "the run fails in every order: FailedPreconditionError: " in err
    assert err.count("\n") == 1


def test_the_check_has_the_json_of_outcomes(opscope):
    code, out, _ = opscope("check", *RACY, "--json")
    assert code == 1
    assert json.loads(out)["count"] == 3


@pytest.fixture
def stopped(monkeypatch):
    """Makes searches end early, having found `count` outcomes."""

    def stop(count: int) -> None:
        made = [Outcome({"x:0": number}, {}, None, ()) for number in range(count)]
        analysis = Analysis(
            "atomic",
            [Group(["x:0"], [], made, complete=False)] if made else [],
            [],
            False,
            unexplored=["3 of 7 subtrees were not looked at."],
            effort=Effort(5, 7, 9, 1.0),
        )
        monkeypatch.setattr("opscope.engine.outcomes", lambda *_, **__: analysis)

    return stop


@pytest.mark.parametrize("count", [0, 1])
def test_a_check_that_cannot_tell_does_not_pass(opscope, steady, stopped, count):
    stopped(count)
    code, out, err = opscope("check", *steady)
    assert (code, out) == (3, "")
    assert "3 of 7 subtrees were not looked at. Nothing is decided" in err
    assert err.count("\n") == 1


def test_an_incomplete_check_with_two_results_fails(opscope, steady, stopped):
    stopped(2)
    code, _, err = opscope("check", *steady)
    assert code == 1
    assert "the search ended before every order was covered" in err


@pytest.mark.parametrize(
    ("count", "headline", "expected"),
    [
        (0, "no result was found before the search ended.", 3),
        (1, "at least 1 result.", 0),
        (2, "at least 2 results, depending on the order of operations.", 0),
    ],
)
def test_incomplete_outcomes_say_so(opscope, steady, stopped, count, headline, expected):
    stopped(count)
    code, out, err = opscope("outcomes", *steady)
    assert code == expected
    assert ("try a larger --budget" in err) is (count == 0)
    assert out.splitlines()[0].endswith(headline)
    assert "Not complete: " in out
    assert "3 of 7 subtrees were not looked at." in " ".join(out.split())


# SARIF


def checked(opscope: Any, tmp_path: Path, *arguments: Any) -> dict[str, Any]:
    path = tmp_path / "found.sarif"
    opscope("check", *arguments, "--sarif", path)
    return json.loads(path.read_text(encoding="utf-8"))


def test_races_as_sarif(opscope, tmp_path, monkeypatch):
    monkeypatch.chdir(GALLERY)
    log = checked(opscope, tmp_path, *RACY)
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    rules = [rule["id"] for rule in driver["rules"]]
    assert driver["name"] == "Opscope"
    assert rules == ["read-write-race", "write-write-race", "failure-order"]
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]
    assert len(run["results"]) == 2
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"] == "read-write-race"
        assert result["level"] == "warning"
        assert "To fix it: build " in result["message"]["text"]
        (first,), (second,) = result["locations"], result["relatedLocations"]
        for location in (first, second):
            assert location["physicalLocation"] == {
                "artifactLocation": {
                    "uri": "puzzles/p13_cross_updates_ref.pb",
                    "uriBaseId": "%SRCROOT%",
                },
                "region": {"startLine": 1},
            }
    named = {
        location["logicalLocations"][0]["fullyQualifiedName"]
        for result in run["results"]
        for location in (*result["locations"], *result["relatedLocations"])
    }
    assert {"u", "w"} <= named
    prints = [result["partialFingerprints"]["opscope/v1"] for result in run["results"]]
    assert len(set(prints)) == 2


def test_sarif_points_at_the_lines_of_a_text_graph(opscope, tmp_path, failing, counter_file):
    (run,) = checked(opscope, tmp_path, *failing)["runs"]
    text = counter_file.read_text().splitlines()
    found = set()
    for result in run["results"]:
        for location in (*result["locations"], *result["relatedLocations"]):
            name = location["logicalLocations"][0]["fullyQualifiedName"]
            line = location["physicalLocation"]["region"]["startLine"]
            if not name.startswith("_retval_"):
                assert text[line - 1].strip() == f'name: "{name}"'
                found.add(name)
    assert {"update", "v/Assign", "v/read"} <= found
    assert run["results"][-1]["ruleId"] == "failure-order"


def test_sarif_of_a_check_that_passes_or_cannot_tell(opscope, tmp_path, steady, stopped):
    (run,) = checked(opscope, tmp_path, *steady)["runs"]
    assert run["results"] == []
    stopped(1)
    (run,) = checked(opscope, tmp_path, *steady)["runs"]
    notes = run["invocations"][0]["toolExecutionNotifications"]
    assert [note["level"] for note in notes] == ["warning", "warning"]
    assert run["properties"]["complete"] is False


# Bad input


@pytest.mark.parametrize("command", ["outcomes", "check"])
@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["--fetch", "nothing:0"], "nothing"),
        ([], "--fetch"),
        (["--fetch", "v", "--feed", "v"], "--feed"),
        (["--fetch", "v", "--init", "start"], "start"),
        (["--fetch", "v", "--level", "both"], "--level"),
        (["--fetch", "v", "--budget", "0"], "expected a number of seconds above 0, found '0'"),
        (["--fetch", "v", "--budget", "long"], "--budget"),
        (["--fetch", "v", "--jobs", "none"], "expected a number of processes from 1"),
    ],
)
def test_a_bad_request_exits_with_2_and_one_sentence(
    opscope, counter_file, command, arguments, part
):
    code, out, err = opscope(command, counter_file, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"opscope {command}: ")
    assert part in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", ["outcomes", "check"])
def test_a_file_that_is_not_there(opscope, command):
    code, _, err = opscope(command, "/no/such.pb", "--fetch", "x")
    assert code == 2
    assert "/no/such.pb" in err


def test_sarif_that_cannot_be_written(opscope, steady):
    code, _, err = opscope("check", *steady, "--sarif", "/no/such/folder/found.sarif")
    assert code == 2
    assert "/no/such/folder/found.sarif" in err
