"""Who may talk to the server: a WSGI layer in front of pages, HTTP requests and sockets alike."""

from __future__ import annotations

import hmac
import ipaddress
import json
from collections.abc import Callable, Iterable
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from .config import Config

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def cookie_value(token: str) -> str:
    """What the cookie holds: follows from the token, but does not tell it."""
    return hmac.digest(token.encode(), b"opscope cookie", "sha256").hex()


class Guard:
    """Refuses every request without the cookie, for a foreign Host, or from a foreign Origin.

    A request that carries the right `token` in its query is answered with the cookie and sent on to
    the same address without it, so that an address that is passed on carries none. Host is checked
    against DNS rebinding, Origin against other sites' scripts, forms and sockets.

    Args:
        application: what is guarded.
        script_hashes: CSP sources of the inline scripts that the page has (its import map).
    """

    def __init__(
        self, application: Application, config: Config, script_hashes: Iterable[str] = ()
    ) -> None:
        self._application = application
        self._host = config.host
        self._token = config.token
        self._cookie = cookie_value(config.token)
        self._headers = _response_headers(script_hashes)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        # Compressing what never leaves the machine costs latency and saves nothing.
        environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, headers + self._headers, *rest)

        host = str(environ.get("HTTP_HOST", ""))
        if not self._is_our_host(host):
            return _refuse(
                start, "403 Forbidden", "WrongHost", f"This server does not answer for '{host}'."
            )
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None and urlsplit(str(origin)).netloc != host:
            return _refuse(
                start, "403 Forbidden", "WrongOrigin", f"Requests from '{origin}' are not allowed."
            )
        query = parse_qsl(str(environ.get("QUERY_STRING", "")), keep_blank_values=True)
        tokens = [value for key, value in query if key == "token"]
        if tokens and environ["REQUEST_METHOD"] == "GET":
            return self._exchange(environ, start, tokens[0], query)
        if not self._has_cookie(environ):
            return _refuse(
                start,
                "401 Unauthorized",
                "TokenNeeded",
                "This server needs the token of the address that it printed when it started: "
                "open that address once in this browser.",
            )
        return self._application(environ, start)

    def _exchange(
        self, environ: Environ, start: StartResponse, token: str, query: list[tuple[str, str]]
    ) -> Iterable[bytes]:
        if not hmac.compare_digest(token.encode(), self._token.encode()):
            return _refuse(
                start, "403 Forbidden", "WrongToken", "The token in this address is not the one "
                "that the server printed when it started."
            )  # fmt: skip
        rest = urlencode([(key, value) for key, value in query if key != "token"])
        # A path that begins with two slashes would lead to another host.
        path = "/" + str(environ.get("PATH_INFO", "/")).lstrip("/\\")
        cookie = f"{_cookie_name(environ)}={self._cookie}; Path=/; HttpOnly; SameSite=Strict"
        start(
            "302 Found",
            [
                ("Location", path + (f"?{rest}" if rest else "")),
                ("Set-Cookie", cookie),
                ("Cache-Control", "no-store"),
                ("Content-Length", "0"),
            ],
        )
        return [b""]

    def _has_cookie(self, environ: Environ) -> bool:
        try:
            cookies = SimpleCookie(str(environ.get("HTTP_COOKIE", "")))
        except CookieError:
            return False
        cookie = cookies.get(_cookie_name(environ))
        return cookie is not None and hmac.compare_digest(
            cookie.value.encode(), self._cookie.encode()
        )

    def _is_our_host(self, host: str) -> bool:
        """Names that nobody else can point at us: addresses, localhost, the given host."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if name in _LOOPBACK_NAMES or name == self._host.lower():
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return self._host not in _LOOPBACK_NAMES


def _cookie_name(environ: Environ) -> str:
    """Cookies are shared by all ports of a host: the name keeps two servers apart."""
    return f"opscope-{environ.get('SERVER_PORT', '')}"


def _response_headers(script_hashes: Iterable[str]) -> list[tuple[str, str]]:
    scripts = " ".join(["'self'", *(f"'{source}'" for source in script_hashes)])
    policy = (
        f"default-src 'self'; script-src {scripts}; img-src 'self' data: blob:; "
        "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return [
        ("Content-Security-Policy", policy),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ]


def _refuse(start: StartResponse, status: str, code: str, message: str) -> Iterable[bytes]:
    body = json.dumps({"ok": False, "error": {"code": code, "message": message}}).encode()
    start(
        status,
        [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
        ],
    )
    return [body]
