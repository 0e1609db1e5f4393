"""The gallery: example programs that come with the package."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from .worker.control import Suggested

PREFIX = "example:"
_INDEXES = {"Examples": "gallery.json", "Puzzles": "puzzles.json"}
"""Heading -> the list of what stands under it."""


class LibraryError(Exception):
    """A file that is no program; `str(error)` is one sentence for a person."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """One example.

    Attributes:
        group: the heading that it stands under.
        path: its graph file.
        description: what it shows, in a sentence or two of plain text.
        suggested: the runs that show it; empty if it takes no particular one.
    """

    id: str
    name: str
    group: str
    title: str
    description: str
    nodes: int
    path: Path
    suggested: list[Suggested]


def gallery_root() -> Path:
    return Path(str(files("opscope.server") / "gallery"))


def read_gallery(root: Path) -> list[Example]:
    """The examples that the indexes in `root` list, in their order.

    An index is a list of `{"name", "title", "description", "file", "nodes", "fetches", "targets",
    "feeds", "run", "more"}`. `fetches`, `targets` and `feeds` are of the run that shows the
    example, `run` is its title, and `more` is a list of other runs, each with these four; all of
    them may be absent.

    Raises:
        LibraryError: an index is not such a list, or names a file that is not there.
    """
    return [
        example
        for group, name in _INDEXES.items()
        if (root / name).is_file()
        for example in _read_index(group, root / name)
    ]


def _read_index(group: str, index: Path) -> list[Example]:
    try:
        entries: list[dict[str, Any]] = json.loads(index.read_text(encoding="utf-8"))
        examples = [
            Example(
                id=PREFIX + entry["name"],
                name=entry["name"],
                group=group,
                title=entry["title"],
                description=entry["description"],
                nodes=int(entry.get("nodes", 0)),
                path=index.parent / entry["file"],
                suggested=[
                    _suggested(run)
                    for run in (entry, *entry.get("more", []))
                    if run.get("fetches") or run.get("targets")
                ],
            )
            for entry in entries
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LibraryError(f"{index}: expected a list of examples, but {error}") from None
    for example in examples:
        if not example.path.exists():
            raise LibraryError(f"{index}: there is no file '{example.path.name}'")
    return examples


def _suggested(run: dict[str, Any]) -> Suggested:
    """A run of an example; a feed is a value (a number or nested lists) or text as one types it."""
    fetches, targets = list(run.get("fetches", [])), list(run.get("targets", []))
    feeds: dict[str, Any] = run.get("feeds", {})
    texts = {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in feeds.items()
    }
    return Suggested(
        title=f"{run.get('run', 'Run the example')}: {', '.join([*fetches, *targets])}",
        fetches=fetches,
        targets=targets,
        feeds={name.removesuffix(":0"): text for name, text in texts.items()},
    )
