"""Sparse steps of optimizers that overlap with others: index after index, row after row.

The expected values of elements were seen in TensorFlow 2.21, on rows of a million elements.
"""

from __future__ import annotations

import json

import numpy as np
import pytest

import opscope.engine.tf as tf
from opscope.engine import Session, outcomes
from opscope.engine.analysis import Analysis, replay
from opscope.engine.executor.expand import expand
from opscope.engine.tf.build import apply

from . import brute_force
from .training import Duel, keys, variables

OPTIMIZERS = (
    "Adadelta",
    "Adagrad",
    "AdagradDA",
    "AdagradV2",
    "CenteredRMSProp",
    "Ftrl",
    "FtrlV2",
    "Momentum",
    "ProximalAdagrad",
    "ProximalGradientDescent",
    "RMSProp",
)
SLOTS = [(name, slot) for name in OPTIMIZERS for slot in variables(name)]


# What every optimizer has in common


@pytest.mark.parametrize(("optimizer", "target"), SLOTS)
@pytest.mark.parametrize("does", ["assign", "read"])
@pytest.mark.parametrize("is_resource", [False, True])
@pytest.mark.parametrize("locking", [False, True])
def test_the_finer_level_has_more(
    optimizer: str, target: str, does: str, is_resource: bool, locking: bool
) -> None:
    duel = Duel(optimizer, target, does, is_resource=is_resource, locking=locking)
    atomic, split = duel.outcomes("atomic"), duel.outcomes()
    assert split.complete
    assert keys(atomic) <= keys(split)
    # A read of a reference locks nothing, one of a resource shares; an assignment to a resource
    # keeps all others out.
    excluded = locking if does == "assign" or is_resource else False
    excluded |= is_resource and does == "assign"
    if excluded:
        assert keys(atomic) == keys(split)
    elif atomic.count > 1:
        assert keys(atomic) < keys(split)


@pytest.mark.parametrize("does", ["assign", "read"])
def test_the_step_of_keras_is_one_of_them(does: str) -> None:
    duel = Duel("KerasMomentum", "accum", does, is_resource=True)
    atomic, split = duel.outcomes("atomic"), duel.outcomes()
    assert split.complete
    assert len(keys(split)) == (2 if does == "assign" else 4)
    assert keys(atomic) <= keys(split)


@pytest.mark.parametrize(
    "duel",
    [
        Duel("Momentum", "accum"),
        Duel("Ftrl", "accum", shape=(1,)),
        Duel("Adagrad", "var", "read", shape=(2,), indices=(1, 1)),
        Duel("Adagrad", "accum", "read", is_resource=True),
        Duel("Momentum", shape=(2,), indices=(0, 7)),
    ],
    ids=str,
)
def test_witnesses_replay(duel: Duel) -> None:
    session, fetches, targets = duel.build()
    start = session.memory
    for outcome in duel.outcomes().outcomes():
        session.memory = start.copy()
        schedule = json.loads(json.dumps([entry.to_json() for entry in outcome.schedule]))
        if outcome.error is not None:
            with pytest.raises(type(outcome.error)):
                replay(session, fetches, schedule, targets=targets)
        else:
            values = replay(session, fetches, schedule, targets=targets)
            for name, value in zip(fetches, values, strict=True):
                np.testing.assert_array_equal(value, outcome.fetches[name])
        for name, value in outcome.variables.items():
            np.testing.assert_array_equal(session.variables[name], value)


@pytest.mark.parametrize(
    "duel",
    [
        Duel("Adagrad", "accum", shape=(1,)),
        Duel("Adagrad", "var", "read", shape=(1,), is_resource=True),
        Duel("Ftrl", shape=(1,)),
        Duel("Momentum", "accum", shape=(1,)),
        Duel("Momentum", "accum", shape=(1,), locking=True),
        Duel("ProximalGradientDescent", "var", "read", shape=(2,), indices=(0, 1)),
        Duel("ProximalGradientDescent", shape=(1,), indices=(0, 7)),
    ],
    ids=str,
)
def test_the_outcomes_are_those_of_every_order(duel: Duel) -> None:
    session, fetches, targets = duel.build()
    expected, _ = brute_force.all_results(session, fetches, targets=targets, limit=5000, apart=True)
    assert brute_force.results_of(duel.outcomes(), fetches) == expected


# What single elements come to


def test_a_statement_takes_what_is_in_memory() -> None:
    """The variable moves by what another op put into the slot in between."""
    duel = Duel("Momentum", "accum")
    step_first, written_first = (-0.75, 50.0), (-6.75, 15.5)
    overwritten, in_between = (-0.75, 3.5), (-24.0, 50.0)
    elements = duel.elements(duel.outcomes())
    assert elements == {step_first, written_first, overwritten, in_between}
    assert duel.elements(duel.outcomes("atomic")) == {step_first, written_first}


def test_what_a_statement_names_twice_is_taken_twice() -> None:
    """FTRL subtracts two roots of the accumulator, which another op has changed in between."""
    duel = Duel("FtrlV2", "accum")
    linear = 5 + 3.5 - (np.sqrt(2 + 9) - np.sqrt(50)) / 0.5

    def has_it(analysis: Analysis) -> bool:
        return any(
            accum == 59 and abs(found - linear) < 1e-3
            for _, accum, found in duel.elements(analysis)
        )

    assert has_it(duel.outcomes())
    assert not has_it(duel.outcomes("atomic"))


@pytest.mark.parametrize(("shape", "is_visible"), [((1, 2), True), ((2,), False)])
def test_the_proximal_step_is_seen_half_done_in_rows(
    shape: tuple[int, ...], is_visible: bool
) -> None:
    """It shrinks what it has written before; a row of one element stays in registers."""
    duel = Duel("ProximalGradientDescent", "var", "read", shape)
    seen = {fetched for _, fetched in duel.elements(duel.outcomes())}
    assert (-0.5 in seen) is is_visible


def test_slots_that_stay_are_not_written() -> None:
    duel = Duel("Adagrad", "accum", attrs={"update_slots": False})
    split = duel.outcomes()
    assert {accum for _, accum in duel.elements(split)} == {50.0}


# Indices


def test_one_index_after_the_other() -> None:
    """A row that is named twice is updated twice, each time from what it is then."""
    duel = Duel("ProximalGradientDescent", shape=(1,), indices=(0, 0))

    def once(value: float) -> float:
        moved = value - 1.5
        return (moved - 0.03125 * np.sign(moved)) / 1.125

    found = sorted(value for (value,) in duel.elements(duel.outcomes()))
    between = once(50.0)  # The other op has written between the two.
    assert found == pytest.approx([once(once(1)), once(once(50)), between, 50], abs=1e-3)


@pytest.mark.parametrize("is_resource", [False, True])
@pytest.mark.parametrize(("optimizer", "changes"), [("Momentum", True), ("Adagrad", False)])
def test_a_wrong_index_fails_where_it_is_met_or_at_once(
    optimizer: str, changes: bool, is_resource: bool
) -> None:
    """TensorFlow's kernels of some optimizers look at all indices before they touch a row."""
    duel = Duel(optimizer, "var", "read", (2, 2), (0, 7), is_resource=is_resource)
    atomic, split = duel.outcomes("atomic"), duel.outcomes()
    assert split.complete
    assert keys(atomic) <= keys(split)
    assert {outcome.error.op for outcome in split.outcomes() if outcome.error} == {"step"}
    for outcome in split.outcomes():
        (first, second) = outcome.variables["var"]
        assert bool((first != second).any()) is changes


def test_a_step_that_fails_at_once_touches_nothing() -> None:
    with tf.Graph().as_default() as graph:
        v = tf.Variable(np.zeros((2, 2), np.float32), use_resource=False, name="v")
        a = tf.Variable(np.zeros((2, 3), np.float32), use_resource=False, name="a")
        inputs = {"lr": tf.constant(1.0), "grad": tf.ones([1, 2]), "indices": tf.constant([0])}
        slots = {"var": v.op.outputs[0], "accum": a.op.outputs[0]}
        apply("SparseApplyAdagrad", {**slots, **inputs}, name="step")
        tf.assign(v, tf.ones([2, 2]), use_locking=False, name="other")
        init = tf.global_variables_initializer().name
    session = Session(expand(graph.definition))
    session.run([], targets=[init])
    for level in ("atomic", "split"):
        analysis = outcomes(session, [], targets=["step", "other"], level=level)
        assert analysis.complete
        assert {type(o.error).__name__ for o in analysis.outcomes()} == {"InvalidArgumentError"}


# Scalars that are variables


@pytest.mark.parametrize(
    ("optimizer", "rated", "count"),
    [
        ("Momentum", ("lr", "momentum"), 4),
        ("KerasMomentum", ("lr", "momentum"), 7),
        ("Momentum", ("lr",), 2),
        ("KerasMomentum", ("lr",), 3),
    ],
)
def test_when_a_rate_is_taken_from_memory(
    optimizer: str, rated: tuple[str, ...], count: int
) -> None:
    """Once, or in each statement: then the first can use the old rate and the second the new."""
    with tf.Graph().as_default() as graph:
        slots = {
            name: tf.Variable(np.full((1, 2), 3, np.float32), use_resource=True, name=name)
            for name in ("var", "accum")
        }
        rate = tf.Variable(0.5, use_resource=False, name="rate")
        inputs = {name: variable.op.outputs[0] for name, variable in slots.items()}
        inputs |= {"lr": tf.constant(0.5), "momentum": tf.constant(0.5)}
        inputs |= {name: tf.identity(rate.op.outputs[0]) for name in rated}
        inputs |= {"grad": 2 * tf.ones([1, 2]), "indices": tf.constant([0])}
        apply(f"ResourceSparseApply{optimizer}", inputs, name="step", use_nesterov=True)
        tf.assign(rate, 8.0, use_locking=False, name="other")
        init = tf.global_variables_initializer().name
    session = Session(expand(graph.definition))
    session.run([], targets=[init])
    split = outcomes(session, [], targets=["step", "other"], level="split")
    assert split.complete
    assert split.count == count
    assert [race.tearable for race in split.races] == [count > 2]
