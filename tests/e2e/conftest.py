"""Servers, browser tabs and files for the stories."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, expect

from opscope.engine.formats.writer import save_graph_def
from opscope.engine.graph import Graph

from .debugger_page import DebuggerPage
from .server_process import ServerProcess

StartServer = Callable[..., ServerProcess]
Saved = Callable[[Graph, str], Path]
Case = Callable[[str], Path]

_REPORT = pytest.StashKey[pytest.TestReport]()
_REFUSED = re.compile(r"^Failed to load resource: the server responded with a status of 4")
_UNREACHABLE = re.compile(r"ERR_CONNECTION_REFUSED|ERR_INTERNET_DISCONNECTED|WebSocket")

expect.set_options(timeout=15_000)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let fixtures know how their test ended."""
    report = yield
    if report.when == "call":
        item.stash[_REPORT] = report
    return report


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One server for all stories that leave it as it was."""
    process = ServerProcess(tmp_path_factory.mktemp("opscope"), "--upload-limit", "2MB")
    yield process
    process.stop()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[StartServer]:
    """Starts servers of a story's own, all with the same library."""
    started: list[ServerProcess] = []

    def start(*arguments: str) -> ServerProcess:
        started.append(ServerProcess(tmp_path / "data", *arguments))
        return started[-1]

    yield start
    for process in started:
        process.stop()


class Tabs:
    """The tabs of a story, each a browser of its own. A story fails where one reports an error."""

    def __init__(self, browser: Browser, server: ServerProcess) -> None:
        self._browser = browser
        self._server = server
        self.contexts: list[BrowserContext] = []
        self.errors: list[str] = []
        self.expected: list[re.Pattern[str]] = []

    def open(self, address: str | None = None) -> DebuggerPage:
        """A new browser at an address, by default the one that the story's server has printed."""
        context = self._browser.new_context(viewport={"width": 1400, "height": 900})
        self.contexts.append(context)
        context.tracing.start(snapshots=True)
        page = context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.errors.append(f"{error.name}: {error.message}"))
        page.goto(address or self._server.address)
        return DebuggerPage(page)

    def expect_refusals(self) -> None:
        """The story asks for what the server refuses, which browsers log as errors."""
        self.expected.append(_REFUSED)

    def expect_disconnection(self) -> None:
        """The story has no connection for a while, which browsers log as errors."""
        self.expected.append(_UNREACHABLE)

    def unexpected(self) -> list[str]:
        return [e for e in self.errors if not any(p.search(e) for p in self.expected)]

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)


@pytest.fixture
def tabs(
    request: pytest.FixtureRequest,
    browser: Browser,
    server: ServerProcess,
    start_server: StartServer,
    tmp_path: Path,
) -> Iterator[Tabs]:
    """Opens browsers; `trace-*.zip` and `page-*.png` of those that failed are in `tmp_path`.

    Needs `start_server` only so that its servers outlive the tabs.
    """
    tabs = Tabs(browser, server)
    yield tabs
    report = request.node.stash.get(_REPORT, None)
    failed = report is None or report.failed or tabs.unexpected()
    for number, context in enumerate(tabs.contexts):
        if failed:
            for page in context.pages:
                page.screenshot(path=tmp_path / f"page-{number}.png")
            context.tracing.stop(path=tmp_path / f"trace-{number}.zip")
        context.close()
    assert not tabs.unexpected(), f"the page reported errors: {tabs.unexpected()}"


@pytest.fixture
def debugger(tabs: Tabs) -> DebuggerPage:
    """A browser at the first page."""
    page = tabs.open()
    expect(page.home).to_be_visible()
    return page


@pytest.fixture
def saved(tmp_path: Path) -> Saved:
    """`saved(graph, name)`: the path of a file with that graph."""

    def save(graph: Graph, name: str) -> Path:
        path = tmp_path / name
        save_graph_def(graph, path)
        return path

    return save


@pytest.fixture
def case(root: Path, tmp_path: Path) -> Case:
    """`case(name)`: a folder with the files of that archive in `tests/cases`."""

    def unpack(name: str) -> Path:
        folder = tmp_path / name
        with zipfile.ZipFile(root / "tests" / "cases" / f"{name}.zip") as archive:
            archive.extractall(folder)
        return folder

    return unpack
