"""Tensors made from a shape, from a range or like another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import DType, string, variant
from ..errors import InvalidArgumentError
from ..graph import Shape
from .registry import Attrs, Kernel, op
from .shapes import given_by, unchanged


@op(
    "Fill",
    "dims: index_type, value: T",
    "output: T",
    "T: type, index_type: type = int32",
    shape=given_by(0),
)
def fill(attrs: Attrs) -> Kernel:
    """A tensor of the given shape, every element the given scalar."""
    dtype = attrs["T"].numpy

    def kernel(dims: Any, value: Any) -> Any:
        shape = dims.tolist()
        if min(shape, default=0) < 0:
            position = next(i for i, n in enumerate(shape) if n < 0)
            raise InvalidArgumentError(f"Dimension {shape[position]} must be >= 0")
        result = np.empty(shape, dtype)
        result[...] = value
        return result

    return kernel


@op("ZerosLike", "x: T", "y: T", "T: type", shape=unchanged)
def zeros_like(attrs: Attrs) -> Kernel:
    """Zeros (empty strings, empty lists) in the shape of the input."""
    dtype: DType = attrs["T"]
    if dtype is variant:
        return lambda x: x.zeros_like()
    if dtype is string:
        return lambda x: np.full(x.shape, b"", object)
    return lambda x: np.zeros(x.shape, dtype.numpy)


@op("OnesLike", "x: T", "y: T", "T: type", shape=unchanged)
def ones_like(attrs: Attrs) -> Kernel:
    """Ones in the shape of the input."""
    dtype = attrs["T"].numpy
    return lambda x: np.ones(x.shape, dtype)


def _range_shape(_: Attrs, __: Sequence[Shape], values: Sequence[Any]) -> list[Shape]:
    start, limit, delta = values
    if start is None or limit is None or delta is None or not delta:
        return [(None,)]
    return [(max(0, math.ceil((float(limit) - float(start)) / float(delta))),)]


@op(
    "Range",
    "start: Tidx, limit: Tidx, delta: Tidx",
    "output: Tidx",
    "Tidx: type = int32",
    shape=_range_shape,
)
def range_(attrs: Attrs) -> Kernel:
    """Numbers from start up to, and without, limit, delta apart."""
    dtype: DType = attrs["Tidx"]

    def kernel(start: Any, limit: Any, delta: Any) -> Any:
        first, end, step = start.item(), limit.item(), delta.item()
        if not step:
            raise InvalidArgumentError(f"Requires delta != 0: {step:g}")
        if (step > 0 and first > end) or (step < 0 and first < end):
            relation, sign = ("<=", ">") if step > 0 else (">=", "<")
            raise InvalidArgumentError(
                f"Requires start {relation} limit when delta {sign} 0: {first:g}/{end:g}"
            )
        if dtype.is_integer:
            return np.arange(first, end, step).astype(dtype.numpy, copy=False)
        count = math.ceil(abs((end - first) / step))
        return np.add(start, np.multiply(np.arange(count, dtype=dtype.numpy), delta))

    return kernel


def _counted(position: int) -> Any:
    def rule(_: Attrs, __: Sequence[Shape], values: Sequence[Any]) -> list[Shape]:
        value = values[position]
        return [(None if value is None else int(value),)]

    return rule


@op(
    "LinSpace",
    "start: T, stop: T, num: Tidx",
    "output: T",
    "T: type, Tidx: type = int32",
    shape=_counted(2),
)
def lin_space(attrs: Attrs) -> Kernel:
    """Numbers at equal distances from start to stop, both included."""
    dtype = attrs["T"].numpy

    def kernel(start: Any, stop: Any, num: Any) -> Any:
        count = int(num)
        if count <= 0:
            raise InvalidArgumentError(f"Requires num > 0: {count}")
        if count == 1:
            return np.array([start], dtype)
        step = (stop - start) / dtype.type(count - 1)
        result = start + step * np.arange(count, dtype=dtype)
        result[-1] = stop
        return result

    return kernel
