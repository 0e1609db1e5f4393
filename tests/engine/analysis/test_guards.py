"""Which Merge ops may be reached by two live inputs."""

from __future__ import annotations

import opscope.engine.tf as tf
from opscope.engine import Session, outcomes
from opscope.engine.analysis.guards import undecided_merges
from opscope.engine.dtypes import float32
from opscope.engine.executor.expand import expand


def session_of(graph: tf.Graph) -> Session:
    return Session(expand(graph.definition))


def test_a_merge_of_two_live_inputs_leaves_the_set_incomplete() -> None:
    with tf.Graph().as_default() as graph:
        inputs = [tf.constant(value).op.definition.output() for value in (1.0, 2.0)]
        graph.definition.add("merge", "Merge", inputs, attrs={"T": float32, "N": 2})
    analysis = outcomes(session_of(graph), ["merge:0"])
    assert not analysis.complete
    assert analysis.unexplored[0].startswith("merge may get two live inputs")


def test_branches_exclude_each_other() -> None:
    with tf.Graph().as_default() as graph:
        which = tf.placeholder(tf.bool, [], name="which")
        other = tf.placeholder(tf.bool, [], name="other")

        def inner() -> tf.Tensor:
            return tf.cond(other, lambda: tf.constant(1.0), lambda: tf.constant(2.0))

        tf.identity(tf.cond(which, inner, lambda: tf.constant(3.0)), name="result")
    session = session_of(graph)
    feeds = {"which:0": True, "other:0": False}
    assert undecided_merges(session.request(["result:0"], feeds).plan) == []
    assert outcomes(session, ["result:0"], feeds).complete


def test_the_turns_of_a_loop_exclude_each_other() -> None:
    with tf.Graph().as_default() as graph:
        tf.identity(tf.while_loop(lambda i: i < 3, lambda i: i + 1, [0]), name="result")
    assert undecided_merges(session_of(graph).request(["result:0"], {}).plan) == []
