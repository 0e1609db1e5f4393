"""A program under the other kind of variables has the outcomes that TensorFlow gives it there."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import opscope.engine.tf as tf
from opscope.engine import Program, compare_models, load, other_model, outcomes
from opscope.engine.analysis import Comparison
from opscope.engine.errors import GraphError
from opscope.engine.formats.graphdef import graph_to_def

from .puzzles import ROWS, Outcome, Row

GALLERY = Path(__file__).resolve().parents[3] / "server" / "gallery"
FILES = {
    entry["name"]: entry["file"]
    for entry in json.loads((GALLERY / "puzzles.json").read_text(encoding="utf-8"))
}
UNTOLD = {"p05_value_method": "y:0", "p26_dependent_initial_value": "init"}
"""What the two graphs do not tell: that `v.value()` was called below a control dependency, and that
TensorFlow guards the initial values of reference variables only."""


def twins() -> list[tuple[Row, Row]]:
    """Every row of the puzzles with the same row under the other kind of variables."""
    by_program: dict[str, list[Row]] = {}
    for row in ROWS:
        by_program.setdefault(row.program, []).append(row)
    found: list[tuple[Row, Row]] = []
    for name, rows in by_program.items():
        base, _, kind = name.rpartition("_")
        others = by_program.get(f"{base}_{'resource' if kind == 'ref' else 'ref'}", [])
        untold = UNTOLD.get(base)
        found += [
            (row, other)
            for row, other in zip(rows, others, strict=False)
            if untold is None or untold not in (*row.fetches, *row.targets)
        ]
    return found


def reached(
    program: Program, row: Row, name: Callable[[str], str] = lambda name: name
) -> set[Hashable]:
    """The outcomes of `row` in `program`."""
    session = program.session()
    if row.init is not None:
        session.run([], targets=[name(row.init)])
    fetches, targets = [name(n) for n in row.fetches], [name(n) for n in row.targets]
    for _ in range(row.before):
        session.run(fetches, row.feeds, targets=targets)
    analysis = outcomes(session, fetches, row.feeds, targets=targets)
    assert analysis.complete
    return {
        Outcome(
            None if o.fetches is None else tuple(o.fetches[n] for n in fetches),
            o.variables,
            None if o.error is None else type(o.error).__name__,
        ).key()
        for o in analysis.outcomes()
    }


@pytest.mark.parametrize("pair", twins(), ids=lambda pair: pair[0].id)
def test_the_converted_puzzle_has_the_outcomes_of_its_twin(pair: tuple[Row, Row]) -> None:
    row, twin = pair
    converted = other_model(load(GALLERY / FILES[row.program]))
    types = {op.type for op in converted.program.graph}
    assert ("VarHandleOp" in types) == (converted.model == "resource")
    assert ("VariableV2" in types) == (converted.model == "reference")
    assert reached(converted.program, row, converted.name) == {o.key() for o in twin.legal}


STRAIGHT = [
    pair for pair in twins() if pair[0].puzzle in ("P01", "P02", "P08", "P13", "P14", "P23")
]


@pytest.mark.parametrize("pair", STRAIGHT, ids=lambda pair: pair[0].id)
def test_there_and_back_again(pair: tuple[Row, Row]) -> None:
    row, _ = pair
    there = other_model(load(GALLERY / FILES[row.program]))
    back = other_model(there.program)
    assert reached(back.program, row, lambda name: back.name(there.name(name))) == {
        outcome.key() for outcome in row.legal
    }


def compared(name: str, fetches: list[str], targets: tuple[str, ...] = ()) -> Comparison:
    session = load(GALLERY / FILES[name]).session()
    session.run([], targets=["init"])
    return compare_models(session, fetches, targets=targets)


def fetched(found: Any) -> set[tuple[float, ...]]:
    return {tuple(float(v) for v in (o.fetches or {}).values()) for o in found}


def test_a_fetch_is_an_alias_or_a_read_of_its_own() -> None:
    both = compared("p01_read_beside_write_ref", ["update:0", "v:0"])
    assert not both.only_reference
    assert fetched(both.common) == {(1, 1)}
    assert fetched(both.only_resource) == {(1, 0)}
    assert any("alias of the buffer of v" in why for why in both.why)
    assert any("read of its own" in why for why in both.why)
    other = compared(
        "p01_read_beside_write_resource", ["ReadVariableOp:0", "v/Read/ReadVariableOp:0"]
    )
    assert fetched(other.common) == {(1, 1)}
    assert fetched(other.only_resource) == {(1, 0)}
    assert other.reference.count == 1
    assert other.resource.count == 2


def test_a_swap_happens_with_snapshots_only() -> None:
    both = compared("p14_swap_ref", [], ("swap",))
    swapped = [{n: float(v) for n, v in o.variables.items()} for o in both.only_resource]
    assert swapped == [{"a": 2.0, "b": 1.0}]
    assert not both.only_reference
    assert len(both.common) == 2
    assert any("snapshot of a" in why for why in both.why)


def test_a_loss_beside_the_step() -> None:
    both = compared("p23_loss_beside_train_ref", ["loss:0", "w:0"], ("train",))
    assert fetched(both.common) == {(1, 0.5)}
    assert fetched(both.only_reference) == {(0.25, 0.5)}
    assert fetched(both.only_resource) == {(1, 1)}
    assert any("loss reads the buffer of w only when it runs" in why for why in both.why)


def test_where_nothing_differs_nothing_is_explained() -> None:
    both = compared("p08_two_assigns_ref", ["d:0"])
    assert not both.why
    assert not both.only_reference
    assert not both.only_resource
    assert both.common


def test_values_and_generators_of_the_session_are_taken_over() -> None:
    variable = tf.Variable(0.0, name="v", use_resource=False)
    tf.assign_add(variable, tf.random_uniform([], seed=3), name="add")
    program = Program("p", tf.get_default_graph().definition, initial={"v": np.float32(5)})
    session = program.session()
    session.run("add:0")
    both = compare_models(session, "add:0")
    assert not both.why
    assert session.run("add:0") == both.common[0].fetches["add:0"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: tf.constant(1.0), "no variables"),
        (
            lambda: [tf.Variable(1.0, name="v"), tf.Variable(1.0, name="w", use_resource=True)],
            "reference variable 'v' beside the resource variable 'w'",
        ),
        (
            lambda: tf.assign(tf.Variable(1.0, name="v", validate_shape=False), [1.0],
                              validate_shape=False),
            "may change the shape",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_converted_is_said(build: Callable[[], Any], message: str) -> None:
    build()
    with pytest.raises(GraphError, match=message):
        other_model(Program("p", tf.get_default_graph().definition))


@pytest.mark.parametrize("pair", twins(), ids=lambda pair: pair[0].id)
def test_tensorflow_runs_the_converted_graph(pair: tuple[Row, Row]) -> None:
    v1 = pytest.importorskip("tensorflow").compat.v1
    row, twin = pair
    converted = other_model(load(GALLERY / FILES[row.program]))
    wire = graph_to_def(converted.program.graph).SerializeToString()
    names = [converted.name(name) for name in row.fetches]
    with v1.Graph().as_default() as graph, v1.Session() as session:
        v1.import_graph_def(v1.GraphDef.FromString(wire), name="")
        targets = [graph.get_operation_by_name(converted.name(name)) for name in row.targets]
        if row.init is not None:
            session.run(graph.get_operation_by_name(row.init))
        found = Outcome(None, {})
        try:
            for _ in range(row.before + 1):
                values = session.run([*names, *targets], dict(row.feeds))
            found = Outcome(tuple(values[: len(names)]), {})
        except v1.errors.OpError as error:
            found = Outcome(None, {}, type(error).__name__)
        legal = (*twin.legal, *twin.accepted)
        assert found.key() in {Outcome(o.fetches, {}, o.error).key() for o in legal}
