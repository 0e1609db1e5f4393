"""Amounts of memory as people write and read them."""

from __future__ import annotations

import argparse
import re

_PARSED = {
    "": 1,
    "b": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "tb": 10**12,
    "kib": 1 << 10,
    "mib": 1 << 20,
    "gib": 1 << 30,
    "tib": 1 << 40,
    "k": 1 << 10,
    "m": 1 << 20,
    "g": 1 << 30,
    "t": 1 << 40,
}
_WRITTEN = ("B", "kB", "MB", "GB")


def parse_size(text: str) -> int:
    """`4GiB`, `200MB`, `512k` or a number of bytes, as bytes; an argparse type."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*", text)
    if match is None or match[2].lower() not in _PARSED:
        raise argparse.ArgumentTypeError(f"'{text}' is no size; write it as 4GiB or 200MB")
    return int(float(match[1]) * _PARSED[match[2].lower()])


def size_text(size: int) -> str:
    """`size` bytes as the page writes them, in `sizeText` of `web/ui/format.js`: `2.0 MB`."""
    value, unit = float(size), 0
    while value >= 1000 and unit < len(_WRITTEN) - 1:
        value /= 1000
        unit += 1
    return f"{value:.{0 if value >= 100 or unit == 0 else 1}f} {_WRITTEN[unit]}"
