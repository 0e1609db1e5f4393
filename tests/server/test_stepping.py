"""The order of messages while a run is stepped, forwards and backwards."""

from __future__ import annotations

import struct


def columns(event):
    """The columns of a `steps` message, by name."""
    count, data = event["count"], event["data"]
    found, position = {}, 0
    for name, code, size in (
        ("start", "q", 8),
        ("duration", "I", 4),
        ("op", "I", 4),
        ("frame", "I", 4),
        ("iteration", "I", 4),
        ("flags", "I", 4),
    ):
        found[name] = struct.unpack_from(f"<{count}{code}", data, position)
        position += count * size
    assert position == len(data)
    return found


def launched(client, program, **body):
    client.open(program)
    client.request("launch", targets=["init"], stopOnEntry=False)
    client.wait_for("stopped", lambda e: e["run"]["state"] == "finished")
    client.forget()
    client.request("launch", **{"fetches": ["update:0", "value:0"], **body})


def test_a_launched_run_stops_at_entry_and_tells_the_next_op(connect, counter):
    client = connect()
    launched(client, counter)

    assert client.names() == ["launched", "stopped"]
    stopped = client.wait_for("stopped")
    assert stopped["reason"] == "entry"
    assert stopped["run"]["state"] == "paused"
    assert stopped["run"]["total"] == 5
    assert stopped["next"]["op"] in ready_ops(stopped)


def ready_ops(stopped):
    """The nodes that could run next."""
    return [op for op, _, _ in struct.iter_unpack("<3i", stopped["ready"])]


def test_next_reports_the_step_then_the_variables_then_the_stop(connect, counter):
    client = connect()
    launched(client, counter)
    while client.wait_for("stopped", lambda e: True)["next"]["name"] != "update":
        client.forget()
        client.request("next")
    client.forget()
    client.request("next")

    assert client.names() == ["steps", "variables", "stopped"]
    (row,) = client.wait_for("variables")["rows"]
    assert (row["value"]["text"], row["previous"]["text"]) == ("1", "0")
    assert row["writer"]["op"] == "update"
    assert row["history"][-2:] == [0, 1]
    assert columns(client.wait_for("steps"))["flags"][0] & 2


def test_results_come_with_the_last_stop(connect, counter):
    client = connect()
    launched(client, counter)
    client.request("continue")

    stopped = client.wait_for("stopped", lambda e: e["reason"] == "finished")
    assert stopped["run"]["steps"] == stopped["run"]["total"]
    assert [r["name"] for r in stopped["run"]["results"]] == ["update:0", "value:0"]
    assert stopped["next"] is None


def test_fifty_quick_presses_are_fifty_steps_in_order(connect, server, endless):
    client = connect()
    client.open(endless)
    client.request("launch", fetches=["result:0"])
    client.forget()

    answers = [client.send("next", {}) for _ in range(50)]
    assert all(answer.get(timeout=30)["ok"] for answer in answers)

    steps = [event["first"] for name, event in client.timeline if name == "steps"]
    assert steps == list(range(50))
    assert [e["run"]["cursor"] for n, e in client.timeline if n == "stopped"][-1] == 50


def test_stepping_back_shows_the_variable_as_it_was(connect, counter):
    client = connect()
    launched(client, counter)
    client.request("continue")
    client.wait_for("stopped", lambda e: e["reason"] == "finished")
    assert rows(client)["v"]["value"]["text"] == "1"

    client.request("goto", step=0)
    assert rows(client)["v"]["value"]["text"] == "0"
    stopped = client.wait_for("stopped", lambda e: e["reason"] == "goto")
    assert stopped["run"]["cursor"] == 0
    assert client.refused("stepBack")["code"] == "BadRequest"


def test_the_tensor_of_an_op_is_known_once_it_has_run(connect, server, counter):
    client = connect()
    launched(client, counter)
    names = client.http.get(f"{server.url}/api/programs/{counter}/graph").json()["nodes"]["name"]
    update = names.index("update")
    assert client.request("tensor", op=update)["step"] is None

    client.request("continue")
    client.wait_for("stopped", lambda e: e["reason"] == "finished")
    tensor = client.request("tensor", op=update)
    assert (tensor["text"], tensor["shape"], tensor["data"]) == ("1", [], b"\x01\0\0\0")
    (read,) = tensor["reads"]
    assert (read["variable"], read["version"], read["writerStep"]) == ("v", 1, None)


def test_choosing_another_op_in_the_past_begins_a_run_that_shares_the_steps(connect, counter):
    client = connect()
    launched(client, counter, schedule="manual")
    first = client.wait_for("stopped")
    client.request("next")
    client.request("goto", step=0)
    client.forget()
    other = next(op for op in ready_ops(first) if op != first["next"]["op"])
    client.request("next", op=other)

    run = client.wait_for("launched")["run"]
    assert client.wait_for("steps", lambda e: e["run"] == run["id"])["first"] == 0
    assert client.wait_for("stopped")["run"]["cursor"] == 1


def test_an_op_that_is_not_ready_is_refused(connect, counter):
    client = connect()
    launched(client, counter)
    ready = ready_ops(client.wait_for("stopped"))
    waiting = next(op for op in range(9) if op not in ready)
    assert "is not ready" in client.refused("next", op=waiting)["message"]


def test_pause_stops_an_endless_loop_and_full_speed_sends_batches(connect, endless):
    client = connect()
    client.open(endless)
    client.request("launch", fetches=["result:0"], stopOnEntry=False)
    client.wait_for("steps", lambda e: e["first"] > 1000)
    client.request("pause")

    stopped = client.wait_for("stopped")
    assert stopped["reason"] == "pause"
    assert stopped["run"]["steps"] > 1000
    batches = [event for name, event in client.timeline if name == "steps"]
    assert sum(batch["count"] for batch in batches) == stopped["run"]["steps"]
    assert len(batches) < stopped["run"]["steps"] / 10
    assert stopped["next"]["iteration"] > 0
    stack = client.request("stackTrace")["frames"]
    assert [(frame["name"], frame["kind"]) for frame in stack] == [("loop", "loop")]


def test_a_paced_run_takes_its_time(connect, endless):
    client = connect()
    client.open(endless)
    client.request("launch", fetches=["result:0"], stopOnEntry=False, speed=100)
    batches = [client.wait_for("steps", lambda e, n=n: e["first"] >= n) for n in (0, 5, 10)]
    client.request("pause")
    assert all(batch["count"] <= 20 for batch in batches)


def test_an_uninitialised_variable_fails_with_the_initializer_that_helps(connect, counter):
    client = connect()
    client.open(counter)
    client.request("launch", fetches=["value:0"], stopOnEntry=False)

    stopped = client.wait_for("stopped")
    assert stopped["reason"] == "exception"
    error = stopped["run"]["error"]
    assert (error["code"], error["op"]) == ("FailedPreconditionError", "v/read")
    assert error["detail"] == {"initializer": "init"}


def test_plan_tells_what_a_run_needs(connect, counter):
    client = connect()
    client.open(counter)
    plan = client.request("plan", fetches=["update:0"])
    assert plan["steps"] == 3
    assert (plan["uninitialized"], plan["initializer"]) == (["v"], "init")
    assert plan["feeds"] == []
    assert "nothing" in client.refused("plan", fetches=["nothing:0"])["message"]


def test_plan_takes_tensors_as_fed(connect, half_plus_two):
    client = connect()
    client.open(half_plus_two)
    plan = client.request("plan", fetches=["y:0"])
    assert plan["unsupported"] == ["ParseExample/ParseExample (ParseExample)"]
    plan = client.request("plan", fetches=["y:0"], feeds=["x"])
    assert (plan["unsupported"], plan["uninitialized"]) == ([], [])
    x = {"name": "x", "dtype": "float32", "shape": [None, 1], "value": "[[1.0]]"}
    assert plan["feeds"] == [x]
    assert client.request("plan", fetches=["a:0"], feeds=["x:0"])["feeds"] == []
    assert client.request("plan", fetches=["x:0"], feeds=["x:0"])["feeds"] == [x]
    assert "nothing" in client.refused("plan", fetches=["y:0"], feeds=["nothing"])["message"]

    client.request("launch", fetches=["y:0"], feeds={"x": "[[1], [2]]"}, stopOnEntry=False)
    (result,) = client.wait_for("stopped")["run"]["results"]
    assert result["value"]["text"] == "[[2.5] [3.0]]"


def test_restart_begins_from_the_variables_that_the_run_found(connect, counter):
    client = connect()
    launched(client, counter)
    client.request("continue")
    client.wait_for("stopped", lambda e: e["reason"] == "finished")
    client.forget()
    client.request("restart", schedule="lifo")

    assert client.wait_for("launched")["run"]["schedule"] == "lifo"
    assert rows(client)["v"]["value"]["text"] == "0"
    assert [run["state"] for run in client.request("runs")["runs"]] == [
        "finished",
        "finished",
        "paused",
    ]


def test_steps_that_were_missed_can_be_asked_for(connect, counter):
    client = connect()
    launched(client, counter)
    client.request("continue")
    stopped = client.wait_for("stopped", lambda e: e["reason"] == "finished")
    run = stopped["run"]

    steps = client.request("steps", run=run["id"], first=0)
    assert steps["count"] == run["steps"]
    assert len(columns(steps)["op"]) == run["steps"]


def test_messages_that_are_not_as_declared_are_refused_by_name(connect, counter):
    client = connect()
    assert "attach" in client.refused("next")["message"]
    client.open(counter)
    for body, part in (
        ({"fetches": "value:0"}, "launch.fetches must be a list, not the text 'value:0'"),
        ({"fetch": []}, "launch has a field 'fetch' that it should not have"),
        ({"speed": "fast"}, "launch.speed must be a number, not the text 'fast'"),
        ({"schedule": "replay:/etc/passwd"}, "is no schedule"),
    ):
        error = client.refused("launch", **body)
        assert error["code"] == "BadRequest"
        assert part in error["message"]
    assert "no request" in client.refused("dance")["message"]


def rows(client):
    return {row["name"]: row for row in client.request("variables")["rows"]}


def test_fetching_what_a_branch_did_not_compute_fails_the_run(connect, add, branch_file):
    client = connect()
    client.open(add(branch_file))
    client.request("launch", fetches=["taken:0"], stopOnEntry=False)
    assert client.wait_for("stopped")["run"]["results"][0]["value"]["text"] == "7"

    client.forget()
    client.request("launch", fetches=["skipped:0"], stopOnEntry=False)
    stopped = client.wait_for("stopped")
    assert (stopped["reason"], stopped["run"]["state"]) == ("exception", "failed")
    assert stopped["run"]["error"]["code"] == "InvalidArgumentError"
