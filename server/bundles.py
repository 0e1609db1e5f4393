"""One write for what belongs together: the events of a step, and the answer after them.

Engine.IO gives each packet a WebSocket frame, and each frame a write of its own; a browser then
wakes up for each of them, one after another.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from engineio.async_drivers.threading import SimpleWebSocketWSGI
from engineio.packet import MESSAGE, Packet
from wsproto.events import Message, TextMessage


class Bundles:
    """Collects what a thread sends over the Engine.IO server `eio` while it is in `together`.

    Attributes:
        wanted: the connections that take bundles; others get each packet at once.
    """

    def __init__(self, eio: Any) -> None:
        self.wanted: set[str] = set()
        self._send = eio.send_packet
        self._thread = threading.local()
        eio.send_packet = self._collect
        # A copy: the original is shared by all servers of the process.
        eio._async = {**eio._async, "websocket": _WebSocket}

    @contextmanager
    def together(self) -> Generator[None]:
        """What this thread sends in here leaves at the end, in one write per connection."""
        packets: dict[str, list[Packet]] = {}
        self._thread.packets = packets
        try:
            yield
        finally:
            self._thread.packets = None
            for connection, collected in packets.items():
                self._send(connection, _Bundle(collected))

    def _collect(self, connection: str, packet: Packet) -> None:
        packets = getattr(self._thread, "packets", None)
        if packets is None or connection not in self.wanted:
            self._send(connection, packet)
        else:
            packets.setdefault(connection, []).append(packet)


class _Bundle(Packet):
    """Packets that are encoded as a list, which only `_WebSocket` understands."""

    def __init__(self, packets: list[Packet]) -> None:
        super().__init__(MESSAGE)
        self._packets = packets

    def encode(self, b64: bool = False) -> Any:
        return [packet.encode(b64) for packet in self._packets]


class _WebSocket(SimpleWebSocketWSGI):
    """Sends the frames of a bundle at once."""

    def send(self, message: Any) -> None:
        if not isinstance(message, list):
            super().send(message)
            return
        socket: Any = self.ws
        if not socket.connected:
            raise OSError("the connection is closed")
        frames = [
            socket.ws.send(Message(part) if isinstance(part, bytes) else TextMessage(part))
            for part in message
        ]
        socket.sock.sendall(b"".join(frames))
