"""Random numbers that are functions of a seed that is given as a value."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..dtypes import DType, int32, uint32
from ..errors import InvalidArgumentError
from . import philox
from .philox import Stream
from .random import checked_shape, draw_classes, normal, truncated, uniform
from .registry import Attrs, Kernel, declare, op
from .shapes import given_by, text

_SCRAMBLING_KEY = 0x02461E29_3EC8F720


def scramble(seed: Any) -> Stream:
    """The stream of a seed of two numbers: the seed is itself put through the generator first."""
    if seed.shape != (2,):
        raise InvalidArgumentError(f"seed must have shape [2], not {text(seed)}")
    first, second = (int(value) & ((1 << 64) - 1) for value in seed.tolist())
    mixed = Stream(_SCRAMBLING_KEY, second, first).words(4).tolist()
    return Stream(mixed[0] | mixed[1] << 32, mixed[2] | mixed[3] << 32)


def _given(key: Any, counter: Any) -> Stream:
    low, high = (int(value) for value in counter.tolist())
    return Stream(int(key.reshape(-1)[0]), high, low)


@op(
    "StatelessRandomGetKeyCounter",
    "seed: Tseed",
    "key: uint64, counter: uint64",
    "Tseed: type = int64",
)
def get_key_counter(attrs: Attrs) -> Kernel:
    """The generator's key and counter that belong to a seed."""

    def kernel(seed: Any) -> Any:
        stream = scramble(seed)
        return np.array([stream.key], np.uint64), np.array([0, stream.high], np.uint64)

    return kernel


@op("StatelessRandomGetAlg", "", "alg: int32")
def get_alg(attrs: Attrs) -> Kernel:
    """The number of the generator: Philox."""
    return lambda: np.int32(1)


@op(
    "StatelessRandomGetKeyCounterAlg",
    "seed: Tseed",
    "key: uint64, counter: uint64, alg: int32",
    "Tseed: type = int64",
)
def get_key_counter_alg(attrs: Attrs) -> Kernel:
    """The generator's key and counter that belong to a seed, and its number."""
    kernel = get_key_counter(attrs)
    return lambda seed: (*kernel(seed), np.int32(1))


def _of_seed(draw: Any) -> Any:
    def factory(attrs: Attrs) -> Kernel:
        dtype: DType = attrs["dtype"]

        def kernel(shape: Any, seed: Any) -> Any:
            lengths = checked_shape(shape)
            return draw(dtype, scramble(seed), math.prod(lengths)).reshape(lengths)

        return kernel

    return factory


def _of_counter(draw: Any) -> Any:
    def factory(attrs: Attrs) -> Kernel:
        dtype: DType = attrs["dtype"]

        def kernel(shape: Any, key: Any, counter: Any, alg: Any) -> Any:
            lengths = checked_shape(shape)
            return draw(dtype, _given(key, counter), math.prod(lengths)).reshape(lengths)

        return kernel

    return factory


for _type, _draw, _doc in (
    ("StatelessRandomUniform", uniform, "Numbers uniform in [0, 1), from a seed."),
    ("StatelessRandomNormal", normal, "Standard normal numbers, from a seed."),
    ("StatelessTruncatedNormal", truncated, "Normal numbers below 2 in size, from a seed."),
):
    declare(
        _type,
        "shape: T, seed: Tseed",
        "output: dtype",
        "dtype: type = float32, T: type = int32, Tseed: type = int64",
        kernel=_of_seed(_draw),
        doc=_doc,
        shape=given_by(0),
    )
    declare(
        f"{_type}V2",
        "shape: Tshape, key: uint64, counter: uint64, alg: int32",
        "output: dtype",
        "dtype: type = float32, Tshape: type = int32",
        kernel=_of_counter(_draw),
        doc=_doc.replace("from a seed", "from a key and a counter"),
        shape=given_by(0),
    )


def _integers(dtype: DType, stream: Stream, lengths: list[int], low: int, high: int) -> Any:
    if low >= high:
        raise InvalidArgumentError(f"Need minval < maxval, got {low} >= {high}")
    count = math.prod(lengths) * (1 if dtype in (int32, uint32) else 2)
    words = stream.words(count)
    return philox.uniform_integers(words, low, high - low, dtype.numpy).reshape(lengths)


@op(
    "StatelessRandomUniformInt",
    "shape: T, seed: Tseed, minval: dtype, maxval: dtype",
    "output: dtype",
    "dtype: type, T: type, Tseed: type = int64",
    shape=given_by(0),
)
def stateless_random_uniform_int(attrs: Attrs) -> Kernel:
    """Integers from minval up to, and without, maxval, from a seed."""
    dtype: DType = attrs["dtype"]
    return lambda shape, seed, low, high: _integers(
        dtype, scramble(seed), checked_shape(shape), int(low), int(high)
    )


@op(
    "StatelessRandomUniformIntV2",
    "shape: Tshape, key: uint64, counter: uint64, alg: int32, minval: dtype, maxval: dtype",
    "output: dtype",
    "dtype: type, Tshape: type = int32",
    shape=given_by(0),
)
def stateless_random_uniform_int_v2(attrs: Attrs) -> Kernel:
    """Integers from minval up to, and without, maxval, from a key and a counter."""
    dtype: DType = attrs["dtype"]
    return lambda shape, key, counter, alg, low, high: _integers(
        dtype, _given(key, counter), checked_shape(shape), int(low), int(high)
    )


@op(
    "StatelessMultinomial",
    "logits: T, num_samples: int32, seed: Tseed",
    "output: output_dtype",
    "T: type, Tseed: type = int64, output_dtype: type = int64",
)
def stateless_multinomial(attrs: Attrs) -> Kernel:
    """Classes drawn from rows of unnormalised log probabilities, from a seed."""
    dtype = attrs["output_dtype"].numpy

    def kernel(logits: Any, num_samples: Any, seed: Any) -> Any:
        batch, samples = logits.shape[0], int(num_samples)
        numbers = philox.uniform_float64(scramble(seed).words(2 * batch * samples))
        return draw_classes(logits, numbers.reshape(batch, samples), dtype)

    return kernel
