"""Bytes to protocol buffer messages, binary or text, with errors that say what was found."""

from __future__ import annotations

import re
from typing import TypeVar

from google.protobuf import text_format
from google.protobuf.message import DecodeError, Message

from ..errors import FormatError

_M = TypeVar("_M", bound=Message)

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (0, b"\xff\xd8\xff", "a JPEG image"),
    (0, b"GIF8", "a GIF image"),
    (0, b"%PDF", "a PDF document"),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file (perhaps Keras weights)"),
    (0, b"\x1f\x8b", "gzip-compressed data"),
    (0, b"\x7fELF", "an executable"),
    (0, b"\x93NUMPY", "a NumPy array"),
    (0, b"SQLite format 3", "an SQLite database"),
    (4, b"TFL3", "a TensorFlow Lite model"),
    (0, b"PK\x03\x04", "a zip archive"),
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_HEAD = 1024


def looks_like_text(data: bytes) -> bool:
    """Whether `data` is text: a binary message has control characters near its start."""
    return not _CONTROL.search(data[:_HEAD])


def describe(data: bytes) -> str:
    """What `data` seems to be, as the end of a sentence."""
    if not data:
        return "an empty file"
    if name := _known_signature(data):
        return name
    if looks_like_text(data):
        line = data[:_HEAD].decode("utf-8", "replace").strip().splitlines()[:1]
        return f"text that starts with '{line[0][:40]}'" if line else "blank text"
    return f"{len(data):,} bytes of something else"


def _known_signature(data: bytes) -> str:
    for offset, magic, name in _SIGNATURES:
        if data[offset : offset + len(magic)] == magic:
            return name
    return ""


def is_foreign(data: bytes) -> bool:
    """Whether `data` is empty or bears the signature of some other kind of file."""
    return not data or bool(_known_signature(data))


def first_field(data: bytes) -> str:
    """The first field name of a message in text format, or an empty string."""
    match = re.match(rb"(?:\s|#[^\n]*\n?)*([A-Za-z_]\w*)\s*[:{<]", data[: 64 * _HEAD])
    return match[1].decode("ascii") if match else ""


def parse_binary(message: _M, data: bytes, expected: str) -> _M:
    """Fill `message` from its wire format.

    Raises:
        FormatError: `data` is no such message; the text says `expected` and what was found.
    """
    try:
        message.ParseFromString(data)
    except DecodeError:
        raise FormatError(
            f"expected {expected}, found {describe(data)} (or a truncated file)"
        ) from None
    return message


def parse_text(message: _M, data: bytes, expected: str) -> _M:
    """Fill `message` from protobuf's text format; fields that we do not know are skipped.

    Raises:
        FormatError: `data` is no such text; the message gives line and column.
    """
    try:
        text_format.Parse(data.decode("utf-8"), message, allow_unknown_field=True)
    except UnicodeDecodeError as error:
        raise FormatError(f"expected {expected} as UTF-8 text, found {error}") from None
    except text_format.ParseError as error:
        raise FormatError(f"expected {expected} in text form, found a mistake at {error}") from None
    except RecursionError:
        raise FormatError(
            f"expected {expected} in text form, found text nested too deeply"
        ) from None
    return message


def parse(message: _M, data: bytes, expected: str) -> _M:
    """Fill `message` from text or binary, whichever `data` is.

    Raises:
        FormatError: as `parse_binary` and `parse_text`.
    """
    parser = parse_text if looks_like_text(data) else parse_binary
    return parser(message, data, expected)
