"""What belongs together leaves in one write, in order; everything else as before."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from engineio.packet import MESSAGE, Packet
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, TextMessage

from opscope.server.bundles import Bundles


class FakeSocket:
    """Keeps each write."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []

    def send(self, data: bytes) -> None:
        self.writes.append(data)

    sendall = send


def websocket(kind: Any) -> tuple[Any, FakeSocket]:
    """A WebSocket of class `kind` whose handshake is over, and what it writes to."""
    socket = FakeSocket()
    made = kind(handler=None, server=None)
    protocol = Connection(ConnectionType.SERVER)
    made.ws = SimpleNamespace(connected=True, sock=socket, ws=protocol)
    return made, socket


def read(data: bytes) -> list[str | bytes]:
    """The messages of some frames."""
    client = Connection(ConnectionType.CLIENT)
    client.receive_data(data)
    return [
        event.data for event in client.events() if isinstance(event, BytesMessage | TextMessage)
    ]


@pytest.fixture
def eio() -> Any:
    sent: list[tuple[str, Packet]] = []
    return SimpleNamespace(
        sent=sent,
        send_packet=lambda connection, packet: sent.append((connection, packet)),
        _async={"websocket": None, "thread": "kept"},
    )


def test_what_is_sent_together_leaves_at_the_end_in_order(eio: Any) -> None:
    bundles = Bundles(eio)
    bundles.wanted |= {"one", "two"}
    with bundles.together():
        eio.send_packet("one", Packet(MESSAGE, "2a"))
        eio.send_packet("two", Packet(MESSAGE, "2c"))
        eio.send_packet("one", Packet(MESSAGE, b"b"))
        assert eio.sent == []
    assert [(to, packet.encode()) for to, packet in eio.sent] == [
        ("one", ["42a", b"b"]),
        ("two", ["42c"]),
    ]


def test_other_packets_go_at_once(eio: Any) -> None:
    Bundles(eio)
    eio.send_packet("one", Packet(MESSAGE, "2a"))
    assert [packet.encode() for _, packet in eio.sent] == ["42a"]


def test_who_has_not_asked_for_bundles_gets_each_packet_at_once(eio: Any) -> None:
    bundles = Bundles(eio)
    bundles.wanted.add("two")
    with bundles.together():
        eio.send_packet("one", Packet(MESSAGE, "2a"))
        assert [(to, packet.encode()) for to, packet in eio.sent] == [("one", "42a")]


def test_what_was_sent_before_an_error_is_not_lost(eio: Any) -> None:
    bundles = Bundles(eio)
    bundles.wanted.add("one")

    def fail() -> None:
        with bundles.together():
            eio.send_packet("one", Packet(MESSAGE, "2a"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    eio.send_packet("one", Packet(MESSAGE, "2b"))
    assert [packet.encode() for _, packet in eio.sent] == [["42a"], "42b"]


def test_a_bundle_is_one_write_of_all_its_frames(eio: Any) -> None:
    Bundles(eio)
    made, socket = websocket(eio._async["websocket"])
    made.send(["42a", b"\x00\x01", "43"])
    assert len(socket.writes) == 1
    assert read(socket.writes[0]) == ["42a", b"\x00\x01", "43"]


def test_a_socket_that_is_gone_says_so(eio: Any) -> None:
    Bundles(eio)
    made, _ = websocket(eio._async["websocket"])
    made.ws.connected = False
    with pytest.raises(OSError, match="closed"):
        made.send(["42a"])


def test_the_other_parts_of_the_server_stay(eio: Any) -> None:
    shared = eio._async
    Bundles(eio)
    assert eio._async["thread"] == "kept"
    assert shared["websocket"] is None, "the original is shared by all servers of the process"
