"""Tensors running backwards, whole or in part, and rolled."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgumentError
from .registry import Attrs, Kernel, op
from .shapes import unchanged


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
