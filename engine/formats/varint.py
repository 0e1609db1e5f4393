"""Base-128 numbers, as protocol buffers, tables and string tensors write lengths."""

from __future__ import annotations

from ..errors import FormatError

_MAX_BYTES = 10


def read_varint(data: bytes | memoryview, position: int) -> tuple[int, int]:
    """The number at `position` and the position after it.

    Raises:
        FormatError: the data ends inside the number, or it does not fit 64 bits.
    """
    value = 0
    for shift in range(0, 7 * _MAX_BYTES, 7):
        if position >= len(data):
            raise FormatError(f"expected a number at byte {position:,}, found the end of the data")
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise FormatError(f"expected a number before byte {position:,}, found more than 64 bits")


def write_varint(value: int) -> bytes:
    """`value`, not negative, in as few bytes as possible."""
    written = bytearray()
    while value >= 0x80:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)
