"""What the panels derive from the graph: who writes a variable, lanes, and the outline's rows."""

from __future__ import annotations

from typing import Any

from .conftest import Evaluate
from .test_steps import COLUMNS, chunk

WROTE = 2


def graph(names: list[str], edges: list[tuple[int, int]], mutating: list[int]) -> dict[str, Any]:
    return {
        "id": "g", "name": "g", "types": ["Op"],
        "nodes": {"name": names, "type": [0] * len(names)},
        "edges": [number for source, target in edges for number in (source, 0, target, 0)],
        "control": [], "mutating": mutating, "aliases": [], "refs": [], "handles": [],
        "calls": {}, "loops": [],
        "variables": [{"node": 0, "name": names[0], "kind": "ref", "dtype": "int32", "shape": []}],
        "placeholders": [],
    }  # fmt: skip


def test_a_write_is_followed_back_to_its_variable(evaluate: Evaluate) -> None:
    # v -> alias -> update, which writes through the alias; reader only reads.
    program = graph(["v", "alias", "update", "reader"], [(0, 1), (1, 2), (0, 3)], [1])
    body = "const w = new m.Writers(graph); return [0, 1, 2, 3].map((op) => w.of(op))"
    assert evaluate("state/writers.js", body, graph=program) == [[], [], [0], []]


def test_a_cycle_of_references_does_not_hang(evaluate: Evaluate) -> None:
    program = graph(["v", "merge", "next", "write"], [(2, 1), (1, 2), (1, 3)], [2])
    body = "return new m.Writers(graph).of(3)"
    assert evaluate("state/writers.js", body, graph=program) == []


def test_lanes_hold_writes_and_failures(evaluate: Evaluate) -> None:
    lanes = evaluate(
        "state/lanes.js",
        COLUMNS
        + """
        const lanes = new m.Lanes({ of: (op) => (op === 2 ? [0] : []) });
        for (const steps of chunks) { add(steps); lanes.extend(columns, columns.count); }
        return [[...lanes.writes], lanes.others, lanes.failures];
        """,
        chunks=[chunk(0, [1, 2], [0, WROTE]), chunk(2, [2, 3, 4], [WROTE, WROTE, 1])],
    )
    assert lanes == [[[0, [1, 2]]], [3], [4]]


OUTLINE = """
const { GraphModel } = await import("/graph/model.js");
const model = new GraphModel(graph);
const scope = (path) => model.scopeAt(path);
"""
NAMES = ["a/b/x", "a/y", "z"]


def test_the_outline_shows_what_is_expanded(evaluate: Evaluate) -> None:
    rows = evaluate(
        "state/outline.js",
        OUTLINE
        + """
        return [[], ["a"], ["a", "a/b"]].map((paths) =>
          m.outlineRows(model, new Set(paths.map(scope)))
            .map(({ id, level }) => `${level} ${model.path(id)}`));
        """,
        graph=graph(NAMES, [], []),
    )
    assert rows == [
        ["1 a", "1 z"],
        ["1 a", "2 a/b", "2 a/y", "1 z"],
        ["1 a", "2 a/b", "3 a/b/x", "2 a/y", "1 z"],
    ]


def test_the_scopes_around_an_op(evaluate: Evaluate) -> None:
    body = OUTLINE + "return m.scopesAround(model, 0).map((id) => model.path(id))"
    assert evaluate("state/outline.js", body, graph=graph(NAMES, [], [])) == ["a/b", "a"]


def test_a_scope_sums_up_the_states_of_its_ops(evaluate: Evaluate) -> None:
    states = evaluate(
        "state/outline.js",
        OUTLINE
        + """
        const { STATE_NAMES } = await import("/state/node-states.js");
        const sums = new m.ScopeStates(model);
        const needed = new Uint8Array([1, 1, 0]);
        return cases.map((states) => sums.of(scope("a"), new Uint8Array(states), needed))
          .map((state) => STATE_NAMES[state]);
        """,
        graph=graph(NAMES, [], []),
        cases=[[0, 0, 0], [3, 0, 0], [3, 3, 0], [3, 1, 0], [5, 1, 0], [3, 4, 0], [4, 4, 0]],
    )
    assert states == ["idle", "idle", "done", "ready", "failed", "done", "dead"]
