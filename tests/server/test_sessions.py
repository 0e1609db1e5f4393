"""Sessions: several browsers, browsers that come back, workers that die."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

TIMEOUT = 30


def worker_of(server) -> int:
    """The process id of the worker of the server's session: the one that writes its trace."""
    (worker,) = [pid for pid in children(server.pid) if writes_trace(pid, server.session)]
    return worker


def children(pid: int) -> list[int]:
    """The worker processes of the server `pid`."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            stat = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
            command = Path(f"/proc/{entry}/cmdline").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile
        if int(stat[1]) == pid and "spawn_main" in command:
            found.append(int(entry))
    return found


def writes_trace(pid: int, session: str) -> bool:
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(link)
        except FileNotFoundError:
            continue  # it was closed meanwhile
        if f"/traces/{session}/" in target:
            return True
    return False


def test_two_browsers_see_the_same(connect, counter):
    first, second = connect(), connect()
    session = first.open(counter)
    joined = second.request("attach", session=session)
    assert (joined["resumed"], joined["run"]) == (False, None)

    first.request("launch", targets=["init"])
    second.wait_for("stopped")
    second.request("next")
    for client in (first, second):
        client.wait_for("stopped", lambda e: e["reason"] == "step")
    assert first.timeline == second.timeline
    numbers = [event["seq"] for _, event in first.timeline]
    assert numbers == list(range(joined["seq"] + 1, joined["seq"] + 1 + len(numbers)))


def test_a_browser_that_comes_back_gets_what_it_missed(connect, counter):
    first, second = connect(), connect()
    session = first.open(counter)
    first.request("launch", targets=["init"])
    seen = first.wait_for("stopped")["seq"]
    first.close()
    second.request("attach", session=session)
    second.request("next")
    second.request("next")
    last = second.timeline[-1][1]["seq"]

    again = connect()
    answer = again.request("attach", session=session, seq=seen)
    assert (answer["resumed"], answer["seq"]) == (True, last)
    again.wait_for("stopped", lambda e: e["seq"] == last)
    assert again.timeline == [e for e in second.timeline if e[1]["seq"] > seen]


def test_attaching_late_gives_the_whole_state(connect, counter):
    first, second = connect(), connect()
    session = first.open(counter)
    first.request("launch", targets=["init"])
    first.request("next")
    state = second.request("attach", session=session)
    stopped = [e for n, e in first.timeline if n == "stopped"][-1]
    assert state["run"] == stopped["run"]
    assert (state["next"], state["ready"]) == (stopped["next"], stopped["ready"])
    assert [row["name"] for row in state["variables"]] == ["v"]
    assert (state["program"], state["alive"]) == (counter, True)


def test_a_session_that_is_not_there(connect):
    error = connect().refused("attach", session="nothing")
    assert error["code"] == "NotFound"


def test_a_killed_worker_is_reported_at_once_and_restart_starts_another(
    start_server, connect, endless_file
):
    server = start_server(str(endless_file))
    client = connect(server)
    client.request("attach", session=server.session)
    client.request("launch", fetches=["result:0"], stopOnEntry=False)
    steps = client.wait_for("steps", lambda e: e["first"] > 5000)
    began = time.monotonic()
    os.kill(worker_of(server), signal.SIGKILL)

    ended = client.wait_for("terminated")
    assert time.monotonic() - began < 5
    assert ended["error"]["code"] == "WorkerDied"
    assert "SIGKILL" in ended["error"]["message"]
    assert client.refused("next")["code"] == "WorkerDied"
    late = connect(server)
    state = late.request("attach", session=server.session)
    assert (state["alive"], state["run"]["state"]) == (False, "terminated")

    client.forget()
    run = client.request("restart")["run"]
    assert run["id"] == steps["run"] + 1
    assert client.wait_for("stopped")["reason"] == "entry"
    client.request("next")
    assert client.wait_for("steps")["first"] == 0


@pytest.fixture
def counting(start_server, connect, counter_file):
    """A server of the test's own with a session of the counter, and a client attached to it."""
    server = start_server(str(counter_file))
    client = connect(server)
    client.request("attach", session=server.session)
    return server, client


def finish(client, number, **asked):
    """Launch run `number` and wait for its end, which another launch would bring sooner."""
    client.request("launch", **asked, stopOnEntry=False)
    client.wait_for("stopped", lambda e: e["run"]["id"] == number)


def test_restart_after_a_death_has_the_variables_that_the_run_found(counting):
    server, client = counting
    finish(client, 1, targets=["init"])
    finish(client, 2, fetches=["update:0"])
    client.request("launch", fetches=["update:0"], stopOnEntry=True)
    os.kill(worker_of(server), signal.SIGKILL)
    client.wait_for("terminated")
    client.request("restart")
    client.forget()
    client.request("continue")
    rows = client.wait_for("variables")["rows"]
    assert rows[0]["value"]["text"] == "2"


def test_restart_after_a_death_tells_the_variables_that_the_death_took_back(counting):
    server, client = counting
    finish(client, 1, targets=["init"])
    finish(client, 2, fetches=["update:0"])
    os.kill(worker_of(server), signal.SIGKILL)
    client.wait_for("terminated")
    client.forget()
    client.request("restart")
    assert client.wait_for("variables")["rows"][0]["value"]["text"] == "0"


def test_another_run_after_a_death_before_the_first(counting):
    server, client = counting
    client.request("plan", targets=["init"])
    os.kill(min(children(server.pid)), signal.SIGKILL)  # The other, in reserve, came later.
    client.wait_for("terminated")
    assert client.request("plan", targets=["init"])["steps"] == 4
    client.request("launch", targets=["init"], stopOnEntry=False)
    assert client.wait_for("variables")["rows"][0]["value"]["text"] == "0"


def test_another_run_after_a_death_has_the_variables_that_the_dead_run_found(counting):
    server, client = counting
    finish(client, 1, targets=["init"])
    client.request("launch", fetches=["update:0"], stopOnEntry=True)
    os.kill(worker_of(server), signal.SIGKILL)
    client.wait_for("terminated")
    client.forget()
    finish(client, 3, fetches=["update:0"])
    client.wait_for("variables", lambda e: e["rows"][0]["value"]["text"] == "1")


def test_terminate_gets_through_to_a_kernel_that_does_not_end(start_server, connect, stuck_file):
    server = start_server(str(stuck_file))
    client = connect(server)
    client.request("attach", session=server.session)
    steps = client.request("launch", fetches=["product:0"])["run"]["total"]
    for _ in range(steps - 1):
        client.request("next")
    client.send("next", {})
    answer = client.send("terminate", {})
    assert client.wait_for("terminated")["error"]["code"] == "WorkerDied"
    assert answer.get(timeout=TIMEOUT)["error"]["code"] == "WorkerDied"
    assert client.request("restart")["run"]["state"] == "paused"


def test_the_trace_of_a_killed_worker_can_be_read(start_server, connect, endless_file):
    from opscope.engine.trace.file import open_trace

    server = start_server(str(endless_file))
    client = connect(server)
    client.request("attach", session=server.session)
    client.request("launch", fetches=["result:0"])
    for _ in range(20):
        client.request("next")
    path = server.data / "traces" / server.session / "1.trace"
    deadline = time.monotonic() + TIMEOUT
    with open_trace(path) as trace:
        while trace.count < 20 and time.monotonic() < deadline:
            os.sched_yield()
    os.kill(worker_of(server), signal.SIGKILL)
    client.wait_for("terminated")

    with open_trace(path) as trace:
        assert trace.count == 20
        assert trace.fetches == ["result:0"]
        assert [trace.node_names()[int(op)] for op in trace.steps()["op"][:3]] == [
            "zero",
            "loop/Enter",
            "loop/Merge",
        ]
        assert trace.frames()[0].name == "loop"


def test_ctrl_c_ends_the_server_and_its_workers(start_server, connect, endless_file):
    server = start_server(str(endless_file))
    client = connect(server)
    client.request("attach", session=server.session)
    client.request("launch", fetches=["result:0"], stopOnEntry=False)
    client.wait_for("steps")
    workers = children(server.pid)
    assert workers
    assert server.interrupt() == 0
    assert not [pid for pid in workers if os.path.exists(f"/proc/{pid}/cmdline")]


def test_a_session_lives_on_after_a_restart_of_the_server(start_server, connect, counter_file):
    server = start_server(str(counter_file))
    server.interrupt()
    again = start_server()
    client = connect(again)
    assert client.request("attach", session=server.session)["name"] == "counter"
    client.request("launch", targets=["init"])
