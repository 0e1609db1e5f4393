"""A schedule is replayed to its last entry, or refused."""

from __future__ import annotations

import pytest

import opscope.engine.tf as tf
from opscope.engine import Session
from opscope.engine.errors import GraphError
from opscope.engine.session import Program


@pytest.fixture
def session() -> Session:
    graph = tf.Graph()
    with graph.as_default():
        v = tf.Variable(1.0, name="v")
        tf.assign_add(v, 10.0, name="update")
        tf.multiply(v, 1.0, name="seen")
        tf.global_variables_initializer()
    session = Program("replayed", graph.definition).session()
    session.run([], targets=["init"])
    return session


@pytest.mark.parametrize(("order", "seen"), [(["seen", "update"], 1.0), (["update", "seen"], 11.0)])
def test_the_order_decides(session: Session, order: list[str], seen: float) -> None:
    assert session.run("seen:0", targets=["update"], schedule=order) == seen


def test_an_op_that_the_run_lacks_is_refused_before_anything_runs(session: Session) -> None:
    with pytest.raises(GraphError, match="entry 1 is 'other', which the run does not execute"):
        session.run("seen:0", targets=["update"], schedule=["update", "other"])
    assert session.variables["v"] == 1.0


def test_an_entry_that_never_comes_up_is_an_error(session: Session) -> None:
    with pytest.raises(GraphError, match="it waits for 'seen' at entry 1, and the run ended"):
        session.run("seen:0", targets=["update"], schedule=["seen", "seen"])
