"""Sentences and counts about outcomes, and how events change what is known of them."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Evaluate


def found(*counts: int, complete: bool = True, **more: Any) -> dict[str, Any]:
    groups = [
        {"count": count, "rows": [], "columns": [], "agreed": [], "races": []} for count in counts
    ]
    return {
        "groups": groups, "complete": complete, "stopped": not complete, "seconds": 2.004,
        "races": [], **more,
    }  # fmt: skip


def state(*counts: int, **more: Any) -> dict[str, Any]:
    return {"id": 1, "run": 7, "found": found(*counts, **more), "error": None, "reached": []}


RACE = {"variable": "v", "first": {"op": 1}, "second": {"op": 2}}
FINISHED = {"id": 7, "state": "finished"}


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ([], "1"),
        ([2], "2"),
        ([2, 2, 3], "2 × 2 × 3 = 12"),  # noqa: RUF001
        ([2] * 20, "2²⁰ = 1,048,576"),
        ([2, 3, 2, 3, 2], "2³ × 3² = 72"),  # noqa: RUF001
        ([2] * 1000, "2¹⁰⁰⁰ ≈ 10³⁰¹"),
        ([40320], "40,320"),
    ],
)
def test_the_count_says_what_it_is_made_of(
    evaluate: Evaluate, counts: list[int], text: str
) -> None:
    groups = [{"count": count} for count in counts]
    assert evaluate("state/outcomes.js", "return m.productText(groups)", groups=groups) == text


def test_while_a_search_runs_what_was_found_before_is_not_said_as_if_it_held(
    evaluate: Evaluate,
) -> None:
    body = "return [null, known].map((state) => m.outcomesSentence(state, run, true))"
    said = evaluate("state/outcomes.js", body, known=state(2), run=FINISHED)
    assert said == [
        "Searching for every result of this run.",
        "Searching again: what is shown is what the search before found.",
    ]


@pytest.mark.parametrize(
    ("known", "run", "sentence"),
    [
        (None, FINISHED, ""),
        (state(1), FINISHED, "This result is the only one possible."),
        (state(1), {"id": 7, "state": "failed"}, "This failure is the only result possible."),
        (state(2, 2, 1), FINISHED, "This is one of 4 possible results."),
        (state(2, 2), {"id": 7, "state": "paused"}, "4 results are possible."),
        (state(2, 2), {"id": 8, "state": "finished"}, "4 results are possible."),
        (state(1), None, "Only one result is possible."),
        (
            state(3, 4, complete=False),
            FINISHED,
            "At least 12 results are possible (search stopped after 2 s).",
        ),
        (
            state(1, complete=False),
            FINISHED,
            "No other result was found (search stopped after 2 s).",
        ),
        (
            state(2, complete=False, stopped=False),
            FINISHED,
            "At least 2 results are possible (not everything was explored).",
        ),
        (
            {**state(), "found": None, "error": {"message": "v is no tensor"}},
            FINISHED,
            "What else is possible could not be found out: v is no tensor",
        ),
    ],
)
def test_one_sentence_says_whether_the_result_depended_on_the_schedule(
    evaluate: Evaluate, known: Any, run: Any, sentence: str
) -> None:
    body = "return m.outcomesSentence(known, run)"
    assert evaluate("state/outcomes.js", body, known=known, run=run) == sentence


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0002, "1 ms"), (0.006, "6 ms"), (0.42, "0.4 s"), (2.004, "2 s")]
)
def test_seconds_are_said_as_people_do(evaluate: Evaluate, seconds: float, text: str) -> None:
    assert evaluate("state/outcomes.js", "return m.secondsText(seconds)", seconds=seconds) == text


STORE = """
const { createStore } = await import("/state/store.js");
const store = createStore();
const apply = (name, event) => m.applyEvent(store, name, { session: "s", seq: 1, ...event });
"""


def test_a_search_is_followed_from_its_start_to_its_end(evaluate: Evaluate) -> None:
    seen = evaluate(
        "state/apply-event.js",
        STORE
        + """
        const seen = [];
        store.search.watch((search) => seen.push(search && [search.id, search.states]));
        apply("progressStart", { id: 3, level: "atomic", budget: 30 });
        apply("progressUpdate", { id: 3, seconds: 1, executions: 2, states: 9 });
        apply("progressUpdate", { id: 2, seconds: 1, executions: 2, states: 99 });
        apply("progressEnd", { id: 2 });
        apply("progressEnd", { id: 3 });
        return seen;
        """,
    )
    assert seen == [None, [3, 0], [3, 9], None]


def test_new_outcomes_leave_nothing_of_the_old_ones_on_show(evaluate: Evaluate) -> None:
    shown = evaluate(
        "state/apply-event.js",
        STORE
        + """
        apply("outcomes", { state: known });
        store.race.set(0);
        store.chosenOutcome.set({ group: 0, outcome: 1 });
        store.comparison.set({ group: 0, first: 0, second: 1, diff: null });
        apply("reached", { run: 9, reached: [1] });
        const { run, reached } = store.outcomes.get();
        apply("outcomes", { state: null });
        const cells = [store.race, store.chosenOutcome, store.comparison, store.outcomes];
        return [run, reached, ...cells.map((cell) => cell.get())];
        """,
        known=state(2, races=[RACE]),
    )
    assert shown == [9, [1], None, None, None, None]


def test_a_race_that_is_still_there_stays_on_show(evaluate: Evaluate) -> None:
    shown = evaluate(
        "state/apply-event.js",
        STORE
        + """
        apply("outcomes", { state: known });
        store.race.set(0);
        apply("outcomes", { state: structuredClone(known) });
        const kept = store.race.get();
        known.found.races[0].first.op = 3;
        apply("outcomes", { state: structuredClone(known) });
        return [kept, store.race.get()];
        """,
        known=state(2, races=[RACE]),
    )
    assert shown == [0, None]


def test_two_chosen_outcomes_are_compared(evaluate: Evaluate) -> None:
    asked = evaluate(
        "state/outcome-actions.js",
        """
        const { createStore } = await import("/state/store.js");
        const store = createStore();
        const asked = [];
        const connection = { request: async (name, body) => asked.push([name, body]) };
        const actions = m.createOutcomeActions(store, connection, () => {});
        store.outcomes.set(known);
        actions.compareOutcome(0, 1);
        actions.compareOutcome(0, 1);
        actions.compareOutcome(0, 2);
        actions.compareOutcome(0, 0);
        actions.compareOutcome(1, 1);
        return asked;
        """,
        known=state(3, 2),
    )
    assert asked == [
        ["diff", {"group": 0, "first": 2, "second": 0}],
        ["diff", {"group": 1, "first": 1, "second": 0}],
    ]


def test_more_outcomes_are_put_after_those_that_are_here(evaluate: Evaluate) -> None:
    known = state(3)
    known["found"]["groups"][0]["rows"] = ["a", "b"]
    rows = evaluate(
        "state/outcome-actions.js",
        """
        const { createStore } = await import("/state/store.js");
        const store = createStore();
        const connection = { request: async (name, { first }) => ({ rows: [`${name} ${first}`] }) };
        const actions = m.createOutcomeActions(store, connection, () => {});
        store.outcomes.set(known);
        await actions.moreOutcomes(0);
        return store.outcomes.get().found.groups[0].rows;
        """,
        known=known,
    )
    assert rows == ["a", "b", "outcomeRows 2"]
