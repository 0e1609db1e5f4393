"""The log of sessions and runs: what the home page lists and an earlier server left."""

from __future__ import annotations

import threading
from typing import Any

from sqlalchemy import select

from .library import LibraryProgram
from .store import RunRecord, SessionRecord, Store

Body = dict[str, Any]
RECENT = 20


class RunLog:
    """Remembers every run. Notes are cheap; they reach the database when somebody looks, when a
    session ends, and at the end of the server.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._noted: dict[tuple[str, int], tuple[LibraryProgram, Body]] = {}

    def add_session(self, id: str, program: LibraryProgram) -> None:
        with self._store.transaction() as database:
            database.add(SessionRecord(id=id, program=program.id, name=program.name))

    def program_of(self, session: str) -> str | None:
        """The id of the program of a session, also of one that an earlier server had."""
        with self._store.transaction() as database:
            record = database.get(SessionRecord, session)
            return None if record is None else record.program

    def next_run(self, session: str) -> int:
        """The number that the session's next run gets."""
        self.flush()
        with self._store.transaction() as database:
            numbers = database.scalars(select(RunRecord.number).where(RunRecord.session == session))
            return max(numbers, default=0) + 1

    def note(self, session: str, program: LibraryProgram, run: Body) -> None:
        """A run of `session` is now as `run` (a `RunInfo`) says."""
        with self._lock:
            self._noted[session, run["id"]] = (program, run)

    def flush(self) -> None:
        """Put what was noted into the database."""
        with self._lock:
            noted, self._noted = self._noted, {}
        if not noted:
            return
        with self._store.transaction() as database:
            for (session, number), (program, run) in noted.items():
                if database.get(SessionRecord, session) is None:  # deleted with its program
                    continue
                database.merge(
                    RunRecord(
                        session=session,
                        number=number,
                        program=program.id,
                        name=program.name,
                        fetches=run["fetches"] or run["targets"],
                        state=run["state"],
                        steps=run["steps"],
                        trace=f"traces/{session}/{number}.trace",
                    )
                )

    def recent(self) -> list[Body]:
        """The latest runs, newest first."""
        self.flush()
        with self._store.transaction() as database:
            newest = select(RunRecord).order_by(RunRecord.started.desc()).limit(RECENT)
            return [
                {
                    "session": run.session,
                    "program": run.program,
                    "name": run.name,
                    "fetches": run.fetches,
                    "state": run.state,
                    "steps": run.steps,
                }
                for run in database.scalars(newest)
            ]
