"""Putting tensors together, taking them apart, repeating, padding and reversing them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from ..dtypes import string
from ..errors import InvalidArgumentError
from ..graph import Shape
from .registry import Attrs, Kernel, op
from .shapes import text, unchanged

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


def _tile_shape(_: Attrs, shapes: Sequence[Shape], values: Sequence[Any]) -> list[Shape]:
    shape, multiples = shapes[0], values[1]
    if shape is None:
        return [None]
    if multiples is None:
        return [(None,) * len(shape)]
    return [
        tuple(
            None if n is None else n * int(m)
            for n, m in zip(shape, np.ravel(multiples), strict=True)
        )
    ]


@op(
    "Tile",
    "input: T, multiples: Tmultiples",
    "output: T",
    "T: type, Tmultiples: type = int32",
    shape=_tile_shape,
    view=lambda _, inputs: bool(np.all(inputs[1] == 1)),
)
def tile(attrs: Attrs) -> Kernel:
    """The input repeated along each axis."""

    def kernel(x: Any, multiples: Any) -> Any:
        times = multiples.tolist()
        if len(times) != x.ndim:
            raise InvalidArgumentError(
                f"Expected multiples argument to be a vector of length {x.ndim} but got length "
                f"{len(times)}"
            )
        for i, n in enumerate(times):
            if n < 0:
                raise InvalidArgumentError(f"Expected multiples[{i}] >= 0, but got {n}")
        # Each axis becomes (repetition, axis) by broadcasting, and the copy is one assignment.
        spread = np.broadcast_to(
            x.reshape([n for length in x.shape for n in (1, length)]),
            [n for m, length in zip(times, x.shape, strict=True) for n in (m, length)],
        )
        return spread.reshape([m * n for m, n in zip(times, x.shape, strict=True)])

    return kernel


def _pad_shape(_: Attrs, shapes: Sequence[Shape], values: Sequence[Any]) -> list[Shape]:
    shape, paddings = shapes[0], values[1]
    if shape is None:
        return [None]
    if paddings is None:
        return [(None,) * len(shape)]
    sums = np.asarray(paddings).sum(1).tolist()
    return [tuple(None if n is None else n + p for n, p in zip(shape, sums, strict=True))]


def _no_padding(_: Attrs, inputs: Sequence[Any]) -> bool:
    return not np.any(inputs[1])


def _check_paddings(x: Any, paddings: Any) -> list[list[int]]:
    if paddings.ndim != 2 or paddings.shape[1] != 2:
        raise InvalidArgumentError(f"paddings must be a matrix with 2 columns: {text(paddings)}")
    if paddings.shape[0] != x.ndim:
        raise InvalidArgumentError(
            f"The first dimension of paddings must be the rank of inputs{text(paddings)} {text(x)}"
        )
    pairs = paddings.tolist()
    for before, after in pairs:
        if before < 0 or after < 0:
            raise InvalidArgumentError(f"Paddings must be non-negative: {before} {after}")
    return pairs


def _pad(x: Any, paddings: Any, value: Any) -> Any:
    pairs = _check_paddings(x, paddings)
    shape = [n + before + after for n, (before, after) in zip(x.shape, pairs, strict=True)]
    result = np.empty(shape, x.dtype)
    result[...] = value
    inner = tuple(slice(b, b + n) for n, (b, _) in zip(x.shape, pairs, strict=True))
    result[inner] = x
    return result


@op(
    "Pad",
    "input: T, paddings: Tpaddings",
    "output: T",
    "T: type, Tpaddings: type = int32",
    shape=_pad_shape,
    view=_no_padding,
)
def pad(attrs: Attrs) -> Kernel:
    """The input with zeros around it."""
    zero = b"" if attrs["T"] is string else attrs["T"].numpy.type(0)
    return lambda x, paddings: _pad(x, paddings, zero)


@op(
    "PadV2",
    "input: T, paddings: Tpaddings, constant_values: T",
    "output: T",
    "T: type, Tpaddings: type = int32",
    shape=_pad_shape,
    view=_no_padding,
)
def pad_v2(attrs: Attrs) -> Kernel:
    """The input with a constant around it."""
    return _pad


def _mirrored(length: int, before: int, after: int, mode: bytes) -> Any:
    """Positions of the elements of a mirrored axis in the original one."""
    offset = 1 if mode == b"REFLECT" else 0
    if max(before, after) > length - offset:
        than = "less" if offset else "no greater"
        raise InvalidArgumentError(
            f"paddings must be {than} than the dimension size: {before}, {after} "
            f"not less than {length}"
            if offset
            else f"paddings must be {than} than the dimension size: {before}, {after} "
            f"greater than {length}"
        )
    ahead = np.arange(before + offset - 1, offset - 1, -1)
    behind = np.arange(length - 1 - offset, length - 1 - offset - after, -1)
    return np.concatenate((ahead, np.arange(length), behind))


@op(
    "MirrorPad",
    "input: T, paddings: Tpaddings",
    "output: T",
    "T: type, Tpaddings: type = int32, mode: string",
    shape=_pad_shape,
    view=_no_padding,
)
def mirror_pad(attrs: Attrs) -> Kernel:
    """The input with its mirror image around it; REFLECT leaves the edge itself out."""
    mode: bytes = attrs["mode"]

    def kernel(x: Any, paddings: Any) -> Any:
        for axis, (before, after) in enumerate(_check_paddings(x, paddings)):
            if before or after:
                at = _mirrored(x.shape[axis], before, after, mode)
                x = np.take(x, at, axis)
        return x

    return kernel


def _unpad_shape(_: Attrs, shapes: Sequence[Shape], values: Sequence[Any]) -> list[Shape]:
    shape, paddings = shapes[0], values[1]
    if shape is None or paddings is None:
        return [None if shape is None else (None,) * len(shape)]
    sums = np.asarray(paddings).sum(1).tolist()
    return [tuple(None if n is None else n - p for n, p in zip(shape, sums, strict=True))]


@op(
    "MirrorPadGrad",
    "input: T, paddings: Tpaddings",
    "output: T",
    "T: type, Tpaddings: type = int32, mode: string",
    shape=_unpad_shape,
)
def mirror_pad_grad(attrs: Attrs) -> Kernel:
    """The gradient of MirrorPad: what lies in the mirror images is added to the originals."""
    mode: bytes = attrs["mode"]

    def kernel(x: Any, paddings: Any) -> Any:
        for axis, (before, after) in enumerate(_check_paddings(x, paddings)):
            if before or after:
                length = x.shape[axis] - before - after
                at = _mirrored(length, before, after, mode)
                folded = np.zeros((length, *np.moveaxis(x, axis, 0).shape[1:]), x.dtype)
                np.add.at(folded, at, np.moveaxis(x, axis, 0))
                x = np.moveaxis(folded, 0, axis)
        return x

    return kernel


@op("Reverse", "tensor: T, dims: bool", "output: T", "T: type", shape=unchanged)
def reverse(attrs: Attrs) -> Kernel:
    """The input with the marked axes running backwards."""

    def kernel(tensor: Any, dims: Any) -> Any:
        if dims.size != tensor.ndim:
            raise InvalidArgumentError(
                f"'dims' must have the same number of values as 'tensor' has dimensions. "
                f"'tensor' has {tensor.ndim}'dims' has {dims.size} values"
            )
        return np.flip(tensor, tuple(np.flatnonzero(dims).tolist()))

    return kernel


@op(
    "ReverseV2",
    "tensor: T, axis: Tidx",
    "output: T",
    "Tidx: type = int32, T: type",
    shape=unchanged,
)
def reverse_v2(attrs: Attrs) -> Kernel:
    """The input with the given axes running backwards."""

    def kernel(tensor: Any, axis: Any) -> Any:
        rank = tensor.ndim
        axes: list[int] = []
        for value in axis.tolist():
            if not -rank <= value < rank:
                raise InvalidArgumentError(
                    f"'axis'[{len(axes)}] = {value} is out of valid range [0, {rank - 1}"
                )
            if value % rank in axes:
                raise InvalidArgumentError(f"axis {value % rank} specified more than once.")
            axes.append(value % rank)
        return np.flip(tensor, tuple(axes))

    return kernel


@op(
    "ReverseSequence",
    "input: T, seq_lengths: Tlen",
    "output: T",
    "seq_dim: int, batch_dim: int = 0, T: type, Tlen: type = int64",
    shape=unchanged,
)
def reverse_sequence(attrs: Attrs) -> Kernel:
    """In each entry of the batch axis, the first so many elements of another axis backwards."""
    seq: int = attrs["seq_dim"]
    batch: int = attrs["batch_dim"]

    def kernel(x: Any, seq_lengths: Any) -> Any:
        if seq_lengths.size != x.shape[batch]:
            raise InvalidArgumentError(
                f"Length of seq_lengths != input.dims({batch}), ({seq_lengths.size} vs. "
                f"{x.shape[batch]})"
            )
        length = x.shape[seq]
        if seq_lengths.size and seq_lengths.max() > length:
            at = int(np.argmax(seq_lengths > length))
            raise InvalidArgumentError(f"seq_lengths({at}) > input.dims({seq})")
        places = np.arange(length)
        ends = seq_lengths[:, None]
        source = np.where(places < ends, ends - 1 - places, places)
        axes_shape = [1] * x.ndim
        axes_shape[batch], axes_shape[seq] = source.shape
        if batch > seq:
            source = source.T
        return np.take_along_axis(x, source.reshape(axes_shape), seq)

    return kernel


@op(
    "Roll",
    "input: T, shift: Tshift, axis: Taxis",
    "output: T",
    "T: type, Tshift: type, Taxis: type",
    shape=unchanged,
)
def roll(attrs: Attrs) -> Kernel:
    """The input moved around along the given axes."""

    def kernel(x: Any, shift: Any, axis: Any) -> Any:
        if shift.shape != axis.shape:
            raise InvalidArgumentError("shift and axis must have the same size")
        return np.roll(x, tuple(shift.ravel().tolist()), tuple(axis.ravel().tolist()))

    return kernel
