"""What the ops that end a run are called, and which of two failures of fetches is raised.

The names and the order are those that TensorFlow 2.21 gave for the same graphs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

import opscope.engine.tf as tf
from opscope.engine import Session, outcomes
from opscope.engine.dtypes import bool_, float32
from opscope.engine.errors import FailedPreconditionError, InvalidArgumentError, OpError
from opscope.engine.graph import Graph
from opscope.engine.session import Program


@pytest.fixture
def references() -> Session:
    """Reference variables of which none has a value."""
    graph = tf.Graph()
    with graph.as_default():
        for name in ("a", "b", "c", "a0", "Z"):
            tf.Variable(1.0, use_resource=False, name=name)
        with tf.name_scope("a/"):
            tf.Variable(1.0, use_resource=False, name="x")
    return Program("references", graph.definition).session()


@pytest.mark.parametrize(
    ("fetches", "missing", "op"),
    [
        (["b:0", "a:0"], "b", "_retval_b_0_1"),
        (["c:0", "b:0", "a:0", "b:0"], "a", "_retval_a_0_0"),
        (["c:0", "b:0", "a:0", "b:0"], "b", "_retval_b_0_1"),
        (["c:0", "b:0", "a:0", "b:0"], "c", "_retval_c_0_2"),
        (["a:0", "a/x:0", "Z:0", "a0:0"], "Z", "_retval_Z_0_0"),
        (["a:0", "a/x:0", "Z:0", "a0:0"], "a/x", "_retval_a/x_0_1"),
        (["a:0", "a/x:0", "Z:0", "a0:0"], "a0", "_retval_a0_0_2"),
        (["a:0", "a/x:0", "Z:0", "a0:0"], "a", "_retval_a_0_3"),
    ],
)
def test_fetches_are_numbered_in_the_order_of_their_names(
    references: Session, fetches: Sequence[str], missing: str, op: str
) -> None:
    for name in {fetch.partition(":")[0] for fetch in fetches} - {missing}:
        references.assign(name, 1.0)
    with pytest.raises(FailedPreconditionError) as caught:
        references.run(fetches)
    assert caught.value.op == op
    (outcome,) = outcomes(references, fetches).outcomes()
    assert outcome.error is not None
    assert outcome.error.op == op


def test_values_come_back_in_the_order_asked_for(references: Session) -> None:
    for value, name in enumerate("abc"):
        references.assign(name, float(value))
    assert references.run(["c:0", "a:0", "b:0", "a:0"]) == [2.0, 0.0, 1.0, 0.0]
    (group,) = outcomes(references, ["c:0", "a:0", "b:0"]).groups
    assert group.fetches == ["c:0", "a:0", "b:0"]


@pytest.fixture
def untaken() -> Session:
    """What leaves a branch that is not taken, beside a constant and a variable without a value."""
    graph = Graph()
    graph.add("v", "VariableV2", attrs={"dtype": float32, "shape": ()})
    value = {"dtype": float32, "value": np.float32(1.0)}
    one = graph.add("a", "Const", attrs=value).output()
    taken = graph.add("taken", "Const", attrs={"dtype": bool_, "value": np.bool_(True)}).output()
    switch = graph.add("switch", "Switch", [one, taken], attrs={"T": float32})
    for name in ("dead", "adead"):
        graph.add(name, "Neg", [switch.output(0)], attrs={"T": float32})
    return Program("untaken", graph).session()


@pytest.mark.parametrize(
    ("fetches", "number"),
    [(["dead:0", "a:0"], 1), (["a:0", "dead:0"], 1), (["dead:0", "a:0", "adead:0"], 1)],
)
def test_a_dead_fetch_names_no_op(untaken: Session, fetches: Sequence[str], number: int) -> None:
    with pytest.raises(InvalidArgumentError) as caught:
        untaken.run(fetches)
    assert caught.value.message == f"Retval[{number}] does not have value"
    assert caught.value.op is None
    (outcome,) = outcomes(untaken, fetches).outcomes()
    assert isinstance(outcome.error, OpError)
    assert outcome.error.op is None


def test_a_reference_without_a_value_comes_before_a_dead_fetch(untaken: Session) -> None:
    with pytest.raises(FailedPreconditionError) as caught:
        untaken.run(["adead:0", "v:0"])
    assert caught.value.op == "_retval_v_0_1"
