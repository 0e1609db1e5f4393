"""A worker as the server sees it: a process, a pipe, answers and events."""

from __future__ import annotations

import multiprocessing
import queue
import signal
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from .channel import Channel
from .worker.main import main

Body = dict[str, Any]
Answer = Callable[[Body], None]
MAX_WAITING = 10_000
"""Most requests that may wait for one worker."""

_EXIT_SECONDS = 2.0


class WorkerProcess:
    """Starts a process that waits for a program.

    Requests reach it in the order of `request` calls; `listen` says who is told of its events, and
    of its death. Both run on the thread that reads the pipe, in the order of the pipe.
    """

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(
            target=main, args=(theirs,), name="opscope worker", daemon=True
        )
        self._process.start()
        theirs.close()  # so that reading ours ends when the process does
        self._channel = Channel(ours)
        self._lock = threading.Lock()
        self._waiting: dict[int, tuple[str, Answer]] = {}
        self._count = 0
        self._alive = True
        self._outgoing: queue.SimpleQueue[Body | None] = queue.SimpleQueue()
        self._on_event: Callable[[str, Body], None] = lambda name, body: None
        self._on_death: Callable[[str], None] = lambda reason: None
        self._together: Callable[[], AbstractContextManager[None]] = nullcontext
        threading.Thread(target=self._write, name="worker requests", daemon=True).start()
        threading.Thread(target=self._read, name="worker events", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    @property
    def alive(self) -> bool:
        return self._alive

    def listen(
        self,
        on_event: Callable[[str, Body], None],
        on_death: Callable[[str], None],
        together: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """Who is told of events and of the end of the process; at once if it has ended already.

        Events that the worker sent as one, and the answer with them, are told within `together()`.
        """
        with self._lock:
            self._on_event = on_event
            self._on_death = on_death
            self._together = together
            dead = not self._alive
        if dead:
            on_death(self._reason())

    def request(self, name: str, body: Body, answer: Answer) -> None:
        """Ask; `answer` gets `{"ok": ...}` once, whatever happens to the process."""
        with self._lock:
            if not self._alive:
                refusal = worker_died(self._reason())
            elif len(self._waiting) >= MAX_WAITING:
                refusal = error("BadRequest", f"more than {MAX_WAITING:,} requests are waiting")
            else:
                self._count += 1
                self._waiting[self._count] = (name, answer)
                self._outgoing.put({"request": self._count, "name": name, "body": body})
                return
        answer(refusal)

    def ask(self, name: str, body: Body, timeout: float) -> Body:
        """As `request`, but waits for the answer; a worker that takes too long is killed."""
        answers: queue.SimpleQueue[Body] = queue.SimpleQueue()
        self.request(name, body, answers.put)
        try:
            return answers.get(timeout=timeout)
        except queue.Empty:
            self.kill()
            return error("DeadlineExceededError", f"this took more than {timeout:.0f} seconds")

    def is_waiting(self, name: str) -> bool:
        """Whether a request `name` has not been answered yet."""
        with self._lock:
            return any(waiting == name for waiting, _ in self._waiting.values())

    def kill(self) -> None:
        """End the process at once. Its death is reported as any other."""
        self._process.kill()

    def close(self) -> None:
        """Let the process finish what it writes and end; kill it if that takes too long."""
        self.listen(lambda name, body: None, lambda reason: None)
        self.request("close", {}, lambda body: None)
        self._process.join(_EXIT_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def _write(self) -> None:
        while (message := self._outgoing.get()) is not None:
            try:
                self._channel.send(message)
            except OSError:
                return  # the reader notices the end too, and tells

    def _read(self) -> None:
        try:
            while True:
                message = self._channel.receive()
                with self._together():
                    for name, body in message["events"]:
                        self._on_event(name, body)
                    if message["answer"] is not None:
                        self._answer(message["answer"])
        except (EOFError, OSError):
            self._channel.close()
            self._died()

    def _answer(self, message: Body) -> None:
        with self._lock:
            _, answer = self._waiting.pop(message["request"])
        answer(message["body"])

    def _died(self) -> None:
        self._process.join()
        with self._lock:
            self._alive = False
            waiting, self._waiting = self._waiting, {}
            on_death = self._on_death
        self._outgoing.put(None)
        reason = self._reason()
        on_death(reason)
        for _, answer in waiting.values():
            answer(worker_died(reason))

    def _reason(self) -> str:
        code = self._process.exitcode
        if code is not None and code < 0:
            name = signal.Signals(-code).name
            return f"The worker process of this session was ended by signal {-code} ({name})."
        return f"The worker process of this session ended with exit code {code}."


def error(code: str, message: str) -> Body:
    """The answer to a request that failed."""
    body = {"code": code, "message": message, "op": None, "detail": None}
    return {"ok": False, "error": body}


def worker_died(reason: str) -> Body:
    return error("WorkerDied", reason)
