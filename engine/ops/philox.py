"""The Philox 4x32-10 generator (Salmon et al., 2011) and the distributions drawn from it.

Everything here is a function of a key, a counter and how many numbers are wanted, and gives bit
for bit what TensorFlow's CPU kernels give, as far as the C library does.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint32]

_MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_INCREMENTS = (0x9E3779B9, 0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
_MASK64 = (1 << 64) - 1


class Stream(NamedTuple):
    """A sequence of blocks of four 32-bit words.

    Attributes:
        key: 64 bits.
        high: the upper 64 bits of the counter.
        low: the lower 64 bits of the counter at the first block.
    """

    key: int
    high: int
    low: int = 0

    def skip(self, count: int) -> Stream:
        """The stream without its first `count` blocks."""
        return self._replace(low=(self.low + count) & _MASK64)

    def blocks(self, numbers: Any) -> Words:
        """The blocks with the given numbers (counted from 0), in an array (blocks, 4)."""
        low = np.asarray(numbers, np.uint64) + np.uint64(self.low)
        c0, c1 = low & _LOW, low >> _SHIFT
        c2 = np.full_like(low, self.high & 0xFFFFFFFF)
        c3 = np.full_like(low, self.high >> 32)
        k0, k1 = self.key & 0xFFFFFFFF, self.key >> 32
        for _ in range(10):
            first = c0 * _MULTIPLIERS[0]
            second = c2 * _MULTIPLIERS[1]
            c0 = (second >> _SHIFT) ^ c1 ^ np.uint64(k0)
            c2 = (first >> _SHIFT) ^ c3 ^ np.uint64(k1)
            c1, c3 = second & _LOW, first & _LOW
            k0 = (k0 + _INCREMENTS[0]) & 0xFFFFFFFF
            k1 = (k1 + _INCREMENTS[1]) & 0xFFFFFFFF
        return np.stack((c0, c1, c2, c3), -1).astype(np.uint32)

    def words(self, count: int) -> Words:
        """The first `count` words."""
        return self.blocks(np.arange(-(-count // 4))).reshape(-1)[:count]


def seeded(seed: int, seed2: int) -> Stream:
    """The stream of a node with the attributes `seed` and `seed2`."""
    return Stream(seed & _MASK64, seed2 & _MASK64)


def uniform_float32(words: Words) -> NDArray[np.float32]:
    """[0, 1) from the low 23 bits of each word."""
    bits = (words & np.uint32(0x7FFFFF)) | np.uint32(0x3F800000)
    return bits.view(np.float32) - np.float32(1)


def uniform_float64(words: Words) -> NDArray[np.float64]:
    """[0, 1) from 52 bits of each pair of words."""
    pairs = words.reshape(-1, 2).astype(np.uint64)
    mantissa = ((pairs[:, 0] & np.uint64(0xFFFFF)) << _SHIFT) | pairs[:, 1]
    return (mantissa | np.uint64(1023 << 52)).view(np.float64) - 1


def uniform_float16(words: Words) -> NDArray[np.float16]:
    """[0, 1) from the low 10 bits of each word."""
    bits = (words & np.uint32(0x3FF)).astype(np.uint16) | np.uint16(15 << 10)
    return bits.view(np.float16) - np.float16(1)


def uniform_bfloat16(words: Words, dtype: np.dtype[Any]) -> Any:
    """[0, 1) from the low 7 bits of each word."""
    bits = (words & np.uint32(0x7F)).astype(np.uint16) | np.uint16(127 << 7)
    return bits.view(dtype) - dtype.type(1)


def uniform_integers(words: Words, low: int, span: int, dtype: np.dtype[Any]) -> Any:
    """Integers low + x mod span; for 64-bit types x is made of two words."""
    if dtype.itemsize == 4:
        return (words % np.uint32(span) + np.uint32(low & 0xFFFFFFFF)).view(dtype)
    wide = words_64(words)
    return (wide % np.uint64(span) + np.uint64(low & _MASK64)).view(dtype)


def words_64(words: Words) -> NDArray[np.uint64]:
    """Pairs of words as 64-bit words, the first the lower half."""
    pairs = words.reshape(-1, 2).astype(np.uint64)
    return pairs[:, 0] | (pairs[:, 1] << _SHIFT)


@functools.cache
def _libm(name: str) -> Any:
    """A single-precision function of the C library.

    TensorFlow takes these from the platform; NumPy's own differ in the last bit.
    """
    library = ctypes.CDLL(ctypes.util.find_library("m"))
    function = getattr(library, name)
    function.argtypes = (ctypes.c_float,)
    function.restype = ctypes.c_float
    return function


def _by_libm(name: str, x: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.fromiter(map(_libm(name), x.tolist()), np.float32, x.size)


def normal_float32(words: Words) -> NDArray[np.float32]:
    """Standard normal numbers, one per word, two from each pair (Box and Muller, 1958)."""
    u = np.maximum(uniform_float32(words[0::2]), np.float32(1e-7))
    angle = (uniform_float32(words[1::2]) * np.float64(2 * math.pi)).astype(np.float32)
    radius = np.sqrt(np.float32(-2) * _by_libm("logf", u))
    result = np.empty(words.size, np.float32)
    result[0::2] = radius * _by_libm("sinf", angle)
    result[1::2] = radius * _by_libm("cosf", angle)
    return result


def normal_float64(words: Words) -> NDArray[np.float64]:
    """Standard normal numbers, two from each four words."""
    uniform = uniform_float64(words)
    u = np.maximum(uniform[0::2], 1e-7)
    angle = uniform[1::2] * (2 * math.pi)
    radius = np.sqrt(-2 * np.fromiter(map(math.log, u.tolist()), np.float64, u.size))
    result = np.empty(uniform.size, np.float64)
    result[0::2] = radius * np.fromiter(map(math.sin, angle.tolist()), np.float64, u.size)
    result[1::2] = radius * np.fromiter(map(math.cos, angle.tolist()), np.float64, u.size)
    return result


_SKIPPED_PER_NUMBER = 64
"""Blocks that lie between the starts of two groups, for each number of a group, where how many
words a number takes is not fixed."""


def truncated_normal(stream: Stream, count: int, wide: bool) -> Any:
    """`count` normal numbers of absolute value below 2, in float32 or (`wide`) float64.

    Numbers come in groups of four (two if wide). A group takes words from its own start on until
    it is full.
    """
    size = 2 if wide else 4
    groups = -(-count // size)
    dtype = np.float64 if wide else np.float32
    result = np.empty((groups, size), dtype)
    filled = np.zeros(groups, np.int64)
    open_groups = np.arange(groups)
    turn = 0
    while open_groups.size:
        words = stream.blocks(open_groups * (_SKIPPED_PER_NUMBER * size) + turn).reshape(-1)
        drawn = (normal_float64(words) if wide else normal_float32(words)).reshape(-1, size)
        for column in drawn.T:
            taken = (np.abs(column) < 2) & (filled[open_groups] < size)
            rows = open_groups[taken]
            result[rows, filled[rows]] = column[taken]
            filled[rows] += 1
        open_groups = open_groups[filled[open_groups] < size]
        turn += 1
    return result.reshape(-1)[:count]
