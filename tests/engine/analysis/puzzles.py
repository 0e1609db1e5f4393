"""The legal results of the gallery's puzzles, for whatever computes results to be held against.

A row is one run of one program: what happens before it, and every outcome that the memory model
allows if each operation happens at once (level `atomic`). The sets were derived by hand from the
model; TensorFlow 2.21 showed no other outcome, with its optimizers on and off, with nodes shuffled
and with delays before operations.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Value = Any
"""A number, or nested lists of numbers; None for a variable without a value."""

_DIGITS = 5


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Attributes:
        fetches: the fetched values in the order of the row's fetches; None if the run failed.
        variables: the value of each variable afterwards, by the name of its node.
        error: the class of the error that the run ended with.
    """

    fetches: tuple[Value, ...] | None
    variables: Mapping[str, Value]
    error: str | None = None

    def key(self) -> Hashable:
        """Equal for outcomes that are the same but for the rounding of float32."""
        fetches = None if self.fetches is None else tuple(_key(value) for value in self.fetches)
        variables = tuple((name, _key(value)) for name, value in sorted(self.variables.items()))
        return fetches, variables, self.error


def _key(value: Value) -> Hashable:
    if value is None:
        return None
    array = np.asarray(value, dtype=np.float64)
    return array.shape, tuple(round(float(element), _DIGITS) for element in array.ravel())


@dataclass(frozen=True, kw_only=True)
class Row:
    """One run of a puzzle and its legal outcomes.

    Attributes:
        puzzle: the puzzle's number.
        program: its name in `server/gallery/puzzles.json`.
        feeds: tensor -> value.
        init: the operation to run first, as a run of its own; None for none.
        before: how often the same run is done before the one that counts.
        legal: every outcome that the model reaches.
        accepted: outcomes that would be no error of TensorFlow's, but that the model does not
            reach.
    """

    puzzle: str
    program: str
    fetches: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    feeds: Mapping[str, float] = field(default_factory=dict[str, float])
    init: str | None = "init"
    before: int = 0
    legal: tuple[Outcome, ...]
    accepted: tuple[Outcome, ...] = ()

    @property
    def id(self) -> str:
        wanted = "-".join([*self.fetches, *self.targets]).replace(":0", "")
        again = f"-after-{self.before}" if self.before else ""
        return f"{self.program}-{wanted}{again}".replace("/", ".")


def ok(*fetches: Value, **variables: Value) -> Outcome:
    """A run that gave these values and left the variables so."""
    return Outcome(fetches, variables)


def failed(error: str, **variables: Value) -> Outcome:
    """A run that ended with an error and left the variables so."""
    return Outcome(None, variables, error)


FAILED_PRECONDITION = "FailedPreconditionError"
INVALID_ARGUMENT = "InvalidArgumentError"
X, V, W = "x/Read/ReadVariableOp:0", "v/Read/ReadVariableOp:0", "w/Read/ReadVariableOp:0"
_NO_SLOTS = dict.fromkeys(("beta1_power", "beta2_power", "w/Adam", "w/Adam_1"))


def both(
    puzzle: str, name: str, reference: tuple[str, ...], resource: tuple[str, ...], **rest: Any
) -> list[Row]:
    """Rows for both kinds of variables, where fetches have other names but equal results."""
    return [
        Row(puzzle=puzzle, program=f"{name}_ref", fetches=reference, **rest),
        Row(puzzle=puzzle, program=f"{name}_resource", fetches=resource, **rest),
    ]


def same(puzzle: str, name: str, fetches: tuple[str, ...] = (), **rest: Any) -> list[Row]:
    """Rows for both kinds of variables, where names and results are equal."""
    return both(puzzle, name, fetches, fetches, **rest)


_P01 = "p01_read_beside_write"
_P02 = "p02_summary"
_P03 = "p03_alias"
_P06 = "p06_identity"
_P07 = "p07_growing_ref"
_CROSSED = (ok(1, 1, a=1, b=1), ok(1, 2, a=1, b=2), ok(2, 1, a=2, b=1))
_VECTOR = ok([1, 2, 3], v=[1, 2, 3])
_RAW_INIT = (ok(a=42, b=42), failed(FAILED_PRECONDITION, a=42, b=None))
_TOTALS = (ok(6, v=3), ok(7, v=3), ok(8, v=3), ok(9, v=3))

ROWS: tuple[Row, ...] = (
    Row(
        puzzle="P01",
        program=f"{_P01}_ref",
        fetches=("update:0", "v:0"),
        legal=(ok(1, 1, v=1),),
    ),
    Row(
        puzzle="P01",
        program=f"{_P01}_resource",
        fetches=("ReadVariableOp:0", V),
        legal=(ok(1, 0, v=1), ok(1, 1, v=1)),
    ),
    *both(
        "P01",
        _P01,
        ("update:0", "after:0"),
        ("ReadVariableOp:0", "after:0"),
        legal=(ok(1, 1, v=1),),
    ),
    *both(
        "P02",
        _P02,
        ("summary:0", "update:0"),
        ("summary:0", "ReadVariableOp:0"),
        legal=(ok(283, 290, t=290), ok(290, 290, t=290)),
    ),
    *both(
        "P02",
        _P02,
        ("summary:0", "later_update:0"),
        ("summary:0", "ReadVariableOp_1:0"),
        legal=(ok(283, 290, t=290),),
    ),
    *both("P03", _P03, ("x:0",), (X,), legal=(ok(0, x=0),)),
    *both("P03", _P03, ("x:0",), (X,), before=2, legal=(ok(0, x=0),)),
    *same("P03", _P03, ("inside:0",), legal=(ok(1, x=1),)),
    *same("P03", _P03, ("inside:0",), before=2, legal=(ok(3, x=3),)),
    *same("P03", _P03, ("plus_two:0",), legal=(ok(3, x=1),)),
    *same("P03", _P03, ("plus_two:0",), before=2, legal=(ok(5, x=3),)),
    *same("P04", "p04_older_tensor", ("y:0",), legal=(ok(0, x=1), ok(2, x=1))),
    *same("P04", "p04_older_tensor", ("rebuilt:0",), legal=(ok(2, x=1),)),
    *same(
        "P04",
        "p04_cost_after_step",
        ("new_x:0", "wrapped:0"),
        legal=(ok(0.9, 0.5, x=0.9), ok(0.9, 0.45, x=0.9), ok(0.9, 0.405, x=0.9)),
    ),
    *same(
        "P04",
        "p04_cost_after_step",
        ("new_x:0", "rebuilt:0"),
        legal=(ok(0.9, 0.405, x=0.9),),
    ),
    Row(puzzle="P05", program="p05_value_method_ref", fetches=("y:0",), legal=(ok(0, v=0),)),
    Row(puzzle="P05", program="p05_value_method_resource", fetches=("y:0",), legal=(ok(1, v=1),)),
    *same("P05", "p05_value_method", ("after:0",), legal=(ok(1, v=1),)),
    Row(
        puzzle="P06",
        program=f"{_P06}_ref",
        fetches=("old:0", "new:0", "x:0"),
        legal=(ok(1, 1, 1, x=1),),
    ),
    Row(
        puzzle="P06",
        program=f"{_P06}_resource",
        fetches=("old:0", "ReadVariableOp_1:0", X),
        legal=(ok(0, 1, 0, x=1), ok(0, 1, 1, x=1)),
    ),
    Row(puzzle="P06", program=f"{_P06}_ref", fetches=("old:0", "newer:0"), legal=(ok(1, 1, x=1),)),
    Row(
        puzzle="P06",
        program=f"{_P06}_resource",
        fetches=("old:0", "newer:0"),
        legal=(ok(0, 1, x=1),),
    ),
    *both(
        "P06",
        _P06,
        ("copy:0", "new_after_copy:0"),
        ("copy:0", "ReadVariableOp_5:0"),
        legal=(ok(0, 1, x=1),),
    ),
    Row(puzzle="P07", program=_P07, fetches=("n:0",), legal=(ok(0, x=[0]),)),
    Row(puzzle="P07", program=_P07, fetches=("n:0",), before=1, legal=(ok(1, x=[0, 0]),)),
    Row(puzzle="P07", program=_P07, fetches=("n:0",), before=2, legal=(ok(2, x=[0, 0, 0]),)),
    Row(puzzle="P07", program=_P07, fetches=("n_now:0",), legal=(ok(1, x=[0]),)),
    Row(puzzle="P07", program=_P07, fetches=("n_now:0",), before=2, legal=(ok(3, x=[0, 0, 0]),)),
    Row(
        puzzle="P07",
        program="p07_scalar_to_vector_ref",
        fetches=("plus_two:0",),
        legal=(ok(3, x=[1]), ok([3], x=[1])),
    ),
    *same("P08", "p08_two_assigns", ("c:0",), legal=(ok(7, v=1), ok(7, v=100), ok(7, v=101))),
    *same("P08", "p08_two_assigns", ("d:0",), legal=(ok(7, v=101),)),
    *both(
        "P13",
        "p13_cross_updates",
        ("u:0", "w:0"),
        ("ReadVariableOp_1:0", "ReadVariableOp_3:0"),
        legal=_CROSSED,
    ),
    *both(
        "P13",
        "p13_cross_updates",
        ("u:0", "w_after_u:0"),
        ("ReadVariableOp_1:0", "ReadVariableOp_5:0"),
        legal=(ok(1, 2, a=1, b=2),),
    ),
    Row(
        puzzle="P14",
        program="p14_swap_ref",
        targets=("swap",),
        legal=(ok(a=1, b=1), ok(a=2, b=2)),
    ),
    Row(
        puzzle="P14",
        program="p14_swap_resource",
        targets=("swap",),
        legal=(ok(a=1, b=1), ok(a=2, b=2), ok(a=2, b=1)),
    ),
    *same("P14", "p14_swap", targets=("safe_swap",), legal=(ok(a=2, b=1),)),
    *same("P16", "p16_cond_outside", ("outside:0",), legal=(ok(2, x1=2, x2=2),)),
    *same("P16", "p16_cond_outside", ("inside:0",), legal=(ok(2, x1=2, x2=1),)),
    Row(
        puzzle="P16",
        program="p16_plus_and_minus_ref",
        fetches=("outside:0",),
        legal=(ok(0, a=0),),
    ),
    Row(
        puzzle="P16",
        program="p16_plus_and_minus_resource",
        fetches=("outside:0",),
        legal=(ok(0, a=0), ok(-1, a=0)),
    ),
    *same("P16", "p16_plus_and_minus", ("inside:0",), legal=(ok(-1, a=-1),)),
    *same("P16", "p16_plus_and_minus", ("inside:0",), before=2, legal=(ok(-3, a=-3),)),
    *same("P19", "p19_wrapped_cost", ("cost:0",), legal=(ok(2, a=1, x=[1, 3]),)),
    *same("P19", "p19_wrapped_cost", targets=("train",), legal=(ok(a=0, x=[0.95, 2.95]),)),
    *same("P19", "p19_wrapped_cost", targets=("counted_train",), legal=(ok(a=1, x=[0.95, 2.95]),)),
    *same("P22", "p22_batch_norm", targets=("train",), legal=(ok(moving_mean=0, w=0.75),)),
    *same(
        "P22",
        "p22_batch_norm",
        targets=("train_and_update",),
        legal=(ok(moving_mean=1.5, w=0.75),),
    ),
    Row(
        puzzle="P23",
        program="p23_loss_beside_train_ref",
        fetches=("loss:0", "w:0"),
        targets=("train",),
        legal=(ok(1, 0.5, w=0.5), ok(0.25, 0.5, w=0.5)),
    ),
    Row(
        puzzle="P23",
        program="p23_loss_beside_train_resource",
        fetches=("loss:0", W),
        targets=("train",),
        legal=(ok(1, 1, w=0.5), ok(1, 0.5, w=0.5)),
    ),
    Row(
        puzzle="P23",
        program="p23_loss_beside_train_ref",
        fetches=("wrapped:0",),
        legal=(ok(1, w=0.5), ok(0.25, w=0.5)),
    ),
    Row(
        puzzle="P23",
        program="p23_loss_beside_train_resource",
        fetches=("wrapped:0",),
        legal=(ok(1, w=0.5),),
    ),
    *same("P23", "p23_loss_beside_train", ("rebuilt:0",), legal=(ok(0.25, w=0.5),)),
    *both(
        "P25",
        "p25_early_initializer",
        ("v:0",),
        (V,),
        legal=(failed(FAILED_PRECONDITION, v=None),),
    ),
    *both("P25", "p25_early_initializer", ("v:0",), (V,), init="init_1", legal=(_VECTOR,)),
    *same(
        "P25",
        "p25_adam_slots",
        targets=("train",),
        legal=(failed(FAILED_PRECONDITION, w=1, **_NO_SLOTS),),
    ),
    *same("P26", "p26_dependent_initial_value", targets=("raw_init",), init=None, legal=_RAW_INIT),
    Row(
        puzzle="P26",
        program="p26_dependent_initial_value_ref",
        targets=("init",),
        init=None,
        legal=(ok(a=42, b=42),),
    ),
    Row(
        puzzle="P26",
        program="p26_dependent_initial_value_resource",
        targets=("init",),
        init=None,
        legal=_RAW_INIT,
    ),
    *same(
        "P26",
        "p26_dependent_initial_value",
        targets=("ordered_init",),
        init=None,
        legal=(ok(a=42, b=42),),
    ),
    *both("P28", "p28_never_run", ("x:0",), (X,), legal=(ok(1, x=1, z=0),)),
    *same("P28", "p28_never_run", ("rebound:0",), before=1, legal=(ok(1, x=1, z=0),)),
    *both("P28", "p28_never_run", ("assign:0",), ("ReadVariableOp:0",), legal=(ok(5, x=5, z=0),)),
    *both(
        "P29",
        "p29_many_fetches",
        ("a:0", "a:0", "a:0"),
        ("ReadVariableOp:0",) * 3,
        legal=(ok(1, 1, 1, v=1),),
    ),
    *same("P29", "p29_many_fetches", ("b:0", "c:0"), legal=(ok(10, 100, v=1),)),
    *same("P29", "p29_many_fetches", targets=("turns",), legal=(ok(v=3),)),
    *same("P31", "p31_dropped_in_loop", ("dropped:0",), legal=(ok(3, v=0),)),
    *same("P31", "p31_dropped_in_loop", ("kept:0",), legal=(ok(3, v=3),)),
    *same("P31", "p31_overlapping_turns", ("total:0",), legal=_TOTALS),
    *same("P31", "p31_overlapping_turns", ("in_order:0",), legal=(ok(6, v=3),)),
    *both(
        "P34",
        "p34_checkpoint_names",
        ("v1:0", "v1_1:0"),
        ("v1/Read/ReadVariableOp:0", "v1_1/Read/ReadVariableOp:0"),
        legal=(ok([1, 2, 3], [0, 0, 0], v1=[1, 2, 3], v1_1=[0, 0, 0]),),
    ),
    *both(
        "P42",
        "p42_failed_run",
        ("a:0", "bad:0"),
        ("ReadVariableOp:0", "bad:0"),
        feeds={"p:0": 1.0},
        legal=(failed(INVALID_ARGUMENT, v=1),),
        accepted=(failed(INVALID_ARGUMENT, v=0),),
    ),
    *both(
        "P42",
        "p42_failed_run",
        ("guarded:0",),
        ("ReadVariableOp_1:0",),
        feeds={"p:0": 1.0},
        legal=(failed(INVALID_ARGUMENT, v=0),),
    ),
    *same("P45", "p45_dangling_check", ("y:0",), legal=(ok(1, v=0),)),
    *same("P45", "p45_dangling_check", ("on_the_path:0",), legal=(ok(1, v=0),)),
    *same("P45", "p45_dangling_check", ("checked:0",), legal=(failed(INVALID_ARGUMENT, v=0),)),
)
