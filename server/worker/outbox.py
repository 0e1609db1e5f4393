"""What the worker sends: events together with the answer to the request that caused them."""

from __future__ import annotations

from typing import Any

from ..channel import Channel
from ..protocol import EVENTS
from ..protocol.wire import to_wire

_NAMES = {event.body: name for name, event in EVENTS.items()}


class Outbox:
    """Collects events; one message carries all of them, so that they travel together."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._events: list[list[Any]] = []

    def put(self, event: Any) -> None:
        """Add an event, an instance of one of the declared dataclasses."""
        self._events.append([_NAMES[type(event)], to_wire(event)])

    def send(self, answer: dict[str, Any] | None = None) -> None:
        """Send what was put since the last time, and `answer` after it."""
        if self._events or answer is not None:
            events, self._events = self._events, []
            self._channel.send({"events": events, "answer": answer})
