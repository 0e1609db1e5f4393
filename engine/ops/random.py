"""Random numbers, each node with a generator of its own that the session keeps."""

from __future__ import annotations

import math
import secrets
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import DType, bfloat16, float16, float32, float64, int32
from ..errors import InvalidArgumentError
from ..graph import Shape
from ..memory import Memory, Site
from . import philox
from .philox import Stream
from .registry import Attrs, Cell, Effect, Kernel, Lock, op
from .shapes import given_by, text, unchanged

GENERATOR = (Effect("", Cell.GENERATOR, reads=True, writes=True, lock=Lock.EXCLUSIVE),)
"""What every op with a generator of its own touches."""

_RESERVED_PER_OUTPUT = 256
"""Blocks by which a node moves on for each number, however many it used."""


def stream_of(attrs: Attrs, site: Site, blocks: int) -> Stream:
    """The node's stream at its present position, which moves on by `blocks`.

    A node without a seed draws one when it first runs; the session remembers it, so that a run
    can be repeated.
    """
    seed, seed2 = attrs["seed"], attrs["seed2"]
    if not seed and not seed2:
        seed, seed2 = draw_seed(site.memory, site.name)
    return philox.seeded(seed, seed2).skip(site.memory.advance(site.name, blocks))


def draw_seed(memory: Memory, node: str) -> tuple[int, int]:
    """The seed of `node`, which has none of its own: the one that it drew, or a new one."""
    drawn = (secrets.randbits(64), secrets.randbits(64))
    return memory.seeds.setdefault(node, drawn)


def checked_shape(shape: Any) -> list[int]:
    """The shape that a shape tensor asks for.

    Raises:
        InvalidArgumentError: it is no vector, or a length is negative.
    """
    if shape.ndim != 1:
        raise InvalidArgumentError(f"shape must be a vector, but got shape {text(shape)}")
    lengths = shape.tolist()
    for index, n in enumerate(lengths):
        if n < 0:
            raise InvalidArgumentError(f"Dimension {index} must be >= 0, but is {n}")
    return lengths


def uniform(dtype: DType, stream: Stream, count: int) -> Any:
    """`count` numbers in [0, 1) of `dtype`."""
    if dtype is float64:
        return philox.uniform_float64(stream.words(2 * count))
    words = stream.words(count)
    if dtype is float32:
        return philox.uniform_float32(words)
    if dtype is float16:
        return philox.uniform_float16(words)
    return philox.uniform_bfloat16(words, bfloat16.numpy)


def normal(dtype: DType, stream: Stream, count: int) -> Any:
    """`count` standard normal numbers of `dtype`."""
    if dtype is float64:
        # Four words give two numbers.
        return philox.normal_float64(stream.words(4 * -(-count // 2)))[:count]
    numbers = philox.normal_float32(stream.words(4 * -(-count // 4)))[:count]
    return numbers.astype(dtype.numpy, copy=False)


def truncated(dtype: DType, stream: Stream, count: int) -> Any:
    """`count` normal numbers of `dtype` whose absolute value is below 2."""
    numbers = philox.truncated_normal(stream, count, dtype is float64)
    return numbers.astype(dtype.numpy, copy=False)


def _filling(attrs: Attrs, draw: Any) -> Kernel:
    dtype: DType = attrs["dtype"]

    def kernel(site: Site, shape: Any) -> Any:
        lengths = checked_shape(shape)
        count = math.prod(lengths)
        stream = stream_of(attrs, site, _RESERVED_PER_OUTPUT * count)
        return draw(dtype, stream, count).reshape(lengths)

    return kernel


@op(
    "RandomUniform",
    "shape: T",
    "output: dtype",
    "seed: int = 0, seed2: int = 0, dtype: type, T: type",
    shape=given_by(0),
    effects=GENERATOR,
    uses_site=True,
)
def random_uniform(attrs: Attrs) -> Kernel:
    """Numbers uniform in [0, 1)."""
    return _filling(attrs, uniform)


@op(
    "RandomStandardNormal",
    "shape: T",
    "output: dtype",
    "seed: int = 0, seed2: int = 0, dtype: type, T: type",
    shape=given_by(0),
    effects=GENERATOR,
    uses_site=True,
)
def random_standard_normal(attrs: Attrs) -> Kernel:
    """Normal numbers with mean 0 and standard deviation 1."""
    return _filling(attrs, normal)


@op(
    "TruncatedNormal",
    "shape: T",
    "output: dtype",
    "seed: int = 0, seed2: int = 0, dtype: type, T: type",
    shape=given_by(0),
    effects=GENERATOR,
    uses_site=True,
)
def truncated_normal(attrs: Attrs) -> Kernel:
    """Standard normal numbers; those two or more standard deviations away are drawn again."""
    return _filling(attrs, truncated)


@op(
    "RandomUniformInt",
    "shape: T, minval: Tout, maxval: Tout",
    "output: Tout",
    "seed: int = 0, seed2: int = 0, Tout: type, T: type",
    shape=given_by(0),
    effects=GENERATOR,
    uses_site=True,
)
def random_uniform_int(attrs: Attrs) -> Kernel:
    """Integers from minval up to, and without, maxval."""
    dtype: DType = attrs["Tout"]
    per_number = 1 if dtype is int32 else 2

    def kernel(site: Site, shape: Any, minval: Any, maxval: Any) -> Any:
        for name, value in (("minval", minval), ("maxval", maxval)):
            if value.ndim:
                raise InvalidArgumentError(f"{name} must be 0-D, got shape {text(value)}")
        lengths = checked_shape(shape)
        count = math.prod(lengths)
        low, high = int(minval), int(maxval)
        if count and low >= high:
            raise InvalidArgumentError(f"Need minval < maxval, got {low} >= {high}")
        stream = stream_of(attrs, site, _RESERVED_PER_OUTPUT * count)
        if not count:
            return np.empty(lengths, dtype.numpy)
        words = stream.words(per_number * count)
        return philox.uniform_integers(words, low, high - low, dtype.numpy).reshape(lengths)

    return kernel


@op(
    "RandomShuffle",
    "value: T",
    "output: T",
    "seed: int = 0, seed2: int = 0, T: type",
    shape=unchanged,
    effects=GENERATOR,
    uses_site=True,
)
def random_shuffle(attrs: Attrs) -> Kernel:
    """The rows in random order (Fisher and Yates)."""

    def kernel(site: Site, value: Any) -> Any:
        if value.size <= 1 or value.shape[0] <= 1:
            return value
        length = value.shape[0]
        words = stream_of(attrs, site, -(-(length - 1) // 4)).words(length - 1).tolist()
        order = list(range(length))
        for i in range(length - 1):
            j = i + words[i] % (length - i)
            order[i], order[j] = order[j], order[i]
        return value[order]

    return kernel


def _samples_shape(_: Attrs, shapes: Sequence[Shape], values: Sequence[Any]) -> list[Shape]:
    logits = shapes[0]
    rows = None if logits is None else logits[0]
    return [(rows, None if values[1] is None else int(values[1]))]


def draw_classes(logits: Any, numbers: Any, dtype: Any) -> Any:
    """For each row of unnormalised log probabilities, the classes at the quantiles `numbers`."""
    wide = logits.astype(np.float64)
    finite = np.isfinite(wide)
    highest = np.where(finite, wide, -np.inf).max(1, keepdims=True)
    cumulative = np.cumsum(np.where(finite, np.exp(wide - highest), 0), 1)
    rows = [
        np.searchsorted(row, quantiles * row[-1], "right")
        for row, quantiles in zip(cumulative, numbers, strict=True)
    ]
    return np.array(rows, dtype).reshape(numbers.shape)


@op(
    "Multinomial",
    "logits: T, num_samples: int32",
    "output: output_dtype",
    "seed: int = 0, seed2: int = 0, T: type, output_dtype: type = int64",
    shape=_samples_shape,
    effects=GENERATOR,
    uses_site=True,
)
def multinomial(attrs: Attrs) -> Kernel:
    """Classes drawn from rows of unnormalised log probabilities."""
    dtype = attrs["output_dtype"].numpy

    def kernel(site: Site, logits: Any, num_samples: Any) -> Any:
        if logits.ndim != 2:
            raise InvalidArgumentError(f"logits should be a matrix, got shape {text(logits)}")
        batch, samples = logits.shape[0], int(num_samples)
        if samples < 0:
            raise InvalidArgumentError(f"num_samples should be nonnegative, got {samples}")
        if not logits.shape[1] and batch:
            raise InvalidArgumentError("num_classes should be positive, got 0")
        reserved = batch * (-(-samples // 4) * 4) * 2 * _RESERVED_PER_OUTPUT
        stream = stream_of(attrs, site, reserved)
        numbers = philox.uniform_float64(stream.words(2 * batch * samples))
        return draw_classes(logits, numbers.reshape(batch, samples), dtype)

    return kernel
