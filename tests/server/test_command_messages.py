"""What `run`, `outcomes` and `check` say to help: initialisers, operations fetched, repairs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import opscope.engine.tf as tf
from opscope.engine.dtypes import float32
from opscope.engine.formats.writer import save_graph_def
from opscope.engine.graph import Graph
from opscope.server.cli import main


@pytest.fixture
def opscope(capsys):
    """Runs a command in this process: (exit code, standard output, standard error)."""

    def run(*arguments):
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def saved(tmp_path):
    """Saves a graph: its file."""

    def save(graph: Graph) -> Path:
        path = tmp_path / "graph.pb"
        save_graph_def(graph, path)
        return path

    return save


# What initialises a variable


@pytest.mark.parametrize("command", ["run", "outcomes", "check"])
def test_the_initializer_that_helps_is_named(opscope, counter_file, command):
    code, _, err = opscope(command, counter_file, "--fetch", "value:0")
    assert code == 3
    assert err.count("\n") == 1
    assert err.endswith(". init initialises the variable: run it first with --init init\n")
    code, _, err = opscope(command, counter_file, "--fetch", "value:0", "--init", "init")
    assert (code, err) == (0, "")


@pytest.mark.parametrize("command", ["outcomes", "check"])
def test_it_is_named_where_only_some_orders_fail(opscope, counter_file, command):
    fetches = ["--target", "init", "--fetch", "value:0"]
    _, _, err = opscope(command, counter_file, *fetches)
    assert err.endswith(". init initialises the variable: run it first with --init init\n")


# Operations that are fetched


@pytest.mark.parametrize(
    ("command", "purpose"), [("run", "print"), ("outcomes", "compare"), ("check", "compare")]
)
def test_an_operation_that_has_outputs_may_not_be_meant(opscope, counter_file, command, purpose):
    code, out, err = opscope(command, counter_file, "--init", "init", "--fetch", "value")
    assert code == 0
    assert out
    assert err == (
        f"opscope {command}: value is an operation, which has no value; to {purpose} its value, "
        "fetch value:0\n"
    )
    _, _, err = opscope(command, counter_file, "--init", "init", "--fetch", "value:0", "init")
    assert err == ""


# Shared variables


def test_nodes_that_are_one_variable_have_one_value(opscope, saved):
    graph = Graph()
    attrs = {"dtype": float32, "shape": (), "shared_name": b"one"}
    first = graph.add("a", "VariableV2", attrs=attrs)
    graph.add("b", "VariableV2", attrs=attrs)
    value = graph.add("value", "Const", attrs={"dtype": float32, "value": float32.numpy.type(2)})
    graph.add("set", "Assign", [first.output(), value.output()], attrs={"T": float32})
    code, out, _ = opscope("run", saved(graph), "--fetch", "set:0", "--json")
    assert code == 0
    assert json.loads(out)["variables"] == {"a": 2.0, "b": 2.0}


# Runs that fail in every order


@pytest.fixture
def failing(saved):
    """A run that fails in every order, in two ways."""
    graph = tf.Graph()
    with graph.as_default():
        v = tf.Variable([1.0, 2.0], use_resource=False, name="v")
        tf.assign_add(v, [1.0, 1.0], name="update")
        tf.multiply(v, 1.0, name="product")
        tf.global_variables_initializer()
    definition = graph.definition
    for name, message in (("first", b"A"), ("second", b"B")):
        definition.add(
            name,
            "CheckNumerics",
            [nan(definition, name)],
            [definition.operation("product")],
            {"T": float32, "message": message},
        )
    return [saved(definition), "--init", "init", "--fetch", "first:0", "second:0"]


def nan(graph: Graph, name: str):
    value = float32.numpy.type("nan")
    return graph.add(f"{name}/nan", "Const", attrs={"dtype": float32, "value": value}).output()


def test_several_failures_are_several_results(opscope, failing):
    code, out, err = opscope("outcomes", *failing)
    assert code == 3
    assert "2 results, depending on the order of operations" in " ".join(out.split())
    assert "It fails in every order, in one of 2 ways:" in out
    assert err.endswith("the run fails in every order\n")
    code, out, _ = opscope("check", *failing)
    assert code == 1
    assert "failure: the run fails in 2 ways, and the order decides which" in out


def test_what_is_never_fetched_depends_on_nothing(opscope, failing):
    code, out, _ = opscope("outcomes", *failing, "--target", "update", "--json")
    assert code == 3
    races = json.loads(out)["races"]
    assert races
    assert not any("what is fetched" in race["why"] for race in races)


# What ends races


@pytest.fixture
def three_races(saved):
    """An update of a reference variable that three products read."""
    graph = tf.Graph()
    with graph.as_default():
        v = tf.Variable([1.0, 2.0], use_resource=False, name="v")
        tf.assign_add(v, [1.0, 1.0], name="update")
        for number in range(3):
            tf.multiply(v, float(number + 2), name=f"product_{number}")
        tf.global_variables_initializer()
    fetches = [f"product_{number}:0" for number in range(3)]
    return [saved(graph.definition), "--init", "init", "--target", "update", "--fetch", *fetches]


@pytest.mark.parametrize("command", ["outcomes", "check"])
def test_three_races_end_together(opscope, three_races, command):
    _, out, _ = opscope(command, *three_races)
    assert "One result is left with the control edge update -> v/read." in " ".join(out.split())
    _, out, _ = opscope(command, *three_races, "--json")
    assert "One result is left" not in out


def test_two_races_speak_for_themselves(opscope, three_races):
    _, out, _ = opscope("outcomes", *three_races[:-1])
    assert out.count("Race on v") == 2
    assert "One result is left" not in out


def test_tearing_is_told_in_terms_of_the_program(opscope, three_races):
    _, out, _ = opscope("outcomes", *three_races[:-2])
    said = " ".join(out.split())
    assert (
        "Tearable: where the kernels overlap, product_0 (Mul) may take some elements of v from "
        "before update (AssignAdd) has written them and others from after that; it shows in "
        "product_0:0; --level split shows what that adds."
    ) in said
