"""Eager execution: each statement runs at once, in the program's order."""

from __future__ import annotations

import numpy as np
import pytest

import opscope.engine.tf as tf

pytestmark = pytest.mark.usefixtures("eager")


def test_a_variable_counts() -> None:
    v = tf.Variable(0.0, name="v")
    assert v.assign_add(1.0).numpy() == 1.0
    assert v.numpy() == 1.0
    assert repr(v) == "<tf.Variable 'v:0' shape=() dtype=float32, numpy=1.0>"


def test_a_read_is_a_snapshot() -> None:
    v = tf.Variable([1.0, 2.0])
    read = v.read_value()
    v.assign_add([1.0, 1.0])
    assert read.numpy().tolist() == [1.0, 2.0]
    assert v.numpy().tolist() == [2.0, 3.0]
    v.numpy()[0] = 9.0
    assert v.numpy().tolist() == [2.0, 3.0]


def test_operators_and_python_values() -> None:
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    assert (x @ x).numpy().tolist() == [[7.0, 10.0], [15.0, 22.0]]
    assert (2.0 / x)[0].numpy().tolist() == [2.0, 1.0]
    assert np.sum(x) == 10.0
    assert float((np.ones(2, np.float32) + x)[1, 1]) == 5.0
    assert [float(item) for item in x[0]] == [1.0, 2.0]
    assert int(tf.constant(3)) == 3
    assert range(3)[tf.constant(1)] == 1
    assert bool(tf.constant(2.0) > 1.0)
    assert len(x) == 2
    assert f"{tf.constant(1.5):.2f}" == "1.50"


def test_printing() -> None:
    assert str(tf.constant(3)) == "tf.Tensor(3, shape=(), dtype=int32)"
    assert str(tf.constant("hi")) == "tf.Tensor(b'hi', shape=(), dtype=string)"
    assert repr(tf.constant(2.5)) == "<tf.Tensor: shape=(), dtype=float32, numpy=2.5>"
    assert str(tf.constant([[1], [2]])) == "tf.Tensor(\n[[1]\n [2]], shape=(2, 1), dtype=int32)"


def test_control_flow_is_python() -> None:
    count, total = tf.while_loop(
        lambda i, s: i < 5, lambda i, s: (i + 1, s + 2.0), [tf.constant(0), tf.constant(0.0)]
    )
    assert (int(count), float(total)) == (5, 10.0)
    assert tf.cond(tf.constant(False), lambda: 1, lambda: 2) == 2


def test_seeds_give_what_tensorflow_gives() -> None:
    tf.set_random_seed(1)
    drawn = tf.random_uniform([2])
    again = [tf.random_uniform([2], seed=3).numpy().tolist() for _ in range(2)]
    tf.set_random_seed(1)
    assert tf.random_uniform([2]).numpy().tolist() == drawn.numpy().tolist()
    assert [tf.random_uniform([2], seed=3).numpy().tolist() for _ in range(2)] == again
    assert again[0] != again[1]


def test_errors_are_raised_at_once() -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"shapes: .* \[Op:AddV2\]"):
        tf.ones([2]) + tf.ones([3])
    with pytest.raises(RuntimeError, match="not compatible with eager execution"):
        tf.placeholder(tf.float32)
    with pytest.raises(AttributeError, match=r"Tensor.name is undefined when eager"):
        tf.ones([2]).name  # noqa: B018
    with pytest.raises(NotImplementedError, match=r"is .numpy\(\) what you're looking for"):
        tf.ones([2]).eval()
    with pytest.raises(tf.errors.InvalidArgumentError, match="Expected 'False' to be true"):
        tf.Assert(False, [tf.ones([5])])


def test_a_graph_inside_an_eager_program() -> None:
    with tf.Graph().as_default():
        assert not tf.executing_eagerly()
        v = tf.Variable(2.0)
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            assert session.run(v * 3.0) == 6.0
    assert tf.executing_eagerly()
