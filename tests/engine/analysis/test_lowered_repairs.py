"""Repairs of races in functions, conditionals and loops, also as TensorFlow runs them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import opscope.engine.tf as tf
from opscope.engine import outcomes, repairs
from opscope.engine.analysis import Repair
from opscope.engine.formats.graphdef import graph_to_def
from opscope.engine.session import Program
from opscope.engine.tf.build import apply

from .test_lowered import RECORDED, opened

_RUNS = 30


def repaired(name: str, folder: Path, race: int | None = 0) -> list[Repair]:
    case = RECORDED[name]
    session = opened(case, folder)
    fetches, targets = case["fetches"], case["targets"]
    analysis = outcomes(session, fetches, targets=targets)
    return repairs(session, fetches, None, analysis, race, targets=targets)


@pytest.mark.parametrize("name", ["write_after_an_if", "write_after_an_if_ref"])
def test_a_write_waits_for_what_a_branch_returns(name: str, tmp_path: Path) -> None:
    """An edge from the `If` itself is there already, and does not wait for the read."""
    (repair,) = repaired(name, tmp_path)
    case = RECORDED[name]
    (source, target), *others = repair.edges
    assert (source, target) == ("cond/Identity", case["targets"][0])
    assert others == []
    assert repair.removes_race
    assert not repair.warning


def test_an_edge_in_a_body_says_that_it_needs_a_new_graph(tmp_path: Path) -> None:
    (repair,) = repaired("loop_of_one_turn_at_a_time", tmp_path)
    ((before, after),) = repair.edges
    assert repair.after.count == 1
    assert "inside the function while_body" in repair.warning
    assert "makes a new graph" in repair.warning
    assert f'node.input.append("^{before}")' in repair.python
    assert f'build "{after}" (ReadVariableOp) here' in repair.build
    assert "the body's own" in repair.build


def test_turns_that_overlap_need_an_edge_and_one_turn_at_a_time(tmp_path: Path) -> None:
    (repair,) = repaired("loop_with_overlapping_turns", tmp_path)
    assert repair.loops == ["while"]
    assert len(repair.edges) == 1
    assert repair.after.count == 1


def test_what_no_edge_decides_is_in_the_warning() -> None:
    with tf.Graph().as_default() as graph:
        variable = tf.Variable(1.0, use_resource=True, name="v")
        first, second = (
            apply("CheckNumerics", {"tensor": variable / 0.0}, message=b"not finite")
            for _ in range(2)
        )
        add = tf.assign_add(variable, 1.0).op
        initializer = tf.global_variables_initializer().name
    session = Program("failures", graph.definition).session()
    session.run([], targets=[initializer])
    fetches = [first.name, second.name]
    analysis = outcomes(session, fetches, targets=[add.name])
    found = repairs(session, fetches, None, analysis, None, targets=[add.name])
    assert found[0].removes_race
    assert not found[0].after.races
    assert found[0].after.count == 2
    assert "still has 2 outcomes: which op fails first is undecided" in found[0].warning


REPAIRED = [
    "loop_with_overlapping_turns",
    "loop_of_one_turn_at_a_time",
    "write_after_an_if",
    "write_after_an_if_ref",
    "write_after_a_case",
    "write_after_a_call",
]


@pytest.mark.parametrize("name", REPAIRED)
def test_every_race_can_be_removed(name: str, tmp_path: Path) -> None:
    found = repaired(name, tmp_path, None)
    assert found
    assert all(repair.removes_race and repair.after.count == 1 for repair in found)


@pytest.mark.parametrize("name", REPAIRED)
def test_tensorflow_keeps_the_order(name: str, tmp_path: Path) -> None:
    v1 = pytest.importorskip("tensorflow").compat.v1
    case = RECORDED[name]
    original = v1.GraphDef.FromString(
        graph_to_def(opened(case, tmp_path).flat.graph).SerializeToString()
    )
    for repair in repaired(name, tmp_path, None):
        (outcome,) = repair.after.outcomes()
        assert outcome.fetches is not None
        wanted = [outcome.fetches[fetch].tolist() for fetch in case["fetches"]]
        saved = v1.GraphDef.FromString(graph_to_def(repair.graph).SerializeToString())
        with v1.Graph().as_default():
            v1.import_graph_def(original, name="")
            names: dict[str, Any] = {"tf": v1}
            exec(repair.python, names)
        assert ordered(names["graph"].as_graph_def()) == ordered(saved)
        with v1.Graph().as_default() as graph:
            v1.import_graph_def(saved, name="")
            for _ in range(_RUNS):
                with v1.Session(graph=graph) as session:
                    session.run(graph.get_operation_by_name(case["initializer"]))
                    targets = [graph.get_operation_by_name(target) for target in case["targets"]]
                    values = session.run([case["fetches"], targets])[0]
                assert json.loads(json.dumps([value.tolist() for value in values])) == wanted


def ordered(definition: Any) -> dict[str, list[str]]:
    """The inputs of every node and body node, control inputs sorted."""
    nodes = [("", node) for node in definition.node]
    for function in definition.library.function:
        nodes += [(f"{function.signature.name}/", node) for node in function.node_def]
    return {
        prefix + node.name: [text for text in node.input if not text.startswith("^")]
        + sorted(text for text in node.input if text.startswith("^"))
        for prefix, node in nodes
    }
