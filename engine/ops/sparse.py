"""Sparse tensors: index vectors, values and a dense shape, as three tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InvalidArgumentError
from ..graph import shape_text
from .registry import Attrs, Kernel, op
from .shapes import given_by, text


def _check_inside(indices: Any, shape: Sequence[int]) -> None:
    wrong = ((indices < 0) | (indices >= np.array(shape))).any(-1)
    if wrong.any():
        at = int(np.argmax(wrong))
        found = ",".join(map(str, indices[at].tolist()))
        raise InvalidArgumentError(
            f"indices[{at}] = [{found}] is out of bounds: need 0 <= index < "
            f"{shape_text(tuple(shape))}"
        )


def _order(indices: Any) -> Any:
    """The order in which index vectors are sorted, the first axis slowest."""
    return np.lexsort(indices.T[::-1])


_UNSORTED = (
    "is out of order. Many sparse ops require sorted indices.\n"
    "    Use `tf.sparse.reorder` to create a correctly ordered copy.\n\n"
)


def _check_sorted(indices: Any) -> None:
    for i in range(1, len(indices)):
        previous, current = indices[i - 1].tolist(), indices[i].tolist()
        if current <= previous:
            word = "is repeated" if current == previous else _UNSORTED
            listing = ",".join(map(str, current))
            raise InvalidArgumentError(f"indices[{i}] = [{listing}] {word}")


@op(
    "SparseToDense",
    "sparse_indices: Tindices, output_shape: Tindices, sparse_values: T, default_value: T",
    "dense: T",
    "validate_indices: bool = true, T: type, Tindices: type",
    shape=given_by(1),
)
def sparse_to_dense(attrs: Attrs) -> Kernel:
    """A dense tensor with the values at the index vectors and a default elsewhere."""
    validate: bool = attrs["validate_indices"]
    dtype = attrs["T"].numpy

    def kernel(indices: Any, output_shape: Any, values: Any, default_value: Any) -> Any:
        shape = output_shape.tolist()
        vectors = indices.reshape((-1, len(shape))) if indices.ndim < 2 else indices
        result = np.empty(shape, dtype)
        result[...] = default_value
        _check_inside(vectors, shape)
        if validate:
            _check_sorted(vectors)
        result[tuple(vectors.T)] = values
        return result

    return kernel


@op(
    "SparseTensorDenseAdd",
    "a_indices: Tindices, a_values: T, a_shape: Tindices, b: T",
    "output: T",
    "T: type, Tindices: type",
)
def sparse_tensor_dense_add(attrs: Attrs) -> Kernel:
    """The sum of a sparse and a dense tensor of one shape."""

    def kernel(indices: Any, values: Any, shape: Any, b: Any) -> Any:
        if shape.tolist() != list(b.shape):
            raise InvalidArgumentError(
                "Dimensions of a and b must match, got "
                f"{shape_text(tuple(shape.tolist()))} and {text(b)}"
            )
        _check_inside(indices, b.shape)
        result = np.array(b)
        np.add.at(result, tuple(indices.T), values)
        return result

    return kernel


@op(
    "SparseTensorDenseMatMul",
    "a_indices: Tindices, a_values: T, a_shape: int64, b: T",
    "product: T",
    "T: type, Tindices: type = int64, adjoint_a: bool = false, adjoint_b: bool = false",
)
def sparse_tensor_dense_mat_mul(attrs: Attrs) -> Kernel:
    """The product of a sparse and a dense matrix."""
    turn_a, turn_b = attrs["adjoint_a"], attrs["adjoint_b"]

    def kernel(indices: Any, values: Any, shape: Any, b: Any) -> Any:
        rows, inner = indices[:, 0], indices[:, 1]
        height, width = shape.tolist()
        if turn_a:
            rows, inner, values = inner, rows, np.conjugate(values)
            height, width = width, height
        right = np.conjugate(b.T) if turn_b else b
        if width != right.shape[0]:
            raise InvalidArgumentError(
                f"Cannot multiply A and B because inner dimension does not match: {width} vs. "
                f"{right.shape[0]}.  Did you forget a transpose?  Dimensions of A: "
                f"[{height}, {width}).  Dimensions of B: {text(b)}"
            )
        result = np.zeros((height, right.shape[1]), b.dtype)
        np.add.at(result, rows, values[:, None] * right[inner])
        return result

    return kernel


@op(
    "SparseReduceSum",
    "input_indices: int64, input_values: T, input_shape: int64, reduction_axes: int32",
    "output: T",
    "keep_dims: bool = false, T: type",
)
def sparse_reduce_sum(attrs: Attrs) -> Kernel:
    """The sum over the given axes (all, if none are given), dense."""
    keep: bool = attrs["keep_dims"]

    def kernel(indices: Any, values: Any, shape: Any, reduction_axes: Any) -> Any:
        dense = np.zeros(shape.tolist(), values.dtype)
        np.add.at(dense, tuple(indices.T), values)
        axes = tuple(np.ravel(reduction_axes).tolist()) or None
        return np.asarray(dense.sum(axes, keepdims=keep, dtype=values.dtype))

    return kernel


@op(
    "SparseReshape",
    "input_indices: int64, input_shape: int64, new_shape: int64",
    "output_indices: int64, output_shape: int64",
)
def sparse_reshape(attrs: Attrs) -> Kernel:
    """The index vectors and the shape of the same elements in another shape."""

    def kernel(indices: Any, input_shape: Any, new_shape: Any) -> Any:
        old, new = input_shape.tolist(), new_shape.tolist()
        total = int(np.prod(old, dtype=np.int64))
        if new.count(-1) > 1:
            raise InvalidArgumentError("only one output dimension may be -1")
        if -1 in new:
            known = int(np.prod([n for n in new if n != -1], dtype=np.int64))
            if not known or total % known:
                raise InvalidArgumentError(
                    f"Input to reshape is a SparseTensor with {total} dense values, but the "
                    f"requested shape requires a multiple of {known}."
                )
            new[new.index(-1)] = total // known
        if int(np.prod(new, dtype=np.int64)) != total:
            raise InvalidArgumentError(
                f"Input to reshape is a tensor with {total} dense values, but the requested shape "
                f"has {int(np.prod(new, dtype=np.int64))}."
            )
        if not len(indices):
            return np.zeros((0, len(new)), np.int64), np.array(new, np.int64)
        flat = np.ravel_multi_index(tuple(indices.T), old)
        places = np.stack(np.unravel_index(flat, new), -1).astype(np.int64)
        return places, np.array(new, np.int64)

    return kernel


@op(
    "SparseReorder",
    "input_indices: int64, input_values: T, input_shape: int64",
    "output_indices: int64, output_values: T",
    "T: type",
)
def sparse_reorder(attrs: Attrs) -> Kernel:
    """The elements in the order of their index vectors."""

    def kernel(indices: Any, values: Any, shape: Any) -> Any:
        order = _order(indices)
        return indices[order], values[order]

    return kernel


@op(
    "SparseFillEmptyRows",
    "indices: int64, values: T, dense_shape: int64, default_value: T",
    "output_indices: int64, output_values: T, empty_row_indicator: bool, reverse_index_map: int64",
    "T: type",
)
def sparse_fill_empty_rows(attrs: Attrs) -> Kernel:
    """The tensor with a default value at the start of every row that has none."""

    def kernel(indices: Any, values: Any, dense_shape: Any, default_value: Any) -> Any:
        rows = int(dense_shape[0])
        wrong = np.flatnonzero((indices[:, 0] < 0) | (indices[:, 0] >= rows))
        if wrong.size:
            at = int(wrong[0])
            raise InvalidArgumentError(f"indices({at}, 0) is invalid: {indices[at, 0]} >= {rows}")
        empty = np.bincount(indices[:, 0], minlength=rows)[:rows] == 0
        missing = np.flatnonzero(empty)
        added = np.zeros((missing.size, indices.shape[1]), np.int64)
        added[:, 0] = missing
        filler = np.empty(missing.size, values.dtype)
        filler[...] = default_value
        every = np.concatenate((indices, added))
        order = np.argsort(every[:, 0], kind="stable")
        places = np.empty(order.size, np.int64)
        places[order] = np.arange(order.size)
        return (
            every[order],
            np.concatenate((values, filler))[order],
            empty,
            places[: len(indices)],
        )

    return kernel


@op(
    "SparseSlice",
    "indices: int64, values: T, shape: int64, start: int64, size: int64",
    "output_indices: int64, output_values: T, output_shape: int64",
    "T: type",
)
def sparse_slice(attrs: Attrs) -> Kernel:
    """The elements inside a block, their index vectors counted from its corner."""

    def kernel(indices: Any, values: Any, shape: Any, start: Any, size: Any) -> Any:
        end = np.minimum(start + size, shape)
        inside = ((indices >= start) & (indices < end)).all(-1)
        return indices[inside] - start, values[inside], np.maximum(end - start, 0)

    return kernel


@op("SparseSoftmax", "sp_indices: int64, sp_values: T, sp_shape: int64", "output: T", "T: type")
def sparse_softmax(attrs: Attrs) -> Kernel:
    """Softmax over the elements that are there of each row."""

    def kernel(indices: Any, values: Any, shape: Any) -> Any:
        _, row = np.unique(indices[:, :-1], axis=0, return_inverse=True)
        row = row.reshape(-1)
        count = int(row.max()) + 1 if row.size else 0
        highest = np.full(count, -np.inf, values.dtype)
        np.maximum.at(highest, row, values)
        exponentials = np.exp(values - highest[row])
        totals = np.zeros(count, values.dtype)
        np.add.at(totals, row, exponentials)
        return exponentials / totals[row]

    return kernel


@op(
    "SparseAdd",
    "a_indices: int64, a_values: T, a_shape: int64, b_indices: int64, b_values: T, "
    "b_shape: int64, thresh: Treal",
    "sum_indices: int64, sum_values: T, sum_shape: int64",
    "T: type, Treal: type",
)
def sparse_add(attrs: Attrs) -> Kernel:
    """The sum of two sparse tensors, without elements smaller than a threshold."""

    def kernel(*inputs: Any) -> Any:
        (ai, av, shape), (bi, bv, other), threshold = inputs[:3], inputs[3:6], inputs[6]
        if shape.tolist() != other.tolist():
            raise InvalidArgumentError("operands' shapes do not match")
        every = np.concatenate((ai, bi))
        found, place = np.unique(every, axis=0, return_inverse=True)
        totals = np.zeros(len(found), av.dtype)
        np.add.at(totals, place.reshape(-1), np.concatenate((av, bv)))
        kept = np.abs(totals) >= threshold
        return found[kept], totals[kept], shape

    return kernel


@op(
    "SparseConcat",
    "indices: N * int64, values: N * T, shapes: N * int64",
    "output_indices: int64, output_values: T, output_shape: int64",
    "concat_dim: int, N: int, T: type",
)
def sparse_concat(attrs: Attrs) -> Kernel:
    """Sparse tensors one after another along an axis."""
    count: int = attrs["N"]
    axis: int = attrs["concat_dim"]

    def kernel(*inputs: Any) -> Any:
        indices, values, shapes = (inputs[i * count : (i + 1) * count] for i in range(3))
        at = axis % shapes[0].size
        moved: list[Any] = []
        offset = 0
        for index, shape in zip(indices, shapes, strict=True):
            shifted = np.array(index)
            shifted[:, at] += offset
            moved.append(shifted)
            offset += int(shape[at])
        every = np.concatenate(moved)
        order = _order(every)
        whole = np.array(shapes[0])
        whole[at] = offset
        return every[order], np.concatenate(values)[order], whole

    return kernel
