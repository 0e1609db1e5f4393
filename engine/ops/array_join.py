"""Putting tensors together and taking them apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from ..dtypes import string
from ..errors import InvalidArgumentError
from ..graph import Shape
from .registry import Attrs, Kernel, op
from .shapes import text

_ALIGNMENT = 64
"""Bytes on which TensorFlow aligns the start of a tensor; only aligned rows can be shared."""


def rows_are_aligned(array: Any) -> bool:
    """Whether every row of `array` begins on TensorFlow's alignment."""
    if not np.ndim(array) or not array.shape[0]:
        return False
    return array.size // array.shape[0] * array.dtype.itemsize % _ALIGNMENT == 0


def _concat_shape(shapes: Sequence[Shape], axis: Any) -> list[Shape]:
    known = [shape for shape in shapes if shape is not None]
    if not known:
        return [None]
    if axis is None:
        return [(None,) * len(known[0])]
    at = int(axis) % len(known[0])
    result: list[int | None] = []
    for i in range(len(known[0])):
        lengths = [shape[i] for shape in known]
        if i == at:
            whole = len(known) == len(shapes) and None not in lengths
            result.append(sum(n or 0 for n in lengths) if whole else None)
        else:
            result.append(next((n for n in lengths if n is not None), None))
    return [tuple(result)]


def _explain_concat(values: Sequence[Any], axis: Any) -> Exception | None:
    rank = np.ndim(values[0])
    if not -rank <= int(axis) < rank:
        return InvalidArgumentError(
            f"ConcatOp : Expected concatenating dimensions in the range [{-rank}, {rank}), "
            f"but got {int(axis)}"
        )
    at = int(axis) % rank
    for i, value in enumerate(values):
        if np.ndim(value) != rank:
            return InvalidArgumentError(
                f"ConcatOp : Ranks of all input tensors should match: shape[0] = {text(values[0])} "
                f"vs. shape[{i}] = {text(value)}"
            )
        for d in range(rank):
            if d != at and value.shape[d] != values[0].shape[d]:
                return InvalidArgumentError(
                    f"ConcatOp : Dimension {d} in both shapes must be equal: "
                    f"shape[0] = {text(values[0])} vs. shape[{i}] = {text(value)}"
                )
    return None


@op(
    "ConcatV2",
    "values: N * T, axis: Tidx",
    "output: T",
    "N: int, T: type, Tidx: type = int32",
    shape=lambda attrs, shapes, values: _concat_shape(shapes[:-1], values[-1]),
    explain=lambda attrs, inputs: _explain_concat(inputs[:-1], inputs[-1]),
)
def concat_v2(attrs: Attrs) -> Kernel:
    """The inputs one after another along an axis."""
    return lambda *inputs: np.concatenate(inputs[:-1], int(inputs[-1]))


@op(
    "Concat",
    "concat_dim: int32, values: N * T",
    "output: T",
    "N: int, T: type",
    shape=lambda attrs, shapes, values: _concat_shape(shapes[1:], values[0]),
    explain=lambda attrs, inputs: _explain_concat(inputs[1:], inputs[0]),
)
def concat(attrs: Attrs) -> Kernel:
    """The inputs one after another along an axis."""
    return lambda axis, *values: np.concatenate(values, int(axis))


@op(
    "ParallelConcat",
    "values: N * T",
    "output: T",
    "N: int, T: type, shape: shape",
    shape=lambda attrs, _, __: [attrs["shape"]],
)
def parallel_concat(attrs: Attrs) -> Kernel:
    """The inputs, each of one row, one below another."""
    return lambda *values: np.concatenate(values, 0)


def _pack_shape(attrs: Attrs, shapes: Sequence[Shape], _: Sequence[Any]) -> list[Shape]:
    known = next((shape for shape in shapes if shape is not None), None)
    if known is None:
        return [None]
    at = attrs["axis"] % (len(known) + 1)
    return [(*known[:at], attrs["N"], *known[at:])]


def _explain_pack(attrs: Attrs, inputs: Sequence[Any]) -> Exception | None:
    rank = np.ndim(inputs[0]) + 1
    if not -rank <= attrs["axis"] < rank:
        return InvalidArgumentError(f"axis = {attrs['axis']} not in [{-rank}, {rank})")
    for i, value in enumerate(inputs):
        if np.shape(value) != np.shape(inputs[0]):
            return InvalidArgumentError(
                f"Shapes of all inputs must match: values[0].shape = {text(inputs[0])} != "
                f"values[{i}].shape = {text(value)}"
            )
    return None


@op(
    "Pack",
    "values: N * T",
    "output: T",
    "N: int, T: type, axis: int = 0",
    shape=_pack_shape,
    view=lambda attrs, _: attrs["N"] == 1,
    explain=_explain_pack,
)
def pack(attrs: Attrs) -> Kernel:
    """The inputs, all of one shape, stacked along a new axis."""
    axis: int = attrs["axis"]
    dtype = attrs["T"].numpy
    is_text = attrs["T"] is string
    if attrs["N"] == 1:
        return lambda value: np.expand_dims(value, axis)

    def kernel(*values: Any) -> Any:
        if not values[0].ndim:
            if any(value.ndim for value in values):
                raise ValueError("a scalar is packed with something else")
            result = np.empty(len(values), dtype)
            for i, value in enumerate(values):
                result[i] = value.item() if is_text else value
            return result
        return np.stack(values, axis)

    return kernel


def _unpack_shape(attrs: Attrs, shapes: Sequence[Shape], _: Sequence[Any]) -> list[Shape]:
    shape = shapes[0]
    if shape is None:
        return [None] * attrs["num"]
    at = attrs["axis"] % len(shape)
    return [(*shape[:at], *shape[at + 1 :])] * attrs["num"]


def _shares_rows(attrs: Attrs, inputs: Sequence[Any]) -> bool:
    return attrs["axis"] % np.ndim(inputs[0]) == 0 and rows_are_aligned(inputs[0])


@op(
    "Unpack",
    "value: T",
    "output: num * T",
    "num: int, T: type, axis: int = 0",
    shape=_unpack_shape,
    view=_shares_rows,
)
def unpack(attrs: Attrs) -> Kernel:
    """The slices along an axis, without that axis."""
    axis: int = attrs["axis"]
    num: int = attrs["num"]

    def kernel(value: Any) -> Any:
        rank = value.ndim
        if not -rank <= axis < rank:
            raise InvalidArgumentError(f"axis = {axis} not in [{-rank}, {rank})")
        if value.shape[axis] != num:
            raise InvalidArgumentError(
                f"Input shape axis {axis % rank} must equal {num}, got shape {text(value)}"
            )
        ahead = (slice(None),) * (axis % rank)
        return [value[(*ahead, i, ...)] for i in range(num)]

    return kernel


def _split_axis(split_dim: Any, rank: int) -> int:
    axis = int(split_dim)
    if not -rank <= axis < rank:
        raise InvalidArgumentError(
            f"-input rank(-{rank}) <= split_dim < input rank ({rank}), but got {axis}"
        )
    return axis % rank


def _split_shape(attrs: Attrs, shapes: Sequence[Shape], values: Sequence[Any]) -> list[Shape]:
    shape, axis, count = shapes[1], values[0], attrs["num_split"]
    if shape is None:
        return [None] * count
    if axis is None:
        return [(None,) * len(shape)] * count
    at = int(axis) % len(shape)
    length = shape[at]
    part = None if length is None else length // count
    return [(*shape[:at], part, *shape[at + 1 :])] * count


def _split_shares(attrs: Attrs, value: Any, split_dim: Any) -> bool:
    if attrs["num_split"] == 1:
        return True
    return int(split_dim) % max(np.ndim(value), 1) == 0 and rows_are_aligned(value)


@op(
    "Split",
    "split_dim: int32, value: T",
    "output: num_split * T",
    "num_split: int, T: type",
    shape=_split_shape,
    view=lambda attrs, inputs: _split_shares(attrs, inputs[1], inputs[0]),
    view_of=1,
)
def split(attrs: Attrs) -> Kernel:
    """Equal parts along an axis."""
    count: int = attrs["num_split"]

    def kernel(split_dim: Any, value: Any) -> Any:
        axis = _split_axis(split_dim, value.ndim)
        length = value.shape[axis]
        if length % count:
            raise InvalidArgumentError(
                "Number of ways to split should evenly divide the split dimension, but got "
                f"split_dim {axis} (size = {length}) and num_split {count}"
            )
        part = length // count
        ahead = (slice(None),) * axis
        return [value[(*ahead, slice(i * part, (i + 1) * part))] for i in range(count)]

    return kernel


def _split_v_shape(attrs: Attrs, shapes: Sequence[Shape], values: Sequence[Any]) -> list[Shape]:
    shape, count = shapes[0], attrs["num_split"]
    if shape is None:
        return [None] * count
    if values[1] is None or values[2] is None:
        return [(None,) * len(shape)] * count
    at = int(values[2]) % len(shape)
    parts = [None if n < 0 else int(n) for n in np.ravel(values[1])]
    return [(*shape[:at], part, *shape[at + 1 :]) for part in parts]


@op(
    "SplitV",
    "value: T, size_splits: Tlen, split_dim: int32",
    "output: num_split * T",
    "num_split: int, T: type, Tlen: type = int64",
    shape=_split_v_shape,
    view=lambda attrs, inputs: _split_shares(attrs, inputs[0], inputs[2]),
)
def split_v(attrs: Attrs) -> Kernel:
    """Parts of the given lengths along an axis; one length may be -1 and is worked out."""

    def kernel(value: Any, size_splits: Any, split_dim: Any) -> Any:
        axis = _split_axis(split_dim, value.ndim)
        length = value.shape[axis]
        parts = size_splits.tolist()
        known = sum(n for n in parts if n >= 0)
        unknown = parts.count(-1)
        if unknown == 1 and known <= length:
            parts[parts.index(-1)] = length - known
        elif unknown or known != length:
            raise InvalidArgumentError(
                "Determined shape must either match input shape along split_dim exactly if "
                "fully specified, or be less than the size of the input along split_dim if not "
                f"fully specified.  Got: {known}"
            )
        ahead = (slice(None),) * axis
        edges = [0, *accumulate(parts)]
        return [value[(*ahead, slice(a, b))] for a, b in pairwise(edges)]

    return kernel


@op(
    "ConcatOffset",
    "concat_dim: int32, shape: N * shape_type",
    "offset: N * shape_type",
    "N: int, shape_type: type = int32",
)
def concat_offset(attrs: Attrs) -> Kernel:
    """Where each of the given shapes begins in the concatenation."""
    dtype = attrs["shape_type"].numpy if "shape_type" in attrs else np.dtype(np.int32)

    def kernel(concat_dim: Any, *shapes: Any) -> Any:
        rank = shapes[0].size
        axis = int(concat_dim)
        if not -rank <= axis < rank:
            raise InvalidArgumentError(f"Concat dim is out of range: {axis} vs. {rank}")
        axis %= rank
        offsets: list[Any] = []
        begin = 0
        for index, shape in enumerate(shapes):
            for other in range(rank):
                if other != axis and shape[other] != shapes[0][other]:
                    raise InvalidArgumentError(
                        f"All dimensions except {axis} must match. Input {index} has shape "
                        f"[{' '.join(map(str, shape))}] and doesn't match input 0 with shape "
                        f"[{' '.join(map(str, shapes[0]))}]."
                    )
            offset = np.zeros(rank, dtype)
            offset[axis] = begin
            offsets.append(offset)
            begin += int(shape[axis])
        return offsets

    return kernel
