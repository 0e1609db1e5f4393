"""Listening: the WSGI server around the application."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import quote

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from .app import Server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


class RequestHandler(WSGIRequestHandler):
    """Sends small packets at once (a debugger's answers are small), and logs nothing."""

    disable_nagle_algorithm = True
    protocol_version = "HTTP/1.1"

    def make_environ(self) -> WSGIEnvironment:
        """As Werkzeug does; WebSockets are not compressed, which takes longer than it saves."""
        environ = super().make_environ()
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        return environ

    def run_wsgi(self) -> None:
        """As Werkzeug does; what follows on a connection that was a socket is no request."""
        super().run_wsgi()
        if self.headers.get("Upgrade", "").lower() == "websocket":
            self.close_connection = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Requests are not logged: their addresses may carry the token."""


class Listener:
    """A bound server socket with the application behind it; OSError if it cannot be bound."""

    def __init__(self, server: Server) -> None:
        config = server.config
        family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
        # Bound here and not by Werkzeug, which ends the process where the port is taken.
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((config.host, config.port))
            self._socket.listen(128)
        except OSError:
            self._socket.close()
            raise
        self.port: int = self._socket.getsockname()[1]
        self._server = server
        self._wsgi: BaseWSGIServer = make_server(
            config.host,
            self.port,
            server.app,
            threaded=True,
            request_handler=RequestHandler,
            fd=self._socket.fileno(),
        )

    def address(self, fragment: str = "") -> str:
        """The address to open, with the token."""
        config = self._server.config
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(config.host, config.host)
        if ":" in host and not host.startswith("["):
            host = f"[{host}]"
        return f"http://{host}:{self.port}/?token={quote(config.token)}{fragment}"

    def serve(self) -> None:
        """Answer until `stop` or an interrupt."""
        self._wsgi.serve_forever(poll_interval=0.5)

    def stop(self) -> None:
        """End `serve`, from another thread."""
        self._wsgi.shutdown()

    def close(self) -> None:
        self._wsgi.server_close()
        self._socket.close()
