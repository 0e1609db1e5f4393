"""A search may be stopped at any moment; it says so, and what it says is true."""

from __future__ import annotations

from functools import partial
from itertools import count
from typing import Any

import pytest

from opscope.engine import outcomes
from opscope.engine.analysis.difference import outcome_key

from . import random_programs
from .test_brute_force import prepared

_PROGRAMS = range(40)


@pytest.mark.parametrize("level", ["atomic", "split"])
def test_a_search_that_is_stopped_says_that_it_is_not_complete(level: Any) -> None:
    stopped = 0
    for seed in _PROGRAMS:
        asked = random_programs.make(seed)
        run = partial(outcomes, prepared(asked), asked.fetches, targets=asked.targets, level=level)
        for moment in range(20):
            asks = count()
            found = run(budget=None, should_stop=lambda asks=asks, end=moment: next(asks) >= end)
            if next(asks) <= moment:
                break  # It ended before it was stopped.
            stopped += 1
            assert (found.stopped, found.complete) == (True, False), (seed, moment)
            assert found.unexplored, (seed, moment)
    assert stopped


def test_a_finer_search_that_is_stopped_has_every_result_of_whole_kernels() -> None:
    compared = 0
    for seed in (3, 9, 22, 173, 204):
        asked = random_programs.make(seed)
        run = partial(outcomes, prepared(asked), asked.fetches, targets=asked.targets)
        whole = {outcome_key(outcome) for outcome in run(budget=None).outcomes()}
        asks = count()
        run(budget=None, level="split", should_stop=lambda asks=asks: next(asks) < 0)
        moments = next(asks)
        for end in (moments // 4, moments // 2, moments - 2):
            asks = count()
            found = run(
                budget=None, level="split", should_stop=lambda asks=asks, end=end: next(asks) >= end
            )
            if any("was not looked at" in sentence for sentence in found.unexplored):
                continue
            compared += 1
            assert whole <= {outcome_key(outcome) for outcome in found.outcomes()}, (seed, end)
    assert compared
