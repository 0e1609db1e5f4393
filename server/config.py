"""What a server is started with."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_data_path


def default_data_directory() -> Path:
    return user_data_path("opscope", appauthor=False)


@dataclass(frozen=True, kw_only=True)
class Config:
    """Settings of one server.

    Attributes:
        host: address to listen on.
        port: 0 for any free one.
        token: what the printed address carries; exchanged for a cookie by the first request.
        data: folder for uploaded programs, traces and, by default, the database.
        store: database URL; None for a SQLite file in `data`.
        memory: bytes that the recordings of all sessions may keep in memory.
        upload_limit: most bytes that one upload may have.
    """

    host: str = "127.0.0.1"
    port: int = 7007
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    data: Path = field(default_factory=default_data_directory)
    store: str | None = None
    memory: int = 4 << 30
    upload_limit: int = 200 * 10**6

    @property
    def store_url(self) -> str:
        return self.store or f"sqlite:///{self.data / 'library.sqlite'}"
