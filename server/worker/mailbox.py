"""From the threads of a worker to its own: a queue, and a pipe that wakes who waits for it."""

from __future__ import annotations

import contextlib
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Mailbox(Generic[Item]):
    """Any thread puts, one takes.

    Attributes:
        wake: readable when there is something to take.
    """

    def __init__(self) -> None:
        self.wake: Connection
        self.wake, self._bell = Pipe(duplex=False)
        self._items: SimpleQueue[Item] = SimpleQueue()

    def put(self, item: Item) -> None:
        self._items.put(item)
        self._bell.send_bytes(b"!")

    def take(self) -> list[Item]:
        """Everything that was put since the last time."""
        while self.wake.poll():
            self.wake.recv_bytes()
        found: list[Item] = []
        with contextlib.suppress(Empty):
            while True:
                found.append(self._items.get_nowait())
        return found
