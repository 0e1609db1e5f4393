"""Random numbers, and the seeds that make them repeat."""

from __future__ import annotations

from typing import Any

from . import dtypes, eager
from .build import apply, name_scope
from .convert import convert_to_tensor
from .defaults import executing_eagerly, get_default_graph
from .dtypes import as_dtype

_DEFAULT_GRAPH_SEED = 87654321
_MODULUS = 2**31 - 1


def set_random_seed(seed: int | None) -> None:
    """Set the graph's seed (under eager execution the program's): its random operations repeat."""
    if executing_eagerly():
        eager.set_seed(seed)
    else:
        get_default_graph().seed = seed


def get_seed(op_seed: int | None) -> tuple[int, int]:
    """The attributes `seed` and `seed2` of an operation that asked for `op_seed`.

    (0, 0) is unpredictable.
    """
    now = executing_eagerly()
    graph_seed = eager.global_seed() if now else get_default_graph().seed
    if graph_seed is None and op_seed is None:
        return 0, 0
    if graph_seed is None:
        seeds = _DEFAULT_GRAPH_SEED, op_seed or 0
    elif op_seed is not None:
        seeds = graph_seed, op_seed
    else:
        seeds = graph_seed, eager.next_seed() if now else get_default_graph().next_random_op()
    seed, seed2 = seeds[0] % _MODULUS, seeds[1] % _MODULUS
    return (0, _MODULUS) if (seed, seed2) == (0, 0) else (seed, seed2)


def _draw(type: str, shape: Any, dtype: Any, seed: int | None) -> Any:
    first, second = get_seed(seed)
    return apply(type, {"shape": shape}, dtype=as_dtype(dtype), seed=first, seed2=second)


def _shape_tensor(shape: Any) -> Any:
    return convert_to_tensor(shape, dtype_hint=dtypes.int32, name="shape")


def _scaled(
    type: str,
    default: str,
    shape: Any,
    mean: Any,
    stddev: Any,
    dtype: Any,
    seed: int | None,
    name: str | None,
) -> Any:
    with name_scope(name, default, [shape, mean, stddev]) as scope:
        dims = _shape_tensor(shape)
        middle = convert_to_tensor(mean, dtype, "mean")
        spread = convert_to_tensor(stddev, dtype, "stddev")
        scaled = _draw(type, dims, dtype, seed) * spread
        return apply("AddV2", {"x": scaled, "y": middle}, scope)


def random_normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Normally distributed numbers."""
    return _scaled("RandomStandardNormal", "random_normal", shape, mean, stddev, dtype, seed, name)


def truncated_normal(
    shape: Any,
    mean: Any = 0.0,
    stddev: Any = 1.0,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Normally distributed numbers, none further than two standard deviations from the mean."""
    return _scaled("TruncatedNormal", "truncated_normal", shape, mean, stddev, dtype, seed, name)


def random_uniform(
    shape: Any,
    minval: Any = 0,
    maxval: Any = None,
    dtype: Any = dtypes.float32,
    seed: int | None = None,
    name: str | None = None,
) -> Any:
    """Numbers from `minval` below `maxval`, all equally likely.

    Raises:
        ValueError: integers without `maxval`.
    """
    wanted = as_dtype(dtype)
    if maxval is None:
        if wanted.is_integer:
            raise ValueError("Must specify maxval for integer dtype")
        maxval = 1
    with name_scope(name, "random_uniform", [shape, minval, maxval]) as scope:
        dims = _shape_tensor(shape)
        unscaled = not wanted.is_integer and minval == 0 and maxval == 1
        if unscaled and isinstance(minval, int) and isinstance(maxval, int):
            return _draw("RandomUniform", dims, dtype, seed)
        low = convert_to_tensor(minval, wanted, "min")
        high = convert_to_tensor(maxval, wanted, "max")
        if wanted.is_integer:
            first, second = get_seed(seed)
            inputs = {"shape": dims, "minval": low, "maxval": high}
            return apply("RandomUniformInt", inputs, scope, seed=first, seed2=second)
        unit = _draw("RandomUniform", dims, dtype, seed)
        return apply("AddV2", {"x": unit * (high - low), "y": low}, scope)


def random_shuffle(value: Any, seed: int | None = None, name: str | None = None) -> Any:
    """The rows in another order."""
    first, second = get_seed(seed)
    return apply("RandomShuffle", {"value": value}, name, seed=first, seed2=second)
