"""Summaries for TensorBoard: serialised `Summary` messages, written out by hand.

Field numbers are those of tensorflow/core/framework/summary.proto: Summary.value = 1;
Value.tag = 1, simple_value = 2, histo = 5; HistogramProto.min = 1 … bucket = 7.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from ..errors import InvalidArgumentError
from .registry import Attrs, Kernel, op
from .shapes import scalar, text

_BYTES = 2
_FIXED32 = 5
_FIXED64 = 1


def _varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def _field(number: int, kind: int, content: bytes) -> bytes:
    length = _varint(len(content)) if kind == _BYTES else b""
    return _varint(number << 3 | kind) + length + content


def _message(values: Sequence[bytes]) -> Any:
    return np.array(b"".join(_field(1, _BYTES, value) for value in values), object)


@op("ScalarSummary", "tags: string, values: T", "summary: string", "T: type", shape=scalar)
def scalar_summary(attrs: Attrs) -> Kernel:
    """A summary that holds one number for each tag."""

    def kernel(tags: Any, values: Any) -> Any:
        if tags.shape != values.shape:
            raise InvalidArgumentError(
                f"tags and values are not the same shape: {text(tags)} != {text(values)}"
            )
        return _message(
            [
                _field(1, _BYTES, tag) + _field(2, _FIXED32, struct.pack("<f", value))
                for tag, value in zip(
                    np.ravel(tags).tolist(), np.ravel(values).tolist(), strict=True
                )
            ]
        )

    return kernel


@cache
def _limits() -> Any:
    """The upper ends of TensorFlow's default buckets: plus and minus 1e-12 times powers of 1.1."""
    positive: list[float] = []
    value = 1e-12
    while value < 1e20:
        positive.append(value)
        value *= 1.1
    largest = float(np.finfo(np.float64).max)
    positive.append(largest)
    return np.array([-v for v in reversed(positive)] + [0.0, *positive])


def _doubles(values: Any) -> bytes:
    return struct.pack(f"<{len(values)}d", *values)


def _histogram(values: Any) -> bytes:
    limits = _limits()
    counts = np.bincount(np.searchsorted(limits, values, "right"), minlength=limits.size)
    counts = counts[: limits.size]
    # Runs of empty buckets are written as one, as TensorFlow does.
    ends: list[float] = []
    sizes: list[float] = []
    i = 0
    while i < limits.size:
        end, count = limits[i], counts[i]
        i += 1
        if not count:
            while i < limits.size and not counts[i]:
                end = limits[i]
                i += 1
        ends.append(float(end))
        sizes.append(float(count))
    if not ends:
        ends, sizes = [float(np.finfo(np.float64).max)], [0.0]
    if values.size:
        smallest, largest = float(values.min()), float(values.max())
    else:
        smallest, largest = float(np.finfo(np.float64).max), -float(np.finfo(np.float64).max)
    numbers = (smallest, largest, float(values.size), float(values.sum()), float((values**2).sum()))
    parts = [
        _field(index, _FIXED64, struct.pack("<d", number))
        for index, number in enumerate(numbers, 1)
        if number or struct.pack("<d", number) != bytes(8)
    ]
    return b"".join((*parts, _field(6, _BYTES, _doubles(ends)), _field(7, _BYTES, _doubles(sizes))))


@op(
    "HistogramSummary",
    "tag: string, values: T",
    "summary: string",
    "T: type = float32",
    shape=scalar,
)
def histogram_summary(attrs: Attrs) -> Kernel:
    """A summary that holds the histogram of a tensor."""

    def kernel(tag: Any, values: Any) -> Any:
        flat = np.ravel(values).astype(np.float64)
        name: bytes = np.asarray(tag, object).item()
        if np.isnan(flat).any():
            raise InvalidArgumentError(f"Nan in summary histogram for: {name.decode()}")
        if np.isinf(flat).any():
            raise InvalidArgumentError(f"Infinity in summary histogram for: {name.decode()}")
        return _message([_field(1, _BYTES, name) + _field(5, _BYTES, _histogram(flat))])

    return kernel


@op("MergeSummary", "inputs: N * string", "summary: string", "N: int", shape=scalar)
def merge_summary(attrs: Attrs) -> Kernel:
    """One summary with the values of all given ones."""

    def kernel(*inputs: Any) -> Any:
        # Messages of one type are merged by writing them one after another.
        parts = [part for value in inputs for part in np.ravel(value).tolist()]
        return np.array(b"".join(parts), object)

    return kernel
