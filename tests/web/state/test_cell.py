"""Cells tell their watchers, and only of changes."""

from __future__ import annotations

from .conftest import Evaluate


def test_a_watcher_is_called_now_and_after_each_change(evaluate: Evaluate) -> None:
    seen = evaluate(
        "state/cell.js",
        """
        const cell = new m.Cell(1);
        const seen = [];
        const stop = cell.watch((value) => seen.push(value));
        cell.set(1);
        cell.set(2);
        cell.update((value) => value + 1);
        stop();
        cell.set(4);
        return seen;
        """,
    )
    assert seen == [1, 2, 3]


def test_a_watcher_may_stop_itself(evaluate: Evaluate) -> None:
    seen = evaluate(
        "state/cell.js",
        """
        const cell = new m.Cell(0);
        const seen = [];
        const stop = cell.watch((value) => { if (value === 1) stop(); });
        cell.watch((value) => seen.push(value));
        cell.set(1);
        cell.set(2);
        return seen;
        """,
    )
    assert seen == [0, 1, 2]
