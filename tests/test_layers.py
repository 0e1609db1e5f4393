"""Dependencies run one way: the rule as a table, held against every import of the project.

A part may import itself and what its row names. A new part needs a row.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

ENGINE: dict[str, set[str]] = {
    "errors": set(),
    "dtypes": set(),
    "graph": set(),
    "memory": set(),
    "ops": {"graph", "memory"},
    "formats": {"graph"},
    "trace": {"memory"},
    "executor": {"graph", "memory", "ops", "trace"},
    "debugger": {"executor", "memory", "trace"},
    "session": {"debugger", "executor", "formats", "graph", "memory"},
    "analysis": {"debugger", "executor", "formats", "graph", "memory", "ops", "session"},
    "tf": {
        "debugger",
        "executor",
        "formats",
        "graph",
        "memory",
        "ops",
        "session",
        "trace",
        "__init__",
    },
    "__init__": {"analysis", "debugger", "session"},
}
LEAVES = {"errors", "dtypes"}
"""Open to all of the engine."""

WEB: dict[str, set[str]] = {
    "packages": {"vendor"},
    "theme": set(),
    "graph": set(),
    "connection": {"packages"},
    "state": {"connection/http"},
    "keys": {"state"},
    "ui": {"packages", "state"},
    "panels": {"graph", "packages", "state", "ui"},
    "app": {"packages", "panels", "state", "ui"},
    "main": {"app", "connection", "graph", "keys", "packages", "state", "ui"},
}
"""Parts of the page: folders, and the modules beside them."""
WEB_LEAVES = {"connection/failure"}
"""Open to all of the page: what a request that failed is."""

TIGHT_LOOPS = ("executor", "kernels", "propagator", "straightline")
"""The modules of engine/executor that run once per step."""


def python_files(folder: str) -> list[Path]:
    return sorted(p for p in (ROOT / folder).rglob("*.py") if "node_modules" not in p.parts)


def imported(path: Path) -> Iterator[tuple[str, int]]:
    """Modules that a Python file imports, as dotted paths from the project's root, with lines."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name.removeprefix("opscope."), node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = (node.module or "").removeprefix("opscope.").split(".")
            if node.level:
                package = path.relative_to(ROOT).parent.parts
                base = [*package[: len(package) - node.level + 1], *filter(None, base)]
            for alias in node.names:
                whole = [*base, alias.name]
                yield ".".join(whole if is_module(whole) else base), node.lineno


def is_module(parts: list[str]) -> bool:
    path = ROOT.joinpath(*parts)
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def part_of_engine(module: str) -> str:
    """The part that `engine.…` belongs to; the package itself is `__init__`."""
    return [*module.split("."), "__init__"][1]


def test_the_tables_have_no_cycle() -> None:
    for table in (ENGINE, WEB):
        TopologicalSorter(
            {part: {other.split("/")[0] for other in others} for part, others in table.items()}
        ).prepare()


@pytest.mark.parametrize("path", python_files("engine"), ids=lambda p: str(p.relative_to(ROOT)))
def test_engine(path: Path) -> None:
    part = path.relative_to(ROOT / "engine").parts[0].removesuffix(".py")
    assert part in ENGINE, f"engine/{part} has no row in the table of tests/test_layers.py"
    allowed = ENGINE[part] | LEAVES | {part}
    for module, line in imported(path):
        top = module.split(".")[0]
        assert top not in {"server", "web"}, f"{path}:{line}: the engine knows no {top}"
        assert top not in {"flask", "flask_socketio", "socketio", "sqlalchemy"}, f"{path}:{line}"
        if top == "engine":
            other = part_of_engine(module)
            assert other in allowed, f"{path}:{line}: {part} may not import {other}"


@pytest.mark.parametrize("path", python_files("server"), ids=lambda p: str(p.relative_to(ROOT)))
def test_server(path: Path) -> None:
    """The server is above the engine; what it says on the wire is declared apart from both."""
    is_protocol = path.is_relative_to(ROOT / "server" / "protocol")
    for module, line in imported(path):
        assert module.split(".")[0] != "web", f"{path}:{line}: the server imports no page"
        if is_protocol:
            ours = module.split(".")[0] in {"engine", "server"}
            assert not ours or module.startswith("server.protocol"), (
                f"{path}:{line}: the protocol may not import {module}"
            )
            assert not module.startswith(("flask", "socketio")), f"{path}:{line}"


@pytest.mark.parametrize("name", TIGHT_LOOPS)
def test_no_networkx_where_steps_are_executed(name: str) -> None:
    path = ROOT / "engine" / "executor" / f"{name}.py"
    assert not [line for module, line in imported(path) if module.startswith("networkx")]


def scripts() -> list[Path]:
    found = [*(ROOT / "web").rglob("*.js"), *(ROOT / "web").rglob("*.d.ts")]
    return sorted(p for p in found if not {"node_modules", "vendor"} & set(p.parts))


COMMENT = re.compile(r"/\*.*?\*/|^\s*//[^\n]*", re.DOTALL | re.MULTILINE)
IMPORT = re.compile(
    r"""^\s*(?:import|export)\s+(?:[\w\s$*{},]+?\sfrom\s+)?["'](?P<static>[^"']+)["']"""
    r"""|\bimport\(\s*["'](?P<called>[^"']+)["']\s*\)""",
    re.MULTILINE,
)


def imported_scripts(text: str, path: Path) -> Iterator[str]:
    """What `text`, the script at `path` or a part of it, imports; ours as paths from web/."""
    for match in IMPORT.finditer(text):
        name = match["static"] or match["called"]
        if not name.startswith("."):
            yield name
            continue
        target = (path.parent / name).resolve().relative_to(ROOT / "web")
        yield target.as_posix().removesuffix(".js")


@pytest.mark.parametrize("path", scripts(), ids=lambda p: str(p.relative_to(ROOT)))
def test_web(path: Path) -> None:
    """What runs keeps to the table. Types, in comments, may come from above, not from a panel."""
    module = path.relative_to(ROOT / "web")
    part = module.parts[0].removesuffix(".d.ts").removesuffix(".js")
    assert part in WEB, f"web/{part} has no row in the table of tests/test_layers.py"
    text = path.read_text(encoding="utf-8")
    types_only = path.name.endswith(".d.ts")
    if not types_only:
        for target in imported_scripts(COMMENT.sub("", text), path):
            allowed = {target, target.split("/")[0]} & (WEB[part] | WEB_LEAVES | {part})
            assert allowed, f"{path}: {part} may not import {target}"
    if part == "packages":
        return
    for target in imported_scripts(text, path):
        assert not target.startswith("vendor/"), f"{path} imports {target}, not packages.js"
        if part == "panels":
            own = target.startswith(f"panels/{module.stem}-")  # the file panels/timeline-drawing
            assert own or not target.startswith(("panels/", "connection/socket")), (
                f"{path}: a panel may not know another, or the socket: {target}"
            )
        elif part not in {"app", "main"}:
            assert not target.startswith("panels/"), f"{path}: {part} may not import {target}"


def test_imports_are_seen() -> None:
    """The parsers find what is known to be there; else the rules above would hold by blindness."""
    program = {module for module, _ in imported(ROOT / "engine" / "session" / "program.py")}
    assert {"engine.graph", "engine.executor.expand", "engine.session.session"} <= program
    script = ROOT / "web" / "main.js"
    main = set(imported_scripts(script.read_text(encoding="utf-8"), script))
    assert {"app", "state/store", "connection/socket"} <= main
