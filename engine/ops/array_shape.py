"""Shapes of tensors: asking for them and changing them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InvalidArgumentError
from ..graph import Shape, shape_text
from .registry import Attrs, Kernel, op
from .shapes import given_by, scalar, spelled_out, text, unchanged


def _rank_vector(_: Attrs, shapes: Sequence[Shape], __: Sequence[Any]) -> list[Shape]:
    return [(None,) if shape is None else (len(shape),) for shape in shapes]


@op("Shape", "input: T", "output: out_type", "T: type, out_type: type = int32", shape=_rank_vector)
def shape_(attrs: Attrs) -> Kernel:
    """The lengths of the axes."""
    dtype = attrs["out_type"].numpy
    return lambda x: np.array(x.shape, dtype)


@op(
    "ShapeN",
    "input: N * T",
    "output: N * out_type",
    "N: int, T: type, out_type: type = int32",
    shape=_rank_vector,
)
def shape_n(attrs: Attrs) -> Kernel:
    """The lengths of the axes of every input."""
    dtype = attrs["out_type"].numpy
    return lambda *inputs: [np.array(x.shape, dtype) for x in inputs]


@op("Size", "input: T", "output: out_type", "T: type, out_type: type = int32", shape=scalar)
def size(attrs: Attrs) -> Kernel:
    """The number of elements."""
    scalar_type = attrs["out_type"].numpy.type
    return lambda x: scalar_type(x.size)


@op("Rank", "input: T", "output: int32", "T: type", shape=scalar)
def rank(attrs: Attrs) -> Kernel:
    """The number of axes."""
    return lambda x: np.int32(x.ndim)


def _reshape_shape(_: Attrs, shapes: Sequence[Shape], values: Sequence[Any]) -> list[Shape]:
    target = spelled_out(shapes[1], values[1])
    source = shapes[0]
    if target is None or target.count(None) != 1 or source is None or None in source:
        return [target]
    known = math.prod(n for n in target if n is not None)
    total = math.prod(n for n in source if n is not None)
    if not known or total % known:
        return [target]
    return [tuple(total // known if n is None else n for n in target)]


def _explain_reshape(_: Attrs, inputs: Sequence[Any]) -> Exception | None:
    size, target = np.size(inputs[0]), np.ravel(inputs[1]).tolist()
    if np.ndim(inputs[1]) != 1:
        return InvalidArgumentError(f"sizes input must be 1-D, not {text(inputs[1])}")
    unknown = [index for index, n in enumerate(target) if n == -1]
    if len(unknown) > 1:
        return InvalidArgumentError(
            f"Only one input size may be -1, not both {unknown[0]} and {unknown[1]}"
        )
    for index, n in enumerate(target):
        if n < -1:
            return InvalidArgumentError(f"Size {index} must be non-negative, not {n}")
    product = math.prod(n for n in target if n != -1)
    if unknown and not product:
        return InvalidArgumentError(
            "reshape cannot infer the missing input size for an empty tensor unless all "
            "specified input sizes are non-zero"
        )
    if unknown:
        return InvalidArgumentError(
            f"Input to reshape is a tensor with {size} values, but the requested shape requires "
            f"a multiple of {product}"
        )
    return InvalidArgumentError(
        f"Input to reshape is a tensor with {size} values, but the requested shape has {product}"
    )


@op(
    "Reshape",
    "tensor: T, shape: Tshape",
    "output: T",
    "T: type, Tshape: type = int32",
    shape=_reshape_shape,
    view=True,
    explain=_explain_reshape,
)
def reshape(attrs: Attrs) -> Kernel:
    """The same elements in another shape; one length may be -1 and is worked out."""
    return lambda tensor, shape: tensor.reshape(shape.tolist())


def _expand_shape(_: Attrs, shapes: Sequence[Shape], values: Sequence[Any]) -> list[Shape]:
    shape, dim = shapes[0], values[1]
    if shape is None:
        return [None]
    if dim is None:
        return [(None,) * (len(shape) + 1)]
    at = int(np.ravel(dim)[0]) % (len(shape) + 1)
    return [(*shape[:at], 1, *shape[at:])]


@op(
    "ExpandDims",
    "input: T, dim: Tdim",
    "output: T",
    "T: type, Tdim: type = int32",
    shape=_expand_shape,
    view=True,
)
def expand_dims(attrs: Attrs) -> Kernel:
    """The same elements with one more axis, of length 1."""

    def kernel(x: Any, dim: Any) -> Any:
        if dim.size != 1:
            raise InvalidArgumentError("'dim' must be a tensor with a single value")
        at = int(dim.reshape(()))
        if not -x.ndim - 1 <= at <= x.ndim:
            raise InvalidArgumentError(
                f"Tried to expand dim index {at} for tensor with {x.ndim} dimensions."
            )
        at %= x.ndim + 1
        return x.reshape((*x.shape[:at], 1, *x.shape[at:]))

    return kernel


def _squeeze_shape(attrs: Attrs, shapes: Sequence[Shape], _: Sequence[Any]) -> list[Shape]:
    shape = shapes[0]
    dims: list[int] = attrs["squeeze_dims"]
    if shape is None or (not dims and None in shape):
        return [None]
    drop = {d % len(shape) for d in dims} if dims else {i for i, n in enumerate(shape) if n == 1}
    return [tuple(n for i, n in enumerate(shape) if i not in drop)]


@op(
    "Squeeze",
    "input: T",
    "output: T",
    "T: type, squeeze_dims: list(int) = []",
    shape=_squeeze_shape,
    view=True,
)
def squeeze(attrs: Attrs) -> Kernel:
    """The same elements without axes of length 1: all of them, or the given ones."""
    dims: list[int] = attrs["squeeze_dims"]
    if not dims:
        return lambda x: x.reshape([n for n in x.shape if n != 1])

    def kernel(x: Any) -> Any:
        drop: set[int] = set()
        for d in dims:
            if not -x.ndim <= d < x.ndim:
                raise InvalidArgumentError(
                    f"Tried to squeeze dim index {d} for tensor with {x.ndim} dimensions."
                )
            drop.add(d % x.ndim)
        for d in sorted(drop):
            if x.shape[d] != 1:
                raise InvalidArgumentError(
                    f"Can not squeeze dim[{d}], expected a dimension of 1, got {x.shape[d]}"
                )
        return x.reshape([n for i, n in enumerate(x.shape) if i not in drop])

    return kernel


def _ensure_shape(attrs: Attrs, shapes: Sequence[Shape], _: Sequence[Any]) -> list[Shape]:
    wanted: Shape = attrs["shape"]
    found = shapes[0]
    if found is None or wanted is None or len(found) != len(wanted):
        return [found if wanted is None else wanted]
    return [tuple(m if n is None else n for n, m in zip(found, wanted, strict=True))]


@op("EnsureShape", "input: T", "output: T", "shape: shape, T: type", shape=_ensure_shape, view=True)
def ensure_shape(attrs: Attrs) -> Kernel:
    """The input, provided that it has the given shape."""
    wanted: Shape = attrs["shape"]
    if wanted is None:
        return lambda x: x

    def kernel(x: Any) -> Any:
        fits = len(wanted) == x.ndim and all(
            m is None or m == n for m, n in zip(wanted, x.shape, strict=True)
        )
        if not fits:
            raise InvalidArgumentError(
                f"Shape of tensor {text(x)} is not compatible with expected shape "
                f"{shape_text(wanted)}."
            )
        return x

    return kernel


def _identity_permutation(_: Attrs, inputs: Sequence[Any]) -> bool:
    return inputs[1].tolist() == list(range(np.ndim(inputs[0])))


def _transposed_shape(_: Attrs, shapes: Sequence[Shape], values: Sequence[Any]) -> list[Shape]:
    shape, perm = shapes[0], values[1]
    if shape is None:
        return [None]
    if perm is None:
        return [(None,) * len(shape)]
    return [tuple(shape[axis] for axis in np.ravel(perm).tolist())]


def _explain_transpose(_: Attrs, inputs: Sequence[Any]) -> Exception | None:
    rank, perm = np.ndim(inputs[0]), np.ravel(inputs[1]).tolist()
    if len(perm) != rank:
        return InvalidArgumentError(
            f"transpose expects a vector of size {rank}. But input(1) is a vector of size "
            f"{len(perm)}"
        )
    for axis in perm:
        if not -rank <= axis < rank:
            return InvalidArgumentError(f"{axis} is out of range [0 .. {rank})")
    missing = min(set(range(rank)) - {axis % rank for axis in perm})
    listing = "".join(f" {axis}" for axis in perm)
    return InvalidArgumentError(f"{missing} is missing from {{{listing[1:].replace(' ', ',')}}}.")


@op(
    "Transpose",
    "x: T, perm: Tperm",
    "y: T",
    "T: type, Tperm: type = int32",
    shape=_transposed_shape,
    view=_identity_permutation,
    explain=_explain_transpose,
)
def transpose(attrs: Attrs) -> Kernel:
    """The axes in another order: axis i of the result is axis perm[i] of the input."""
    return lambda x, perm: x.transpose(perm.tolist())


@op(
    "ConjugateTranspose",
    "x: T, perm: Tperm",
    "y: T",
    "T: type, Tperm: type = int32",
    shape=_transposed_shape,
    explain=_explain_transpose,
)
def conjugate_transpose(attrs: Attrs) -> Kernel:
    """The complex conjugate with the axes in another order."""
    return lambda x, perm: np.conjugate(x.transpose(perm.tolist()))


def _same_shape(_: Attrs, inputs: Sequence[Any]) -> bool:
    return list(np.shape(inputs[0])) == inputs[1].tolist()


def _explain_broadcast_to(_: Attrs, inputs: Sequence[Any]) -> Exception | None:
    target = tuple(np.ravel(inputs[1]).tolist())
    if np.ndim(inputs[0]) > len(target):
        return InvalidArgumentError(
            f"Rank of input ({np.ndim(inputs[0])}) must be no greater than rank of output shape "
            f"({len(target)})."
        )
    return InvalidArgumentError(f"Incompatible shapes: {text(inputs[0])} vs. {shape_text(target)}")


@op(
    "BroadcastTo",
    "input: T, shape: Tidx",
    "output: T",
    "T: type, Tidx: type = int32",
    shape=given_by(1),
    view=_same_shape,
    explain=_explain_broadcast_to,
)
def broadcast_to(attrs: Attrs) -> Kernel:
    """The input repeated along axes of length 1 until it has the given shape."""
    return lambda x, shape: np.broadcast_to(x, shape.tolist())


@op("InvertPermutation", "x: T", "y: T", "T: type = int32", shape=unchanged)
def invert_permutation(attrs: Attrs) -> Kernel:
    """The permutation that undoes the given one."""
    dtype = attrs["T"].numpy

    def kernel(x: Any) -> Any:
        if x.ndim != 1:
            raise InvalidArgumentError("invert_permutation expects a 1D vector.")
        wrong = np.flatnonzero((x < 0) | (x >= x.size))
        if wrong.size:
            raise InvalidArgumentError(f"{x[wrong[0]]} is not between 0 and {x.size}")
        result = np.full(x.size, -1, dtype)
        result[x] = np.arange(x.size, dtype=dtype)
        if (result < 0).any():
            values, counts = np.unique(x, return_counts=True)
            raise InvalidArgumentError(f"{values[counts > 1][0]} is duplicated in the input.")
        return result

    return kernel
