"""A page with the graph modules, served from the web folder, and small graphs to show in it."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

GraphJson = dict[str, Any]
Op = tuple[str, str, Sequence[str]]

HARNESS = """<!doctype html><meta charset="utf-8"><title>Graph</title>
<link rel="stylesheet" href="/styles/graph.css">
<style>html, body { margin: 0; height: 100%; font: 13px sans-serif }
#graph { position: absolute; inset: 0 }</style>
<div id="graph" role="region" aria-label="Graph"></div>"""


class _Handler(http.server.SimpleHTTPRequestHandler):
    extensions_map: ClassVar[dict[str, str]] = {
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
    }

    def do_GET(self) -> None:
        if self.path != "/":
            return super().do_GET()
        body = HARNESS.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return None

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def web_address(root: Path) -> Iterator[str]:
    """Address of a server of the web folder."""
    handler = functools.partial(_Handler, directory=str(root / "web"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def page(browser: Browser, web_address: str) -> Iterator[Page]:
    """An empty page that can import the modules; an error in it fails the test."""
    errors: list[str] = []
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, reduced_motion="reduce", color_scheme="light"
    )
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(web_address)
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def show(page: Page) -> Callable[[GraphJson], Page]:
    """Show a graph in the page: `view`, `model` and `calls` are then globals there."""

    def show_graph(graph: GraphJson) -> Page:
        page.evaluate(
            """async (json) => {
                const { createGraphView } = await import("/graph/view.js");
                const { GraphModel } = await import("/graph/model.js");
                const calls = { selected: [], fired: [], hovered: [] };
                const view = createGraphView(document.getElementById("graph"), {
                    onSelect: (node) => calls.selected.push(node),
                    onFire: (node) => calls.fired.push(node),
                    onHover: (hover) => calls.hovered.push(hover?.name ?? null),
                });
                const model = new GraphModel(json);
                view.setModel(model);
                Object.assign(window, { view, model, calls });
            }""",
            graph,
        )
        return page

    return show_graph


def make_graph(ops: Sequence[Op], **extra: Any) -> GraphJson:
    """The JSON of a graph, from (name, type, inputs); an input `^op` is a control input."""
    names = [name for name, _, _ in ops]
    number = {name: index for index, name in enumerate(names)}
    types = sorted({kind for _, kind, _ in ops})
    edges: list[int] = []
    control: list[int] = []
    for target, (_, _, inputs) in enumerate(ops):
        for place, source in enumerate(inputs):
            if source.startswith("^"):
                control += [number[source[1:]], target]
            else:
                edges += [number[source], 0, target, place]
    return {
        "id": "test",
        "name": "test",
        "types": types,
        "nodes": {"name": names, "type": [types.index(kind) for _, kind, _ in ops]},
        "edges": edges,
        "control": control,
        "mutating": [],
        "aliases": [],
        "refs": [],
        "handles": [],
        "calls": {},
        "loops": [],
        "variables": [],
        "placeholders": [],
        "signatures": [],
        "initializers": [],
        "suggestions": [],
        "unsupported": [],
        **extra,
    }


@pytest.fixture(scope="session")
def build() -> Callable[..., GraphJson]:
    """`make_graph`."""
    return make_graph


@pytest.fixture(scope="session")
def counter() -> GraphJson:
    """A counter: a variable with its helpers, an update, a read of it, an initialiser."""
    variable = {"node": 1, "name": "v", "kind": "ref", "dtype": "float32", "shape": []}
    return make_graph(
        [
            ("v/initial_value", "Const", []),
            ("v", "VariableV2", []),
            ("v/Assign", "Assign", ["v", "v/initial_value"]),
            ("v/read", "Identity", ["v"]),
            ("one", "Const", []),
            ("update", "AssignAdd", ["v", "one"]),
            ("value", "Identity", ["v/read", "^update"]),
            ("init", "NoOp", ["^v/Assign"]),
        ],
        mutating=[0, 3],
        aliases=[5],
        refs=[0, 2, 3],
        variables=[variable],
    )


@pytest.fixture(scope="session")
def layers() -> GraphJson:
    """Fifty layers of four ops each, in scopes, and a gradient op that reads each layer."""
    ops: list[Op] = [("x", "Placeholder", [])]
    last = "x"
    for layer in range(50):
        scope = f"layer_{layer}"
        ops += [
            (f"{scope}/w", "VariableV2", []),
            (f"{scope}/w/read", "Identity", [f"{scope}/w"]),
            (f"{scope}/MatMul", "MatMul", [last, f"{scope}/w/read"]),
            (f"{scope}/Relu", "Relu", [f"{scope}/MatMul"]),
        ]
        last = f"{scope}/Relu"
    ops.append(("gradients/AddN", "AddN", [f"layer_{layer}/Relu" for layer in range(50)]))
    return make_graph(ops)
