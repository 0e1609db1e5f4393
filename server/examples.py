"""The gallery: example programs that come with the package."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from .worker.control import Suggested

PREFIX = "example:"


class LibraryError(Exception):
    """A file that is no program; `str(error)` is one sentence for a person."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """One example.

    Attributes:
        path: its graph file.
        description: what it shows, in a sentence.
        suggested: the run that shows it; empty if it takes no particular one.
    """

    id: str
    name: str
    title: str
    description: str
    nodes: int
    path: Path
    suggested: list[Suggested]


def gallery_root() -> Path:
    return Path(str(files("opscope.server") / "gallery"))


def read_gallery(root: Path) -> list[Example]:
    """The examples that `gallery.json` in `root` lists, in its order.

    `gallery.json` is a list of `{"name", "title", "description", "file", "nodes", "fetches",
    "targets", "feeds"}`; the last three, of the run that shows the example, may be absent.

    Raises:
        LibraryError: it is not such a list, or names a file that is not there.
    """
    index = root / "gallery.json"
    if not index.is_file():
        return []
    try:
        entries: list[dict[str, Any]] = json.loads(index.read_text(encoding="utf-8"))
        examples = [
            Example(
                id=PREFIX + entry["name"],
                name=entry["name"],
                title=entry["title"],
                description=entry["description"],
                nodes=int(entry.get("nodes", 0)),
                path=root / entry["file"],
                suggested=_suggested(
                    entry.get("fetches", []), entry.get("targets", []), entry.get("feeds", {})
                ),
            )
            for entry in entries
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise LibraryError(f"{index}: expected a list of examples, but {error}") from None
    for example in examples:
        if not example.path.exists():
            raise LibraryError(f"{index}: there is no file '{example.path.name}'")
    return examples


def _suggested(fetches: list[str], targets: list[str], feeds: dict[str, Any]) -> list[Suggested]:
    """The run of an example; the values of its feeds are numbers, text, or nested lists of them."""
    if not fetches and not targets:
        return []
    texts = {name: json.dumps(value, ensure_ascii=False) for name, value in feeds.items()}
    return [
        Suggested(
            title=f"Run the example: {', '.join([*fetches, *targets])}",
            fetches=fetches,
            targets=targets,
            feeds={name.removesuffix(":0"): text for name, text in texts.items()},
        )
    ]
