"""A schedule that takes kernels apart, stepped both ways."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import opscope.engine.tf as tf
from opscope.engine import Session, load, outcomes
from opscope.engine.analysis import Outcome, debug_replay
from opscope.engine.analysis.difference import outcome_key
from opscope.engine.debugger import Run
from opscope.engine.errors import GraphError
from opscope.engine.formats.writer import save_graph_def

from . import random_programs
from .test_brute_force import prepared


@pytest.fixture(params=[False, True], ids=["reference", "resource"])
def session(request: pytest.FixtureRequest, tmp_path: Path) -> Session:
    """`neg` is -v while `add` adds [10, 10] to v = [0, 0]; nothing orders them."""
    graph = tf.Graph()
    with graph.as_default():
        v = tf.get_variable("v", initializer=[0.0, 0.0], use_resource=request.param)
        rows = tf.constant([0, 1])
        tf.scatter_add(v, rows, [10.0, 10.0], name="add")
        tf.negative(v if not request.param else tf.gather(v, rows), name="neg")
        tf.global_variables_initializer()
    save_graph_def(graph.definition, tmp_path / "graph.pb")
    session = load(tmp_path / "graph.pb").session()
    session.run([], targets=["init"])
    return session


FETCHES = ["neg:0"]
TARGETS = ["add"]


def torn(session: Session) -> Outcome:
    """The outcome in which `neg` has seen the first element new, and the second one old."""
    found = outcomes(session, FETCHES, targets=TARGETS, level="split").outcomes()
    (outcome,) = [o for o in found if o.fetches and o.fetches["neg:0"].tolist() == [-10.0, 0.0]]
    return outcome


def begun(session: Session) -> Run:
    return debug_replay(session, FETCHES, torn(session).schedule, targets=TARGETS)


def doings(run: Run) -> list[str]:
    """What each step that is part of a kernel did, after the op's name."""
    parts, nodes = run.request.parts, run.plan.flat.nodes
    return [
        f"{nodes[parts[node].kernel].name} {parts[node].does}"
        for node in run.trace.nodes
        if node in parts
    ]


def test_the_parts_are_stepped_to_the_outcome(session: Session) -> None:
    run = begun(session)
    run.resume()
    (value,) = run.results()
    np.testing.assert_array_equal(value, [-10.0, 0.0])
    told = doings(run)
    (first,) = [at for at, doing in enumerate(told) if by_reader("v[0]", doing)]
    (second,) = [at for at, doing in enumerate(told) if by_reader("v[1]", doing)]
    assert told.index("add writes v[0]") < first
    assert second < told.index("add writes v[1]")


def by_reader(element: str, doing: str) -> bool:
    return doing.endswith(f"reads {element}") and not doing.startswith("add ")


def test_the_variable_is_half_written_in_between(session: Session) -> None:
    run = begun(session)
    run.resume()
    seen: list[list[float]] = []
    for step in range(run.steps, -1, -1):
        run.goto(step)
        value = run.variables["v"].tolist()
        if not seen or seen[-1] != value:
            seen.append(value)
    assert seen == [[10.0, 10.0], [10.0, 0.0], [0.0, 0.0]]


def test_a_schedule_must_fit_the_run(session: Session) -> None:
    schedule = torn(session).schedule
    with pytest.raises(GraphError, match="does not"):
        debug_replay(session, ["neg:0"], schedule)


@pytest.mark.parametrize("seed", [173, 194, 204, 229, 231, 234, 237])
def test_witnesses_of_random_programs_replay(seed: int) -> None:
    asked = random_programs.make(seed)
    session = prepared(asked)
    start = session.memory
    found = outcomes(session, asked.fetches, targets=asked.targets, level="split", budget=None)
    torn = [o for o in found.outcomes() if any(e.phase == "read" for e in o.schedule)]
    assert torn
    for outcome in torn:
        assert not any("#" in entry.op for entry in outcome.schedule)  # a name of ours
        session.memory = start.copy()
        run = debug_replay(session, asked.fetches, outcome.schedule, targets=asked.targets)
        run.resume()
        held = {name: run.variables.get(name) for name in outcome.variables}
        fetches = None if run.error else dict(zip(asked.fetches, run.results(), strict=True))
        if run.error is not None:
            run.error.op = run.request.op_name(run.error.op)
        assert outcome_key(Outcome(fetches, held, run.error, ())) == outcome_key(outcome)
