"""Repairs of races: what they add, what they prove, and that TensorFlow keeps them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import opscope.engine.tf as tf
from opscope.engine import Program, Session, load, outcomes, repairs
from opscope.engine.analysis import Analysis, Repair
from opscope.engine.dtypes import int32, resource
from opscope.engine.executor.expand import expand
from opscope.engine.formats.graphdef import graph_to_def
from opscope.engine.formats.writer import save_graph_def
from opscope.engine.graph import (
    Argument,
    Function,
    FunctionNode,
    FunctionRef,
    FunctionSignature,
    Graph,
)

from .puzzles import ROWS, Row

GALLERY = Path(__file__).resolve().parents[3] / "server" / "gallery"
FILES = {
    entry["name"]: entry["file"]
    for entry in json.loads((GALLERY / "puzzles.json").read_text(encoding="utf-8"))
}
RACY = [row for row in ROWS if len(row.legal) > 1 and row.program not in ("p42_failed_run",)]


def opened(row: Row) -> tuple[Session, list[str], Analysis]:
    """The puzzle of `row`, initialised, what is fetched, and its analysis."""
    session = load(GALLERY / FILES[row.program]).session()
    if row.init is not None:
        session.run([], targets=[row.init])
    fetches = list(row.fetches)
    for _ in range(row.before):
        session.run(fetches, row.feeds, targets=row.targets)
    return session, fetches, outcomes(session, fetches, row.feeds, targets=row.targets)


def built(*fetches: str) -> tuple[Session, list[str], Analysis]:
    """What was built in the default graph, initialised, and the analysis of `fetches`."""
    graph = tf.get_default_graph()
    with graph.as_default():
        init = tf.global_variables_initializer()
    session = Session(expand(graph.definition))
    session.run([], targets=[init.name])
    return session, list(fetches), outcomes(session, list(fetches))


def all_repairs(row: Row) -> list[tuple[int | None, Repair]]:
    session, fetches, analysis = opened(row)
    found: list[tuple[int | None, Repair]] = []
    for race in [*range(len(analysis.races)), None]:
        made = repairs(session, fetches, row.feeds, analysis, race, targets=row.targets)
        found += [(race, repair) for repair in made]
    return found


@pytest.mark.parametrize("row", RACY, ids=lambda row: row.id)
def test_every_race_of_the_puzzles_can_be_removed(row: Row) -> None:
    found = all_repairs(row)
    assert any(race is None for race, _ in found)
    for race, repair in found:
        assert repair.removes_race
        assert repair.after.complete
        assert repair.edges or repair.loops
        assert not repair.new
        assert repair.kept
        if race is None:
            assert repair.after.count == 1
            assert len(repair.gone) + len(repair.kept) == len(row.legal)


def test_an_edge_each_way_says_what_it_means() -> None:
    row = next(r for r in ROWS if r.program == "p01_read_beside_write_resource")
    session, fetches, analysis = opened(row)
    new, old = repairs(session, fetches, None, analysis, 0)
    read, write = "v/Read/ReadVariableOp", "AssignAddVariableOp"
    assert new.edges == [(write, read)]
    assert "new value" in new.meaning
    assert [outcome.fetches for outcome in new.kept] == [{"ReadVariableOp:0": 1, f"{read}:0": 1}]
    assert old.edges == [(read, write)]
    assert [outcome.fetches for outcome in old.kept] == [{"ReadVariableOp:0": 1, f"{read}:0": 0}]
    assert "_add_control_input" in new.python
    assert "tf.control_dependencies" in new.build
    original = session.flat.graph.operation(read)
    assert not original.control_inputs
    assert [op.name for op in new.graph.operation(read).control_inputs] == [write]


def test_a_weak_edge_is_labelled_and_comes_last() -> None:
    row = next(r for r in ROWS if r.program == "p02_summary_ref")
    session, fetches, analysis = opened(row)
    robust, reverse, weak = repairs(session, fetches, None, analysis, 0)
    assert robust.copies == ["summary/copy"]
    assert robust.edges == [("summary/copy", "update")]
    assert not robust.warning
    assert weak.edges == [("summary", "update")]
    assert "optimizer may undo" in weak.warning
    assert reverse.edges == [("update", "summary")]
    assert not reverse.warning
    assert robust.graph.operation("summary/copy").type == "DeepCopy"


def test_a_program_keeps_its_values_and_signatures() -> None:
    row = next(r for r in ROWS if r.program == "p01_read_beside_write_resource")
    session, fetches, analysis = opened(row)
    program = Program("p", session.flat.graph, initial={"v": np.float32(5)}, init_op=None)
    repaired = repairs(session, fetches, None, analysis, 0)[0].program(program)
    assert repaired.signatures is program.signatures
    values = repaired.session().run(fetches)
    assert values == [6, 6]


def test_independent_pairs_need_one_edge_each() -> None:
    names: list[str] = []
    for number in range(6):
        variable = tf.Variable(0.0, use_resource=True, name=f"v{number}")
        tf.assign_add(variable, 1.0)
        names += [f"v{number}/Read/ReadVariableOp:0"]
    adds = [op.name for op in tf.get_default_graph().get_operations() if "AssignAdd" in op.type]
    session, fetches, analysis = built(*names, *adds)
    assert analysis.count == 2**6
    found = repairs(session, fetches, None, analysis, None)
    assert all(len(repair.edges) == 6 and repair.after.count == 1 for repair in found)


def test_one_edge_orders_several_readers() -> None:
    variable = tf.Variable(1.0, use_resource=True, name="v")
    tf.add_n([variable + 1.0, variable * 10.0, variable * 100.0], name="sum")
    tf.assign(variable, 7.0)
    writes = [
        op.name
        for op in tf.get_default_graph().get_operations()
        if op.type == "AssignVariableOp" and not op.name.startswith("v/")
    ]
    session, fetches, analysis = built("sum:0", *writes)
    assert analysis.count == 8
    shortest = repairs(session, fetches, None, analysis, None)[0]
    assert len(shortest.edges) == 1
    assert shortest.edges[0] == ("sum", writes[0])


def test_a_branch_is_waited_for_where_it_ends() -> None:
    variable = tf.Variable(1.0, use_resource=True, name="v")
    choice = tf.placeholder_with_default(True, [], name="choice")
    tf.cond(choice, lambda: tf.assign_add(variable, 5.0).value(), lambda: tf.constant(0.0))
    result = tf.get_default_graph().get_operations()[-1].name
    reads = tf.identity(variable.value(), name="outside")
    session, fetches, analysis = built(f"{result}:0", reads.name)
    assert len(analysis.races) == 1
    found = repairs(session, fetches, None, analysis, 0)
    assert all(repair.removes_race and not repair.new for repair in found)
    (merge,) = {edge[0] for repair in found for edge in repair.edges if edge[0] == "cond/Merge"}
    assert session.flat.graph.operation(merge).type == "Merge"


@pytest.mark.parametrize("use_resource", [False, True])
def test_a_loop_is_waited_for_as_a_whole(use_resource: bool) -> None:
    variable = tf.Variable(1.0, use_resource=use_resource, name="v")

    def body(i: Any) -> Any:
        with tf.control_dependencies([tf.assign_add(variable, 1.0)]):
            return tf.add(i, 1)

    turns = tf.while_loop(lambda i: tf.less(i, 2), body, [tf.constant(0)])
    outside = tf.multiply(variable.value(), 10.0, name="outside")
    session, fetches, analysis = built(turns.name, outside.name)
    assert analysis.count == 3
    race = next(
        n for n, r in enumerate(analysis.races) if "while" in r.first.name + r.second.name
        and r.first.name != r.second.name
    )  # fmt: skip
    found = repairs(session, fetches, None, analysis, race)
    kept = {float(o.fetches["outside:0"]) for r in found for o in r.kept if o.fetches}
    assert kept == {10, 30}
    types = {session.flat.graph.operation(r.edges[0][0]).type for r in found if not r.copies}
    assert "Exit" in types


def test_turns_that_race_get_one_parallel_iteration() -> None:
    row = next(r for r in ROWS if r.program == "p31_overlapping_turns_ref")
    session, fetches, analysis = opened(row)
    itself = next(n for n, r in enumerate(analysis.races) if r.first.name == r.second.name)
    (repair,) = repairs(session, fetches, None, analysis, itself)
    assert repair.loops
    assert not repair.edges
    (loop,) = repair.loops
    enters = [op for op in repair.graph if op.attrs.get("frame_name") == loop.encode()]
    assert {op.attrs["parallel_iterations"] for op in enters} == {1}
    assert "parallel_iterations" in repair.python + repair.build


def test_a_fetch_that_races_with_the_initialiser_gets_a_read_of_its_own() -> None:
    variable = tf.Variable(3.0, use_resource=False, name="v")
    session = Session(expand(tf.get_default_graph().definition))
    fetches = [variable.name, variable.initializer.name]
    analysis = outcomes(session, fetches)
    assert analysis.count == 2
    (repair,) = repairs(session, fetches, None, analysis, 0)
    ((old, new),) = repair.fetches.items()
    assert old == "v:0"
    assert repair.removes_race
    assert [o.error for o in repair.kept] == [None]
    fixed = Session(expand(repair.graph))
    assert fixed.run([new, "v/Assign"]) == [3.0, None]


# Functions: an edge stands inside one body, or between calls.


def _reader_and_writer() -> Function:
    """Reads the variable and adds 1 to it; nothing orders the two."""
    signature = FunctionSignature(
        "bump",
        [Argument("handle", dtype=resource)],
        [Argument("seen", dtype=int32)],
        ["added"],
        is_stateful=True,
    )
    one = np.int32(1)
    nodes = [
        FunctionNode("one", "Const", [], {"value": one, "dtype": int32}),
        FunctionNode("read", "ReadVariableOp", ["handle"], {"dtype": int32}),
        FunctionNode("add", "AssignAddVariableOp", ["handle", "one:output:0"], {"dtype": int32}),
    ]
    return Function(signature, nodes, {"seen": "read:value:0"}, {"added": "add"})


def _calls(count: int) -> tuple[Session, list[str], Analysis]:
    graph = Graph()
    graph.versions = (1882, 0)
    graph.functions["bump"] = _reader_and_writer()
    handle = graph.add("v", "VarHandleOp", attrs={"dtype": int32, "shape": (), "shared_name": b"v"})
    attrs = {"f": FunctionRef("bump"), "Tin": [resource], "Tout": [int32]}
    for number in range(count):
        name = f"call_{number}"
        graph.add(name, "StatefulPartitionedCall", [handle.output()], attrs=attrs)
    session = Session(expand(graph), {"v": np.int32(0)})
    fetches = [f"call_{number}:0" for number in range(count)]
    return session, fetches, outcomes(session, fetches)


def test_an_edge_inside_a_function_changes_its_body() -> None:
    session, fetches, analysis = _calls(1)
    assert analysis.count == 2
    before, after = repairs(session, fetches, None, analysis, 0)
    assert {tuple(before.edges), tuple(after.edges)} == {(("read", "add"),), (("add", "read"),)}
    assert before.removes_race
    assert after.removes_race
    assert "function bump" in before.python + before.build
    assert not any("^" in text for n in session.flat.graph.functions["bump"].nodes
                   for text in n.inputs)  # fmt: skip


def test_ops_of_two_calls_are_ordered_by_an_edge_between_the_calls() -> None:
    session, fetches, analysis = _calls(2)
    across = next(
        n for n, race in enumerate(analysis.races)
        if race.first.name.split("/")[0] != race.second.name.split("/")[0]
    )  # fmt: skip
    found = repairs(session, fetches, None, analysis, across)
    edges = {edge for repair in found for edge in repair.edges}
    assert edges == {("call_0", "call_1"), ("call_1", "call_0")}
    assert all(repair.removes_race for repair in found)
    whole = repairs(session, fetches, None, analysis, None)
    assert whole
    assert all(repair.after.count == 1 for repair in whole)


def test_a_race_that_does_not_exist_is_an_error() -> None:
    session, fetches, analysis = _calls(1)
    with pytest.raises(IndexError):
        repairs(session, fetches, None, analysis, 17)


# In TensorFlow, with its optimizer on


@pytest.mark.parametrize("row", RACY, ids=lambda row: row.id)
def test_tensorflow_keeps_the_order(row: Row, tmp_path: Path) -> None:
    v1 = pytest.importorskip("tensorflow").compat.v1
    session, fetches, _ = opened(row)
    variables = [variable.name for variable in load(GALLERY / FILES[row.program]).variables]
    for _, repair in all_repairs(row):
        if repair.warning:
            continue
        allowed = {_shown(o, row.fetches) for o in repair.after.outcomes()}
        path = tmp_path / "repaired.pb"
        save_graph_def(repair.graph, path)
        saved = v1.GraphDef.FromString(path.read_bytes())
        original = v1.GraphDef.FromString(graph_to_def(session.flat.graph).SerializeToString())
        # What delays is outside of every loop, and must stay there.
        delayed = [None, *(before for before, _ in repair.edges if not repair.loops)]
        for late in delayed:
            with v1.Graph().as_default() as graph:
                v1.import_graph_def(original, name="")
                exec(repair.python, {"tf": v1})
                assert _wiring(graph.as_graph_def()) == _wiring(saved)
                reads = _reads(v1, graph, variables)
                if late is not None:
                    _delay(v1, graph, late)
                for _ in range(4):
                    assert _ran(v1, row, repair, fetches, reads) in allowed


def test_tensorflow_undoes_what_is_labelled() -> None:
    v1 = pytest.importorskip("tensorflow").compat.v1
    row = next(r for r in ROWS if r.program == "p23_loss_beside_train_ref")
    session, _, _ = opened(row)
    weak = next(r for race, r in all_repairs(row) if race == 0 and r.warning)
    allowed = {_shown(o, row.fetches) for o in weak.after.outcomes()}
    original = v1.GraphDef.FromString(graph_to_def(session.flat.graph).SerializeToString())
    with v1.Graph().as_default() as graph:
        v1.import_graph_def(original, name="")
        exec(weak.python, {"tf": v1})
        reads = _reads(v1, graph, ["w"])
        _delay(v1, graph, "loss")
        seen = (_ran(v1, row, weak, list(row.fetches), reads) for _ in range(40))
        assert any(outcome not in allowed for outcome in seen)


def _wiring(graph_def: Any) -> dict[str, tuple[list[str], int]]:
    """Node -> its inputs, control inputs sorted, and the turns that its loop runs at once."""
    found: dict[str, tuple[list[str], int]] = {}
    for node in graph_def.node:
        data = [text for text in node.input if not text.startswith("^")]
        control = sorted(text for text in node.input if text.startswith("^"))
        found[node.name] = ([*data, *control], node.attr["parallel_iterations"].i)
    return found


def _delay(v1: Any, graph: Any, name: str) -> None:
    def sleep() -> Any:
        time.sleep(0.01)
        return np.float32(0)

    waiting = v1.py_func(sleep, [], v1.float32, stateful=True)
    graph.get_operation_by_name(name)._add_control_input(waiting.op)


def _ran(v1: Any, row: Row, repair: Repair, fetches: list[str], reads: Any) -> Any:
    """One run of `row` in TensorFlow's default graph, and what came out."""
    graph = v1.get_default_graph()
    with v1.Session(config=v1.ConfigProto(inter_op_parallelism_threads=4)) as session:
        if row.init is not None:
            session.run(graph.get_operation_by_name(row.init))
        names = [repair.fetches.get(name, name) for name in fetches]
        targets = [graph.get_operation_by_name(name) for name in row.targets]
        for _ in range(row.before + 1):
            values = session.run([*names, *targets], dict(row.feeds))[: len(names)]
        held = session.run(reads)
    return _key(values, held)


def _reads(v1: Any, graph: Any, variables: list[str]) -> dict[str, Any]:
    """Variable -> a tensor with its value, for a run of its own."""
    found: dict[str, Any] = {}
    for name in variables:
        op = graph.get_operation_by_name(name)
        output = op.outputs[0]
        if op.type == "VarHandleOp":
            output = v1.raw_ops.ReadVariableOp(resource=output, dtype=op.get_attr("dtype"))
        found[name] = output
    return found


def _shown(outcome: Any, fetches: tuple[str, ...]) -> Any:
    return _key([outcome.fetches[name] for name in fetches], outcome.variables)


def _key(values: Any, held: Any) -> Any:
    def rounded(value: Any) -> Any:
        return np.asarray(value).shape, np.round(np.asarray(value, float), 5).ravel().tolist()

    return repr(([rounded(v) for v in values], sorted((n, rounded(v)) for n, v in held.items())))
