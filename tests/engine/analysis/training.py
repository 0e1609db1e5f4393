"""Programs in which a step of an optimizer races with one other op."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import opscope.engine.tf as tf
from opscope.engine import Session, outcomes
from opscope.engine.analysis import Analysis
from opscope.engine.analysis.difference import outcome_key
from opscope.engine.analysis.results import Level
from opscope.engine.dtypes import resource
from opscope.engine.executor.expand import expand
from opscope.engine.ops import lookup
from opscope.engine.tf.build import apply

SCALARS: Mapping[str, Any] = {
    "alpha": 0.5,
    "epsilon": 0.5,
    "global_step": 2,
    "l1": 0.0625,
    "l2": 0.25,
    "l2_shrinkage": 0.25,
    "lr": 0.5,
    "lr_power": -0.5,
    "momentum": 0.25,
    "rho": 0.5,
}
"""What the inputs that are numbers get."""

GRADIENT = 3.0
WRITTEN = 50.0
"""What the other op assigns to all elements."""


def start(position: int) -> float:
    """What the variable at input `position` begins with."""
    return 1.0 + position**2


def variables(optimizer: str) -> list[str]:
    """The variable and the slots of an optimizer, in the order of the inputs."""
    declaration = lookup(f"ResourceSparseApply{optimizer}")
    assert declaration is not None
    return [a.name for a in declaration.inputs if a.dtype is resource]


@dataclass(frozen=True)
class Duel:
    """A sparse step of an optimizer beside an op that reads or writes one of its variables.

    Attributes:
        optimizer: the op type without `SparseApply`.
        target: the variable that the other op looks at.
        does: what the other op does: `assign` or `read`.
        shape: of the variables.
        indices: the rows that are updated.
        is_resource: the kind of the variables.
        locking: whether both use locks.
        attrs: further attributes of the step.
    """

    optimizer: str
    target: str = "var"
    does: str = "assign"
    shape: Sequence[int] = (1, 2)
    indices: Sequence[int] = (0,)
    is_resource: bool = False
    locking: bool = False
    attrs: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def build(self) -> tuple[Session, list[str], list[str]]:
        """A session in which the run can happen, what is fetched, and the targets."""
        tf.reset_default_graph()
        held: dict[str, tf.Variable] = {}
        for position, name in enumerate(variables(self.optimizer)):
            first = np.full(self.shape, start(position), np.float32)
            held[name] = tf.Variable(first, name=name, use_resource=self.is_resource)
        type = f"{'Resource' if self.is_resource else ''}SparseApply{self.optimizer}"
        declaration = lookup(type)
        assert declaration is not None
        step = apply(
            type,
            {a.name: self._input(a.name, held) for a in declaration.inputs},
            name="step",
            use_locking=self.locking,
            **self.attrs,
        )
        fetches, targets = [], [getattr(step, "op", step).name]
        target = held[self.target]
        if self.does == "assign":
            new = tf.constant(np.full(self.shape, WRITTEN, np.float32))
            other = tf.assign(target, new, use_locking=self.locking, name="other")
            targets.append(getattr(other, "op", other).name if not self.is_resource else "other")
        else:
            seen = target.value() if self.is_resource else target.op.outputs[0]
            fetches.append(tf.add(seen, 0.0, name="other").name)
        init = tf.global_variables_initializer().name
        session = Session(expand(tf.get_default_graph().definition))
        session.run([], targets=[init])
        return session, fetches, targets

    def _input(self, name: str, held: Mapping[str, tf.Variable]) -> tf.Tensor:
        if name in held:
            return held[name].op.outputs[0]
        if name == "indices":
            return tf.constant(np.array(self.indices, np.int32))
        if name == "grad":
            shape = (len(self.indices), *self.shape[1:])
            return tf.constant(np.full(shape, GRADIENT, np.float32))
        return tf.constant(SCALARS[name], tf.int64 if name == "global_step" else tf.float32)

    def outcomes(self, level: Level = "split") -> Analysis:
        """The analysis of the run."""
        session, fetches, targets = self.build()
        return outcomes(session, fetches, targets=targets, level=level, budget=60)

    def elements(self, analysis: Analysis) -> set[tuple[float, ...]]:
        """What single elements come to: the variables in their order, then what is fetched."""
        names = variables(self.optimizer)
        found: set[tuple[float, ...]] = set()
        for outcome in analysis.outcomes():
            values = [outcome.variables[name] for name in names]
            values += [v for v in (outcome.fetches or {}).values() if v is not None]
            columns = [np.round(np.asarray(v, np.float64), 4).ravel() for v in values]
            found.update(zip(*(column.tolist() for column in columns), strict=True))
        return found


def keys(analysis: Analysis) -> set[Hashable]:
    """What distinguishes the outcomes of `analysis`."""
    return {outcome_key(outcome) for outcome in analysis.outcomes()}
