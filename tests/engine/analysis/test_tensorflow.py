"""Random programs in TensorFlow: nothing that it shows is missing, and each outcome can be forced.

OPSCOPE_TENSORFLOW_SEEDS says how many programs, 40 unless it is set.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest

pytest.importorskip("tensorflow")

from opscope.engine import outcomes
from opscope.engine.analysis import Outcome
from opscope.engine.session import Program

from . import random_programs
from .keys import key_of
from .random_programs import RandomProgram
from .tensorflow_runs import TensorFlowProgram

SEEDS = int(os.environ.get("OPSCOPE_TENSORFLOW_SEEDS", "40"))
_RUNS = 12


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_tensorflow_shows_is_an_outcome(seed: int) -> None:
    asked = random_programs.make(seed, loops=False)
    session = Program("random", asked.graph.definition).session()
    if asked.initialized:
        session.run([], targets=[asked.initializer])
    analysis = outcomes(session, asked.fetches, targets=asked.targets, level="split", budget=5)
    names = list(analysis.kinds)
    program = TensorFlowProgram(asked, names)
    shown = set()
    for threads in (1, 8):
        shown |= program.results(_RUNS, threads=threads, optimize=False)
    if analysis.complete and analysis.count < 10_000:
        assert shown <= {key_of(o, asked.fetches, names) for o in analysis.outcomes()}
    atomic = outcomes(session, asked.fetches, targets=asked.targets, budget=5)
    if atomic.count > 40:
        return
    for outcome in atomic.outcomes():
        order = forced(asked, outcome)
        if order is None:
            continue
        results = TensorFlowProgram(asked, names, order).results(2, threads=8, optimize=False)
        assert results == {key_of(outcome, asked.fetches, names)}, order


def forced(asked: RandomProgram, outcome: Outcome) -> Sequence[str] | None:
    """The ops of the witness, if control edges between them can say all that it says."""
    expressible = all(
        entry.phase == "whole"
        and entry.iteration is None
        and asked.graph.definition.get(entry.op) is not None  # not a fetch, or in a function
        for entry in outcome.schedule
    )
    if not expressible or outcome.error is not None or not outcome.schedule:
        return None
    return [entry.op for entry in outcome.schedule]
