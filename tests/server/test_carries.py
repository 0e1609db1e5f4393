"""What edges carry: values, aliases, references and handles."""

from __future__ import annotations

from pathlib import Path

import pytest

import opscope.engine.tf as tf
from opscope.engine import Program, load
from opscope.engine.formats.writer import save_graph_def
from opscope.server.carries import Carries
from opscope.server.graph_json import graph_json

PROGRAMS = Path(__file__).parents[2] / "server" / "gallery" / "programs"


@pytest.mark.parametrize(
    ("program", "op", "carries"),
    [
        ("product_ref", "a", "ref"),
        ("product_ref", "a/read", "alias"),
        ("product_ref", "add", "ref"),
        ("product_ref", "mul", "value"),
        ("product_resource", "a", "handle"),
        ("product_resource", "a/Read/ReadVariableOp", "value"),
        ("product_resource", "mul", "value"),
    ],
)
def test_an_output_carries(program, op, carries):
    loaded = load(PROGRAMS / f"{program}.pb")
    assert Carries(loaded.flat).of((loaded.flat.index(op), 0)) == carries


def test_a_branch_passes_on_what_it_is_given():
    loaded = load(PROGRAMS / "conditional_state_ref.pb")
    switches = [node for node in loaded.flat.nodes if node.type in ("Switch", "RefSwitch")]
    assert switches
    carries = Carries(loaded.flat)
    for switch in switches:
        assert carries.of((switch.index, 0)) in (carries.of(switch.inputs[0]), "alias")


@pytest.fixture
def mixed(tmp_path: Path) -> Program:
    """Variables of both kinds, and ops that pass on one thing or another."""
    graph = tf.Graph()
    with graph.as_default():
        by_ref = tf.Variable(1.0, name="by_ref", use_resource=False)
        by_handle = tf.Variable(2.0, name="by_handle", use_resource=True)
        read = tf.identity(by_ref, name="read")
        value = tf.add(read, by_handle, name="value")
        types = [value.op.outputs[0].dtype.definition] * 2
        graph.create_op("IdentityN", [value, read], types, {"T": types}, "both", lambda _: [(), ()])
        taken = tf.placeholder(tf.bool, [], name="taken")
        tf.cond(taken, lambda: value, lambda: tf.identity(read, name="passed"), name="either")
        tf.assign_add(by_ref, 1.0, name="update")
        tf.assign_add(by_handle, 1.0)
    path = tmp_path / "mixed.pb"
    save_graph_def(graph.definition, path)
    return load(path)


@pytest.mark.parametrize(
    ("op", "output", "carries"),
    [
        ("by_ref", 0, "ref"),
        ("by_handle", 0, "handle"),
        ("read", 0, "alias"),
        ("value", 0, "value"),
        ("both", 0, "value"),
        ("both", 1, "alias"),
        ("either/Merge", 0, "alias"),
        ("either/Merge", 1, "value"),
    ],
)
def test_what_is_passed_on_is_what_was_given(mixed, op, output, carries):
    assert Carries(mixed.flat).of((mixed.flat.index(op), output)) == carries


def test_a_graph_tells_of_each_edge_what_it_carries(mixed):
    graph = graph_json(mixed, "mixed", "mixed")
    names = graph["nodes"]["name"]

    def edges(kind):
        starts = [4 * number for number in graph[kind]]
        return {(names[graph["edges"][at]], names[graph["edges"][at + 2]]) for at in starts}

    assert ("by_ref", "by_ref/read") in edges("refs")
    assert {"by_ref"} == {source for source, _ in edges("refs")}
    assert {"by_handle"} == {source for source, _ in edges("handles")}
    assert {("by_ref/read", "read"), ("read", "value"), ("read", "both")} <= edges("aliases")
    assert {target for _, target in edges("mutating")} >= {"update", "AssignAddVariableOp"}
    assert edges("mutating") <= edges("refs") | edges("handles")
    kinds = [graph[kind] for kind in ("refs", "handles", "aliases")]
    assert sum(map(len, kinds)) == len(set().union(*kinds)) < len(graph["edges"]) // 4
