"""Products of matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InvalidArgumentError
from ..graph import Shape, shape_text
from .registry import Attrs, Kernel, op


def _matmul_shape(attrs: Attrs, shapes: Sequence[Shape], _: Sequence[Any]) -> list[Shape]:
    a, b = ((None, None) if shape is None else shape for shape in shapes)
    return [(a[1] if attrs["transpose_a"] else a[0], b[0] if attrs["transpose_b"] else b[1])]


def _explain_matmul(_: Attrs, inputs: Sequence[Any]) -> Exception | None:
    a, b = (np.shape(value) for value in inputs)
    for name, shape in (("a", a), ("b", b)):
        if len(shape) != 2:
            return InvalidArgumentError(
                f"In[{'ab'.index(name)}] and In[{1 - 'ab'.index(name)}] has different ndims: "
                f"{shape_text(a)} vs. {shape_text(b)}"
                if len(a) != len(b)
                else f"In[{'ab'.index(name)}] ndims must be >= 2: {len(shape)}"
            )
    return InvalidArgumentError(
        f"Matrix size-incompatible: In[0]: {shape_text(a)}, In[1]: {shape_text(b)}"
    )


def _product(a: Any, b: Any) -> Any:
    if a.ndim != 2 or b.ndim != 2:
        raise ValueError("rank")  # for `_explain_matmul`
    return a.dot(b)  # what `matmul` computes, with half the overhead


@op(
    "MatMul",
    "a: T, b: T",
    "product: T",
    "T: type, transpose_a: bool = false, transpose_b: bool = false,"
    " grad_a: bool = false, grad_b: bool = false",
    shape=_matmul_shape,
    explain=_explain_matmul,
)
def matmul(attrs: Attrs) -> Kernel:
    """Matrix product of two rank-2 tensors, either of them transposed first on request."""
    match attrs["transpose_a"], attrs["transpose_b"]:
        case False, False:
            return lambda a, b: _product(a, b)
        case True, False:
            return lambda a, b: _product(a.T, b)
        case False, True:
            return lambda a, b: _product(a, b.T)
        case _:
            return lambda a, b: _product(a.T, b.T)
