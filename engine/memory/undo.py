"""The undo log: what a step changed, so that it can be taken back at the cost of what changed."""

from __future__ import annotations

from typing import Any


class UndoLog:
    """Old values of attributes and items, newest last.

    Whatever changes executor or session state while a log is attached first tells it the old
    value. `mark` is a point to come back to; `rewind` restores everything changed since.
    """

    __slots__ = ("_entries",)

    def __init__(self) -> None:
        self._entries: list[tuple[Any, ...]] = []

    def attribute(self, owner: Any, name: str) -> None:
        """`owner.name` is about to be set."""
        self._entries.append((setattr, owner, name, getattr(owner, name)))

    def item(self, container: Any, key: Any) -> None:
        """`container[key]`, which exists, is about to be replaced."""
        self._entries.append((_set_item, container, key, container[key]))

    def new_item(self, container: Any, key: Any) -> None:
        """`container[key]` is about to be created."""
        self._entries.append((_delete_item, container, key))

    def removed_item(self, container: Any, key: Any) -> None:
        """`container[key]` is about to be deleted."""
        self._entries.append((_set_item, container, key, container[key]))

    def appended(self, items: list[Any]) -> None:
        """An element is about to be appended to `items`."""
        self._entries.append((_drop_last, items))

    def popped(self, items: list[Any], index: int) -> None:
        """`items[index]` is about to be removed."""
        self._entries.append((items.insert, index, items[index]))

    def mark(self) -> int:
        return len(self._entries)

    def rewind(self, mark: int) -> None:
        """Take back everything since `mark`, newest first."""
        entries = self._entries
        while len(entries) > mark:
            restore, *arguments = entries.pop()
            restore(*arguments)


def _set_item(container: Any, key: Any, value: Any) -> None:
    container[key] = value


def _delete_item(container: Any, key: Any) -> None:
    del container[key]


def _drop_last(items: list[Any]) -> None:
    items.pop()
