"""Reductions over rows that share a segment number, sorted, unsorted or chosen by index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import DType
from ..errors import InvalidArgumentError
from ..graph import Shape
from .registry import Attrs, Kernel, declare
from .shapes import text


def _lowest(dtype: np.dtype[Any], largest: bool) -> Any:
    """The smallest value of `dtype`, or the largest."""
    limits = np.iinfo(dtype) if dtype.kind in "iu" else np.finfo(dtype)
    return dtype.type(limits.max if largest else limits.min)


def _combine(function: np.ufunc, start: Any, rows: Any, ids: Any, count: int) -> Any:
    """Row s of the result is `function` of all rows whose number is s, or `start`."""
    result = np.full((count, *rows.shape[1:]), start, rows.dtype)
    function.at(result, ids, rows)
    return result


def _unsorted_shape(_: Attrs, shapes: Sequence[Shape], values: Sequence[Any]) -> list[Shape]:
    data, ids = shapes[0], shapes[1]
    if data is None or ids is None:
        return [None]
    count = None if values[2] is None else int(values[2])
    return [(count, *data[len(ids) :])]


def _unsorted(function: np.ufunc, start: Any) -> Any:
    def factory(attrs: Attrs) -> Kernel:
        dtype: DType = attrs["T"]
        first = start(dtype.numpy) if callable(start) else start

        def kernel(data: Any, segment_ids: Any, num_segments: Any) -> Any:
            if data.shape[: segment_ids.ndim] != segment_ids.shape:
                raise InvalidArgumentError(
                    f"data.shape = {text(data)} does not start with segment_ids.shape = "
                    f"{text(segment_ids)}"
                )
            count = int(num_segments)
            if count < 0:
                raise InvalidArgumentError(f"Input num_segments == {count} must not be negative.")
            ids = segment_ids.ravel()
            if ids.size and ids.max() >= count:
                at = int(np.argmax(ids >= count))
                place = ",".join(map(str, np.unravel_index(at, segment_ids.shape)))
                raise InvalidArgumentError(
                    f"segment_ids[{place}] = {ids[at]} is out of range [0, {count})"
                )
            rows = data.reshape((ids.size, *data.shape[segment_ids.ndim :]))
            kept = ids >= 0  # rows with a negative number are left out
            if not kept.all():
                ids, rows = ids[kept], rows[kept]
            return _combine(function, first, rows, ids, count)

        return kernel

    return factory


for _name, _function, _start, _word in (
    ("Sum", np.add, 0, "sum"),
    ("Prod", np.multiply, 1, "product"),
    ("Max", np.maximum, lambda dtype: _lowest(dtype, False), "largest value"),
    ("Min", np.minimum, lambda dtype: _lowest(dtype, True), "smallest value"),
):
    declare(
        f"UnsortedSegment{_name}",
        "data: T, segment_ids: Tindices, num_segments: Tnumsegments",
        "output: T",
        "T: type, Tindices: type, Tnumsegments: type = int32",
        kernel=_unsorted(_function, _start),
        doc=f"The {_word} of the rows of each segment.",
        shape=_unsorted_shape,
    )


def _sorted_shape(_: Attrs, shapes: Sequence[Shape], __: Sequence[Any]) -> list[Shape]:
    return [None if shapes[0] is None else (None, *shapes[0][1:])]


def _check_sorted(ids: Any, rows: int) -> int:
    """How many segments sorted `ids` have."""
    if ids.ndim != 1:
        raise InvalidArgumentError("segment_ids should be a vector.")
    if ids.size != rows:
        raise InvalidArgumentError("segment_ids should be the same size as dimension 0 of input.")
    if not ids.size:
        return 0
    if ids[0] < 0:
        raise InvalidArgumentError("segment ids must be >= 0")
    if (np.diff(ids) < 0).any():
        raise InvalidArgumentError("segment ids are not increasing")
    return int(ids[-1]) + 1


def _sorted(function: np.ufunc, start: Any, mean: bool = False) -> Any:
    def factory(attrs: Attrs) -> Kernel:
        def kernel(data: Any, segment_ids: Any) -> Any:
            count = _check_sorted(segment_ids, data.shape[0] if data.ndim else 0)
            first = start(data.dtype) if callable(start) else start
            result = _combine(function, first, data, segment_ids, count)
            sizes = np.bincount(segment_ids, minlength=count)
            if mean:
                return _divided(result, np.maximum(sizes, 1))
            if callable(start):
                result[sizes == 0] = 0  # segments without rows have no extreme value
            return result

        return kernel

    return factory


def _divided(totals: Any, sizes: Any) -> Any:
    divisor = sizes.reshape((-1,) + (1,) * (totals.ndim - 1)).astype(totals.dtype)
    if totals.dtype.kind in "iu":
        return np.floor_divide(totals, divisor)
    return totals / divisor


for _name, _function, _start, _mean, _word in (
    ("Sum", np.add, 0, False, "sum"),
    ("Mean", np.add, 0, True, "mean"),
    ("Prod", np.multiply, 1, False, "product"),
    ("Max", np.maximum, lambda dtype: _lowest(dtype, False), False, "largest value"),
    ("Min", np.minimum, lambda dtype: _lowest(dtype, True), False, "smallest value"),
):
    declare(
        f"Segment{_name}",
        "data: T, segment_ids: Tindices",
        "output: T",
        "T: type, Tindices: type",
        kernel=_sorted(_function, _start, _mean),
        doc=f"The {_word} of the rows of each segment; the numbers are sorted.",
        shape=_sorted_shape,
    )


def _weights(sizes: Any, how: str, dtype: Any) -> Any:
    """What the sum of a segment is multiplied by."""
    if how == "Sum":
        return np.ones(sizes.size, dtype)
    roots = np.maximum(sizes, 1).astype(dtype)
    return 1 / (roots if how == "Mean" else np.sqrt(roots))


def _sparse(how: str) -> Any:
    def factory(attrs: Attrs) -> Kernel:
        def kernel(data: Any, indices: Any, segment_ids: Any, num_segments: Any = None) -> Any:
            found = _check_sorted(segment_ids, indices.size)
            count = found if num_segments is None else int(num_segments)
            if found > count:
                raise InvalidArgumentError("segment ids must be < num_segments")
            wrong = np.flatnonzero((indices < 0) | (indices >= data.shape[0]))
            if wrong.size:
                at = int(wrong[0])
                raise InvalidArgumentError(
                    f"Bad: indices[{at}] == {indices[at]} out of range [0, {data.shape[0]})"
                )
            totals = _combine(np.add, 0, data[indices], segment_ids, count)
            if how == "Sum":
                return totals
            weights = _weights(np.bincount(segment_ids, minlength=count), how, data.dtype)
            return totals * weights.reshape((-1,) + (1,) * (totals.ndim - 1))

        return kernel

    return factory


def _sparse_gradient(how: str) -> Any:
    def factory(attrs: Attrs) -> Kernel:
        def kernel(grad: Any, indices: Any, segment_ids: Any, output_dim0: Any) -> Any:
            length = int(output_dim0)
            sizes = np.bincount(segment_ids, minlength=grad.shape[0])
            weights = _weights(sizes, how, grad.dtype)[segment_ids]
            rows = grad[segment_ids] * weights.reshape((-1,) + (1,) * (grad.ndim - 1))
            return _combine(np.add, 0, rows, indices, length)

        return kernel

    return factory


def _counted_shape(_: Attrs, shapes: Sequence[Shape], values: Sequence[Any]) -> list[Shape]:
    if shapes[0] is None:
        return [None]
    length = None if values[3] is None else int(values[3])
    return [(length, *shapes[0][1:])]


_GRADIENT_ATTR = "sparse_gradient: bool = false"
for _how, _word in (
    ("Sum", "sum"),
    ("Mean", "mean"),
    ("SqrtN", "sum, divided by the square root of the size,"),
):
    _ids = "indices: Tidx, segment_ids: Tsegmentids"
    _types = "T: type, Tidx: type = int32"
    declare(
        f"SparseSegment{_how}",
        f"data: T, {_ids}",
        "output: T",
        f"{_types}, Tsegmentids: type = int32, {_GRADIENT_ATTR}",
        kernel=_sparse(_how),
        doc=f"The {_word} of the chosen rows of each segment.",
        shape=_sorted_shape,
    )
    declare(
        f"SparseSegment{_how}WithNumSegments",
        f"data: T, {_ids}, num_segments: Tnumsegments",
        "output: T",
        f"{_types}, Tnumsegments: type = int32, Tsegmentids: type = int32, {_GRADIENT_ATTR}",
        kernel=_sparse(_how),
        doc=f"The {_word} of the chosen rows of each of so many segments.",
        shape=_counted_shape,
    )
    declare(
        f"SparseSegment{_how}Grad",
        f"grad: T, {_ids}, output_dim0: int32",
        "output: T",
        f"{_types}, Tsegmentids: type = int32",
        kernel=_sparse_gradient(_how),
        doc=f"The gradient of SparseSegment{_how}.",
        shape=_counted_shape,
    )
