"""What distinguishes results where TensorFlow's arithmetic and NumPy's meet."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from opscope.engine.analysis import Outcome

_DIGITS = 3
"""Decimals that count: the two may differ in the last bits."""


def key(fetches: Sequence[Any] | None, variables: Sequence[Any], error: str | None) -> Hashable:
    """Equal for results that are the same but for the last bits; failures by their class."""
    return (
        None if fetches is None else tuple(map(_value, fetches)),
        tuple(map(_value, variables)),
        error,
    )


def key_of(outcome: Outcome, fetches: Sequence[str], variables: Sequence[str]) -> Hashable:
    """The key of an outcome of the analysis."""
    values = None if outcome.fetches is None else [outcome.fetches[name] for name in fetches]
    error = None if outcome.error is None else type(outcome.error).__name__
    return key(values, [outcome.variables[name] for name in variables], error)


def _value(value: Any) -> Hashable:
    if value is None:
        return None
    array = np.asarray(value)
    if array.dtype.kind == "f":
        array = np.round(array.astype(np.float64), _DIGITS) + 0.0
    return array.shape, tuple(array.reshape(-1).tolist())


def from_json(value: Any) -> Hashable:
    """A key that was written as JSON, where tuples are lists."""
    return tuple(map(from_json, value)) if isinstance(value, list) else value
