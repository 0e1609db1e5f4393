"""Messages between server and worker over one duplex pipe.

A message is JSON followed by its binary parts. JSON and not pickle, because a worker executes what
a file from somewhere says: nothing that it sends may run code in the server.
"""

from __future__ import annotations

import json
import struct
from multiprocessing.connection import Connection, wait
from typing import Any, cast

_KEY = "\x00binary"


def encode(message: Any) -> bytes:
    """`message` (JSON-like, `bytes` allowed anywhere in it) as one frame."""
    parts: list[bytes] = []
    text = json.dumps(_take_out(message, parts), separators=(",", ":")).encode()
    parts.insert(0, text)
    head = struct.pack(f"<{len(parts) + 1}Q", len(parts), *map(len, parts))
    return b"".join([head, *parts])


def decode(frame: bytes) -> Any:
    """The message of a frame."""
    (count,) = struct.unpack_from("<Q", frame)
    lengths = struct.unpack_from(f"<{count}Q", frame, 8)
    parts: list[bytes] = []
    position = 8 * (count + 1)
    for length in lengths:
        parts.append(frame[position : position + length])
        position += length
    return _put_back(json.loads(parts[0]), parts)


class Channel:
    """One end of the pipe. Each direction has one user thread; `recv` blocks without polling."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def send(self, message: Any) -> None:
        """Raises OSError when the other end is gone."""
        self._connection.send_bytes(encode(message))

    def receive(self) -> Any:
        """The next message. Raises EOFError or OSError when the other end is gone."""
        return decode(self._connection.recv_bytes())

    def wait(self, timeout: float | None, other: Connection | None = None) -> bool:
        """Whether a message arrived within `timeout` seconds (None: wait for one), and before
        `other` became readable.
        """
        if other is None:
            return self._connection.poll(timeout)
        return self._connection in wait([self._connection, other], timeout)

    def close(self) -> None:
        self._connection.close()


def _take_out(value: Any, parts: list[bytes]) -> Any:
    if isinstance(value, bytes):
        parts.append(value)
        return {_KEY: len(parts)}
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value)
        return {key: _take_out(item, parts) for key, item in pairs.items()}
    if isinstance(value, (list, tuple)):
        return [_take_out(item, parts) for item in cast("list[Any]", value)]
    return value


def _put_back(value: Any, parts: list[bytes]) -> Any:
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value)
        if len(pairs) == 1 and _KEY in pairs:
            return parts[pairs[_KEY]]
        return {key: _put_back(item, parts) for key, item in pairs.items()}
    if isinstance(value, list):
        return [_put_back(item, parts) for item in cast("list[Any]", value)]
    return value
