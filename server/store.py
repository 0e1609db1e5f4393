"""What outlives the server process, as tables: programs, sessions, runs."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker


class Base(DeclarativeBase):
    """Root of the tables."""


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


class ProgramRecord(Base):
    """A program of the library.

    Attributes:
        id: beginning of the hash of its files, so that the same upload is the same program.
        kind: the file format, in words.
        main: the file to load, relative to the program's folder.
        size: bytes of all its files.
    """

    __tablename__ = "programs"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    main: Mapped[str]
    nodes: Mapped[int]
    size: Mapped[int]
    added: Mapped[datetime] = mapped_column(default=_now)


class SessionRecord(Base):
    """A session: which program it debugs. `program` may be an example, which is in no table."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(primary_key=True)
    program: Mapped[str]
    name: Mapped[str]
    created: Mapped[datetime] = mapped_column(default=_now)


class RunRecord(Base):
    """A run, as the home page lists it, and where its trace is."""

    __tablename__ = "runs"

    session: Mapped[str] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    program: Mapped[str]
    name: Mapped[str]
    fetches: Mapped[list[Any]] = mapped_column(JSON)
    state: Mapped[str]
    steps: Mapped[int]
    trace: Mapped[str]
    started: Mapped[datetime] = mapped_column(default=_now)


class Store:
    """The database behind one URL; tables are created when missing."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url)
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _configure_sqlite)
        Base.metadata.create_all(self._engine)
        self._sessions = sessionmaker(self._engine, expire_on_commit=False)

    @contextmanager
    def transaction(self) -> Generator[Session]:
        """A unit of work: committed at its end, rolled back if it raises."""
        with self._sessions.begin() as session:
            yield session

    def close(self) -> None:
        self._engine.dispose()


def _configure_sqlite(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
