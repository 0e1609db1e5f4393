"""What wrong programs get: TensorFlow's error classes and words, and what to do."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import opscope.engine.tf as tf
from opscope.engine import errors as engine_errors


@pytest.fixture
def a() -> Any:
    return tf.constant(2.0, name="a")


@pytest.fixture
def p() -> Any:
    return tf.placeholder(tf.float32, [None, 2], name="p")


def test_a_session_without_a_graph() -> None:
    with pytest.raises(RuntimeError, match="The Session graph is empty"):
        tf.Session().run("x:0")


def test_a_closed_session(a: Any) -> None:
    session = tf.Session()
    session.close()
    with pytest.raises(RuntimeError, match="Attempted to use a closed Session"):
        session.run(a)


def test_eval_and_run_without_a_session(a: Any) -> None:
    with pytest.raises(ValueError, match="evaluate tensor using `eval\\(\\)`: No default session"):
        a.eval()
    with pytest.raises(ValueError, match="execute operation using `run\\(\\)`: No default session"):
        a.op.run()


def test_a_tensor_of_another_graph(a: Any) -> None:
    other = tf.Graph()
    with other.as_default():
        b = tf.constant(1.0)
    with pytest.raises(ValueError, match="is not an element of this graph"):
        tf.Session().run(b)
    with pytest.raises(ValueError, match="must be from the same graph as"):
        tf.add(a, b)
    with pytest.raises(ValueError, match="the tensor's graph is different"):
        b.eval(session=tf.Session())


@pytest.mark.parametrize(
    ("fetch", "error", "words"),
    [
        (None, TypeError, 'has invalid type "NoneType"'),
        (3, TypeError, "Can not convert a int into a Tensor or Operation"),
        ("nope:0", ValueError, "refers to a Tensor which does not exist"),
        ("nope", ValueError, "refers to an Operation not in the graph"),
        ("a:3", ValueError, "exists but only has 1 outputs"),
    ],
)
def test_fetches_that_are_none(a: Any, fetch: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        tf.Session().run(fetch)


def test_feeds_that_do_not_fit(a: Any, p: Any) -> None:
    session = tf.Session()
    with pytest.raises(ValueError, match=r"shape \(3,\) for Tensor p:0, which has shape \(\?, 2\)"):
        session.run(p, {p: [1, 2, 3]})
    with pytest.raises(TypeError, match="The value of a feed cannot be a"):
        session.run(p, {p: a})
    with pytest.raises(TypeError, match="Cannot interpret feed_dict key as Tensor"):
        session.run(p, {"zz:0": 1.0})
    with pytest.raises(TypeError, match="Can not convert a int into a Tensor"):
        session.run(p, {3: 1.0})


def test_an_unfed_placeholder_is_an_op_error(p: Any) -> None:
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        tf.Session().run(p + 1.0)
    error = caught.value
    assert error.message == (
        "You must feed a value for placeholder tensor 'p' with dtype float and shape [?,2]\n"
        "\t [[{{node p}}]]"
    )
    assert error.op is p.op
    assert error.error_code == tf.errors.INVALID_ARGUMENT
    assert error.node_def.name == "p"
    assert isinstance(error, tf.OpError)
    assert isinstance(error, engine_errors.InvalidArgumentError)


def test_an_uninitialised_variable() -> None:
    v = tf.Variable(1.0, name="v")
    with pytest.raises(tf.errors.FailedPreconditionError, match="uninitialized value v"):
        tf.Session().run(v + 1.0)


@pytest.mark.parametrize(
    ("build", "error", "words"),
    [
        (lambda: tf.assign(tf.Variable([1.0, 2.0, 3.0], name="v"), [1.0, 2.0]), ValueError,
         "Dimension 0 in both shapes must be equal, but are 3 and 2. Shapes are [3] and [2]. for "
         "'{{node Assign}} = Assign[T=DT_FLOAT, use_locking=true, validate_shape=true]"
         "(v, Assign/value)' with input shapes: [3], [2]."),
        (lambda: tf.ones([2]) + tf.ones([3]), ValueError, "must be equal, but are 2 and 3 for"),
        (lambda: tf.matmul(tf.ones([2, 3]), tf.ones([2, 3])), ValueError, "are 3 and 2 for"),
        (lambda: tf.matmul(tf.ones([3]), tf.ones([3, 1])), ValueError, "must be rank 2 but is"),
        (lambda: tf.reshape(tf.ones([4]), [3]), ValueError, "with 4 elements to shape [3] (3"),
        (lambda: tf.constant(1.0) + tf.constant(1), TypeError,
         "Input 'y' of 'AddV2' Op has type int32 that does not match type float32 of argument"),
        (lambda: tf.assign(tf.constant(1.0), 2.0), TypeError, "expected a variable to assign to"),
        (lambda: tf.constant("a", tf.float32), TypeError, "Expected float32, but got a of type"),
        (lambda: tf.constant(1.5, tf.int32), TypeError, "Expected int32, but got 1.5 of type"),
        (lambda: tf.constant([[1, 2], [3]]), ValueError, "must be a dense tensor"),
        (lambda: tf.constant(None), ValueError, "None values not supported."),
        (lambda: tf.convert_to_tensor(tf.no_op()), TypeError, "can't convert Operation 'NoOp'"),
        (lambda: tf.constant(1, name="a b"), ValueError, "`a b` is not a valid node name"),
        (lambda: tf.get_variable("z"), ValueError, "did not get an initializer"),
        (lambda: [tf.get_variable("z", [1]) for _ in range(2)], ValueError, "already exists"),
        (lambda: tf.cond(True, tf.no_op, tf.no_op), TypeError, "must not be a Python bool"),
        (lambda: tf.Variable(lambda: tf.placeholder(tf.float32)), ValueError, "have a shape"),
        (lambda: tf.Variable(), ValueError, "initial_value must be specified."),
        (lambda: bool(tf.constant(1.0) > 0.0), TypeError, "as a Python `bool` is not allowed"),
        (lambda: list(tf.ones([2])), TypeError, "only iterable when eager execution"),
        (lambda: np.array(tf.ones([2])), NotImplementedError, "Cannot convert a symbolic Tensor"),
        (lambda: tf.constant(1.0).numpy(), NotImplementedError, "tf.enable_eager_execution()"),
        (lambda: tf.Variable(1.0).numpy(), NotImplementedError, "tf.enable_eager_execution()"),
    ],
)  # fmt: skip
def test_building(build: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error) as caught:
        build()
    text = str(caught.value).replace(', _class=["loc:@v"]', "").replace('_class=["loc:@v"], ', "")
    assert words in text


def test_a_loop_that_changes_a_shape() -> None:
    with pytest.raises(ValueError, match="Input tensor 'x:0' enters the loop with shape"):
        tf.while_loop(
            lambda x: tf.size(x) < 9,
            lambda x: tf.concat([x, x], 0),
            [tf.constant([1.0], name="x")],
        )


def test_what_a_branch_builds_cannot_be_fetched(a: Any) -> None:
    inside: list[Any] = []

    def branch() -> Any:
        inside.append(a + 1.0)
        return inside[0]

    tf.cond(a > 1.0, branch, lambda: a)
    with pytest.raises(ValueError, match="Operation cond/add has been marked as not fetchable"):
        tf.Session().run(inside[0])


def test_eager_execution_comes_first(a: Any) -> None:
    with pytest.raises(ValueError, match="must be called at program startup"):
        tf.enable_eager_execution()


def test_a_missing_name_says_what_comes_close() -> None:
    for module, name, close in (
        (tf, "reduce_summ", "reduce_sum"),
        (tf.nn, "rellu", "relu"),
        (tf.train, "Savr", "Saver"),
        (tf.compat.v1, "sesion", "Session"),
    ):
        pattern = re.escape(f"has no name '{name}'; close to it are") + f".*{close}"
        with pytest.raises(AttributeError, match=pattern):
            getattr(module, name)
