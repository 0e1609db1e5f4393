"""Sessions: each a program, its worker process, and the browsers that look at it."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from pathlib import Path

from .library import Library, LibraryProgram
from .protocol.wire import to_wire
from .publisher import Outlet, Publisher
from .runs import RunLog
from .spare import SpareWorkers
from .worker.control import Budget, Open
from .worker_process import Answer, Body, WorkerProcess, error

_BEGINNINGS = frozenset({"plan", "launch"})
"""What needs nothing that a worker before it had."""

STUCK_SECONDS = 2.0
"""How long a worker may take to answer `terminate` or `restart` before it is ended."""


class DebugSession:
    """One program being debugged.

    Everything that happens to it takes its lock, so that an answer to `attach` and the events after
    it fit together.
    """

    def __init__(
        self,
        id: str,
        program: LibraryProgram,
        workers: SpareWorkers,
        traces: Path,
        memory: int,
        outlet: Outlet,
        log: RunLog,
        recorded: Path | None = None,
    ) -> None:
        self.id = id
        self.program = program
        self._workers = workers
        self._traces = traces
        self._memory = memory
        self._lock = threading.RLock()
        self._outlet = outlet
        self._publisher = Publisher(id, outlet.emit)
        self._log = log
        self._run: Body | None = None
        self._plan: Body | None = None
        self._launch: Body | None = None
        self._dead = ""
        self._unheard: list[str] = []
        self._worker = self._start_worker(log.next_run(id), recorded=recorded)

    @property
    def state(self) -> str:
        with self._lock:
            if self._dead:
                return "terminated"
            return "idle" if self._run is None else str(self._run["state"])

    @property
    def worker_pid(self) -> int:
        return self._worker.pid

    def attach(self, seq: int, join: Callable[[], None], client: str, answer: Answer) -> None:
        """Let a client join: from event `seq` on if that is still kept, else from now."""
        with self._lock:
            if self._publisher.can_resume(seq):
                answer({"ok": True, "resumed": True, "seq": self._publisher.seq})
                self._publisher.send_after(seq, client)
                join()
                return
            if self._dead:
                answer(self._last_known())
                join()
                return

        def answered(body: Body) -> None:
            with self._lock:
                if not body["ok"] and self._dead:
                    body = self._last_known()
                if body["ok"]:
                    body["seq"] = self._publisher.seq
                    join()
                answer(body)
                if body["ok"]:
                    self._tell_unheard()

        self._worker.request("attach", {"session": self.id}, answered)

    def request(self, name: str, body: Body, answer: Answer) -> None:
        """Pass a request on to the worker; requests reach it in the order of calls."""
        with self._lock:
            if name == "launch":
                self._launch = body
            if self._dead and name == "restart":
                self._revive(body, answer)
                return
            if self._dead and name in _BEGINNINGS:
                self._replace_worker()
            worker = self._worker
        if name in ("terminate", "restart"):
            _end_if_stuck(worker, name)
        if name == "restart":
            worker.request(name, body, lambda given: self._restarted(given, body, answer))
        else:
            worker.request(name, body, answer)

    def limit_memory(self, memory: int) -> None:
        """Let the worker keep `memory` bytes of tensors from now on."""
        with self._lock:
            self._memory = memory
            self._worker.request("budget", to_wire(Budget(memory=memory)), lambda _: None)

    def close(self) -> None:
        """End the worker; the session's runs stay in the log."""
        self._worker.close()
        self._log.flush()

    def _start_worker(
        self, first_run: int, values_from: str | None = None, recorded: Path | None = None
    ) -> WorkerProcess:
        worker = self._workers.take()
        self._dead = ""
        worker.listen(self._on_event, self._on_death, self._outlet.together)
        opening = Open(
            path=str(self.program.path),
            program=self.program.id,
            name=self.program.name,
            traces=str(self._traces),
            memory=self._memory,
            first_run=first_run,
            values_from=values_from,
            recorded=None if recorded is None else str(recorded),
        )
        worker.request("open", to_wire(opening), self._opened)
        return worker

    def _tell_unheard(self) -> None:
        """Tell what went wrong before anybody was there."""
        unheard, self._unheard = self._unheard, []
        for text in unheard:
            self._publisher.publish("output", {"category": "important", "text": text})

    def _opened(self, body: Body) -> None:
        # Not before: the start of a process would hold up the one that somebody waits for.
        self._workers.replace()
        if not body["ok"] and body["error"]["code"] != "WorkerDied":
            with self._lock:
                self._unheard.append(body["error"]["message"])

    def _on_event(self, name: str, body: Body) -> None:
        with self._lock:
            if "plan" in body:
                self._plan = body["plan"]
            if isinstance(body.get("run"), dict):
                self._run = body["run"]
                self._log.note(self.id, self.program, body["run"])
            elif name == "continued" and self._run is not None:
                self._run = {**self._run, "state": "running"}
            elif name == "steps" and self._run is not None:
                steps = body["first"] + body["count"]
                self._run = {**self._run, "steps": steps, "cursor": steps}
            self._publisher.publish(name, body)

    def _on_death(self, reason: str) -> None:
        with self._lock:
            self._dead = reason
            run = self._run
            fault = error("WorkerDied", reason)["error"]
            if run is not None:
                self._run = {**run, "state": "terminated", "error": fault}
                self._log.note(self.id, self.program, self._run)
            number = 0 if run is None else run["id"]
            self._publisher.publish("terminated", {"run": number, "error": fault})

    def _revive(self, restart: Body, answer: Answer) -> None:
        """A new worker, and the run of the dead one again from its beginning."""
        self._replace_worker()
        if self._launch is None:
            answer(error("BadRequest", "no run has been launched in this session"))
            return
        launch = {**self._launch, "stopOnEntry": True}
        if restart.get("schedule") is not None:
            launch["schedule"] = restart["schedule"]
        self._worker.request("launch", launch, answer)

    def _replace_worker(self) -> None:
        """A new worker, with the variables as the run of the dead one found them."""
        number = 0 if self._run is None else int(self._run["id"])
        trace = self._traces / f"{number}.trace"
        self._worker = self._start_worker(number + 1, str(trace) if trace.exists() else None)

    def _restarted(self, given: Body, body: Body, answer: Answer) -> None:
        """Pass on the answer to `restart`; if the worker died over it, restart with a new one."""
        with self._lock:
            if not given["ok"] and given["error"]["code"] == "WorkerDied" and self._dead:
                self._revive(body, answer)
                return
        answer(given)

    def _last_known(self) -> Body:
        return {
            "ok": True,
            "resumed": False,
            "seq": self._publisher.seq,
            "program": self.program.id,
            "name": self.program.name,
            "alive": False,
            "run": self._run,
            "plan": self._plan,
            "next": None,
            "ready": b"",
            "variables": [],
            "outcomes": None,
            "search": None,
        }


class Sessions:
    """Every session of the server."""

    def __init__(
        self,
        library: Library,
        log: RunLog,
        workers: SpareWorkers,
        data: Path,
        memory: int,
        outlet: Outlet,
    ) -> None:
        self._library = library
        self._log = log
        self._workers = workers
        self._data = data
        self._memory = memory
        self._outlet = outlet
        self._lock = threading.Lock()
        self._sessions: dict[str, DebugSession] = {}

    def create(self, program: LibraryProgram, recorded: Path | None = None) -> DebugSession:
        """Begin a session; its worker loads the program meanwhile.

        Args:
            program: what the session is of.
            recorded: the trace of a run of it, which is executed again.
        """
        id = secrets.token_hex(6)
        self._log.add_session(id, program)
        return self._start(id, program, recorded)

    def get(self, id: str) -> DebugSession | None:
        """Session `id`; one of an earlier server process begins anew, with the same program."""
        with self._lock:
            found = self._sessions.get(id)
        if found is not None:
            return found
        program_id = self._log.program_of(id)
        program = None if program_id is None else self._library.find(program_id)
        return None if program is None else self._start(id, program)

    def live(self) -> list[DebugSession]:
        with self._lock:
            return list(self._sessions.values())

    def end_those_of(self, program: str) -> None:
        """End every session of a program that is being deleted."""
        for session in self.live():
            if session.program.id == program:
                with self._lock:
                    del self._sessions[session.id]
                session.close()
        self._share_memory()

    def close(self) -> None:
        closing = [threading.Thread(target=session.close) for session in self.live()]
        for thread in closing:
            thread.start()
        for thread in closing:
            thread.join()

    def _start(
        self, id: str, program: LibraryProgram, recorded: Path | None = None
    ) -> DebugSession:
        with self._lock:
            if id not in self._sessions:
                self._sessions[id] = DebugSession(
                    id,
                    program,
                    self._workers,
                    self._data / "traces" / id,
                    self._memory,
                    self._outlet,
                    self._log,
                    recorded,
                )
            session = self._sessions[id]
        self._share_memory()
        return session

    def _share_memory(self) -> None:
        """One budget for the whole server: every session gets the same part of it."""
        sessions = self.live()
        for session in sessions:
            session.limit_memory(self._memory // len(sessions))


def _end_if_stuck(worker: WorkerProcess, name: str) -> None:
    """End a worker that does not come to answer: a kernel in it never ends, or takes too long."""

    def check() -> None:
        if worker.alive and worker.is_waiting(name):
            worker.kill()

    timer = threading.Timer(STUCK_SECONDS, check)
    timer.daemon = True
    timer.start()
