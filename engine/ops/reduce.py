"""Reductions over axes, positions of extremes, running sums and products."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import DType, bfloat16, float16
from ..errors import InvalidArgumentError
from ..graph import Shape
from .registry import Attrs, Kernel, declare, op
from .shapes import resolve_axis, text, unchanged

_NUMERIC = (
    "input: T, reduction_indices: Tidx",
    "output: T",
    "keep_dims: bool = false, T: type, Tidx: type = int32",
)
_LOGICAL = (
    "input: bool, reduction_indices: Tidx",
    "output: bool",
    "keep_dims: bool = false, Tidx: type = int32",
)


def _axes(indices: Any) -> tuple[int, ...]:
    return tuple(indices.tolist()) if indices.ndim else (int(indices),)


def _reduced_shape(attrs: Attrs, shapes: Sequence[Shape], values: Sequence[Any]) -> list[Shape]:
    shape, indices = shapes[0], values[1]
    if shape is None:
        return [None]
    rank = len(shape)
    if indices is None:
        return [(None,) * rank if attrs["keep_dims"] else None]
    axes = {axis % rank for axis in _axes(np.asarray(indices))} if rank else set[int]()
    if attrs["keep_dims"]:
        return [tuple(1 if axis in axes else n for axis, n in enumerate(shape))]
    return [tuple(n for axis, n in enumerate(shape) if axis not in axes)]


def _over_no_axes(_: Attrs, inputs: Sequence[Any]) -> bool:
    return np.size(inputs[1]) == 0


def _explain(_: Attrs, inputs: Sequence[Any]) -> Exception | None:
    rank = np.ndim(inputs[0])
    seen: set[int] = set()
    for axis in _axes(np.asarray(inputs[1])):
        if not -rank <= axis < rank:
            return InvalidArgumentError(
                f"Invalid reduction dimension ({axis} for input with {rank} dimension(s)"
            )
        if axis % rank in seen:
            return InvalidArgumentError(
                f"Invalid reduction arguments: Axes contains duplicate dimension: {axis % rank}"
            )
        seen.add(axis % rank)
    return None


def _declare(type: str, kernel: Any, doc: str, signature: tuple[str, str, str] = _NUMERIC) -> None:
    declare(
        type,
        *signature,
        kernel=kernel,
        doc=doc,
        shape=_reduced_shape,
        view=_over_no_axes,
        explain=_explain,
    )


def _accumulating(function: np.ufunc) -> Any:
    """The reduction by `function` in the element type; small floats go through float32."""

    def factory(attrs: Attrs) -> Kernel:
        dtype: DType = attrs["T"]
        keep: bool = attrs["keep_dims"]
        exact = dtype.numpy
        if dtype in (float16, bfloat16):

            def widened(x: Any, indices: Any) -> Any:
                wide = function.reduce(x.astype(np.float32), axis=_axes(indices), keepdims=keep)
                return wide.astype(exact)

            return widened
        reduce: Any = function.reduce
        return lambda x, indices: reduce(
            x, tuple(indices.tolist()) if indices.ndim else int(indices), exact, None, keep
        )

    return factory


_declare("Sum", _accumulating(np.add), "The sum over the given axes.")
_declare("Prod", _accumulating(np.multiply), "The product over the given axes.")


def _mean(attrs: Attrs) -> Kernel:
    dtype: DType = attrs["T"]
    exact = dtype.numpy
    work = np.dtype(np.float32) if dtype in (float16, bfloat16) else exact
    keep: bool = attrs["keep_dims"]

    def kernel(x: Any, indices: Any) -> Any:
        total = np.add.reduce(x, axis=_axes(indices), dtype=work, keepdims=keep)
        if not total.size:
            return total.astype(exact)
        count = work.type(x.size // total.size)
        if dtype.is_integer:
            # C++ division of integers drops the fraction.
            return np.trunc(total / count).astype(exact)
        return (total / count).astype(exact, copy=False)

    return kernel


_declare("Mean", _mean, "The arithmetic mean over the given axes.")


def _euclidean_norm(attrs: Attrs) -> Kernel:
    dtype: DType = attrs["T"]
    total = _accumulating(np.add)(attrs)
    exact = dtype.numpy
    return lambda x, indices: np.sqrt(total(x * np.conjugate(x), indices)).astype(exact)


_declare("EuclideanNorm", _euclidean_norm, "The square root of the sum of squares.")


def _extreme(function: np.ufunc, largest: bool) -> Any:
    """Maximum or minimum; over nothing it is the extreme value of the other side."""

    def factory(attrs: Attrs) -> Kernel:
        dtype: DType = attrs["T"]
        keep: bool = attrs["keep_dims"]
        if dtype.is_integer:
            limits = np.iinfo(dtype.numpy)
            nothing = dtype.numpy.type(limits.min if largest else limits.max)
        else:
            nothing = dtype.numpy.type(-np.inf if largest else np.inf)
        reduce = function.reduce

        def kernel(x: Any, indices: Any) -> Any:
            axes = _axes(indices)
            if x.size:
                return reduce(x, axis=axes, keepdims=keep)
            return reduce(x, axis=axes, keepdims=keep, initial=nothing)

        return kernel

    return factory


_declare("Max", _extreme(np.maximum, True), "The largest value over the given axes.")
_declare("Min", _extreme(np.minimum, False), "The smallest value over the given axes.")


def _logical(function: np.ufunc) -> Any:
    def factory(attrs: Attrs) -> Kernel:
        keep: bool = attrs["keep_dims"]
        return lambda x, indices: function.reduce(x, axis=_axes(indices), keepdims=keep)

    return factory


_declare("All", _logical(np.logical_and), "Whether all over the given axes are true.", _LOGICAL)
_declare("Any", _logical(np.logical_or), "Whether any over the given axes is true.", _LOGICAL)


def _position_shape(attrs: Attrs, shapes: Sequence[Shape], values: Sequence[Any]) -> list[Shape]:
    shape, axis = shapes[0], values[1]
    if shape is None:
        return [None]
    if axis is None:
        return [(None,) * (len(shape) - 1)]
    dropped = int(axis) % len(shape)
    return [tuple(n for i, n in enumerate(shape) if i != dropped)]


def _position(function: Any) -> Any:
    def factory(attrs: Attrs) -> Kernel:
        dtype = attrs["output_type"].numpy

        def kernel(x: Any, dimension: Any) -> Any:
            axis = resolve_axis(int(dimension), x.ndim)
            if not x.shape[axis]:
                raise InvalidArgumentError(f"Reduction axis {axis} is empty in shape {text(x)}")
            return function(x, axis).astype(dtype)

        return kernel

    return factory


for _type, _function, _doc in (
    ("ArgMax", np.argmax, "The position of the largest value along an axis; the first if several."),
    (
        "ArgMin",
        np.argmin,
        "The position of the smallest value along an axis; the first if several.",
    ),
):
    declare(
        _type,
        "input: T, dimension: Tidx",
        "output: output_type",
        "T: type, Tidx: type = int32, output_type: type = int64",
        kernel=_position(_function),
        doc=_doc,
        shape=_position_shape,
    )


def _scan_axis(axis: Any, rank: int) -> int:
    value = int(axis)
    if not -rank <= value < rank:
        raise InvalidArgumentError(
            f"ScanOp: Expected scan axis in the range [{-rank}, {rank}), but got {value}"
        )
    return value % rank


def _scan(function: Any, neutral: Any) -> Any:
    """A running reduction; `exclusive` leaves the element itself out, `reverse` runs backwards."""

    def factory(attrs: Attrs) -> Kernel:
        exclusive, reverse = attrs["exclusive"], attrs["reverse"]
        start = attrs["T"].numpy.type(neutral)

        def kernel(x: Any, axis: Any) -> Any:
            along = _scan_axis(axis, x.ndim)
            x = np.flip(x, along) if reverse else x
            result = function(x, along)
            if exclusive:
                shifted = np.full_like(result, start)
                ahead = (slice(None),) * along
                shifted[(*ahead, slice(1, None))] = result[(*ahead, slice(None, -1))]
                result = shifted
            return np.flip(result, along) if reverse else result

        return kernel

    return factory


for _type, _function, _neutral, _doc in (
    (
        "Cumsum",
        lambda x, axis: np.cumsum(x, axis, dtype=x.dtype),
        0,
        "The running sum along an axis.",
    ),
    (
        "Cumprod",
        lambda x, axis: np.cumprod(x, axis, dtype=x.dtype),
        1,
        "The running product along an axis.",
    ),
):
    declare(
        _type,
        "x: T, axis: Tidx",
        "out: T",
        "exclusive: bool = false, reverse: bool = false, T: type, Tidx: type = int32",
        kernel=_scan(_function, _neutral),
        doc=_doc,
        shape=unchanged,
    )


@op(
    "CumulativeLogsumexp",
    "x: T, axis: Tidx",
    "out: T",
    "exclusive: bool = false, reverse: bool = false, T: type, Tidx: type = int32",
    shape=unchanged,
)
def cumulative_logsumexp(attrs: Attrs) -> Kernel:
    """The logarithm of the running sum of exponentials along an axis."""
    lowest = float(np.finfo(attrs["T"].numpy).min)
    return _scan(lambda x, axis: np.logaddexp.accumulate(x, axis), lowest)(attrs)
