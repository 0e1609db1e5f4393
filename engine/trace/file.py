"""Traces on disk: one SQLite file per run, readable at any time, even after its writer was killed.

Steps are kept as the column bytes that a trace has in memory, chunk by chunk. The file is in WAL
mode: readers see the last flush while the run goes on.
"""

from __future__ import annotations

import json
import queue
import sqlite3
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .. import dtypes
from ..errors import FormatError

VERSION = 1
APPLICATION_ID = 0x4F505343  # "OPSC"
FLUSH_SECONDS = 0.5
_AT_ONCE = 32 << 20

COLUMNS = np.dtype(
    [
        ("start", "<i8"),
        ("duration", "<u4"),
        ("op", "<u4"),
        ("frame", "<u4"),
        ("iteration", "<u4"),
        ("flags", "<u4"),
    ]
)
"""The columns of a step, in the order in which a chunk has them, one column after another."""

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE nodes (node INTEGER PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL);
CREATE TABLE feeds (name TEXT PRIMARY KEY, dtype TEXT, shape TEXT, data BLOB);
CREATE TABLE frames (id INTEGER PRIMARY KEY, name TEXT, parent INTEGER, parent_iteration INTEGER);
CREATE TABLE steps (first INTEGER PRIMARY KEY, count INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE versions (variable TEXT, number INTEGER, step INTEGER, node TEXT,
    dtype TEXT, shape TEXT, data BLOB, PRIMARY KEY (variable, number, step));
"""


Job = tuple[str, Sequence[tuple[Any, ...]]]
"""A statement and the rows to execute it with."""


class FrameRow(NamedTuple):
    """One activation of a loop."""

    id: int
    name: str
    parent: int
    parent_iteration: int


class VersionRow(NamedTuple):
    """A value that a write gave a variable.

    Attributes:
        step: the step that wrote it; negative for the value at the run's start.
        node: the name of the op that wrote it, where one did.
        value: None where the variable was uninitialised, or the file's budget was used up.
    """

    variable: str
    number: int
    step: int
    node: str | None
    value: NDArray[Any] | None


@dataclass(frozen=True, kw_only=True)
class RunDescription:
    """What a run is of.

    Attributes:
        program: the path or name of the program.
        positions: node name -> position of its random generator when the run began.
        nodes: index -> (name, type) of the ops that the run may execute.
        found: the variables as the run found them, as versions of step -1.
        witness: the entries of the schedule that it replays, where that takes kernels apart.
    """

    program: str
    fetches: Sequence[str]
    targets: Sequence[str]
    schedule: str
    feeds: Mapping[str, NDArray[Any]]
    nodes: Mapping[int, tuple[str, str]]
    found: Sequence[VersionRow] = ()
    positions: Mapping[str, int] = field(default_factory=dict[str, int])
    witness: Sequence[str | Mapping[str, Any]] = ()


class TraceFile:
    """Writes one run's trace. What is added is on disk within `FLUSH_SECONDS`.

    A thread writes; adding never waits for the disk. `error` is set when writing failed (a full
    disk); the run goes on without its file.

    Args:
        budget: bytes of variable contents to keep; later values are noted without their contents.
    """

    def __init__(self, path: Path, description: RunDescription, budget: int = 1 << 30) -> None:
        self.path = path
        self.error: Exception | None = None
        self._budget = budget
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._create(description)
        # What the run found matters most if the run kills its process; only where it is much does
        # it not hold up the beginning.
        if sum(v.value.nbytes for v in description.found if v.value is not None) <= _AT_ONCE:
            self._execute([self._insert_versions(description.found)])
        else:
            self.add_versions(description.found)
        self._thread = threading.Thread(target=self._write, name="trace writer", daemon=True)
        self._thread.start()

    def add_steps(self, first: int, count: int, data: bytes) -> None:
        """Append a chunk of columns."""
        self._jobs.put(("INSERT OR REPLACE INTO steps VALUES (?, ?, ?)", [(first, count, data)]))

    def add_frames(self, frames: Iterable[FrameRow]) -> None:
        rows = [tuple(frame) for frame in frames]
        self._jobs.put(("INSERT OR REPLACE INTO frames VALUES (?, ?, ?, ?)", rows))

    def add_versions(self, versions: Iterable[VersionRow]) -> None:
        """Append variable versions. The arrays must not change any more."""
        self._jobs.put(self._insert_versions(versions))

    def set_meta(self, key: str, value: str) -> None:
        self._jobs.put(("INSERT OR REPLACE INTO meta VALUES (?, ?)", [(key, value)]))

    def set_seeds(self, seeds: Mapping[str, tuple[int, int]]) -> None:
        """Note what the nodes without a seed have drawn."""
        self.set_meta("seeds", json.dumps(dict(seeds)))

    def close(self) -> None:
        """Write what is left and end the thread."""
        self._jobs.put(None)
        self._thread.join()

    def _insert_versions(self, versions: Iterable[VersionRow]) -> Job:
        rows: list[tuple[Any, ...]] = []
        for variable, number, step, node, value in versions:
            kept = value
            if value is not None:
                self._budget -= value.nbytes
                kept = value if self._budget >= 0 else None
            rows.append((variable, number, step, node, *_encode(kept)))
        return "INSERT OR REPLACE INTO versions VALUES (?, ?, ?, ?, ?, ?, ?)", rows

    def _execute(self, jobs: Iterable[Job]) -> None:
        with closing(sqlite3.connect(self.path)) as connection, connection:
            for statement, rows in jobs:
                connection.executemany(statement, rows)

    def _create(self, description: RunDescription) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.unlink(missing_ok=True)
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version={VERSION}")
            connection.executescript(_SCHEMA)
            meta = {
                "program": description.program,
                "fetches": "\n".join(description.fetches),
                "targets": "\n".join(description.targets),
                "schedule": description.schedule,
                "started": str(time.time()),
                "positions": json.dumps(dict(description.positions)),
                "witness": json.dumps(list(description.witness)),
            }
            connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())
            connection.executemany(
                "INSERT INTO nodes VALUES (?, ?, ?)",
                [(index, *names) for index, names in description.nodes.items()],
            )
            connection.executemany(
                "INSERT INTO feeds VALUES (?, ?, ?, ?)",
                [(name, *_encode(value)) for name, value in description.feeds.items()],
            )

    def _write(self) -> None:
        try:
            with closing(sqlite3.connect(self.path)) as connection:
                connection.execute("PRAGMA synchronous=NORMAL")
                while self._write_batch(connection):
                    pass
        except sqlite3.Error as error:
            self.error = error

    def _write_batch(self, connection: sqlite3.Connection) -> bool:
        """Everything added within `FLUSH_SECONDS` as one transaction; False after the last."""
        job = self._jobs.get()
        deadline = time.monotonic() + FLUSH_SECONDS
        with connection:
            while job is not None:
                statement, rows = job
                connection.executemany(statement, rows)
                try:
                    job = self._jobs.get(timeout=max(0.0, deadline - time.monotonic()))
                except queue.Empty:
                    return True
        return False


class RecordedTrace:
    """A trace file, open for reading. Close it, or use it as a context manager."""

    def __init__(self, path: Path) -> None:
        """Raises FormatError where `path` is no trace, or of a version that is not known."""
        if not path.is_file():
            raise FormatError(f"{path}: there is no such file")
        self.path = path
        try:
            self._connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
            (application,) = self._connection.execute("PRAGMA application_id").fetchone()
            (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        except sqlite3.DatabaseError as error:
            raise FormatError(f"{path}: expected an Opscope trace, but {error}") from None
        if application != APPLICATION_ID:
            self._connection.close()
            raise FormatError(f"{path}: expected an Opscope trace, found another SQLite file")
        if version != VERSION:
            self._connection.close()
            raise FormatError(
                f"{path}: the trace has version {version}, this program reads version {VERSION}"
            )
        meta: dict[str, str] = dict(self._connection.execute("SELECT key, value FROM meta"))
        self.meta = meta
        self.fetches = meta["fetches"].split("\n") if meta["fetches"] else []
        self.targets = meta["targets"].split("\n") if meta["targets"] else []
        self.schedule = meta["schedule"]

    @property
    def program(self) -> str:
        """The path or name of the program."""
        return self.meta["program"]

    @property
    def positions(self) -> dict[str, int]:
        """Node name -> position of its random generator when the run began."""
        return json.loads(self.meta.get("positions", "{}"))

    @property
    def seeds(self) -> dict[str, tuple[int, int]]:
        """Node name -> what a node without a seed has drawn."""
        drawn = json.loads(self.meta.get("seeds", "{}"))
        return {node: (first, second) for node, (first, second) in drawn.items()}

    @property
    def witness(self) -> list[str | dict[str, Any]]:
        """The schedule that the run replayed, where that takes kernels apart; else nothing."""
        return json.loads(self.meta.get("witness", "[]"))

    def schedule_entries(self) -> list[str | dict[str, Any]]:
        """The entries of a schedule that replays what is recorded."""
        if self.witness:
            return self.witness
        names = self.node_names()
        return [
            {"op": names[int(step["op"])], "iteration": int(step["iteration"])}
            for step in self.steps()
        ]

    @property
    def count(self) -> int:
        """Steps recorded up to the last flush."""
        (count,) = self._connection.execute(
            "SELECT coalesce(max(first + count), 0) FROM steps"
        ).fetchone()
        return count

    def steps(self) -> NDArray[Any]:
        """All steps as an array of `COLUMNS` records."""
        chunks = self._connection.execute("SELECT count, data FROM steps ORDER BY first")
        return np.concatenate(
            [unpack(data, count) for count, data in chunks] or [np.empty(0, COLUMNS)]
        )

    def columns(self, first: int, count: int) -> bytes:
        """Steps `first` to `first + count - 1` as one chunk of columns."""
        return pack(self.steps()[first : first + count])

    def node_names(self) -> dict[int, str]:
        return dict(self._connection.execute("SELECT node, name FROM nodes"))

    def frames(self) -> list[FrameRow]:
        return [FrameRow(*row) for row in self._connection.execute("SELECT * FROM frames")]

    def feeds(self) -> dict[str, NDArray[Any] | None]:
        rows = self._connection.execute("SELECT name, dtype, shape, data FROM feeds")
        return {name: _decode(dtype, shape, data) for name, dtype, shape, data in rows}

    def versions(self, variable: str | None = None) -> list[VersionRow]:
        """Versions in the order in which they were written; of one variable or of all."""
        rows = self._connection.execute(
            "SELECT * FROM versions WHERE ?1 IS NULL OR variable = ?1 ORDER BY step, number",
            (variable,),
        )
        return [
            VersionRow(variable, number, step, node, _decode(dtype, shape, data))
            for variable, number, step, node, dtype, shape, data in rows
        ]

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> RecordedTrace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_trace(path: str | Path) -> RecordedTrace:
    """Open a trace file for reading.

    Raises:
        FormatError: it is none, or of an unknown version.
    """
    return RecordedTrace(Path(path))


def pack(steps: NDArray[Any]) -> bytes:
    """An array of `COLUMNS` records as one chunk: column after column."""
    return b"".join(np.ascontiguousarray(steps[name]).tobytes() for name in COLUMNS.names or ())


def unpack(data: bytes, count: int) -> NDArray[Any]:
    """A chunk of `count` steps as an array of `COLUMNS` records."""
    steps = np.empty(count, COLUMNS)
    position = 0
    for name in COLUMNS.names or ():
        kind = COLUMNS[name]
        steps[name] = np.frombuffer(data, kind, count, position)
        position += kind.itemsize * count
    return steps


def _encode(value: NDArray[Any] | None) -> tuple[str | None, str | None, bytes | None]:
    """dtype, shape and little-endian bytes; strings are a length (uint32) and bytes each."""
    if value is None:
        return None, None, None
    shape = ",".join(map(str, value.shape))
    if value.dtype == object:
        data = b"".join(len(item).to_bytes(4, "little") + item for item in value.reshape(-1))
        return "string", shape, data
    little = value.astype(value.dtype.newbyteorder("<"), copy=False)
    return value.dtype.name, shape, np.ascontiguousarray(little).tobytes()


def _decode(dtype: str | None, shape: str | None, data: bytes | None) -> NDArray[Any] | None:
    if dtype is None or shape is None or data is None:
        return None
    lengths = tuple(int(part) for part in shape.split(",") if part)
    if dtype != "string":
        kind = dtypes.BY_NAME[dtype].numpy
        return np.frombuffer(data, kind.newbyteorder("<")).reshape(lengths).astype(kind)
    items: list[bytes] = []
    position = 0
    while position < len(data):
        end = position + 4 + int.from_bytes(data[position : position + 4], "little")
        items.append(data[position + 4 : end])
        position = end
    array = np.empty(len(items), object)
    array[:] = items
    return array.reshape(lengths)
