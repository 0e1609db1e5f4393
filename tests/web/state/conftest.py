"""A page that serves the web folder and nothing else, to import its modules in."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

Evaluate = Callable[..., Any]


class _Files(SimpleHTTPRequestHandler):
    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript"}  # noqa: RUF012

    def log_message(self, format: str, *args: object) -> None:
        """Silence."""


@pytest.fixture(scope="module")
def blank_page(browser: Browser, root: Path) -> Iterator[Page]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(root / "web")))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{server.server_port}/icon.svg")
    yield page
    context.close()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def evaluate(blank_page: Page) -> Evaluate:
    """`evaluate(module, body, **values)`: what the JavaScript `body` returns.

    `m` is the module (a path in the web folder); the values are variables by their names.
    """

    def run(module: str, body: str, **values: Any) -> Any:
        names = ", ".join(values)
        imported = f"const m = await import({json.dumps('/' + module)});"
        return blank_page.evaluate(f"async ({{ {names} }}) => {{ {imported} {body} }}", values)

    return run
