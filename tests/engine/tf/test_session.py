"""Sessions: structures of fetches, default sessions, graphs that grow, files."""

from __future__ import annotations

from collections import namedtuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import opscope.engine.tf as tf
from opscope.engine import load


def test_results_have_the_structure_and_types_of_tensorflow() -> None:
    a, b = tf.constant(1.0), tf.constant([1, 2])
    pair = namedtuple("pair", "x y")
    with tf.Session() as session:
        found = session.run({"a": a, "rest": [b, (a, b.op)], "pair": pair(a, "Const:0")})
        text = session.run([tf.constant("hi"), tf.constant(["x"])])
    assert found["a"] == 1.0
    assert isinstance(found["a"], np.float32)
    assert found["rest"][1] == (1.0, None)
    assert found["pair"] == pair(1.0, 1.0)
    assert text[0] == b"hi"
    assert text[1].dtype == object


def test_one_fetch_twice_is_one_array() -> None:
    v = tf.Variable([1.0])
    with tf.Session() as session:
        session.run(v.initializer)
        first, second = session.run([v, v])
    assert first is second


def test_a_graph_grows_between_runs() -> None:
    v = tf.Variable(1.0)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        values = [session.run(tf.assign_add(v, 1.0)) for _ in range(3)]
    assert values == [2.0, 3.0, 4.0]


def test_sessions_share_nothing() -> None:
    v = tf.Variable(1.0)
    first, second = tf.Session(), tf.Session()
    first.run(v.initializer)
    with pytest.raises(tf.errors.FailedPreconditionError):
        second.run(v)


def test_eval_uses_the_default_session() -> None:
    v = tf.Variable(3.0)
    session = tf.InteractiveSession()
    v.initializer.run()
    assert v.eval() == 3.0
    assert tf.get_default_session() is session
    session.close()
    assert tf.get_default_session() is None
    with tf.Session() as inner:
        v.load(5.0, inner)
        assert (v * 2.0).eval() == 10.0


def test_a_python_variable_in_control_dependencies_orders_nothing() -> None:
    v = tf.Variable(0.0, name="v", use_resource=True)
    update = v.assign_add(1.0)
    with tf.control_dependencies([v]):
        beside = tf.constant(1.0)
    with tf.control_dependencies([update]):
        after = v.read_value()
    assert [op.type for op in beside.op.control_inputs] == ["VarHandleOp"]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        assert session.run(after) == 1.0


def test_a_debugged_run_is_paused_before_its_first_step() -> None:
    v = tf.Variable(0.0, name="v")
    update = tf.assign_add(v, 1.0)
    session = tf.Session()
    session.run(v.initializer)
    run = session.debug([update, v])
    assert run.steps == 0
    run.resume()
    assert run.results() == [1.0, 1.0]


def test_written_graphs_open_in_the_engine(tmp_path: Path) -> None:
    v = tf.Variable(2.0, name="v")
    tf.multiply(v, 3.0, name="tripled")
    tf.global_variables_initializer()
    for name, as_text in (("graph.pbtxt", True), ("graph.pb", False)):
        path = tf.train.write_graph(tf.get_default_graph(), tmp_path, name, as_text)
        session = load(path).session()
        session.run([], targets=["init"])
        assert session.run("tripled:0") == 6.0


def test_import_graph_def_round_trip() -> None:
    x = tf.placeholder(tf.float32, [], name="x")
    tf.while_loop(lambda i: i < x, lambda i: i + 2.0, [tf.constant(0.0)], name="loop")
    graph_def = tf.get_default_graph().as_graph_def()
    with tf.Graph().as_default() as graph, tf.Session() as session:
        fed = tf.constant(5.0)
        (result,) = tf.import_graph_def(
            graph_def.SerializeToString(), {"x": fed}, ["loop/Exit:0"], name="copy"
        )
        assert result.name == "copy/loop/Exit:0"
        assert session.run(result) == 6.0
        assert tf.constant(1.0, name="copy").op.name == "copy_1"
        assert graph.get_tensor_by_name("copy/loop/Exit:0") is result


def test_a_saver_restores_what_it_saved(tmp_path: Path) -> None:
    v = tf.Variable([1.0, 2.0], name="v")
    w = tf.Variable(3, name="w", use_resource=True)
    saver = tf.train.Saver()
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        prefix = saver.save(session, tmp_path / "model", global_step=7)
        session.run([tf.assign(v, [0.0, 0.0]), tf.assign(w, 0)])
        saver.restore(session, prefix)
        assert session.run(v).tolist() == [1.0, 2.0]
        assert session.run(w) == 3
    assert tf.train.latest_checkpoint(tmp_path) == prefix == str(tmp_path / "model-7")
    with pytest.raises(ValueError, match="not a valid checkpoint"):
        saver.restore(tf.Session(), tmp_path / "nothing")


def test_collections_and_shapes() -> None:
    v = tf.Variable([[1.0, 2.0]], name="v")
    tf.Variable(0, trainable=False, collections=[tf.GraphKeys.LOCAL_VARIABLES], name="local")
    tf.add_to_collection("mine", v)
    assert tf.trainable_variables() == [v]
    assert [x.name for x in tf.get_collection(tf.GraphKeys.LOCAL_VARIABLES)] == ["local:0"]
    assert tf.get_collection("mine") == [v]
    assert v.get_shape().as_list() == [1, 2]
    assert v.shape[1].value == 2
    assert str(tf.placeholder(tf.int32, [None, 3]).shape) == "(?, 3)"
    assert repr(v) == "<tf.Variable 'v:0' shape=(1, 2) dtype=float32_ref>"


def test_compat_v1_is_the_same_module(monkeypatch: Any) -> None:
    import opscope.engine.tf.compat.v1 as v1

    assert v1.Session is tf.Session
    assert tf.compat.v1.Variable is tf.Variable
    assert tf.float32 == np.float32
