"""Gathering rows and elements by index, scattering them, and splitting by index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import DType, string
from ..errors import InvalidArgumentError
from ..graph import Shape, shape_text
from .registry import Attrs, Kernel, declare, op
from .shapes import given_by, text, unchanged


def check_indices(indices: Any, limit: int, name: str = "indices") -> None:
    """Check that all of `indices` lie in [0, limit).

    Raises:
        InvalidArgumentError: the first that does not, as TensorFlow words it.
    """
    if not indices.size or (indices.min() >= 0 and indices.max() < limit):
        return
    wrong = np.argwhere((indices < 0) | (indices >= limit))[0]
    place = f"[{','.join(map(str, wrong))}]" if indices.ndim else ""
    raise InvalidArgumentError(f"{name}{place} = {indices[tuple(wrong)]} is not in [0, {limit})")


def _gathered_shape(attrs: Attrs, shapes: Sequence[Shape], values: Sequence[Any]) -> list[Shape]:
    params, indices = shapes[0], shapes[1]
    axis = values[2] if len(values) > 2 else 0
    if params is None or indices is None or axis is None:
        return [None]
    at = int(axis) % max(len(params), 1)
    batch: int = attrs.get("batch_dims", 0) % (len(indices) + 1)
    return [(*params[:at], *indices[batch:], *params[at + 1 :])]


def _take(params: Any, indices: Any, axis: int) -> Any:
    check_indices(indices, params.shape[axis])
    return np.asarray(params.take(indices, axis), params.dtype)


@op(
    "Gather",
    "params: Tparams, indices: Tindices",
    "output: Tparams",
    "validate_indices: bool = true, Tparams: type, Tindices: type",
    shape=_gathered_shape,
)
def gather(attrs: Attrs) -> Kernel:
    """The rows of params that indices name, in the shape of indices."""

    def kernel(params: Any, indices: Any) -> Any:
        if not params.ndim:
            raise InvalidArgumentError("params must be at least 1 dimensional")
        return _take(params, indices, 0)

    return kernel


@op(
    "GatherV2",
    "params: Tparams, indices: Tindices, axis: Taxis",
    "output: Tparams",
    "batch_dims: int = 0, Tparams: type, Tindices: type, Taxis: type",
    shape=_gathered_shape,
)
def gather_v2(attrs: Attrs) -> Kernel:
    """The slices of params along an axis that indices name; batch_dims axes go in parallel."""
    batch_dims: int = attrs["batch_dims"]

    def kernel(params: Any, indices: Any, axis: Any) -> Any:
        at = resolve_gather_axis(int(axis), params.ndim)
        if not batch_dims:
            return _take(params, indices, at)
        batch = batch_dims + indices.ndim if batch_dims < 0 else batch_dims
        return _batched(params, indices, at, batch)

    return kernel


def resolve_gather_axis(axis: int, rank: int) -> int:
    """`axis` of a gather counted from the front.

    Raises:
        InvalidArgumentError: params has no such axis.
    """
    if not -rank <= axis < rank:
        needed = axis + 1 if axis >= 0 else -axis
        raise InvalidArgumentError(f"Shape must be at least rank {needed} but is rank {rank}")
    return axis % rank


def _batched(params: Any, indices: Any, axis: int, batch: int) -> Any:
    """`params[b..., :, indices[b..., i]]` for every entry of the first `batch` axes."""
    check_indices(indices, params.shape[axis])
    inner = indices.shape[batch:]
    moved = np.moveaxis(params, axis, batch)
    grids = np.ix_(*(np.arange(n) for n in indices.shape[:batch]))
    batches = [grid.reshape(grid.shape + (1,) * len(inner)) for grid in grids]
    taken = moved[(*batches, indices)]
    ahead = list(range(batch))
    index_axes = list(range(batch, batch + len(inner)))
    before = list(range(batch + len(inner), batch + len(inner) + axis - batch))
    rest = list(range(batch + len(inner) + axis - batch, taken.ndim))
    return taken.transpose(ahead + before + index_axes + rest)


def _gather_nd_shape(_: Attrs, shapes: Sequence[Shape], __: Sequence[Any]) -> list[Shape]:
    params, indices = shapes[0], shapes[1]
    if params is None or indices is None or not indices or indices[-1] is None:
        return [None]
    return [(*indices[:-1], *params[indices[-1] :])]


def index_tuple(indices: Any, shape: Sequence[int], into: str) -> tuple[Any, ...]:
    """The columns of `indices` (..., depth), one array per axis of a tensor of `shape`.

    Raises:
        InvalidArgumentError: an index points outside, or is deeper than the shape.
    """
    depth = indices.shape[-1]
    if depth > len(shape):
        raise InvalidArgumentError(
            f"index innermost dimension length must be <= params rank; saw: {depth} vs. "
            f"{len(shape)}"
        )
    limits = np.array(shape[:depth], np.int64)
    wrong = ((indices < 0) | (indices >= limits)).any(-1)
    if wrong.any():
        at = tuple(np.argwhere(wrong)[0].tolist())
        place = ",".join(map(str, at))
        found = ", ".join(map(str, indices[at].tolist()))
        raise InvalidArgumentError(
            f"indices[{place}] = [{found}] does not index into {into} shape "
            f"{shape_text(tuple(shape))}"
        )
    return tuple(indices[..., i] for i in range(depth))


@op(
    "GatherNd",
    "params: Tparams, indices: Tindices",
    "output: Tparams",
    "Tparams: type, Tindices: type, bad_indices_policy: string = ''",
    shape=_gather_nd_shape,
)
def gather_nd(attrs: Attrs) -> Kernel:
    """The elements or slices of params at the index vectors in the last axis of indices."""

    def kernel(params: Any, indices: Any) -> Any:
        index = index_tuple(indices, params.shape, "param")
        if not index:
            return np.broadcast_to(params, indices.shape[:-1] + params.shape).copy()
        return np.asarray(params[index], params.dtype)

    return kernel


def _explain_scatter_nd(_: Attrs, inputs: Sequence[Any]) -> Exception | None:
    return InvalidArgumentError(
        f"Dimensions [0,{np.ndim(inputs[0]) - 1}) of indices{text(inputs[0])} must match "
        f"dimensions of updates{text(inputs[1])}"
    )


@op(
    "ScatterNd",
    "indices: Tindices, updates: T, shape: Tindices",
    "output: T",
    "T: type, Tindices: type, bad_indices_policy: string = ''",
    shape=given_by(2),
    explain=_explain_scatter_nd,
)
def scatter_nd(attrs: Attrs) -> Kernel:
    """Zeros of the given shape with the updates added at the index vectors of indices."""
    dtype: DType = attrs["T"]
    admit = _admission(attrs)

    def kernel(indices: Any, updates: Any, shape: Any) -> Any:
        lengths = shape.tolist()
        if dtype is string:
            result: Any = np.full(lengths, b"", object)
        else:
            result = np.zeros(lengths, dtype.numpy)
        if not indices.size and not updates.size:
            return result
        indices, updates = admit(indices, updates, lengths)
        _add_at(result, index_tuple(indices, lengths, "shape"), updates)
        return result

    return kernel


def _admission(attrs: Attrs) -> Any:
    """What the attribute `bad_indices_policy` says about indices that point outside."""
    if attrs["bad_indices_policy"] != b"IGNORE":
        return lambda indices, updates, shape: (indices, updates)

    def valid_only(indices: Any, updates: Any, shape: Sequence[int]) -> Any:
        limits = np.array(shape[: indices.shape[-1]], np.int64)
        valid = ((indices >= 0) & (indices < limits)).all(-1)
        return indices[valid], updates[valid]

    return valid_only


def _add_at(array: Any, index: tuple[Any, ...], updates: Any) -> None:
    if array.dtype == np.bool_:
        np.logical_or.at(array, index, updates)
    else:
        place: Any = index or ...
        np.add.at(array, place, updates)


def put_last(array: Any, index: tuple[Any, ...], updates: Any) -> None:
    """`array[index] = updates`; of several for one place, the last counts."""
    array[index or ...] = updates


_UPDATES: dict[str, tuple[Any, str]] = {
    "TensorScatterAdd": (_add_at, "The tensor with updates added at index vectors."),
    "TensorScatterMax": (
        lambda array, index, updates: np.maximum.at(array, index, updates),
        "The tensor, where updates at index vectors are not larger.",
    ),
    "TensorScatterMin": (
        lambda array, index, updates: np.minimum.at(array, index, updates),
        "The tensor, where updates at index vectors are not smaller.",
    ),
    "TensorScatterSub": (
        lambda array, index, updates: np.subtract.at(array, index, updates),
        "The tensor with updates subtracted at index vectors.",
    ),
    "TensorScatterUpdate": (put_last, "The tensor with updates put at index vectors."),
}


for _type, (_function, _doc) in _UPDATES.items():

    def _scattering(attrs: Attrs, function: Any = _function) -> Kernel:
        admit = _admission(attrs)

        def kernel(tensor: Any, indices: Any, updates: Any) -> Any:
            result = np.array(tensor)
            indices, updates = admit(indices, updates, tensor.shape)
            function(result, index_tuple(indices, tensor.shape, "shape"), updates)
            return result

        return kernel

    declare(
        _type,
        "tensor: T, indices: Tindices, updates: T",
        "output: T",
        "T: type, Tindices: type, bad_indices_policy: string = ''",
        kernel=_scattering,
        doc=_doc,
        shape=unchanged,
    )


@op(
    "ScatterNdNonAliasingAdd",
    "input: T, indices: Tindices, updates: T",
    "output: T",
    "T: type, Tindices: type, bad_indices_policy: string = ''",
    shape=unchanged,
)
def scatter_nd_non_aliasing_add(attrs: Attrs) -> Kernel:
    """The tensor with updates added at index vectors."""
    admit = _admission(attrs)

    def kernel(tensor: Any, indices: Any, updates: Any) -> Any:
        result = np.array(tensor)
        indices, updates = admit(indices, updates, tensor.shape)
        _add_at(result, index_tuple(indices, tensor.shape, "shape"), updates)
        return result

    return kernel


def _stitch(attrs: Attrs) -> Kernel:
    count: int = attrs["N"]
    dtype = attrs["T"].numpy

    def kernel(*inputs: Any) -> Any:
        indices, data = inputs[:count], inputs[count:]
        for i, (index, part) in enumerate(zip(indices, data, strict=True)):
            if part.shape[: index.ndim] != index.shape:
                raise InvalidArgumentError(
                    f"data[{i}].shape = {text(part)} does not start with indices[{i}].shape = "
                    f"{text(index)}"
                )
        length = max((int(index.max()) + 1 for index in indices if index.size), default=0)
        row = data[0].shape[indices[0].ndim :]
        merged = np.zeros((length, *row), dtype)
        for index, part in zip(indices, data, strict=True):
            flat = index.ravel()
            if flat.size and flat.min() < 0:
                raise InvalidArgumentError(f"indices[{flat[flat < 0][0]}] is out of range")
            merged[flat] = part.reshape((flat.size, *row))
        return merged

    return kernel


for _type in ("DynamicStitch", "ParallelDynamicStitch"):
    declare(
        _type,
        "indices: N * int32, data: N * T",
        "merged: T",
        "N: int, T: type",
        kernel=_stitch,
        doc="Rows of several tensors put at the places that the indices name; the last one counts.",
    )


@op(
    "DynamicPartition",
    "data: T, partitions: int32",
    "outputs: num_partitions * T",
    "num_partitions: int, T: type",
)
def dynamic_partition(attrs: Attrs) -> Kernel:
    """The rows of data sorted into num_partitions tensors by the number that belongs to each."""
    count: int = attrs["num_partitions"]

    def kernel(data: Any, partitions: Any) -> Any:
        if data.shape[: partitions.ndim] != partitions.shape:
            raise InvalidArgumentError(
                "data.shape must start with partitions.shape, got data.shape = "
                f"{text(data)}, partitions.shape = {text(partitions)}"
            )
        flat = partitions.ravel()
        wrong = np.flatnonzero((flat < 0) | (flat >= count))
        if wrong.size:
            at = np.unravel_index(int(wrong[0]), partitions.shape)
            place = "[" + ",".join(map(str, at)) + "]" if partitions.ndim else ""
            raise InvalidArgumentError(
                f"partitions{place} = {flat[wrong[0]]} is not in [0, {count})"
            )
        rows = data.reshape((flat.size, *data.shape[partitions.ndim :]))
        return [rows[flat == i] for i in range(count)]

    return kernel


def _one_hot_shape(attrs: Attrs, shapes: Sequence[Shape], values: Sequence[Any]) -> list[Shape]:
    shape, depth = shapes[0], values[1]
    if shape is None:
        return [None]
    at = len(shape) if attrs["axis"] == -1 else attrs["axis"]
    return [(*shape[:at], None if depth is None else int(depth), *shape[at:])]


@op(
    "OneHot",
    "indices: TI, depth: int32, on_value: T, off_value: T",
    "output: T",
    "axis: int = -1, T: type, TI: type = int64",
    shape=_one_hot_shape,
)
def one_hot(attrs: Attrs) -> Kernel:
    """A new axis with on_value at the place that the index names and off_value elsewhere."""
    axis: int = attrs["axis"]

    def kernel(indices: Any, depth: Any, on_value: Any, off_value: Any) -> Any:
        rank = indices.ndim
        if axis != -1 and not 0 <= axis <= rank:
            raise InvalidArgumentError(
                f"Expected axis to be -1 or between [0, {rank + 1}).  But received: {axis}"
            )
        count = int(depth)
        if count < 0:
            raise InvalidArgumentError(f"depth must be non-negative, got: {count}")
        at = rank if axis == -1 else axis
        places = np.arange(count).reshape((count,) + (1,) * (rank - at))
        return np.where(np.expand_dims(indices, at) == places, on_value, off_value)

    return kernel
