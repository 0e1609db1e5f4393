"""A real server process and clients that record what they receive."""

from __future__ import annotations

import os
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import socketio

from opscope.server.protocol import NAMESPACE

TIMEOUT = 30.0
GRAPHS = Path(__file__).with_name("graphs")
CASES = Path(__file__).parents[1] / "cases"


class ServerProcess:
    """`opscope --port 0 --no-browser` in a process of its own."""

    def __init__(self, data: Path, *arguments: str) -> None:
        self.data = data
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "opscope.server.cli", "--port", "0", "--no-browser",
                "--data", str(data), *arguments,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        match = re.search(r"(http://[\w.:]+)/\?token=([\w-]+)(#/session/(\w+))?", line)
        assert match, f"the server did not start: {line}{self._errors()}"
        self.url, self.token, self.session = match[1], match[2], match[4]

    @property
    def pid(self) -> int:
        return self._process.pid

    def http(self) -> requests.Session:
        """A browser that has opened the printed address."""
        session = requests.Session()
        session.get(f"{self.url}/?token={self.token}", timeout=TIMEOUT)
        return session

    def interrupt(self) -> int:
        """Press Ctrl-C; the exit code."""
        self._process.send_signal(2)
        return self._process.wait(TIMEOUT)

    def close(self) -> None:
        if self._process.poll() is None:
            self.interrupt()
        for stream in (self._process.stdout, self._process.stderr):
            assert stream is not None
            stream.close()

    def _errors(self) -> str:
        assert self._process.stderr is not None
        self._process.kill()
        return self._process.stderr.read()


Event = tuple[str, dict[str, Any]]


def _handle_in_order(client: socketio.Client) -> None:
    """Have packets handled one after another, as a browser does, not each in its own thread."""
    trigger = client.eio._trigger_event

    def in_order(event: str, *arguments: Any, **options: Any) -> Any:
        return trigger(event, *arguments, **{**options, "run_async": False})

    client.eio._trigger_event = in_order


class DebugClient:
    """A page without a browser: sends requests, records all events in the order of arrival."""

    def __init__(self, server: ServerProcess) -> None:
        self.http = server.http()
        self.timeline: list[Event] = []
        self._arrived = threading.Condition()
        self._socket = socketio.Client(http_session=self.http, reconnection=False)
        _handle_in_order(self._socket)
        self._socket.on("*", self._record, namespace=NAMESPACE)
        self._socket.connect(
            server.url, transports=["websocket"], namespaces=[NAMESPACE], wait_timeout=TIMEOUT
        )
        self.request("initialize", protocol=1, bundles=True)

    def send(self, name: str, body: dict[str, Any]) -> queue.Queue[dict[str, Any]]:
        """Send a request without waiting; the queue gets its answer."""
        answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self._socket.emit(name, body, namespace=NAMESPACE, callback=answers.put)
        return answers

    def ask(self, name: str, **body: Any) -> dict[str, Any]:
        """Send a request; its answer, whatever it is."""
        return self.send(name, body).get(timeout=TIMEOUT)

    def request(self, name: str, **body: Any) -> dict[str, Any]:
        """Send a request that must succeed; its response."""
        answer = self.ask(name, **body)
        assert answer["ok"], answer
        return answer

    def refused(self, name: str, **body: Any) -> dict[str, Any]:
        """Send a request that must fail; its error."""
        answer = self.ask(name, **body)
        assert not answer["ok"], answer
        return answer["error"]

    def open(self, program: str) -> str:
        """Begin a session with a program of the library and attach to it."""
        answer = self.http.post(
            f"{self._socket.connection_url}/api/sessions",
            json={"program": program},
            timeout=TIMEOUT,
        )
        session = answer.json()["session"]
        self.request("attach", session=session)
        return session

    def wait_for(self, name: str, where: Callable[[dict[str, Any]], bool] = lambda _: True) -> Any:
        """The first event `name` that fits, past or coming."""

        def found() -> dict[str, Any] | None:
            return next((b for n, b in self.timeline if n == name and where(b)), None)

        with self._arrived:
            assert self._arrived.wait_for(found, TIMEOUT), (
                f"no {name} among {[n for n, _ in self.timeline]}"
            )
            return found()

    def names(self) -> list[str]:
        with self._arrived:
            return [name for name, _ in self.timeline]

    def forget(self) -> None:
        """Begin a new timeline."""
        with self._arrived:
            self.timeline.clear()

    def close(self) -> None:
        """Go away as a browser does whose window is closed."""
        self._socket.eio.ws.shutdown()

    def _record(self, name: str, body: dict[str, Any]) -> None:
        with self._arrived:
            self.timeline.append((name, body))
            self._arrived.notify_all()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One server for all tests that leave it as it was."""
    process = ServerProcess(tmp_path_factory.mktemp("opscope"), "--upload-limit", "1MB")
    yield process
    process.close()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., ServerProcess]]:
    """Starts servers of a test's own, all with the same data."""
    started: list[ServerProcess] = []

    def start(*arguments: str) -> ServerProcess:
        started.append(ServerProcess(tmp_path / "data", *arguments))
        return started[-1]

    yield start
    for process in started:
        process.close()


@pytest.fixture
def connect(server: ServerProcess) -> Iterator[Callable[..., DebugClient]]:
    """Connects clients, which are disconnected at the end."""
    clients: list[DebugClient] = []

    def open_client(to: ServerProcess = server) -> DebugClient:
        clients.append(DebugClient(to))
        return clients[-1]

    yield open_client
    for client in clients:
        client.close()


@pytest.fixture(scope="session")
def counter_file() -> Path:
    """A counter: `init`, `update` (v += 1) and `value` (v), which nothing orders."""
    return GRAPHS / "counter.pbtxt"


@pytest.fixture(scope="session")
def endless_file() -> Path:
    """A loop that does not end."""
    return GRAPHS / "endless.pbtxt"


@pytest.fixture(scope="session")
def branch_file() -> Path:
    """A Switch of which `taken` and `skipped` are the sides."""
    return GRAPHS / "branch.pbtxt"


@pytest.fixture(scope="session")
def stuck_file() -> Path:
    """A matrix product that takes minutes."""
    return GRAPHS / "stuck.pbtxt"


@pytest.fixture(scope="session")
def racing_file() -> Path:
    """`update` adds 1 to the reference variable `v`, `doubled` is two times `v`; nothing orders
    them.
    """
    return GRAPHS / "racing.pbtxt"


@pytest.fixture(scope="session")
def long_search_file() -> Path:
    """`all` runs nine updates of one variable, each of which reads it and writes it: to look at
    every order takes minutes.
    """
    return GRAPHS / "long_search.pbtxt"


@pytest.fixture
def add(server: ServerProcess) -> Callable[..., str]:
    """Adds files to the server's library: the program's id."""
    return lambda *paths: upload(server, *paths)


@pytest.fixture
def counter(server: ServerProcess, counter_file: Path) -> str:
    """The id of the program `counter` in the server's library."""
    return upload(server, counter_file)


@pytest.fixture
def endless(server: ServerProcess, endless_file: Path) -> str:
    """The id of the program `endless` in the server's library."""
    return upload(server, endless_file)


@pytest.fixture
def half_plus_two_file() -> Path:
    """A SavedModel of TensorFlow Serving. The input `x` of a signature comes from an op that the
    engine cannot run.
    """
    return CASES / "serving_half_plus_two_tf1.zip"


@pytest.fixture
def half_plus_two(server: ServerProcess, half_plus_two_file: Path) -> str:
    """The id of the program `half_plus_two` in the server's library."""
    return upload(server, half_plus_two_file)


def upload(server: ServerProcess, *paths: Path) -> str:
    """Add files to the library; the program's id."""
    files = [("file", (path.name, path.read_bytes())) for path in paths]
    answer = server.http().post(f"{server.url}/api/programs", files=files, timeout=TIMEOUT)
    assert answer.ok, answer.text
    return answer.json()["id"]
