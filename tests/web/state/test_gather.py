"""What a step reports arrives at the state together; a run that goes on reports as it goes."""

from __future__ import annotations

from typing import Any

from .conftest import Evaluate

SETUP = """
const taken = [];
let running = false;
const take = m.gather(() => running, (name, event) => taken.push(name + event.seq));
const give = (name, seq, session = "s") => take(name, { seq, session });
"""


def taken(evaluate: Evaluate, calls: str) -> Any:
    return evaluate("state/gather.js", f"{SETUP}{calls} return taken")


def test_a_step_is_kept_until_the_stop_that_closes_it(evaluate: Evaluate) -> None:
    step = 'give("steps", 1); give("variables", 2);'
    assert taken(evaluate, step) == []
    assert taken(evaluate, step + 'give("stopped", 3);') == ["steps1", "variables2", "stopped3"]


def test_a_run_that_goes_on_is_not_kept(evaluate: Evaluate) -> None:
    assert taken(evaluate, 'running = true; give("steps", 1);') == ["steps1"]


def test_any_other_event_brings_what_was_kept(evaluate: Evaluate) -> None:
    calls = 'give("launched", 1); give("variables", 2); give("continued", 3);'
    assert taken(evaluate, calls) == ["launched1", "variables2", "continued3"]


def test_what_another_session_left_open_is_forgotten(evaluate: Evaluate) -> None:
    calls = 'give("steps", 7, "other"); give("stopped", 1);'
    assert taken(evaluate, calls) == ["stopped1"]
