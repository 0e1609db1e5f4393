"""Rebuilds the puzzles of `server/gallery` from their sources, with TensorFlow.

    python tests/tools/make_puzzles.py [FOLDER]

Each program is kept once, with TensorFlow 1's reference variables; its twin with resource variables
is the same text with `tf.enable_resource_variables()` after the first lines. TensorFlow builds the
graph, so that each puzzle is the graph that a user would have; Opscope only ever opens it.
"""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Iterable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import tensorflow.compat.v1 as tf

sys.path.insert(0, str(Path(__file__).parent))
from puzzle_entries import PUZZLES, Puzzle, Run

GALLERY = Path(__file__).resolve().parents[2] / "server" / "gallery"
GRAPH_MODE = "tf.disable_v2_behavior()\n"
RESOURCES = "tf.enable_resource_variables()\n"


def build(folder: Path) -> None:
    """Write the graphs, the sources and `puzzles.json` into `folder`."""
    shutil.rmtree(folder / "puzzles", ignore_errors=True)
    (folder / "puzzles").mkdir(parents=True)
    (folder / "sources" / "puzzles").mkdir(parents=True, exist_ok=True)
    entries: list[dict[str, Any]] = []
    for puzzle in PUZZLES:
        path = GALLERY / "sources" / "puzzles" / f"{puzzle.name}.py"
        text = path.read_text(encoding="utf-8")
        entries.append(_build(folder, puzzle, "ref", text))
        if puzzle.resource is not None:
            twin = text.replace(GRAPH_MODE, GRAPH_MODE + RESOURCES, 1)
            entries.append(_build(folder, puzzle, "resource", twin))
    (folder / "puzzles.json").write_text(
        json.dumps(entries, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def _build(folder: Path, puzzle: Puzzle, kind: str, text: str) -> dict[str, Any]:
    suffix = "" if kind == "ref" else "_resource"
    source = f"sources/puzzles/{puzzle.name}{suffix}.py"
    (folder / source).write_text(text, encoding="utf-8")
    with tf.Graph().as_default() as graph:
        names = run_source(text)
    graph_def = graph.as_graph_def()
    path = f"puzzles/{puzzle.name}_{kind}.pb"
    (folder / path).write_bytes(graph_def.SerializeToString(deterministic=True))
    first, *more = [_run(run, names, graph) for run in puzzle.runs]
    return {
        "id": f"{puzzle.name}_{kind}",
        "name": f"{puzzle.name}_{kind}",
        "title": puzzle.title + (", resource variables" if kind == "resource" else ""),
        "description": puzzle.resource if kind == "resource" else puzzle.reference,
        "kind": "puzzle",
        "file": path,
        "source": source,
        "nodes": len(graph_def.node),
        "init": puzzle.init,
        **first,
        "more": more,
    }


def _run(run: Run, names: dict[str, Any], graph: Any) -> dict[str, Any]:
    """The run with the names that the graph gives to what the program calls otherwise."""
    return {
        "run": run.title,
        "fetches": _elements(run.fetches, names, graph),
        "targets": _elements(run.targets, names, graph),
        "feeds": {names[name].name: value for name, value in run.feeds.items()},
    }


def _elements(wanted: Iterable[str], names: dict[str, Any], graph: Any) -> list[str]:
    """What fetching these Python names of the program fetches."""
    return [graph.as_graph_element(names[name]).name for name in wanted]


def run_source(text: str) -> dict[str, Any]:
    """Run a program in the default graph; returns its names."""
    names: dict[str, Any] = {"__name__": "program"}
    with redirect_stdout(io.StringIO()):
        exec(compile(text, "program", "exec"), names)
    return names


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else GALLERY)
