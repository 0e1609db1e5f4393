"""Steps of optimizers that overlap with others in TensorFlow: all that it shows is an outcome.

On rows of many elements kernels do overlap, and each element is an experiment of its own.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

pytest.importorskip("tensorflow")

import tensorflow

from .training import GRADIENT, SCALARS, WRITTEN, Duel, start, variables

v1 = tensorflow.compat.v1
_WIDTH = 400_000
_SHOWN = 101
"""Every how many elements one is looked at."""
_RUNS = 6
_TOLERANCE = 2e-3
"""TensorFlow computes some square roots as reciprocals, and not to the last bit."""


@pytest.mark.parametrize(
    "duel",
    [
        Duel(name, target, does, is_resource=is_resource)
        for name in ("Adadelta", "FtrlV2", "Momentum", "ProximalAdagrad", "RMSProp")
        for is_resource, does in ((False, "assign"), (False, "read"), (True, "read"))
        for target in variables(name)
    ],
    ids=str,
)
def test_what_tensorflow_shows_is_an_outcome(duel: Duel) -> None:
    allowed = np.array(sorted(duel.elements(duel.outcomes())))
    for element in sorted(shown(duel)):
        distance = np.abs(allowed - element) / np.maximum(1, np.abs(element))
        assert distance.max(-1).min() < _TOLERANCE, element


def shown(duel: Duel) -> set[tuple[float, ...]]:
    """What elements came to in TensorFlow, as `Duel.elements` has it."""
    found: set[tuple[float, ...]] = set()
    with v1.Graph().as_default() as graph:
        held, step, other = _built(duel)
        init = v1.global_variables_initializer()
        values = [variable.value() for variable in held]
    options = v1.ConfigProto(inter_op_parallelism_threads=4)
    options.graph_options.rewrite_options.disable_meta_optimizer = True
    with v1.Session(graph=graph, config=options) as session:
        for _ in range(_RUNS):
            session.run(init)
            seen = session.run([step, other])[1]
            columns = [session.run(value) for value in values]
            columns += [] if duel.does == "assign" else [seen]
            rows = np.stack([column.ravel()[::_SHOWN] for column in columns], 1)
            found.update(map(tuple, np.unique(np.round(rows, 4), axis=0).tolist()))
    return found


def _built(duel: Duel) -> tuple[list[Any], Any, Any]:
    """The variables, the step and the other op."""
    shape = (1, _WIDTH)
    held: dict[str, Any] = {}
    for position, name in enumerate(variables(duel.optimizer)):
        first = np.full(shape, start(position), np.float32)
        held[name] = v1.Variable(first, use_resource=duel.is_resource, name=name)
    cells = {n: v.handle if duel.is_resource else v._variable for n, v in held.items()}
    type = f"{'Resource' if duel.is_resource else ''}SparseApply{duel.optimizer}"
    function = getattr(tensorflow.raw_ops, type)
    inputs: dict[str, Any] = {"grad": tensorflow.fill(shape, GRADIENT), "indices": [0], **cells}
    for name, value in SCALARS.items():
        if name in inspect.signature(function).parameters:
            inputs[name] = tensorflow.constant(value, tensorflow.float32)
    step = function(**inputs)
    target = held[duel.target]
    if duel.does == "assign":
        other = v1.assign(target, tensorflow.fill(shape, WRITTEN), use_locking=False)
    else:
        other = (target.value() if duel.is_resource else cells[duel.target]) + 0.0
    return list(held.values()), getattr(step, "op", step), other
