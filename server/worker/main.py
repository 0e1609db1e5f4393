"""The worker's loop: requests in the order in which they come, the run in between."""

from __future__ import annotations

import gc
import gzip
import json
import os
import signal
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..channel import Channel
from ..protocol.types import ErrorBody
from ..protocol.wire import BadRequest, from_wire, to_wire
from .control import Budget, Inspect, Inspected, Open

if TYPE_CHECKING:
    from .workbench import Workbench


def main(connection: Connection) -> None:
    """Run until the server closes the pipe. The entry point of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends its workers
    _prefer_to_be_killed()
    worker = Worker(Channel(connection))
    try:
        worker.loop()
    except (EOFError, OSError):
        pass  # the server is gone, and with it everybody who could be told
    finally:
        worker.close()


class Worker:
    """Waits for `open` (or `inspect`), then serves the session."""

    def __init__(self, channel: Channel) -> None:
        # The engine is imported here and not above, so that importing this module to start the
        # process costs the server nothing; and before a program comes that somebody waits for.
        from ...engine.errors import OpscopeError
        from .outbox import Outbox
        from .workbench import Workbench

        self._new_bench = Workbench
        self._expected = (OpscopeError, BadRequest)
        self._channel = channel
        self._outbox = Outbox(channel)
        self._bench: Workbench | None = None
        self._failure: str | None = None  # why the program could not be opened

    def loop(self) -> None:
        """Raises EOFError or OSError when the server has closed the pipe."""
        while True:
            bench = self._bench
            due = None if bench is None else bench.due()
            if self._channel.wait(due, None if bench is None else bench.wake):
                message = self._channel.receive()
                if message["name"] == "close":
                    return
                self._answer(message)
            elif bench is not None:
                self._work(bench)

    def close(self) -> None:
        if self._bench is not None:
            self._bench.close()

    def _answer(self, message: dict[str, Any]) -> None:
        answer: dict[str, Any] = {"request": message["request"]}
        try:
            response = to_wire(self._handle(message["name"], message["body"]))
            answer["body"] = {"ok": True, **response}
        except self._expected as error:
            answer["body"] = {"ok": False, "error": to_wire(self._describe(error))}
        except Exception as error:
            # A defect of ours must not cost the user the session; it is told in full.
            traceback.print_exc()
            answer["body"] = {"ok": False, "error": to_wire(self._describe(error))}
        self._outbox.send(answer)

    def _work(self, bench: Workbench) -> None:
        try:
            bench.work()
        except Exception as error:
            traceback.print_exc()
            bench.fail(error)
        self._outbox.send()

    def _handle(self, name: str, body: Any) -> Any:
        match name:
            case "open":
                return self._open(from_wire(Open, body))
            case "inspect":
                return _inspect(from_wire(Inspect, body))
            case "budget" if self._bench is not None:
                return self._bench.limit_memory(from_wire(Budget, body))
            case _ if self._bench is not None:
                return self._bench.handle(name, body)
            case _:
                raise BadRequest(self._failure or "no program is open in this session")

    def _open(self, body: Open) -> Any:
        from ...engine import load
        from ...engine.errors import OpscopeError
        from ..protocol.requests import Nothing
        from .recorded import restore

        try:
            program = load(body.path)
            session = program.session()
        except OpscopeError as error:
            self._failure = str(error)
            raise
        beginning = body.values_from or body.recorded
        try:
            if beginning is not None:
                restore(session, Path(beginning))
        finally:  # Without what was recorded it is a session all the same.
            self._bench = self._new_bench(program, session, body, self._outbox)
        if body.recorded is not None:
            self._bench.execute_again(Path(body.recorded))
        # The program lives as long as the process: looking through it again and again for garbage
        # would hold up now this step, now that.
        gc.collect()
        gc.freeze()
        return Nothing()

    def _describe(self, error: Exception) -> ErrorBody:
        from .describe import error_body

        program = None if self._bench is None else self._bench.program
        return error_body(program, error)


def _inspect(body: Inspect) -> Inspected:
    from ...engine import load
    from ..graph_json import graph_json

    program = load(body.path)
    content = graph_json(program, body.program, body.name or program.name, body.suggested)
    graph = json.dumps(content, separators=(",", ":"))
    target = Path(body.graph)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    partial.write_bytes(gzip.compress(graph.encode(), compresslevel=4, mtime=0))
    partial.replace(target)
    return Inspected(
        name=program.name, nodes=len(program.flat.nodes), unsupported=dict(program.unsupported)
    )


def _prefer_to_be_killed() -> None:
    """Where memory runs out, Linux should end the worker that used it, not the server."""
    path = Path("/proc/self/oom_score_adj")
    if path.exists():
        path.write_text("500")
