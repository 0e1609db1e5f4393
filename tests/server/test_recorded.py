"""`opscope TRACE`: a recorded run, as it was."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import opscope.engine.tf as tf
from opscope.engine.formats.writer import save_graph_def
from opscope.engine.trace.file import open_trace

SWAP = Path(__file__).parents[2] / "server" / "gallery" / "puzzles" / "p14_swap_ref.pb"


def opscope(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "opscope.server.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Adds random numbers, of a generator without a seed, to a variable, and then what is fed."""
    graph = tf.Graph()
    with graph.as_default():
        variable = tf.Variable([0.0, 0.0], name="v")
        fed = tf.placeholder(tf.float32, [2], name="fed")
        drawn = tf.assign_add(variable, tf.random_uniform([2]), name="drawn")
        with tf.control_dependencies([drawn]):
            tf.assign_add(variable, fed, name="total")
        tf.global_variables_initializer()
    path = tmp_path / "program.pb"
    save_graph_def(graph.definition, path)
    return path


@pytest.fixture
def trace(program: Path, tmp_path: Path) -> Path:
    path = tmp_path / "run.trace"
    asked = ["--init", "init", "--fetch", "total:0", "--feed", "fed=[1, 2]", "--schedule", "lifo"]
    done = opscope("run", str(program), *asked, "--trace", str(path))
    assert done.returncode == 0, done.stderr
    return path


def test_a_trace_is_opened_where_it_ends_with_all_its_values(trace, start_server, connect):
    server = start_server(str(trace))
    client = connect(server)
    answer = client.request("attach", session=server.session)
    with open_trace(trace) as recorded:
        steps, versions = recorded.steps(), recorded.versions("v")
    run = answer["run"]
    assert (run["state"], run["cursor"], run["steps"]) == ("finished", len(steps), len(steps))
    assert (run["fetches"], run["targets"]) == (["total:0"], [])
    told = client.request("steps", run=run["id"], first=0)
    assert told["count"] == len(steps)
    for number, version in enumerate(versions[1:], 1):
        client.request("goto", step=version.step + 1)
        (row,) = client.request("variables")["rows"]
        shown = [float(part) for part in row["value"]["text"].strip("[]").split()]
        assert shown == pytest.approx(version.value.tolist(), rel=1e-5), number
    assert len(versions) == 3


def test_overlapping_kernels_are_executed_again_in_their_order(tmp_path, start_server, connect):
    asked = [str(SWAP), "--init", "init", "--target", "swap"]
    found = json.loads(opscope("outcomes", *asked, "--level", "split", "--json").stdout)
    (swapped,) = [o for o in found["outcomes"] if o["variables"] == {"a": 2.0, "b": 1.0}]
    outcome, trace = tmp_path / "outcome.json", tmp_path / "run.trace"
    outcome.write_text(json.dumps(swapped))
    done = opscope("run", *asked, "--schedule", f"replay:{outcome}", "--trace", str(trace))
    assert done.returncode == 0, done.stderr

    server = start_server(str(trace))
    client = connect(server)
    run = client.request("attach", session=server.session)["run"]
    assert (run["state"], run["cursor"], run["schedule"]) == ("finished", run["total"], "replay")
    values = {row["name"]: row["value"]["text"] for row in client.request("variables")["rows"]}
    assert values == {"a": "2.0", "b": "1.0"}
    client.request("stepBack")
    client.request("stepBack")
    following = client.wait_for("stopped", lambda e: e["run"]["cursor"] == run["total"] - 2)["next"]
    assert (following["type"], following["part"]) == ("Assign", "ends")


def test_what_the_recording_did_not_reach_is_still_to_run(trace, start_server, connect):
    import sqlite3

    with sqlite3.connect(trace) as database:
        ((data, count),) = database.execute("SELECT data, count FROM steps")
        assert count > 4
        from opscope.engine.trace.file import pack, unpack

        database.execute("UPDATE steps SET count = 3, data = ?", [pack(unpack(data, count)[:3])])
    server = start_server(str(trace))
    client = connect(server)
    run = client.request("attach", session=server.session)["run"]
    assert (run["state"], run["cursor"], run["steps"]) == ("paused", 3, 3)
    client.request("continue")
    client.wait_for("stopped", lambda e: e["run"]["state"] == "finished")


def test_a_trace_of_a_program_that_is_gone_or_another_is_told(
    trace, program, start_server, connect, counter_file
):
    program.write_bytes(Path(counter_file).read_bytes())
    server = start_server(str(trace))
    client = connect(server)
    client.request("attach", session=server.session)
    assert "another version" in client.wait_for("output")["text"]
    program.unlink()
    done = opscope("--port", "0", "--no-browser", "--data", str(trace.parent / "d"), str(trace))
    assert done.returncode == 2
    assert "is not there any more" in done.stderr
