"""The order in which outcomes are listed: by what they are, not by when they were found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cmp_to_key
from typing import Any

import numpy as np

from .results import Group, Outcome


def in_order(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The outcomes of one group, the smallest values first, failures last.

    Of failures that differ in nothing but their message, the first is kept.
    """
    by_message = sorted(outcomes, key=lambda o: "" if o.error is None else o.error.message)
    kept: list[Outcome] = []
    for outcome in sorted(by_message, key=cmp_to_key(_compare)):
        if not kept or _compare(kept[-1], outcome):
            kept.append(outcome)
    return kept


def with_whole_kernels(group: Group, atomic: Sequence[Group]) -> Group:
    """`group`, where an outcome needs no overlap, with the schedule that `atomic` has for it."""
    same = (tuple(group.fetches), tuple(group.variables))
    found = next((g for g in atomic if (tuple(g.fetches), tuple(g.variables)) == same), None)
    if found is None:
        return group
    outcomes = [
        replace(
            o, schedule=next((w.schedule for w in found.outcomes if not _compare(o, w)), o.schedule)
        )
        for o in group.outcomes
    ]
    return replace(group, outcomes=outcomes)


def _compare(a: Outcome, b: Outcome) -> int:
    """Below, at or above 0 as `a` comes before, with or after `b`."""
    first, second = _failure(a), _failure(b)
    if first != second:
        return -1 if first < second else 1
    for x, y in zip(_values(a), _values(b), strict=True):
        order = _compare_values(x, y)
        if order:
            return order
    return 0


def _failure(outcome: Outcome) -> tuple[str, str]:
    error = outcome.error
    return ("", "") if error is None else (type(error).__name__, error.op or "")


def _values(outcome: Outcome) -> list[Any]:
    return [*(outcome.fetches or {}).values(), *outcome.variables.values()]


def _compare_values(x: Any, y: Any) -> int:
    if x is y:
        return 0
    if x is None or y is None:
        return -1 if x is None else 1
    a, b = np.asarray(x), np.asarray(y)
    if (a.shape, a.dtype.str) != (b.shape, b.dtype.str):
        return -1 if (a.shape, a.dtype.str) < (b.shape, b.dtype.str) else 1
    if a.dtype.kind == "O":
        return _sign(a.reshape(-1).tolist(), b.reshape(-1).tolist())
    a, b = np.ascontiguousarray(a).reshape(-1), np.ascontiguousarray(b).reshape(-1)
    differs = _bytes(a) != _bytes(b)
    if not differs.any():
        return 0
    at = int(np.argmax(differs.any(axis=1)))
    # Bytes tell apart what compares as equal: zeros of both signs, kinds of NaN.
    return _sign(_number(a[at]), _number(b[at])) or _sign(a[at].tobytes(), b[at].tobytes())


def _bytes(array: Any) -> Any:
    return array.view(np.uint8).reshape(array.size, array.dtype.itemsize)


def _number(value: Any) -> list[float]:
    """Something to compare by; NaN comes last."""
    parts = [value.real, value.imag] if np.iscomplexobj(value) else [value]
    return [item for part in parts for item in (bool(part != part), 0 if part != part else part)]


def _sign(a: Any, b: Any) -> int:
    return int(bool(a > b)) - int(bool(a < b))
