"""Sorted string tables, the files that LevelDB keeps its data in and TensorFlow its checkpoints.

A file is data blocks, an index block that maps the last key of each data block to where that
block is, and a footer that says where the index is. The layout is documented in LevelDB's
`doc/table_format.md`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from ..errors import FormatError
from .checksum import masked_crc32c
from .snappy import decompress
from .varint import read_varint, write_varint

_MAGIC = 0xDB4775248B80FB57
_FOOTER = 48
_TRAILER = 5  # compression type, then checksum
_PLAIN, _SNAPPY = 0, 1
_BLOCK_SIZE = 1 << 18
_RESTART_INTERVAL = 16


def is_table(data: bytes) -> bool:
    """Whether `data` ends as a table does."""
    return len(data) >= _FOOTER and data[-8:] == struct.pack("<Q", _MAGIC)


def read_table(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The keys and values of a table, in the order of the keys.

    Raises:
        FormatError: `data` is no table or is damaged.
    """
    if not is_table(data):
        raise FormatError(
            f"expected a table of tensors, found {len(data):,} bytes of something else"
        )
    footer = len(data) - _FOOTER
    _, position = _read_handle(data, footer)
    index, _ = _read_handle(data, position)
    for _, value in _entries(_block(data, *index)):
        handle, _ = _read_handle(value, 0)
        yield from _entries(_block(data, *handle))


def _read_handle(data: bytes, position: int) -> tuple[tuple[int, int], int]:
    """Where a block is: offset and size."""
    offset, position = read_varint(data, position)
    size, position = read_varint(data, position)
    return (offset, size), position


def _block(data: bytes, offset: int, size: int) -> bytes:
    end = offset + size
    if end + _TRAILER > len(data):
        raise FormatError(
            f"expected a block at bytes {offset:,} to {end:,}, found a file of {len(data):,} bytes"
        )
    (expected,) = struct.unpack_from("<I", data, end + 1)
    found = masked_crc32c(data[offset : end + 1])
    if expected != found:
        raise FormatError(
            f"expected the checksum {expected:08x} of the block at byte {offset:,}, "
            f"found {found:08x}"
        )
    block, compression = data[offset:end], data[end]
    if compression == _SNAPPY:
        return decompress(block)
    if compression != _PLAIN:
        raise FormatError(
            f"expected a plain or Snappy-compressed block, found compression {compression}"
        )
    return block


def _entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The entries of a block; a key shares its beginning with the key before it."""
    if len(block) < 4:
        raise FormatError(f"expected a block of a table, found {len(block)} bytes")
    (restarts,) = struct.unpack_from("<I", block, len(block) - 4)
    end = len(block) - 4 * (restarts + 1)
    if end < 0:
        raise FormatError(f"expected a block of a table, found {restarts:,} restarts in it")
    key = b""
    position = 0
    while position < end:
        shared, position = read_varint(block, position)
        added, position = read_varint(block, position)
        size, position = read_varint(block, position)
        start = position + added
        if shared > len(key) or start + size > end:
            raise FormatError("expected an entry of a table, found one that leaves its block")
        key = key[:shared] + block[position:start]
        position = start + size
        yield key, block[start:position]


def write_table(entries: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A table of `entries`, which are in the order of their keys."""
    written = bytearray()
    index = _BlockBuilder(restart_interval=1)
    block = _BlockBuilder()
    last = b""
    for key, value in entries:
        block.add(key, value)
        last = key
        if len(block) >= _BLOCK_SIZE:
            index.add(last, _append_block(written, block))
            block = _BlockBuilder()
    if len(block):
        index.add(last, _append_block(written, block))
    footer = _append_block(written, _BlockBuilder()) + _append_block(written, index)
    return bytes(written + footer.ljust(_FOOTER - 8, b"\0") + struct.pack("<Q", _MAGIC))


def _append_block(written: bytearray, block: _BlockBuilder) -> bytes:
    """Append `block` and return its handle."""
    contents = block.finish()
    handle = write_varint(len(written)) + write_varint(len(contents))
    contents += bytes([_PLAIN])
    written += contents + struct.pack("<I", masked_crc32c(contents))
    return handle


class _BlockBuilder:
    """Collects the entries of one block."""

    def __init__(self, restart_interval: int = _RESTART_INTERVAL) -> None:
        self._interval = restart_interval
        self._written = bytearray()
        self._restarts = [0]
        self._since_restart = 0
        self._last = b""

    def __len__(self) -> int:
        return len(self._written)

    def add(self, key: bytes, value: bytes) -> None:
        shared = 0
        if self._since_restart < self._interval:
            shared = _common_prefix(self._last, key)
        else:
            self._restarts.append(len(self._written))
            self._since_restart = 0
        for number in (shared, len(key) - shared, len(value)):
            self._written += write_varint(number)
        self._written += key[shared:] + value
        self._last = key
        self._since_restart += 1

    def finish(self) -> bytes:
        count = len(self._restarts)
        return bytes(self._written) + struct.pack(f"<{count + 1}I", *self._restarts, count)


def _common_prefix(first: bytes, second: bytes) -> int:
    limit = min(len(first), len(second))
    return next((at for at in range(limit) if first[at] != second[at]), limit)
