"""Programs build the graphs that TensorFlow builds, node by node, with the same results."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from describe import close, describe, describe_source, graph_sources
from programs import PROGRAMS

import opscope.engine.tf as tf

EXPECTED: dict[str, Any] = json.loads(
    (Path(__file__).parent / "expected.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("kind", ["ref", "resource"])
@pytest.mark.parametrize("build", PROGRAMS, ids=lambda build: build.__name__)
def test_program(build: Callable[[Any], Any], kind: str) -> None:
    found = describe(tf, build, kind == "resource")
    _compare(json.loads(json.dumps(found)), EXPECTED[f"{build.__name__}_{kind}"])


@pytest.mark.parametrize("path", graph_sources(), ids=lambda path: path.stem)
def test_gallery_program(path: Path) -> None:
    found = describe_source(tf, path)
    _compare(json.loads(json.dumps(found)), EXPECTED[f"gallery_{path.stem}"])


def _compare(found: dict[str, Any], expected: dict[str, Any]) -> None:
    assert found["nodes"].keys() == expected["nodes"].keys()
    for name, node in expected["nodes"].items():
        assert found["nodes"][name] == node
    assert found["shapes"] == expected["shapes"]
    for run, result in zip(found.get("results", []), expected.get("results", []), strict=True):
        assert close(run, result)
