"""Chunks of steps become columns; nodes' states follow the cursor forwards and backwards."""

from __future__ import annotations

import struct

from .conftest import Evaluate

FAILED, PART, BEGINS = 1, 8, 16

# What the page gets for `chunk(first, ops)`: the bytes as a list, made an ArrayBuffer there.
COLUMNS = """
const { StepColumns } = await import("/state/step-columns.js");
const columns = new StepColumns();
const add = ({ first, count, data }) =>
  columns.append({ first, count, frames: [], data: new Uint8Array(data).buffer });
"""

# `seen` is what the states of `count` nodes are after each of `moves`: a cursor, and what is ready.
MOVES = """
add(steps);
const nodes = new m.NodeStates(count);
const seen = [];
for (const [cursor, ready] of moves) {
  nodes.setReady([]);
  nodes.moveTo(columns, cursor);
  nodes.setReady(ready);
  seen.push([...nodes.states].map((state) => m.STATE_NAMES[state]).join(" "));
}
"""


def chunk(first: int, ops: list[int], flags: list[int] | None = None) -> dict[str, object]:
    count = len(ops)
    data = struct.pack(f"<{count}q", *(1_000 * (first + at) for at in range(count)))
    for column in ([7] * count, ops, [0] * count, [0] * count, flags or [0] * count):
        data += struct.pack(f"<{count}I", *column)
    return {"first": first, "count": count, "data": list(data)}


def test_chunks_are_appended_once_and_in_order(evaluate: Evaluate) -> None:
    state = evaluate(
        "state/step-columns.js",
        COLUMNS + "return [chunks.map(add), columns.count, [...columns.op.slice(0, 5)],"
        "[...columns.start.slice(0, 5)]]",
        chunks=[chunk(0, [4, 5]), chunk(1, [5, 6, 7]), chunk(9, [1]), chunk(0, [4]), chunk(4, [8])],
    )
    assert state == [[2, 2, 0, 0, 1], 5, [4, 5, 6, 7, 8], [0, 1_000, 2_000, 3_000, 4_000]]


def test_columns_grow_beyond_their_first_capacity(evaluate: Evaluate) -> None:
    ops = [at % 13 for at in range(5_000)]
    found = evaluate(
        "state/step-columns.js",
        COLUMNS + "chunks.forEach(add); return [...columns.op.slice(0, columns.count)]",
        chunks=[chunk(0, ops[:700]), chunk(700, ops[700:])],
    )
    assert found == ops


def test_a_chunk_of_the_wrong_length_is_refused(evaluate: Evaluate) -> None:
    message = evaluate(
        "state/step-columns.js",
        COLUMNS + "try { add(broken) } catch (error) { return error.message }",
        broken={**chunk(0, [1, 2]), "count": 3},
    )
    assert message == "a chunk of 3 steps has 56 bytes, not 84"


def test_states_follow_the_cursor(evaluate: Evaluate) -> None:
    states = evaluate(
        "state/node-states.js",
        COLUMNS + MOVES + "return [seen, [...nodes.latest]]",
        count=4,
        steps=chunk(0, [0, 1, 1, 2], [0, 0, 0, FAILED]),
        moves=[[0, [0]], [1, [1, 3]], [2, [1]], [4, []], [2, [1]], [0, [0]], [3, [2]]],
    )
    assert states == [
        [
            "ready idle idle idle",
            "done ready idle ready",
            "done ready idle idle",  # executed once, and ready to be again: a loop
            "done done failed idle",
            "done ready idle idle",
            "ready idle idle idle",
            "done done ready idle",
        ],
        [0, 1, 1],
    ]


def test_a_kernel_that_goes_on_in_parts_is_running(evaluate: Evaluate) -> None:
    first, inner, last = PART | BEGINS, PART, 0
    states = evaluate(
        "state/node-states.js",
        COLUMNS + MOVES + "return [seen, [...nodes.latest], [...nodes.executions]]",
        count=2,
        steps=chunk(0, [0, 1, 1, 0, 1, 0], [first, first, inner, inner, last, FAILED | PART]),
        moves=[[1, [0, 1]], [3, [0, 1]], [5, [0]], [2, [0, 1]], [0, [0, 1]], [6, []], [3, [1]]],
    )
    assert states == [
        [
            "running ready",
            "running running",
            "running done",
            "running running",
            "ready ready",
            "failed done",
            "running running",
        ],
        [],
        [0, 0],
    ]


def test_what_a_finished_run_never_executed_is_dead(evaluate: Evaluate) -> None:
    dead = evaluate(
        "state/node-states.js",
        "return m.neverExecuted(new Uint8Array(needed), new Uint32Array(executed), new Set(fed))",
        needed=[1, 1, 1, 0, 1],
        executed=[1, 0, 2, 0, 0],
        fed=[4],
    )
    assert dead == [1]
