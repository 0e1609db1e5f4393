"""A session's variables where several nodes declare one, and what initialises which."""

from __future__ import annotations

import numpy as np
import pytest

import opscope.engine.tf as tf
from opscope.engine import Session
from opscope.engine.dtypes import float32
from opscope.engine.errors import OpError
from opscope.engine.graph import Graph
from opscope.engine.session import Program

KINDS = pytest.mark.parametrize("resource", [False, True])


def shared(resource: bool) -> Session:
    """The nodes `a` and `b` are one variable, named `one`; `c` is another."""
    graph = Graph()
    nodes = {
        name: graph.add(
            name,
            "VarHandleOp" if resource else "VariableV2",
            attrs={"dtype": float32, "shape": (), "shared_name": key},
        ).output()
        for name, key in (("a", b"one"), ("b", b"one"), ("c", b""))
    }
    one = graph.add("value", "Const", attrs={"dtype": float32, "value": np.float32(1.0)}).output()
    if resource:
        dtype = {"dtype": float32}
        graph.add("update", "AssignAddVariableOp", [nodes["a"], one], attrs=dtype)
        graph.add("read", "ReadVariableOp", [nodes["b"]], attrs=dtype)
    else:
        graph.add("update", "AssignAdd", [nodes["a"], one], attrs={"T": float32})
        graph.add("read", "Neg", [nodes["b"]], attrs={"T": float32})
    return Program("shared", graph).session()


@KINDS
@pytest.mark.parametrize("assigned", ["a", "b"])
def test_every_node_of_a_shared_variable_has_its_value(resource: bool, assigned: str) -> None:
    session = shared(resource)
    assert session.variables == {}
    assert set(session.uninitialized(session.plan(["read:0"]))) == {"b"}
    session.assign(assigned, 1.0)
    assert session.uninitialized(session.plan(["read:0"])) == []
    session.run([], targets=["update"])
    assert session.variables == {"a": 2.0, "b": 2.0}


@KINDS
def test_a_run_shows_the_versions_under_every_name(resource: bool) -> None:
    session = shared(resource)
    session.assign("b", 1.0)
    run = session.debug("read:0", targets=["update"], schedule=["update", "read"])
    run.resume()
    assert run.variables == {"a": 2.0, "b": 2.0}
    for name in "ab":
        assert [found.value for found in run.versions(name, run.steps)] == [1.0, 2.0]
        assert run.nodes_of(name) == ["a", "b"]
    assert run.nodes_of("c") == ["c"]


@KINDS
@pytest.mark.parametrize("use", ["read", "add", "scatter", "descend"])
def test_the_initializer_of_the_variable_that_lacks_a_value(resource: bool, use: str) -> None:
    graph = tf.Graph()
    with graph.as_default():
        with tf.name_scope("layer"):
            v = tf.Variable([1.0, 2.0], use_resource=resource, name="v")
        w = tf.Variable([1.0, 2.0], use_resource=resource, name="w")
        if use == "read":
            tf.multiply(v, 2.0, name="use")
        elif use == "add":
            tf.group(tf.assign_add(v, [1.0, 1.0]), name="use")
        elif use == "scatter":
            tf.group(tf.scatter_update(v, [0], [3.0]), name="use")
        tf.constant([1.0, 1.0], name="step")
        tf.constant(0.5, name="rate")
        tf.variables_initializer([w], name="init_w")
        tf.variables_initializer([v], name="init_v")
    definition = graph.definition
    if use == "descend":
        inputs = [definition.tensor(f"{name}:0") for name in ("layer/v", "rate", "step")]
        type = "ResourceApplyGradientDescent" if resource else "ApplyGradientDescent"
        definition.add("use", type, inputs, attrs={"T": float32})
    assert helping(definition, "use") == "init_v"


def helping(graph: Graph, target: str) -> str | None:
    program = Program("uninitialised", graph)
    with pytest.raises(OpError) as caught:
        program.session().run([], targets=[target])
    return program.initializer_for(caught.value)


def test_other_errors_and_variables_that_nothing_initialises_have_none() -> None:
    graph = tf.Graph()
    with graph.as_default():
        tf.multiply(tf.Variable(1.0, use_resource=False, name="v"), 1.0, name="read")
        tf.placeholder(tf.float32, (), name="unfed")
    assert helping(graph.definition, "read") is None
    assert helping(graph.definition, "unfed") is None
