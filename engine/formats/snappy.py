"""Decompressing Snappy blocks, in which some writers keep the tables of checkpoints.

The format is described in Snappy's `format_description.txt`: the length of the result as a varint,
then elements, each a literal or a copy of bytes that were written before.
"""

from __future__ import annotations

from ..errors import FormatError
from .varint import read_varint

MAX_BLOCK_BYTES = 1 << 26
"""Blocks of a table hold some kilobytes; a few bytes must not claim all memory."""

_LITERAL, _COPY_1, _COPY_2 = 0, 1, 2
_INLINE_LITERAL = 60


def decompress(data: bytes) -> bytes:
    """The bytes that `data` was compressed from.

    Raises:
        FormatError: `data` is damaged or claims an absurd length.
    """
    length, position = read_varint(data, 0)
    if length > MAX_BLOCK_BYTES:
        raise FormatError(f"expected a compressed block of a table, found one of {length:,} bytes")
    written = bytearray()
    while position < len(data) and len(written) <= length:
        tag = data[position]
        position += 1
        if tag & 3 == _LITERAL:
            position = _append_literal(written, data, position, tag >> 2)
        else:
            position = _append_copy(written, data, position, tag)
    if len(written) != length:
        raise FormatError(f"expected a block of {length:,} bytes, found another {len(written):,}")
    return bytes(written)


def _append_literal(written: bytearray, data: bytes, position: int, code: int) -> int:
    size = code + 1
    if code >= _INLINE_LITERAL:
        extra = code - _INLINE_LITERAL + 1
        size = int.from_bytes(data[position : position + extra], "little") + 1
        position += extra
    if position + size > len(data):
        raise FormatError(f"expected {size:,} bytes in a compressed block, found its end")
    written += data[position : position + size]
    return position + size


def _append_copy(written: bytearray, data: bytes, position: int, tag: int) -> int:
    kind = tag & 3
    width = 1 if kind == _COPY_1 else 2 if kind == _COPY_2 else 4
    offset = int.from_bytes(data[position : position + width], "little")
    size = (tag >> 2) + 1
    if kind == _COPY_1:
        offset |= tag >> 5 << 8
        size = (tag >> 2 & 7) + 4
    if not 0 < offset <= len(written):
        raise FormatError(f"expected a copy from before in a compressed block, found {offset:,}")
    start = len(written) - offset
    if offset >= size:
        written += written[start : start + size]
    else:  # the copy overlaps what it writes, and repeats it
        pattern = written[start:]
        written += (pattern * (size // offset + 1))[:size]
    return position + width
