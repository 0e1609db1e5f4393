"""Every puzzle opens, is in the table, and its default run is one of the legal outcomes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from opscope.engine import load
from opscope.engine.errors import OpError

from .puzzles import ROWS, Outcome, Row

ROOT = Path(__file__).resolve().parents[3]
GALLERY = ROOT / "server" / "gallery"
ENTRIES: dict[str, Any] = {
    entry["name"]: entry
    for entry in json.loads((GALLERY / "puzzles.json").read_text(encoding="utf-8"))
}


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_it_opens_and_has_what_it_says(entry: dict[str, Any]) -> None:
    program = load(GALLERY / entry["file"])
    assert len(program.graph) == entry["nodes"]
    assert (GALLERY / entry["source"]).is_file()
    if entry["init"] is not None:
        program.graph.operation(entry["init"])
    for run in (entry, *entry["more"]):
        assert run["fetches"] or run["targets"]
        for name in (*run["fetches"], *run["feeds"]):
            program.graph.tensor(name)
        for name in run["targets"]:
            program.graph.operation(name)


def test_every_suggested_run_is_in_the_table() -> None:
    suggested = {
        (name, tuple(run["fetches"]), tuple(run["targets"]))
        for name, entry in ENTRIES.items()
        for run in (entry, *entry["more"])
    }
    assert suggested - {(row.program, row.fetches, row.targets) for row in ROWS} == {
        (f"p29_many_fetches_{kind}", (fetch,), ())  # in the table it is fetched three times
        for kind, fetch in (("ref", "a:0"), ("resource", "ReadVariableOp:0"))
    }


def test_the_files_are_what_tensorflow_builds(tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    tool = ROOT / "tests" / "tools" / "make_puzzles.py"
    subprocess.run([sys.executable, str(tool), str(tmp_path)], check=True, capture_output=True)
    for path in sorted(file for file in tmp_path.rglob("*") if file.is_file()):
        kept = GALLERY / path.relative_to(tmp_path)
        assert kept.read_bytes() == path.read_bytes(), f"{kept} is stale: run make_puzzles.py"


@pytest.mark.parametrize("schedule", ["fifo", "lifo", "random:1", "random:2"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_run_has_a_legal_outcome(row: Row, schedule: str) -> None:
    program = load(GALLERY / ENTRIES[row.program]["file"])
    session = program.session()
    if row.init is not None:
        session.run([], targets=[row.init])
    for _ in range(row.before):
        session.run(list(row.fetches), row.feeds, targets=row.targets)
    fetched, error = None, None
    try:
        fetched = session.run(list(row.fetches), row.feeds, targets=row.targets, schedule=schedule)
    except OpError as raised:
        error = type(raised).__name__
    values = session.variables
    outcome = Outcome(
        None if fetched is None else tuple(fetched),
        {variable.name: values.get(variable.name) for variable in program.variables},
        error,
    )
    assert outcome.key() in {legal.key() for legal in row.legal}
