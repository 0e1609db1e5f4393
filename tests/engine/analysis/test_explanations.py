"""What the explanations of races say: consequences, tearing, and fixes that TensorFlow respects."""

from __future__ import annotations

import pytest

import opscope.engine.tf as tf
from opscope.engine import outcomes
from opscope.engine.analysis import Outcome
from opscope.engine.analysis.consequence import Ending, consequence, ending
from opscope.engine.analysis.results import Group, Race, Reach
from opscope.engine.analysis.tearing import Party, tearing
from opscope.engine.errors import InvalidArgumentError
from opscope.engine.session import Program

SEEN = Reach(["y:0"], ["v"], failure=True)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (Ending.SUCCEEDS, "what is fetched as y:0 and the final value of v depend on it"),
        (
            Ending.MAY_FAIL,
            "what is fetched as y:0, whether the run fails and the final value of v depend on it",
        ),
        (Ending.FAILS, "the final value of v depends on it"),
        (
            Ending.FAILS_VARIOUSLY,
            "which error the run raises and the final value of v depend on it",
        ),
    ],
)
def test_what_depends_on_a_race(how: Ending, said: str) -> None:
    assert consequence(SEEN, how) == said


def test_a_race_on_which_nothing_depends() -> None:
    nothing = "nothing that is fetched or kept depends on it"
    assert consequence(Reach(), Ending.SUCCEEDS) == nothing
    assert consequence(Reach(["y:0"]), Ending.FAILS) == nothing


def group(*errors: str) -> Group:
    """Outcomes that fail with `errors`; an empty one succeeds."""
    made = [InvalidArgumentError(text) if text else None for text in errors]
    return Group([], [], [Outcome({}, {}, error, ()) for error in made])


def test_one_group_that_always_fails_fails_the_run() -> None:
    assert ending([group("", "")]) is Ending.SUCCEEDS
    assert ending([group("", "one"), group("")]) is Ending.MAY_FAIL
    assert ending([group("one", "one"), group("", "")]) is Ending.FAILS
    assert ending([group("one", "two"), group("")]) is Ending.FAILS_VARIOUSLY


READER = Party("mul (Mul)", reads=True, writes=False, again=False)
TWICE = Party("square (Mul)", reads=True, writes=False, again=True)
UPDATE = Party("add (AssignAdd)", reads=True, writes=True, again=True)
SETTER = Party("set (Assign)", reads=False, writes=True, again=False)


@pytest.mark.parametrize(
    ("first", "second", "elements", "said"),
    [
        (READER, SETTER, 2, "mul (Mul) may take some elements of v from before set (Assign)"),
        (TWICE, SETTER, 1, "may find the old value first and then the new one; it shows in y:0"),
        (READER, UPDATE, 1, ""),
        (UPDATE, UPDATE, 1, "each may read v before the other has written, and one turn's update"),
        (UPDATE, SETTER, 1, "may read v before set (Assign) writes and write after it: what set"),
        (SETTER, SETTER, 2, "v may end with some elements of several turns"),
        (SETTER, SETTER, 1, ""),
    ],
)
def test_what_overlapping_kernels_do(first: Party, second: Party, elements: int, said: str) -> None:
    told = tearing("v", elements, first, second, SEEN)
    assert said in told
    assert bool(said) == bool(told)


def race(kind: str, *, resource: bool) -> Race:
    """The one race of an update with an op that computes from the variable, or reads it."""
    graph = tf.Graph()
    with graph.as_default():
        v = tf.Variable([1.0, 2.0], use_resource=resource, name="v")
        if kind == "computes":
            tf.multiply(v, 2.0, name="y")
        elif kind == "sums":
            tf.add_n([v, v], name="y")
        else:
            tf.assign(v, [3.0, 4.0], name="y")
        update = tf.assign_add(v, [1.0, 1.0], name="u").op.name
        tf.global_variables_initializer()
    session = Program("raced", graph.definition).session()
    session.run([], targets=["init"])
    (found,) = outcomes(session, "y:0", targets=[update]).races
    return found


UNDONE = "; an edge from y itself may not hold: TensorFlow's optimizer may undo it"


@pytest.mark.parametrize(
    ("kind", "fix"),
    [
        (
            "computes",
            "build y under tf.control_dependencies([u]), or let y read a copy (tf.raw_ops.DeepCopy)"
            f" and build u under tf.control_dependencies([copy]){UNDONE}",
        ),
        ("sums", f"build y under tf.control_dependencies([u]){UNDONE}"),
        (
            "writes",
            "build y under tf.control_dependencies([u]), or u under tf.control_dependencies([y])",
        ),
    ],
)
def test_a_fix_does_not_rest_on_an_edge_that_may_be_undone(kind: str, fix: str) -> None:
    assert race(kind, resource=False).fix == fix


def test_edges_from_reads_of_resource_variables_hold() -> None:
    assert "optimizer" not in race("computes", resource=True).fix
