"""Products of batches of matrices, sums of products over named axes, bands of matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import DType, bfloat16, float16
from ..errors import InvalidArgumentError
from ..graph import Shape
from .registry import Attrs, Kernel, declare, op
from .shapes import broadcast, text, unchanged


def _product_shape(attrs: Attrs, shapes: Sequence[Shape], _: Sequence[Any]) -> list[Shape]:
    x, y = shapes
    if x is None or y is None:
        return [None]
    batch = broadcast(x[:-2], y[:-2])
    if batch is None:
        return [None]
    return [(*batch, x[-1 if attrs["adj_x"] else -2], y[-2 if attrs["adj_y"] else -1])]


def _explain(attrs: Attrs, inputs: Sequence[Any]) -> Exception | None:
    x, y = inputs
    for i, value in enumerate(inputs):
        if np.ndim(value) < 2:
            return InvalidArgumentError(f"In[{i}] ndims must be >= 2: {np.ndim(value)}")
    try:
        np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    except ValueError:
        return InvalidArgumentError(
            f"In[0] and In[1] must have compatible batch dimensions: {text(x)} vs. {text(y)}"
        )
    return InvalidArgumentError(f"Matrix size-incompatible: In[0]: {text(x)}, In[1]: {text(y)}")


def adjoint(x: Any) -> Any:
    """The conjugate transpose of each matrix."""
    return np.conjugate(np.swapaxes(x, -1, -2))


def _product(attrs: Attrs) -> Kernel:
    dtype: DType = attrs.get("Tout", attrs.get("T"))
    turn_x, turn_y = attrs["adj_x"], attrs["adj_y"]
    widen = dtype in (float16, bfloat16)
    if not turn_x and not turn_y and not widen and "Tout" not in attrs:
        return np.matmul

    def kernel(x: Any, y: Any) -> Any:
        x = adjoint(x) if turn_x else x
        y = adjoint(y) if turn_y else y
        if widen:
            return np.matmul(x.astype(np.float32), y.astype(np.float32)).astype(dtype.numpy)
        return np.matmul(x.astype(dtype.numpy, copy=False), y.astype(dtype.numpy, copy=False))

    return kernel


_ADJOINTS = "adj_x: bool = false, adj_y: bool = false, grad_x: bool = false, grad_y: bool = false"

for _type, _x, _y, _out, _attrs, _doc in (
    ("BatchMatMul", "T", "T", "T", f"T: type, {_ADJOINTS}", "The products of pairs of matrices."),
    (
        "BatchMatMulV2",
        "T",
        "T",
        "T",
        f"T: type, {_ADJOINTS}",
        "The products of pairs of matrices; batches broadcast.",
    ),
    (
        "BatchMatMulV3",
        "Ta",
        "Tb",
        "Tout",
        f"Ta: type, Tb: type, Tout: type, {_ADJOINTS}",
        "The products of pairs of matrices, in a type of its own; batches broadcast.",
    ),
):
    declare(
        _type,
        f"x: {_x}, y: {_y}",
        f"output: {_out}",
        _attrs,
        kernel=_product,
        doc=_doc,
        shape=_product_shape,
        explain=_explain,
    )


def _explain_einsum(attrs: Attrs, inputs: Sequence[Any]) -> Exception | None:
    shapes = " and ".join(text(value) for value in inputs)
    return InvalidArgumentError(
        f"Einsum equation {attrs['equation'].decode()} does not fit inputs of shape {shapes}"
    )


@op(
    "Einsum",
    "inputs: N * T",
    "output: T",
    "equation: string, N: int, T: type",
    explain=_explain_einsum,
)
def einsum(attrs: Attrs) -> Kernel:
    """The sum of products over the axes that an equation such as `ij,jk->ik` names."""
    equation: str = attrs["equation"].decode()
    dtype: DType = attrs["T"]
    widen = dtype in (float16, bfloat16)

    def kernel(*inputs: Any) -> Any:
        if widen:
            wide = [value.astype(np.float32) for value in inputs]
            return np.einsum(equation, *wide, optimize=True).astype(dtype.numpy)
        result = np.einsum(equation, *inputs, optimize=len(inputs) > 1)
        return np.asarray(result, dtype.numpy)

    return kernel


def _whole_band(_: Attrs, inputs: Sequence[Any]) -> bool:
    return int(inputs[1]) < 0 and int(inputs[2]) < 0


@op(
    "MatrixBandPart",
    "input: T, num_lower: Tindex, num_upper: Tindex",
    "band: T",
    "T: type, Tindex: type = int64",
    shape=unchanged,
    view=_whole_band,
)
def matrix_band_part(attrs: Attrs) -> Kernel:
    """Each matrix with zeros outside a band around the diagonal; a negative width is everything."""
    zero = attrs["T"].numpy.type(0)

    def kernel(x: Any, num_lower: Any, num_upper: Any) -> Any:
        if x.ndim < 2:
            raise InvalidArgumentError(f"input must be at least 2-dim, received shape: {text(x)}")
        rows, columns = x.shape[-2:]
        lower, upper = int(num_lower), int(num_upper)
        for name, value, limit in (("num_lower", lower, rows), ("num_upper", upper, columns)):
            if value > limit:
                side = "rows" if name == "num_lower" else "columns"
                raise InvalidArgumentError(
                    f"{name} must be negative or less or equal to number of {side} ({limit}) "
                    f"got: {value}"
                )
        offset = np.arange(columns) - np.arange(rows)[:, None]
        inside = np.ones((rows, columns), np.bool_)
        if lower >= 0:
            inside &= offset >= -lower
        if upper >= 0:
            inside &= offset <= upper
        return np.where(inside, x, zero)

    return kernel
