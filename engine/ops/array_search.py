"""Finding, sorting and counting: positions, distinct values, the largest, histograms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InvalidArgumentError
from ..graph import Shape
from .registry import Attrs, Kernel, declare, op
from .shapes import text


def _where_shape(_: Attrs, shapes: Sequence[Shape], __: Sequence[Any]) -> list[Shape]:
    return [(None, None if shapes[0] is None else len(shapes[0]))]


@op("Where", "input: T", "index: int64", "T: type = bool", shape=_where_shape)
def where(attrs: Attrs) -> Kernel:
    """The index vectors of the elements that are not zero, in order."""
    return lambda x: np.argwhere(x).astype(np.int64, copy=False)


def _distinct(x: Any, axis: int) -> tuple[Any, Any, Any]:
    """(distinct slices of x along axis in order of appearance, place of each, counts)."""
    if x.ndim == 1:
        values, first, inverse, counts = np.unique(
            x, return_index=True, return_inverse=True, return_counts=True, equal_nan=False
        )
    else:
        values, first, inverse, counts = np.unique(
            x, return_index=True, return_inverse=True, return_counts=True, axis=axis
        )
    order = np.argsort(first, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    return np.take(values, order, axis), place[inverse.reshape(-1)], counts[order]


def _vector(x: Any) -> int:
    if x.ndim != 1:
        raise InvalidArgumentError("unique expects a 1D vector.")
    return 0


def _chosen_axis(x: Any, axis: Any) -> int:
    if not axis.size:
        return _vector(x)
    value = int(axis.reshape(-1)[0])
    if not -x.ndim <= value < x.ndim:
        raise InvalidArgumentError(f"axis has to be between [0, {x.ndim})")
    return value % x.ndim


def _declare_unique(type: str, with_axis: bool, with_counts: bool, doc: str) -> None:
    def factory(attrs: Attrs) -> Kernel:
        dtype = attrs["out_idx"].numpy

        def kernel(x: Any, axis: Any = None) -> Any:
            along = _vector(x) if axis is None else _chosen_axis(x, axis)
            values, place, counts = _distinct(x, along)
            found = (values, place.astype(dtype), counts.astype(dtype))
            return found if with_counts else found[:2]

        return kernel

    declare(
        type,
        "x: T, axis: Taxis" if with_axis else "x: T",
        "y: T, idx: out_idx, count: out_idx" if with_counts else "y: T, idx: out_idx",
        "T: type, Taxis: type = int64, out_idx: type = int32"
        if with_axis
        else "T: type, out_idx: type = int32",
        kernel=factory,
        doc=doc,
    )


_declare_unique("Unique", False, False, "The distinct values, and for each element which it is.")
_declare_unique("UniqueV2", True, False, "The distinct slices, and for each slice which it is.")
_declare_unique("UniqueWithCounts", False, True, "As Unique, and how often each value occurs.")
_declare_unique("UniqueWithCountsV2", True, True, "As UniqueV2, and how often each slice occurs.")


@op("ListDiff", "x: T, y: T", "out: T, idx: out_idx", "T: type, out_idx: type = int32")
def list_diff(attrs: Attrs) -> Kernel:
    """The values of x that are not in y, and their positions in x."""
    dtype = attrs["out_idx"].numpy

    def kernel(x: Any, y: Any) -> Any:
        for name, value in (("x", x), ("y", y)):
            if value.ndim != 1:
                raise InvalidArgumentError(f"{name} should be a 1D vector.")
        kept = np.flatnonzero(~np.isin(x, y))
        return x[kept], kept.astype(dtype)

    return kernel


def _top_k_shape(_: Attrs, shapes: Sequence[Shape], values: Sequence[Any]) -> list[Shape]:
    shape = shapes[0]
    if shape is None:
        return [None, None]
    k = None if values[1] is None else int(values[1])
    return [(*shape[:-1], k)] * 2


def descending(x: Any, k: int) -> Any:
    """Positions of the k largest along the last axis, largest first; of equals the first."""
    backwards = np.argsort(x[..., ::-1], axis=-1, kind="stable")
    return x.shape[-1] - 1 - backwards[..., ::-1][..., :k]


@op(
    "TopKV2",
    "input: T, k: Tk",
    "values: T, indices: index_type",
    "sorted: bool = true, T: type, Tk: type = int32, index_type: type = int32",
    shape=_top_k_shape,
)
def top_k_v2(attrs: Attrs) -> Kernel:
    """The k largest values along the last axis, largest first, and their positions."""
    dtype = attrs["index_type"].numpy

    def kernel(x: Any, k: Any) -> Any:
        count = int(k)
        if count < 0:
            raise InvalidArgumentError(f"Need k >= 0, got {count}")
        if not x.ndim:
            raise InvalidArgumentError("input must be >= 1-D, got shape []")
        if x.shape[-1] < count:
            raise InvalidArgumentError(
                f"input must have at least k columns. Had {x.shape[-1]}, needed {count}"
            )
        places = descending(x, count)
        return np.take_along_axis(x, places, -1), places.astype(dtype)

    return kernel


def _in_top_k(predictions: Any, targets: Any, k: Any) -> Any:
    if predictions.shape[0] != targets.shape[0]:
        raise InvalidArgumentError(
            f"First dimension of predictions {predictions.shape[0]} must match length of targets "
            f"{targets.shape[0]}"
        )
    valid = (targets >= 0) & (targets < predictions.shape[1])
    rows = np.arange(targets.size)
    own = predictions[rows, np.where(valid, targets, 0)]
    finite = np.isfinite(own) & np.isfinite(predictions).all(1)
    return valid & finite & ((predictions > own[:, None]).sum(1) < int(k))


@op("InTopK", "predictions: float32, targets: T", "precision: bool", "k: int, T: type = int32")
def in_top_k(attrs: Attrs) -> Kernel:
    """Whether the prediction for the target class is among the k largest of its row."""
    k: int = attrs["k"]
    return lambda predictions, targets: _in_top_k(predictions, targets, k)


@op("InTopKV2", "predictions: float32, targets: T, k: T", "precision: bool", "T: type = int32")
def in_top_k_v2(attrs: Attrs) -> Kernel:
    """Whether the prediction for the target class is among the k largest of its row."""
    return _in_top_k


@op("NthElement", "input: T, n: int32", "values: T", "reverse: bool = false, T: type")
def nth_element(attrs: Attrs) -> Kernel:
    """The value that would be at position n if the last axis were sorted."""
    reverse: bool = attrs["reverse"]

    def kernel(x: Any, n: Any) -> Any:
        position = int(n)
        if position < 0:
            raise InvalidArgumentError(f"n must be non-negative but is {position}")
        if x.shape[-1] <= position:
            raise InvalidArgumentError(
                f"Input must have at least n+1 columns, got {x.shape[-1]} and n is {position}"
            )
        at = x.shape[-1] - 1 - position if reverse else position
        return np.partition(x, at, -1)[..., at]

    return kernel


@op("Bincount", "arr: int32, size: int32, weights: T", "bins: T", "T: type")
def bincount(attrs: Attrs) -> Kernel:
    """How often, or with which total weight, each number below size occurs."""
    dtype = attrs["T"].numpy

    def kernel(arr: Any, size: Any, weights: Any) -> Any:
        flat = arr.ravel()
        if flat.size and flat.min() < 0:
            raise InvalidArgumentError("Input arr must be non-negative!")
        return _count(flat, int(size), weights, dtype, False)

    return kernel


def _count(flat: Any, size: int, weights: Any, dtype: Any, binary: bool) -> Any:
    kept = flat < size
    result = np.zeros(size, dtype)
    if binary:
        result[flat[kept]] = 1
    elif weights.size:
        np.add.at(result, flat[kept], weights.ravel()[kept])
    else:
        result += np.bincount(flat[kept], minlength=size).astype(dtype)
    return result


@op(
    "DenseBincount",
    "input: Tidx, size: Tidx, weights: T",
    "output: T",
    "Tidx: type, T: type, binary_output: bool = false",
)
def dense_bincount(attrs: Attrs) -> Kernel:
    """How often each number below size occurs in a vector, or in each row of a matrix."""
    dtype = attrs["T"].numpy
    binary: bool = attrs["binary_output"]

    def kernel(x: Any, size: Any, weights: Any) -> Any:
        if x.size and x.min() < 0:
            raise InvalidArgumentError("Input must be non-negative")
        if x.ndim < 2:
            return _count(x.ravel(), int(size), weights, dtype, binary)
        rows = weights if weights.size else [weights] * x.shape[0]
        counts = [
            _count(row, int(size), weight, dtype, binary)
            for row, weight in zip(x, rows, strict=True)
        ]
        return np.array(counts, dtype).reshape(x.shape[0], int(size))

    return kernel


@op(
    "HistogramFixedWidth",
    "values: T, value_range: T, nbins: int32",
    "out: dtype",
    "T: type, dtype: type = int32",
)
def histogram_fixed_width(attrs: Attrs) -> Kernel:
    """How many values fall into each of nbins parts of a range; the outer parts are open."""
    dtype = attrs["dtype"].numpy

    def kernel(values: Any, value_range: Any, nbins: Any) -> Any:
        low, high = value_range.tolist()
        count = int(nbins)
        if low >= high:
            raise InvalidArgumentError(
                f"value_range should satisfy value_range[0] < value_range[1], but got "
                f"'[{low:g}, {high:g}]'"
            )
        if count <= 0:
            raise InvalidArgumentError(f"nbins should be a positive number, but got '{count}'")
        step = (np.float64(high) - np.float64(low)) / count
        scaled = (values.ravel().astype(np.float64) - low) / step
        bins = np.clip(scaled, 0, count - 1).astype(np.int64)
        return np.bincount(bins, minlength=count).astype(dtype)

    return kernel


@op("Bucketize", "input: T", "output: int32", "T: type, boundaries: list(float)")
def bucketize(attrs: Attrs) -> Kernel:
    """How many of the sorted boundaries are not larger than each value."""
    boundaries = np.array(attrs["boundaries"], np.float32)
    return lambda x: np.searchsorted(boundaries, x, "right").astype(np.int32)


def _bounds(side: Any) -> Any:
    def factory(attrs: Attrs) -> Kernel:
        dtype = attrs["out_type"].numpy

        def kernel(sorted_inputs: Any, values: Any) -> Any:
            if sorted_inputs.shape[0] != values.shape[0]:
                raise InvalidArgumentError(
                    "Leading dim_size of both tensors must match: "
                    f"{text(sorted_inputs)} vs. {text(values)}"
                )
            rows = [
                np.searchsorted(row, wanted, side)
                for row, wanted in zip(sorted_inputs, values, strict=True)
            ]
            return np.array(rows, dtype).reshape(values.shape)

        return kernel

    return factory


for _type, _side, _word in (("LowerBound", "left", "first"), ("UpperBound", "right", "last")):
    declare(
        _type,
        "sorted_inputs: T, values: T",
        "output: out_type",
        "T: type, out_type: type = int32",
        kernel=_bounds(_side),
        doc=f"The {_word} place in each sorted row where a value could be inserted.",
    )
