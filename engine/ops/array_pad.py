"""Repeating tensors and padding them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import string
from ..errors import InvalidArgumentError
from ..graph import Shape
from .registry import Attrs, Kernel, op
from .shapes import text


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
