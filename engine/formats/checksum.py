"""The checksum of tables and checkpoints: CRC-32C, masked."""

from __future__ import annotations

from typing import Any

import google_crc32c

_crc32c: Any = google_crc32c  # without types of its own

_MASK_DELTA = 0xA282EAD8


def mask(crc: int) -> int:
    """`crc` as files store it, so that a checksum of data that holds checksums stays useful."""
    return ((crc >> 15 | crc << 17) + _MASK_DELTA) & 0xFFFFFFFF


def masked_crc32c(data: bytes) -> int:
    """The checksum of `data` as files store it."""
    return mask(_crc32c.value(data))


def extend_crc32c(crc: int, data: bytes) -> int:
    """The unmasked checksum of what gave `crc`, followed by `data`."""
    return _crc32c.extend(crc, data)
