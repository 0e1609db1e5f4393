"""The gallery is what its sources and the saved cases make of it, and everything in it opens."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from opscope.engine import load

ROOT = Path(__file__).resolve().parents[3]
GALLERY = ROOT / "server" / "gallery"
ENTRIES: list[dict[str, Any]] = json.loads((GALLERY / "gallery.json").read_text(encoding="utf-8"))


def _generator() -> ModuleType:
    path = ROOT / "tests" / "tools" / "make_gallery.py"
    spec = importlib.util.spec_from_file_location("make_gallery", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["make_gallery"] = module
    spec.loader.exec_module(module)
    return module


def test_the_files_are_up_to_date(tmp_path: Path) -> None:
    _generator().build(tmp_path)
    for path in sorted(tmp_path.rglob("*.*")):
        kept = GALLERY / path.relative_to(tmp_path)
        if path.suffix == ".zip":
            continue  # compressed bytes depend on the zlib that wrote them
        assert kept.read_bytes() == path.read_bytes(), f"{kept} is stale: run make_gallery.py"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["id"])
def test_it_opens_and_has_what_it_says(entry: dict[str, Any]) -> None:
    program = load(GALLERY / entry["file"])
    assert len(program.graph) == entry["nodes"]
    for name in [*entry["fetches"], *entry["feeds"]]:
        program.graph.tensor(name)
    for name in entry["targets"]:
        program.graph.operation(name)
    assert entry["source"] is None or (GALLERY / entry["source"]).is_file()


@pytest.mark.parametrize(
    "entry", [e for e in ENTRIES if e["kind"] == "example"], ids=lambda entry: entry["id"]
)
def test_an_example_runs(entry: dict[str, Any]) -> None:
    program = load(GALLERY / entry["file"])
    session = program.session()
    session.run([], targets=program.initializers[:1])
    session.run(entry["fetches"], entry["feeds"], targets=entry["targets"])


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("counter", "[np.float32(1.0), np.float32(1.0)]\n"),
        ("counter_eager", "1.0\n2.0\n3.0\n"),
        ("read_before_after", "before: 0.0\nafter: 1.0\n"),
        ("two_runs", "first session: 30.0\nsecond session: 20.0\n"),
        ("conditional_state", "70.0\n70.0\n"),
    ],
)
def test_a_source_prints_what_it_says(name: str, printed: str) -> None:
    text = (GALLERY / "sources" / f"{name}.py").read_text(encoding="utf-8")
    assert _generator().run_source(text).startswith(printed)
