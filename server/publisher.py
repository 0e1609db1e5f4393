"""Numbers a session's events and gives them to its browsers, also to those that come back."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

Body = dict[str, Any]
Emit = Callable[[str, Body, str], None]
"""(event, body, room or client)"""


class Outlet(Protocol):
    """The way to the browsers."""

    def emit(self, name: str, body: Body, room: str) -> None:
        """Send an event to a room (a session) or to one client."""
        ...

    @property
    def together(self) -> Callable[[], AbstractContextManager[None]]:
        """What the thread sends within it is sent as one."""
        ...


_MAX_EVENTS = 4096
_MAX_BYTES = 64 << 20


class Publisher:
    """Events of one session, the latest of them kept. Not thread-safe: its session locks.

    Args:
        emit: sends an event to everybody in a room.
    """

    def __init__(self, session: str, emit: Emit) -> None:
        # Numbers go on over a restart of the server, so that a page that comes back to a session
        # that began anew cannot take its events for those that it missed.
        self.seq = time.time_ns() // 1_000_000
        self._session = session
        self._emit = emit
        self._recent: deque[tuple[str, Body, int]] = deque()
        self._bytes = 0

    def publish(self, name: str, body: Body) -> None:
        """Send an event to every browser that has joined."""
        self.seq += 1
        numbered = {**body, "session": self._session, "seq": self.seq}
        size = len(body["data"]) if isinstance(body.get("data"), bytes) else 1024
        self._recent.append((name, numbered, size))
        self._bytes += size
        while len(self._recent) > _MAX_EVENTS or self._bytes > _MAX_BYTES:
            self._bytes -= self._recent.popleft()[2]
        self._emit(name, numbered, self._session)

    def can_resume(self, seq: int) -> bool:
        """Whether everything after event `seq` is still here."""
        return 0 < seq <= self.seq and self.seq - seq <= len(self._recent)

    def send_after(self, seq: int, client: str) -> None:
        """Send the events after `seq` to one client."""
        for name, body, _ in self._recent:
            if body["seq"] > seq:
                self._emit(name, body, client)
