"""Socket.IO: requests from browsers to sessions, answers and events back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from flask import Flask
from flask_socketio import SocketIO
from socketio.packet import ACK

from .bundles import Bundles
from .protocol import NAMESPACE, PROTOCOL_VERSION, REQUESTS
from .protocol.requests import Attach, Initialize, InitializeResponse
from .protocol.wire import BadRequest, from_wire, to_wire
from .sessions import DebugSession, Sessions
from .worker_process import Answer, Body, error

_OWN = frozenset({"initialize", "attach"})
CAPABILITIES = sorted(set(REQUESTS) - _OWN)


def create_socketio(app: Flask, message_limit: int) -> SocketIO:
    """The Socket.IO server of `app`: WebSocket only, threads, handlers called in order."""
    options: dict[str, Any] = {"transports": ["websocket"]}  # which the type stubs do not know
    return SocketIO(
        app,
        async_mode="threading",
        # A thread for each request could overtake another: fifty presses of F10 must stay in order.
        async_handlers=False,
        # The guard in front of everything has checked the Origin before.
        cors_allowed_origins="*",
        cors_credentials=False,
        manage_session=False,
        max_http_buffer_size=message_limit,
        **options,
    )


class Gateway:
    """Gives each request of a connection to the session that the connection is attached to."""

    def __init__(self, socketio: SocketIO) -> None:
        self._server: Any = getattr(socketio, "server")  # noqa: B009  # unknown to the type stubs
        self._sessions: Sessions | None = None
        self._lock = threading.Lock()
        self._attached: dict[str, DebugSession] = {}
        self._connections: dict[str, str] = {}
        socketio.on_event("disconnect", self._disconnected, namespace=NAMESPACE)
        socketio.on_event("connect", _connected, namespace=NAMESPACE)
        # Socket.IO acknowledges a request when its handler returns. Ours are answered by a worker,
        # maybe much later, and meanwhile `pause` or `terminate` must get through on the same
        # connection; so this takes the place of the function that calls handlers.
        self._server._handle_event_internal = self._handle
        self._bundles = Bundles(self._server.eio)
        self.together = self._bundles.together

    def serve(self, sessions: Sessions) -> None:
        """Requests go to `sessions` from now on."""
        self._sessions = sessions

    def emit(self, name: str, body: Body, room: str) -> None:
        """Send an event to a room (a session) or to one client."""
        self._server.emit(name, body, to=room, namespace=NAMESPACE)

    def _handle(
        self, _: Any, client: str, connection: str, data: list[Any], namespace: str, id: int | None
    ) -> None:
        def answer(body: Body) -> None:
            if id is not None:
                packet = self._server.packet_class(ACK, namespace=namespace, id=id, data=[body])
                self._server._send_packet(connection, packet)

        try:
            body = data[1] if len(data) > 1 else {}
            self._dispatch(client, connection, data[0], body, answer)
        except BadRequest as refused:
            answer(error("BadRequest", str(refused)))

    def _dispatch(self, client: str, connection: str, name: str, body: Any, answer: Answer) -> None:
        declared = REQUESTS.get(name)
        if declared is None:
            raise BadRequest(f"there is no request '{name}'")
        message = from_wire(declared.body, body, name)
        if isinstance(message, Initialize):
            answer({"ok": True, **_initialize(message)})
            if message.bundles:
                self._connections[client] = connection
                self._bundles.wanted.add(connection)
        elif isinstance(message, Attach):
            self._attach(client, message, answer)
        else:
            with self._lock:
                session = self._attached.get(client)
            if session is None:
                raise BadRequest(f"'{name}' needs a session: send 'attach' first")
            session.request(name, body, answer)

    def _attach(self, client: str, message: Attach, answer: Answer) -> None:
        session = None if self._sessions is None else self._sessions.get(message.session)
        if session is None:
            answer(error("NotFound", f"there is no session '{message.session}'"))
            return
        with self._lock:
            before = self._attached.get(client)
            self._attached[client] = session
        if before is not None and before is not session:
            self._server.leave_room(client, before.id, namespace=NAMESPACE)
        session.attach(message.seq, self._joiner(client, session), client, answer)

    def _joiner(self, client: str, session: DebugSession) -> Callable[[], None]:
        def join() -> None:
            with self._lock:
                if self._attached.get(client) is session:  # else it has gone in the meantime
                    self._server.enter_room(client, session.id, namespace=NAMESPACE)

        return join

    def _disconnected(self, *_: object) -> None:
        from flask import request

        client: str = getattr(request, "sid", "")
        with self._lock:
            self._attached.pop(client, None)
        self._bundles.wanted.discard(self._connections.pop(client, ""))


def _connected(*_: object) -> None:
    """Whoever comes here has passed the guard."""


def _initialize(message: Initialize) -> Body:
    if message.protocol != PROTOCOL_VERSION:
        raise BadRequest(
            f"this server speaks protocol version {PROTOCOL_VERSION}, not {message.protocol}: "
            "reload the page"
        )
    return to_wire(
        InitializeResponse(
            protocol=PROTOCOL_VERSION, version=version("opscope"), capabilities=CAPABILITIES
        )
    )
