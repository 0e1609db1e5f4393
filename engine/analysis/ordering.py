"""The order in which outcomes are listed: by what they are, not by when they were found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any

import numpy as np

from .results import Group, Outcome
from .values import one_nan

_FEW = 16
"""Elements up to which an array is compared as a tuple, which is made once, and not with NumPy."""


def in_order(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The outcomes of one group, the smallest values first, failures last.

    Of failures that differ in nothing but their message, the first is kept.
    """
    by_message = sorted(outcomes, key=lambda o: "" if o.error is None else o.error.message)
    kept: list[Outcome] = []
    last = None
    keyed = ((_key(outcome), outcome) for outcome in by_message)
    for key, outcome in sorted(keyed, key=itemgetter(0)):
        if key != last:
            kept.append(outcome)
            last = key
    return kept


def with_whole_kernels(group: Group, atomic: Sequence[Group]) -> Group:
    """`group`, where an outcome needs no overlap, with the schedule that `atomic` has for it."""
    same = (tuple(group.fetches), tuple(group.variables))
    found = next((g for g in atomic if (tuple(g.fetches), tuple(g.variables)) == same), None)
    if found is None:
        return group
    whole = [(_key(outcome), outcome.schedule) for outcome in found.outcomes]
    outcomes: list[Outcome] = []
    for outcome in group.outcomes:
        mine = _key(outcome)
        schedule = next((schedule for key, schedule in whole if key == mine), outcome.schedule)
        outcomes.append(replace(outcome, schedule=schedule))
    return replace(group, outcomes=outcomes)


def _key(outcome: Outcome) -> tuple[Any, ...]:
    """What `outcome` is compared by with others of its group."""
    error = outcome.error
    failure = ("", "") if error is None else (type(error).__name__, error.op or "")
    values = [*(outcome.fetches or {}).values(), *outcome.variables.values()]
    return (failure, *map(_value_key, values))


def _value_key(value: Any) -> tuple[Any, ...]:
    """Uninitialised variables come first, then the shapes, the dtypes and the first difference."""
    if value is None:
        return (0,)
    array = one_nan(np.asarray(value))
    flat = array.reshape(-1)
    if array.dtype.kind == "O":
        contents: Any = flat.tolist()
    elif flat.size <= _FEW:
        contents = _element_keys(flat)
    else:
        contents = _Contents(np.ascontiguousarray(flat))
    return (1, array.shape, array.dtype.str, contents)


class _Contents:
    """The elements of a large array, compared as a list of their keys would be."""

    def __init__(self, flat: Any) -> None:
        self._flat = flat
        self._bytes = flat.view(np.uint8).reshape(flat.size, flat.dtype.itemsize)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Contents) and np.array_equal(self._bytes, other._bytes)

    def __lt__(self, other: _Contents) -> bool:
        differs = (self._bytes != other._bytes).any(axis=1)
        at = int(np.argmax(differs))
        return _element_keys(self._flat[at : at + 1]) < _element_keys(other._flat[at : at + 1])


def _element_keys(flat: Any) -> tuple[Any, ...]:
    """Keys of the elements, one after the other.

    NaN comes last; bytes tell apart what is equal: zeros of both signs.
    """
    contents, kind, size = flat.tobytes(), flat.dtype.kind, flat.dtype.itemsize
    keys: list[Any] = []
    for number, value in enumerate(flat.tolist()):
        parts = (value.real, value.imag) if kind == "c" else (value,)
        for part in parts:
            keys += (part != part, 0 if part != part else part)
        keys.append(contents[number * size : (number + 1) * size])
    return tuple(keys)
