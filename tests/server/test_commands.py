"""`opscope run` and `opscope info`: what they print, and with which exit code they end."""

from __future__ import annotations

import json

import numpy as np
import pytest

from opscope.server.cli import main


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


def test_run_prints_json(opscope, counter_file):
    code, out, err = opscope("run", counter_file, "--init", "init", "--fetch", "update:0", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out) == {
        "fetches": {"update:0": 1},
        "variables": {"v": 1},
        "steps": 3,
        "error": None,
    }


def test_run_that_fails_exits_with_3_and_still_answers(opscope, counter_file):
    code, out, err = opscope("run", counter_file, "--fetch", "value:0", "--json")
    assert code == 3
    answer = json.loads(out)
    assert answer["variables"] == {"v": None}
    assert answer["error"] == {
        "class": "FailedPreconditionError",
        "message": "Attempting to use uninitialized value v",
        "op": "v/read",
    }
    assert err.startswith("opscope run: FailedPreconditionError: ")
    assert err.count("\n") == 1


def test_the_schedule_decides_and_a_trace_replays_it(opscope, counter_file, tmp_path):
    request = ["run", counter_file, "--init", "init", "--fetch", "update:0", "value:0", "--json"]
    seen = {}
    for schedule in ("fifo", "lifo", "random:1", "random:2", "random:3"):
        trace = tmp_path / "run.trace"
        code, out, _ = opscope(*request, "--schedule", schedule, "--trace", trace)
        assert code == 0
        code, again, _ = opscope(*request, "--schedule", f"replay:{trace}")
        assert json.loads(again) == json.loads(out)
        seen[json.dumps(json.loads(out)["fetches"])] = schedule
    assert seen


def test_a_schedule_from_json(opscope, counter_file, tmp_path):
    path = tmp_path / "outcome.json"
    path.write_text(json.dumps({"schedule": ["v", "update"]}))
    code, out, _ = opscope(
        "run", counter_file, "--init", "init", "--fetch", "update:0", "--json",
        "--schedule", f"replay:{path}",
    )  # fmt: skip
    assert (code, json.loads(out)["fetches"]) == (0, {"update:0": 1})


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--fetch", "nothing:0"], "nothing"),
        (["--fetch"], "--fetch"),
        ([], "--fetch"),
        (["--fetch", "v", "--feed", "v"], "--feed"),
        (["--fetch", "v", "--feed", "v=@/no/such.npy"], "/no/such.npy"),
        (["--fetch", "v", "--feed", "v:0=much"], "'much' is not an integer"),
        (["--fetch", "v", "--schedule", "best"], "use fifo, lifo, random:SEED or replay:FILE"),
        (["--fetch", "v", "--schedule", "random:x"], "'random:x' is not a schedule"),
        (["--fetch", "v", "--schedule", "manual"], "you pick each operation in the browser"),
        (["--fetch", "v", "--schedule", "replay:"], "'replay:' names no file"),
        (["--fetch", "v", "--schedule", "replay:/no/file"], "/no/file"),
        (["--fetch", "v", "--signature", "serve"], "'serve'"),
        (["--fetch", "v", "--init", "start"], "start"),
        (["--wrong"], "--wrong"),
    ],
)
def test_a_bad_request_exits_with_2_and_one_sentence(opscope, counter_file, arguments, sentence):
    code, out, err = opscope("run", counter_file, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("opscope run: ")
    assert sentence in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("entries", [["nothing"], ["update", "update"]])
@pytest.mark.parametrize("recorded", [False, True])
def test_a_schedule_that_does_not_fit_exits_with_2(
    opscope, counter_file, tmp_path, entries, recorded
):
    path = tmp_path / "outcome.json"
    path.write_text(json.dumps({"schedule": entries}))
    trace = ["--trace", tmp_path / "run.trace"] if recorded else []
    code, out, err = opscope(
        "run", counter_file, "--init", "init", "--fetch", "update:0",
        "--schedule", f"replay:{path}", *trace,
    )  # fmt: skip
    assert (code, out) == (2, "")
    assert err.startswith("opscope run: the schedule does not fit this run: ")
    assert entries[-1] in err
    assert err.count("\n") == 1


def test_help_and_error_list_the_same_schedules(opscope, counter_file):
    code, out, _ = opscope("run", "--help")
    assert code == 0
    schedules = "fifo, lifo, random:SEED or replay:FILE"
    assert schedules in " ".join(out.split())
    assert schedules in opscope("run", counter_file, "--fetch", "v", "--schedule", "best")[2]


def test_a_file_is_fed(opscope, counter_file, tmp_path):
    np.save(tmp_path / "step.npy", np.array(5, np.int32))
    code, out, _ = opscope(
        "run", counter_file, "--init", "init", "--fetch", "update:0", "--json",
        "--feed", f"update/value:0=@{tmp_path / 'step.npy'}",
    )  # fmt: skip
    assert (code, json.loads(out)["fetches"]) == (0, {"update:0": 5})


@pytest.mark.parametrize("name", ["x", "x:0"])
def test_a_signature_is_fed_by_its_keys_or_by_tensors(opscope, half_plus_two_file, name):
    code, out, _ = opscope(
        "run", half_plus_two_file, "--signature", "serving_default", "--json",
        "--feed", f"{name}=[[1], [2]]",
    )  # fmt: skip
    assert (code, json.loads(out)["fetches"]) == (0, {"y:0": [[2.5], [3.0]]})


def test_a_key_of_a_signature_stands_for_its_tensor(opscope, half_plus_two_file):
    code, out, _ = opscope(
        "run", half_plus_two_file, "--signature", "regress_x2_to_y3", "--json",
        "--feed", "inputs=[[1], [2]]",
    )  # fmt: skip
    assert (code, json.loads(out)["fetches"]) == (0, {"y3:0": [[3.5], [4.0]]})


@pytest.mark.parametrize(
    ("signature", "given", "sentence"),
    [
        ("serving_default", [], "its input 'x' (x:0, float32)"),
        ("regress_x2_to_y3", ["--feed", "x=[[1]]"], "its input 'inputs' ("),
    ],
)
def test_a_missing_input_of_a_signature_is_named(
    opscope, half_plus_two_file, signature, given, sentence
):
    code, out, err = opscope("run", half_plus_two_file, "--signature", signature, *given)
    assert (code, out) == (2, "")
    assert f"'{signature}' needs a feed for {sentence}" in err
    assert err.count("\n") == 1


def test_info_prints_json(opscope, counter_file):
    code, out, _ = opscope("info", counter_file, "--json")
    assert code == 0
    info = json.loads(out)
    assert (info["name"], info["nodes"], info["unsupported"]) == ("counter", 9, {})
    assert info["ops"]["Identity"] == 3
    assert info["variables"] == [{"name": "v", "dtype": "int32", "shape": [], "kind": "ref"}]
    assert info["initializers"] == ["init"]


def test_info_for_people(opscope, counter_file):
    code, out, _ = opscope("info", counter_file)
    assert code == 0
    assert "counter: 9 nodes" in out
    assert "v int32 [], ref" in out


@pytest.mark.parametrize("command", [["info"], ["run", "--fetch", "x"], []])
def test_a_file_that_is_not_there(opscope, command):
    code, _, err = opscope(*command, "/no/such.pb")
    assert code == 2 or "run" in command
    assert "\n" not in err.strip()


def test_a_port_that_is_taken(opscope, server, tmp_path):
    port = server.url.rpartition(":")[2]
    code, _, err = opscope("--port", port, "--no-browser", "--data", tmp_path)
    assert code == 2
    assert f"port {port}" in err


def test_what_does_not_exist_yet_is_bad_usage(opscope):
    code, _, err = opscope("exec", "script.py", "--fetch", "x")
    assert code == 2
    assert err.startswith("opscope: ")
