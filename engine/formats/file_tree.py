"""The files of a SavedModel, in a folder or in a zip archive, by their names inside it.

Nothing is ever extracted to disk, so a member's name cannot lead outside.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from os import PathLike
from pathlib import Path
from typing import BinaryIO, Protocol

from ..errors import FormatError

MAX_UNPACKED_BYTES = 4 << 30
"""How large the files of an archive may be together."""

_SUSPICIOUS_BYTES = 256 << 20
_SUSPICIOUS_RATIO = 200
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,  # a compression method that Python does not know
    RuntimeError,  # encrypted
    ValueError,
)


class FileTree(Protocol):
    """Files by name; `/` separates folders."""

    @property
    def name(self) -> str:
        """What messages call it."""
        ...

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""
        ...

    def open(self, path: str) -> BinaryIO:
        """The file, seekable.

        Raises:
            FileNotFoundError: there is none.
            FormatError: it is damaged.
        """
        ...


class Folder:
    """The files below a folder."""

    def __init__(self, root: str | PathLike[str]) -> None:
        self._root = Path(root)

    @property
    def name(self) -> str:
        return str(self._root)

    def exists(self, path: str) -> bool:
        return (self._root / path).is_file()

    def open(self, path: str) -> BinaryIO:
        return (self._root / path).open("rb")


class ZipTree:
    """The files of a zip archive below its folder `root`, unpacked in memory on first use.

    Args:
        root: empty, or a folder of the archive with a `/` at its end.

    Raises:
        FormatError: the archive is damaged, or would unpack to an absurd size.
    """

    def __init__(self, path: str | PathLike[str], root: str = "") -> None:
        self._path = Path(path)
        self._root = root
        self._unpacked: dict[str, bytes] = {}
        try:
            with zipfile.ZipFile(self._path) as archive:
                members = archive.infolist()
        except _DAMAGED as error:
            raise FormatError(f"expected a zip archive, found a damaged one: {error}") from None
        self.members = [member.filename for member in members if not member.is_dir()]
        self._check_sizes(sum(member.file_size for member in members))

    def _check_sizes(self, unpacked: int) -> None:
        packed = self._path.stat().st_size
        suspicious = unpacked > max(_SUSPICIOUS_BYTES, packed * _SUSPICIOUS_RATIO)
        if unpacked > MAX_UNPACKED_BYTES or suspicious:
            raise FormatError(
                f"expected a SavedModel in the zip archive, found {packed:,} bytes that would "
                f"unpack to {unpacked:,}"
            )

    @property
    def name(self) -> str:
        return f"{self._path}/{self._root}".rstrip("/")

    def exists(self, path: str) -> bool:
        return self._root + path in self.members

    def open(self, path: str) -> BinaryIO:
        member = self._root + path
        if not self.exists(path):
            raise FileNotFoundError(f"{self._path}/{member}")
        if member not in self._unpacked:
            try:
                with zipfile.ZipFile(self._path) as archive:
                    self._unpacked[member] = archive.read(member)
            except _DAMAGED as error:
                raise FormatError(
                    f"expected to unpack '{member}', found it damaged or encrypted: {error}"
                ) from None
        return io.BytesIO(self._unpacked[member])
