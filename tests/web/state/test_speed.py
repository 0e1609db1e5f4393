"""The slider goes from one op a second to full speed, a decade for each 20 positions."""

from __future__ import annotations

import pytest

from .conftest import Evaluate


@pytest.mark.parametrize(
    ("position", "text"),
    [
        (0, "1 op/s"),
        (10, "3.2 ops/s"),
        (20, "10 ops/s"),
        (60, "1,000 ops/s"),
        (99, "89,000 ops/s"),
        (100, "full speed"),
    ],
)
def test_positions_are_speeds(evaluate: Evaluate, position: int, text: str) -> None:
    assert evaluate("state/speed.js", "return m.speedText(m.speedAt(at))", at=position) == text


def test_a_speed_comes_back_to_its_position(evaluate: Evaluate) -> None:
    body = "return Array.from({length: 101}, (_, at) => m.positionOf(m.speedAt(at)))"
    assert evaluate("state/speed.js", body) == list(range(101))
