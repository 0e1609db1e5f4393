"""Functions, conditionals and loops have the outcomes that TensorFlow showed, and no others."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from opscope.engine import Session, load, outcomes

from . import brute_force
from .keys import from_json, key, key_of

FILE = Path(__file__).parent / "recorded" / "lowered.json.gz"
RECORDED: dict[str, dict[str, Any]] = json.loads(gzip.decompress(FILE.read_bytes()))
FEW_ORDERS = [
    "if_after_the_write_of_its_value",
    "write_after_a_call",
    "write_after_a_native_call",
    "call_that_waits_for_all_its_inputs",
    "call_in_a_branch_that_is_not_taken",
]
"""Programs small enough to run every order of their ops."""


def opened(case: dict[str, Any], folder: Path) -> Session:
    """The program of `case`, initialised."""
    file = folder / "graph.pb"
    file.write_bytes(base64.b64decode(case["graph"]))
    session = load(file).session()
    session.run([], targets=[case["initializer"]])
    return session


@pytest.mark.parametrize("name", RECORDED)
def test_the_outcomes_are_what_tensorflow_showed(name: str, tmp_path: Path) -> None:
    case = RECORDED[name]
    fetches, names = case["fetches"], case["variables"]
    analysis = outcomes(opened(case, tmp_path), fetches, targets=case["targets"])
    assert analysis.complete
    found = {key_of(outcome, fetches, names) for outcome in analysis.outcomes()}
    count = len(fetches)
    shown = {key(values[:count], values[count:], None) for values in case["shown"]}
    assert found == {from_json(value) for value in shown}


@pytest.mark.parametrize("name", RECORDED)
def test_a_run_is_one_of_the_outcomes(name: str, tmp_path: Path) -> None:
    case = RECORDED[name]
    for schedule in ("fifo", "lifo", "random:1"):
        session = opened(case, tmp_path)
        values = session.run(case["fetches"], targets=case["targets"], schedule=schedule)
        assert [value.tolist() for value in values] in [
            shown[: len(values)] for shown in case["shown"]
        ]


@pytest.mark.parametrize("name", FEW_ORDERS)
def test_the_outcomes_are_those_of_every_order(name: str, tmp_path: Path) -> None:
    case = RECORDED[name]
    session = opened(case, tmp_path)
    fetches, targets = case["fetches"], case["targets"]
    expected, _ = brute_force.all_results(session, fetches, targets=targets, limit=4000)
    analysis = outcomes(session, fetches, targets=targets)
    assert brute_force.results_of(analysis, fetches) == expected
