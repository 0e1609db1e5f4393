"""The gallery: example programs that come with the package."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

PREFIX = "example:"


class LibraryError(Exception):
    """A file that is no program; `str(error)` is one sentence for a person."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """One example.

    Attributes:
        path: its graph file.
        description: what it shows, in a sentence.
    """

    id: str
    name: str
    title: str
    description: str
    nodes: int
    path: Path


def gallery_root() -> Path:
    return Path(str(files("opscope.server") / "gallery"))


def read_gallery(root: Path) -> list[Example]:
    """The examples that `gallery.json` in `root` lists, in its order.

    `gallery.json` is a list of `{"name", "title", "description", "file", "nodes"}`.

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
            )
            for entry in entries
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise LibraryError(f"{index}: expected a list of examples, but {error}") from None
    for example in examples:
        if not example.path.exists():
            raise LibraryError(f"{index}: there is no file '{example.path.name}'")
    return examples
