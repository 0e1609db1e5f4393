"""Opscope as a user starts it: a process with an address."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

TIMEOUT = 30.0


class ServerProcess:
    """`opscope --port 0 --no-browser` in a process of its own, with a library of its own."""

    def __init__(self, data: Path, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [
                sys.executable, "-m", "opscope.server.cli", "--port", "0", "--no-browser",
                "--data", str(data), "--store", f"sqlite:///{data}/library.sqlite", *arguments,
            ],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        prefix = "Opscope is at "
        assert line.startswith(prefix), f"the server did not start; it printed {line!r}"
        self.address = line.removeprefix(prefix).strip()
        """What is printed for the user to open; carries the token."""

    @property
    def url(self) -> str:
        """The address without token and fragment."""
        return self.address.partition("?")[0].removesuffix("/")

    def worker_of(self, session: str) -> int:
        """The process id of the worker of a session with a run: it writes the session's trace."""
        found = {
            int(link.parts[2])
            for link in Path("/proc").glob("[0-9]*/fd/*")
            if f"/traces/{session}/" in _target(link)
        }
        assert len(found) == 1, f"{len(found)} processes write the trace of session {session}"
        return found.pop()

    def workers(self) -> list[int]:
        """The process ids of all workers, also of the one in reserve."""
        return [
            int(entry.name)
            for entry in Path("/proc").glob("[0-9]*")
            if _parent(entry) == self._process.pid and "spawn_main" in _read(entry / "cmdline")
        ]

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(TIMEOUT)
        assert self._process.stdout is not None
        self._process.stdout.close()


def _parent(process: Path) -> int:
    """The process id of the parent; 0 where the process has ended meanwhile."""
    stat = _read(process / "stat")
    return int(stat.rpartition(")")[2].split()[1]) if stat else 0


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _target(link: Path) -> str:
    try:
        return os.readlink(link)
    except OSError:
        return ""  # closed meanwhile, or of another user
