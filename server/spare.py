"""A worker process in reserve."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager

from .worker_process import WorkerProcess


class SpareWorkers:
    """Keeps a worker process ready, so that opening a program does not wait for Python."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spares: list[WorkerProcess] = []
        self._closed = False

    def prepare(self) -> None:
        """Start a worker if none is in reserve."""
        with self._lock:
            if not self._spares and not self._closed:
                self._spares.append(WorkerProcess())

    def take(self) -> WorkerProcess:
        """A worker for a session, which ends it and calls `replace` when it can spare the time."""
        return self._pop()

    def replace(self) -> None:
        """`prepare`, on a thread of its own."""
        threading.Thread(target=self.prepare, name="spare worker", daemon=True).start()

    @contextmanager
    def borrow(self) -> Generator[WorkerProcess]:
        """A worker for a single question that leaves no trace in it."""
        worker = self._pop()
        try:
            yield worker
        finally:
            with self._lock:
                keep = worker.alive and not self._closed
                if keep:
                    self._spares.append(worker)
            if not keep:
                worker.kill()

    def close(self) -> None:
        """End the workers in reserve. They have done nothing that could be lost."""
        with self._lock:
            self._closed = True
            spares, self._spares = self._spares, []
        for worker in spares:
            worker.kill()

    def _pop(self) -> WorkerProcess:
        with self._lock:
            while self._spares:
                worker = self._spares.pop()
                if worker.alive:
                    return worker
        return WorkerProcess()
