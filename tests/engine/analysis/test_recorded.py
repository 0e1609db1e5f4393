"""What TensorFlow showed of random programs, by chance and when forced, is in the set."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from opscope.engine import load, outcomes

from .keys import from_json, key_of

RECORDED = json.loads(
    gzip.decompress((Path(__file__).parent / "recorded" / "tensorflow.json.gz").read_bytes())
)


@pytest.mark.parametrize("case", RECORDED, ids=range(len(RECORDED)))
def test_what_tensorflow_showed_is_an_outcome(case: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "graph.pb"
    file.write_bytes(base64.b64decode(case["graph"]))
    session = load(file).session()
    if case["initializer"] is not None:
        session.run([], targets=[case["initializer"]])
    fetches, targets = case["fetches"], case["targets"]
    atomic = outcomes(session, fetches, targets=targets)
    names = list(atomic.kinds)
    keys = {key_of(outcome, fetches, names) for outcome in atomic.outcomes()}
    for order, given in case["forced"]:
        assert from_json(given) in keys, f"forced by {order}"
    split = outcomes(session, fetches, targets=targets, level="split", budget=10)
    if split.complete:
        keys |= {key_of(outcome, fetches, names) for outcome in split.outcomes()}
    assert {from_json(shown) for shown in case["shown"]} <= keys
