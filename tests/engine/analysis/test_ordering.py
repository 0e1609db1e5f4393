"""The order of outcomes: by their values, whatever the size of the arrays."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from opscope.engine.analysis.ordering import in_order
from opscope.engine.analysis.results import Outcome

OTHER_NAN = np.frombuffer(b"\x01\0\0\0\0\0\xf8\x7f", "<f8")[0]
RISING = [-np.inf, -1.0, 0.0, -0.0, 2.5, np.inf, np.nan]


def outcome(value: Any) -> Outcome:
    return Outcome({"x:0": value}, {}, None, [])


def bits(outcomes: list[Outcome]) -> list[bytes]:
    return [outcome.fetches["x:0"].tobytes() for outcome in outcomes if outcome.fetches]


@pytest.mark.parametrize("size", [1, 2, 40])
def test_the_first_difference_decides(size: int) -> None:
    arrays = [np.full(size, 7.0) for _ in RISING]
    for array, value in zip(arrays, RISING, strict=True):
        array[size // 2] = value
    rising = bits([outcome(array) for array in arrays])
    for shuffled in itertools.islice(itertools.permutations(arrays), 0, 40_000, 997):
        assert bits(in_order(map(outcome, shuffled))) == rising


@pytest.mark.parametrize("size", [2, 40])
def test_the_real_part_comes_first(size: int) -> None:
    arrays = [np.full(size, value, np.complex64) for value in (1 + 2j, 1 + 3j, 2 + 0j)]
    assert bits(in_order(map(outcome, reversed(arrays)))) == [a.tobytes() for a in arrays]


@pytest.mark.parametrize("size", [1, 40])
def test_equal_values_are_listed_once(size: int) -> None:
    twice = [outcome(np.full(size, value)) for value in (np.nan, 0.0, OTHER_NAN, 0.0)]
    assert bits(in_order(twice)) == [np.full(size, v).tobytes() for v in (0.0, np.nan)]


def test_strings_are_compared_as_bytes() -> None:
    arrays = [np.array([text], object) for text in (b"", b"a", b"ab", b"b")]
    ordered = in_order(map(outcome, reversed(arrays)))
    assert [o.fetches["x:0"][0] for o in ordered if o.fetches] == [b"", b"a", b"ab", b"b"]
