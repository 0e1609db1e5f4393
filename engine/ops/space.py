"""Moving blocks of space into batch or depth, and back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InvalidArgumentError
from .registry import Attrs, Kernel, op


def space_to_batch(x: Any, block: list[int], paddings: list[list[int]]) -> Any:
    """Every `block`-th element of the spatial axes of `x`, each phase as further batch entries."""
    count = len(block)
    if x.ndim < count + 1:
        raise InvalidArgumentError(f"input rank should be >= {count + 1} instead of {x.ndim}")
    x = np.pad(x, [(0, 0), *paddings, *[(0, 0)] * (x.ndim - count - 1)])
    for axis, (n, b) in enumerate(zip(x.shape[1 : count + 1], block, strict=True)):
        if n % b:
            raise InvalidArgumentError(
                f"padded_shape[{axis}]={n} is not divisible by block_shape[{axis}]={b}"
            )
    rest = x.shape[count + 1 :]
    lengths = [n // b for n, b in zip(x.shape[1 : count + 1], block, strict=True)]
    pairs = [value for pair in zip(lengths, block, strict=True) for value in pair]
    split = x.reshape((x.shape[0], *pairs, *rest))
    phases = [2 * i + 2 for i in range(count)]
    places = [2 * i + 1 for i in range(count)]
    tail = list(range(2 * count + 1, split.ndim))
    moved = split.transpose((*phases, 0, *places, *tail))
    return moved.reshape((x.shape[0] * math.prod(block), *lengths, *rest))


def batch_to_space(x: Any, block: list[int], crops: list[list[int]]) -> Any:
    """The inverse of `space_to_batch`, with the borders cropped."""
    count = len(block)
    if x.ndim < count + 1:
        raise InvalidArgumentError(f"input rank should be >= {count + 1} instead of {x.ndim}")
    total = math.prod(block)
    if x.shape[0] % total:
        raise InvalidArgumentError(
            f"Input batch dimension ({x.shape[0]}) is not divisible by product of block sizes "
            f"({total})"
        )
    lengths, rest = x.shape[1 : count + 1], x.shape[count + 1 :]
    split = x.reshape((*block, x.shape[0] // total, *lengths, *rest))
    order = [count]
    for i in range(count):
        order += [count + 1 + i, i]
    moved = split.transpose((*order, *range(2 * count + 1, split.ndim)))
    whole = [n * b for n, b in zip(lengths, block, strict=True)]
    result = moved.reshape((x.shape[0] // total, *whole, *rest))
    inner = tuple(slice(a, n - b) for n, (a, b) in zip(whole, crops, strict=True))
    return result[(slice(None), *inner)]


def _moves_nothing(_: Attrs, inputs: Sequence[Any]) -> bool:
    """Whether all blocks are single elements, and nothing is padded or cropped."""
    _, block_shape, borders = inputs
    return bool(np.all(block_shape == 1)) and not np.any(borders)


@op(
    "SpaceToBatchND",
    "input: T, block_shape: Tblock_shape, paddings: Tpaddings",
    "output: T",
    "T: type, Tblock_shape: type = int32, Tpaddings: type = int32",
    view=_moves_nothing,
)
def space_to_batch_nd(attrs: Attrs) -> Kernel:
    """Blocks of the spatial axes moved into the batch, after padding."""
    return lambda x, block_shape, paddings: space_to_batch(
        x, block_shape.tolist(), paddings.tolist()
    )


@op(
    "BatchToSpaceND",
    "input: T, block_shape: Tblock_shape, crops: Tcrops",
    "output: T",
    "T: type, Tblock_shape: type = int32, Tcrops: type = int32",
    view=_moves_nothing,
)
def batch_to_space_nd(attrs: Attrs) -> Kernel:
    """Parts of the batch moved into blocks of the spatial axes, which are cropped then."""
    return lambda x, block_shape, crops: batch_to_space(x, block_shape.tolist(), crops.tolist())


@op(
    "SpaceToBatch",
    "input: T, paddings: Tpaddings",
    "output: T",
    "T: type, Tpaddings: type = int32, block_size: int",
)
def space_to_batch_2d(attrs: Attrs) -> Kernel:
    """Square blocks of images moved into the batch, after padding."""
    block: int = attrs["block_size"]
    return lambda x, paddings: space_to_batch(x, [block, block], paddings.tolist())


@op(
    "BatchToSpace",
    "input: T, crops: Tidx",
    "output: T",
    "T: type, block_size: int, Tidx: type = int32",
)
def batch_to_space_2d(attrs: Attrs) -> Kernel:
    """Parts of the batch moved into square blocks of images, which are cropped then."""
    block: int = attrs["block_size"]
    return lambda x, crops: batch_to_space(x, [block, block], crops.tolist())


def _channels_last(attrs: Attrs, function: Any) -> Kernel:
    if attrs["data_format"] == b"NCHW":
        return lambda x: np.moveaxis(function(np.moveaxis(x, 1, -1)), -1, 1)
    return function


@op(
    "SpaceToDepth",
    "input: T",
    "output: T",
    "T: type, block_size: int, data_format: string = 'NHWC'",
)
def space_to_depth(attrs: Attrs) -> Kernel:
    """Square blocks of images moved into the channels."""
    size: int = attrs["block_size"]

    def kernel(x: Any) -> Any:
        batch, height, width, depth = x.shape
        if height % size or width % size:
            raise InvalidArgumentError(
                f"Image width {width} and height {height} should be divisible by block_size: {size}"
            )
        split = x.reshape(batch, height // size, size, width // size, size, depth)
        moved = split.transpose(0, 1, 3, 2, 4, 5)
        return moved.reshape(batch, height // size, width // size, size * size * depth)

    return _channels_last(attrs, kernel)


@op(
    "DepthToSpace",
    "input: T",
    "output: T",
    "T: type, block_size: int, data_format: string = 'NHWC'",
)
def depth_to_space(attrs: Attrs) -> Kernel:
    """Channels moved into square blocks of images."""
    size: int = attrs["block_size"]

    def kernel(x: Any) -> Any:
        batch, height, width, depth = x.shape
        if depth % (size * size):
            raise InvalidArgumentError(
                f"Input depth dimension {depth} should be divisible by: {size * size}"
            )
        inner = depth // (size * size)
        split = x.reshape(batch, height, width, size, size, inner)
        moved = split.transpose(0, 1, 3, 2, 4, 5)
        return moved.reshape(batch, height * size, width * size, inner)

    return _channels_last(attrs, kernel)
