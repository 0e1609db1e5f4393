"""Events of the protocol change the state, and the status sentence says what is true of it."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from .conftest import Evaluate
from .test_steps import chunk

NAMES = ["v", "one", "update", "mul"]

# A store with a graph of four ops; `events` are applied, and bytes made of lists.
SETUP = """
const { createStore } = await import("/state/store.js");
const { statusOf } = await import("/state/status.js");
const store = createStore();
const bytes = (list) => new Uint8Array(list).buffer;
store.connection.set("connected");
store.graph.set({
  nodes: { name: names, type: [0, 1, 2, 3] }, types: ["VariableV2", "Const", "AssignAdd", "Mul"],
  calls: {}, loops: [], variables: [],
});
store.session.set({ id: "s", program: "p", name: "counter", alive: true });
const said = [statusOf(store)];
for (const [name, event] of events) {
  if (event.data) event.data = bytes(event.data);
  if (event.ready) event.ready = bytes(event.ready);
  if (event.plan) event.plan.nodes = bytes(event.plan.nodes);
  m.applyEvent(store, name, { session: "s", seq: 1, frames: [], ...event });
  said.push(statusOf(store));
}
const states = [...store.states.get().nodes.states];
"""


def run(state: str = "paused", cursor: int = 0, steps: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "id": 1, "fetches": ["mul:0"], "targets": [], "feeds": [], "schedule": "fifo",
        "state": state, "cursor": cursor, "steps": steps, "total": 4, "results": None,
        "error": None, **more,
    }  # fmt: skip


def instance(op: int) -> dict[str, Any]:
    types = ["VariableV2", "Const", "AssignAdd", "Mul"]
    return {
        "op": op,
        "name": NAMES[op],
        "type": types[op],
        "part": None,
        "frame": 0,
        "iteration": 0,
    }


def stopped(op: int | None, **of_run: Any) -> list[Any]:
    body = {"reason": "step", "run": run(**of_run)}
    ready = [] if op is None else list(struct.pack("<3i", op, 0, 0))
    return ["stopped", {**body, "next": None if op is None else instance(op), "ready": ready}]


def steps(first: int, ops: list[int], flags: list[int] | None = None) -> list[Any]:
    return ["steps", {"run": 1, **chunk(first, ops, flags)}]


LAUNCHED = ["launched", {"run": run(), "plan": {"nodes": list(struct.pack("<4I", 0, 1, 2, 3))}}]


def apply(evaluate: Evaluate, events: list[Any], result: str) -> Any:
    body = SETUP + f"return {result}"
    return evaluate("state/apply-event.js", body, events=events, names=NAMES)


def test_a_run_that_is_stepped_to_its_end_and_back(evaluate: Evaluate) -> None:
    results = [{"name": "mul:0", "value": None}]
    said = apply(
        evaluate,
        [
            LAUNCHED,
            stopped(0),
            steps(0, [0, 1, 2]),
            stopped(3, cursor=3, steps=3),
            steps(3, [3]),
            stopped(None, state="finished", cursor=4, steps=4, results=results),
            stopped(None, state="finished", cursor=2, steps=4, results=results),
        ],
        "[said, states, store.console.get().map((line) => line.text)]",
    )
    assert said == [
        [
            "Ready to run counter",
            "Paused before step 0 of 4",
            "Paused before step 0 of 4: v (VariableV2)",
            "Paused before step 0 of 4: v (VariableV2)",
            "Paused before step 3 of 4: mul (Mul)",
            "Paused before step 3 of 4: mul (Mul)",
            "Finished: 4 steps",
            "Paused before step 2 of 4: update (AssignAdd)",
        ],
        [3, 3, 0, 0],
        ["Run 1: mul:0 (fifo)", "Run 1 finished after 4 steps."],
    ]


def test_a_failure_is_reported_with_its_step(evaluate: Evaluate) -> None:
    error = {
        "code": "InvalidArgumentError",
        "message": "shapes differ",
        "op": "mul",
        "detail": None,
    }
    said = apply(
        evaluate,
        [
            LAUNCHED,
            steps(0, [0, 3], [0, 1]),
            stopped(None, state="failed", cursor=2, steps=2, error=error),
        ],
        "[said.at(-1), states, store.console.get().at(-1).error.op]",
    )
    assert said == ["Failed at step 1: shapes differ", [3, 0, 0, 5], "mul"]


def test_while_running_only_the_steps_are_counted(evaluate: Evaluate) -> None:
    said = apply(
        evaluate,
        [LAUNCHED, stopped(0), ["continued", {"run": 1, "speed": None}], steps(0, [0, 1])],
        "[said.at(-1), states, store.run.get().cursor]",
    )
    assert said == ["Running: 2 steps", [3, 3, 0, 0], 2]


def test_a_branch_not_taken_is_dead_at_the_end(evaluate: Evaluate) -> None:
    end = stopped(None, state="finished", cursor=2, steps=2, results=[], total=None)
    assert apply(evaluate, [LAUNCHED, steps(0, [0, 3]), end], "states") == [3, 4, 4, 3]


def test_a_gap_in_the_steps_is_left_to_be_asked_for(evaluate: Evaluate) -> None:
    events = [LAUNCHED, steps(2, [2]), stopped(3, cursor=3, steps=3)]
    assert apply(evaluate, events, "[store.steps.get().count, store.run.get().steps]") == [0, 3]


def test_a_dead_worker_is_no_longer_alive(evaluate: Evaluate) -> None:
    error = {
        "code": "WorkerDied",
        "message": "The worker ran out of memory.",
        "op": None,
        "detail": None,
    }
    said = apply(
        evaluate,
        [LAUNCHED, ["terminated", {"run": 1, "error": error}]],
        "[said.at(-1), store.session.get().alive]",
    )
    assert said == ["Stopped after 0 steps: The worker ran out of memory.", False]


def test_an_unknown_event_is_an_error(evaluate: Evaluate) -> None:
    message = evaluate(
        "state/apply-event.js",
        "try { m.applyEvent({}, 'nonsense', {}) } catch (error) { return error.message }",
    )
    assert message == "no event is named nonsense"


@pytest.mark.parametrize(
    ("connection", "session", "sentence"),
    [
        ("connected", False, "No program open"),
        ("lost", True, "Connection lost: trying again"),
        ("refused", False, "Not connected: open the address that Opscope printed"),
    ],
)
def test_the_status_without_a_run(
    evaluate: Evaluate, connection: str, session: bool, sentence: str
) -> None:
    body = """
    const { createStore } = await import("/state/store.js");
    const store = createStore();
    store.connection.set(connection);
    if (session) store.session.set({ id: "s", program: "p", name: "counter", alive: true });
    return m.statusOf(store);
    """
    assert evaluate("state/status.js", body, connection=connection, session=session) == sentence


def test_a_run_launched_after_the_death_of_the_worker_brings_the_session_back(
    evaluate: Evaluate,
) -> None:
    died = {"code": "WorkerDied", "message": "The worker ended.", "op": None, "detail": None}
    result = "store.session.get().alive"
    terminated = ["terminated", {"run": 1, "error": died}]
    assert apply(evaluate, [LAUNCHED, terminated], result) is False
    assert apply(evaluate, [LAUNCHED, terminated, LAUNCHED], result) is True
