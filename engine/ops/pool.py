"""Pools of two and three spatial axes, and their gradients."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import DType, bfloat16, float16
from ..errors import UnimplementedError
from ..graph import Shape
from .registry import Attrs, Kernel, declare, op
from .shapes import like
from .windows import Layout, Windows, layout_of, windows


class _Geometry:
    """The attributes of a pool, decoded; `ksize` and `strides` may come as values instead."""

    def __init__(self, attrs: Attrs, default_format: bytes = b"NHWC") -> None:
        self.attrs = {"data_format": default_format, **attrs}
        self.layout: Layout = layout_of(self.attrs)
        if "ksize" in attrs:
            self.sizes = self._spatial(attrs["ksize"])
            self.strides = self._spatial(attrs["strides"])

    def given(self, ksize: Any, strides: Any) -> _Geometry:
        self.sizes = self._spatial(ksize.tolist())
        self.strides = self._spatial(strides.tolist())
        return self

    def _spatial(self, values: Sequence[int]) -> list[int]:
        others = set(range(len(values))) - set(self.layout.spatial)
        if any(values[axis] != 1 for axis in others):
            raise UnimplementedError(
                "Pooling is supported on spatial axes only, found the window or stride "
                f"{list(values)} in format {self.attrs['data_format'].decode()}"
            )
        return self.layout.of_spatial(values)

    def over(self, shape: Sequence[int]) -> Windows:
        return windows(self.attrs, self.layout, shape[1:-1], self.sizes, self.strides)


def _pool_shape(attrs: Attrs, shapes: Sequence[Shape], _: Sequence[Any]) -> list[Shape]:
    x = shapes[0]
    if x is None:
        return [None]
    geometry = _Geometry(attrs)
    result = list(x)
    for i, axis in enumerate(geometry.layout.spatial):
        n = x[axis]
        if n is not None:
            one = Layout(geometry.layout.channels_first, (axis,))
            found = windows(geometry.attrs, one, [n], [geometry.sizes[i]], [geometry.strides[i]])
            result[axis] = found.outputs[0]
    return [tuple(result)]


def _lowest(dtype: np.dtype[Any]) -> Any:
    return np.iinfo(dtype).min if dtype.kind in "iu" else -np.inf


def _largest(x: Any, over: Windows) -> Any:
    """The largest element of each window."""
    padded = over.pad(x, _lowest(x.dtype))
    best: Any = None
    for _, slices in over.places():
        part = padded[slices]
        best = part.copy() if best is None else np.maximum(best, part, out=best)
    return best


def _winners(x: Any, over: Windows) -> Any:
    """The number of the place within each window that holds its largest element, the first if tied.

    Places are counted in row-major order, as by `Windows.places`.
    """
    padded = over.pad(x, _lowest(x.dtype))
    best: Any = None
    winner: Any = None
    for number, (_, slices) in enumerate(over.places()):
        part = padded[slices]
        if best is None:
            best, winner = part.copy(), np.zeros(part.shape, np.int32)
        else:
            better = part > best
            best[better] = part[better]
            winner[better] = number
    return winner


def _max_pool(attrs: Attrs) -> Kernel:
    geometry = _Geometry(attrs)

    def kernel(x: Any) -> Any:
        x = geometry.layout.to_last(x)
        return geometry.layout.from_last(_largest(x, geometry.over(x.shape)))

    return kernel


def _route(geometry: _Geometry, x: Any, dy: Any) -> Any:
    """`dy` sent back to the winners of all windows over `x`."""
    layout = geometry.layout
    x, dy = layout.to_last(x), layout.to_last(dy)
    over = geometry.over(x.shape)
    winner = _winners(x, over)
    padded = np.zeros(over.pad(x, 0).shape, dy.dtype)
    for number, (_, slices) in enumerate(over.places()):
        padded[slices] += np.where(winner == number, dy, dy.dtype.type(0))
    return layout.from_last(over.unpad(padded, x.shape[1:-1]))


def _max_pool_grad(attrs: Attrs) -> Kernel:
    geometry = _Geometry(attrs)
    return lambda x, _, dy: _route(geometry, x, dy)


def _max_pool_grad_grad(attrs: Attrs) -> Kernel:
    geometry = _Geometry(attrs)

    def kernel(x: Any, _: Any, grad: Any) -> Any:
        x, grad = geometry.layout.to_last(x), geometry.layout.to_last(grad)
        over = geometry.over(x.shape)
        winner = _winners(x, over)
        padded = over.pad(grad, 0)
        result = np.zeros(winner.shape, grad.dtype)
        for number, (_, slices) in enumerate(over.places()):
            result = np.where(winner == number, padded[slices], result)
        return geometry.layout.from_last(result)

    return kernel


@op(
    "MaxPool",
    "input: T",
    "output: T",
    "T: type = float32, ksize: list(int), strides: list(int), padding: string, "
    "explicit_paddings: list(int) = [], data_format: string = 'NHWC'",
    shape=_pool_shape,
)
def max_pool(attrs: Attrs) -> Kernel:
    """The largest value in each window of images."""
    return _max_pool(attrs)


@op(
    "MaxPoolGrad",
    "orig_input: T, orig_output: T, grad: T",
    "output: T",
    "ksize: list(int), strides: list(int), padding: string, "
    "explicit_paddings: list(int) = [], data_format: string = 'NHWC', T: type = float32",
    shape=like(0),
)
def max_pool_grad(attrs: Attrs) -> Kernel:
    """The gradient of MaxPool: each goes to the first largest element of its window."""
    return _max_pool_grad(attrs)


@op(
    "MaxPoolGradGrad",
    "orig_input: T, orig_output: T, grad: T",
    "output: T",
    "ksize: list(int), strides: list(int), padding: string, data_format: string = 'NHWC', T: type",
    shape=like(1),
)
def max_pool_grad_grad(attrs: Attrs) -> Kernel:
    """The gradient of MaxPoolGrad: the values at the first largest element of each window."""
    return _max_pool_grad_grad(attrs)


@op(
    "MaxPoolV2",
    "input: T, ksize: int32, strides: int32",
    "output: T",
    "T: type = float32, padding: string, data_format: string = 'NHWC'",
)
def max_pool_v2(attrs: Attrs) -> Kernel:
    """The largest value in each window of images; the windows are given by values."""

    def kernel(x: Any, ksize: Any, strides: Any) -> Any:
        geometry = _Geometry(attrs).given(ksize, strides)
        x = geometry.layout.to_last(x)
        return geometry.layout.from_last(_largest(x, geometry.over(x.shape)))

    return kernel


@op(
    "MaxPoolGradV2",
    "orig_input: T, orig_output: T, grad: T, ksize: int32, strides: int32",
    "output: T",
    "padding: string, data_format: string = 'NHWC', T: type = float32",
    shape=like(0),
)
def max_pool_grad_v2(attrs: Attrs) -> Kernel:
    """The gradient of MaxPoolV2."""

    def kernel(x: Any, _: Any, dy: Any, ksize: Any, strides: Any) -> Any:
        return _route(_Geometry(attrs).given(ksize, strides), x, dy)

    return kernel


@op(
    "MaxPoolWithArgmax",
    "input: T",
    "output: T, argmax: Targmax",
    "ksize: list(int), strides: list(int), Targmax: type = int64, padding: string, "
    "include_batch_in_index: bool = false, T: type",
)
def max_pool_with_argmax(attrs: Attrs) -> Kernel:
    """The largest value in each window, and its position in the flattened input."""
    geometry = _Geometry(attrs)
    dtype = attrs["Targmax"].numpy
    with_batch: bool = attrs["include_batch_in_index"]

    def kernel(x: Any) -> Any:
        over = geometry.over(x.shape)
        spatial = x.shape[1:-1]
        flat = np.arange(math.prod(x.shape[1:]), dtype=np.int64).reshape(1, *x.shape[1:])
        places = over.pad(flat, -1)
        winner = _winners(x, over)
        result = np.zeros(winner.shape, np.int64)
        for number, (_, slices) in enumerate(over.places()):
            result = np.where(winner == number, places[slices], result)
        if with_batch:
            per_image = math.prod(spatial) * x.shape[-1]
            result += np.arange(x.shape[0]).reshape(-1, 1, 1, 1) * per_image
        return _largest(x, over), result.astype(dtype)

    return kernel


def _counts(over: Windows, spatial: Sequence[int], dtype: Any) -> Any:
    """How many elements of each window are not padding: (1, outputs..., 1)."""
    if not over.padded:
        return dtype.type(math.prod(over.sizes))
    ones = over.pad(np.ones((1, *spatial, 1), dtype), 0)
    return sum(ones[slices] for _, slices in over.places())


def _averaging(attrs: Attrs) -> tuple[_Geometry, Any]:
    dtype: DType = attrs["T"]
    work = np.dtype(np.float32) if dtype in (float16, bfloat16) else dtype.numpy
    return _Geometry(attrs), work


def _avg_pool(attrs: Attrs) -> Kernel:
    geometry, work = _averaging(attrs)

    def kernel(x: Any) -> Any:
        exact = x.dtype
        x = geometry.layout.to_last(x).astype(work, copy=False)
        over = geometry.over(x.shape)
        padded = over.pad(x, 0)
        total = np.zeros((x.shape[0], *over.outputs, x.shape[-1]), work)
        for _, slices in over.places():
            total += padded[slices]
        total /= _counts(over, x.shape[1:-1], total.dtype)
        return geometry.layout.from_last(total).astype(exact, copy=False)

    return kernel


def _avg_pool_grad(attrs: Attrs) -> Kernel:
    geometry, work = _averaging(attrs)

    def kernel(shape: Any, dy: Any) -> Any:
        exact = dy.dtype
        lengths = geometry.layout.shape_to_last(shape.tolist())
        over = geometry.over(lengths)
        dy = geometry.layout.to_last(dy).astype(work, copy=False)
        share = dy / _counts(over, lengths[1:-1], dy.dtype)
        padded = np.zeros(over.pad(np.broadcast_to(work.type(0), lengths), 0).shape, work)
        for _, slices in over.places():
            padded[slices] += share
        result = over.unpad(padded, lengths[1:-1])
        return geometry.layout.from_last(result).astype(exact, copy=False)

    return kernel


def _shape_value(_: Attrs, shapes: Sequence[Shape], values: Sequence[Any]) -> list[Shape]:
    if values[0] is not None:
        return [tuple(int(n) for n in values[0])]
    return [None if shapes[1] is None else (None,) * len(shapes[1])]


@op(
    "AvgPool",
    "value: T",
    "output: T",
    "ksize: list(int), strides: list(int), padding: string, data_format: string = 'NHWC', T: type",
    shape=_pool_shape,
)
def avg_pool(attrs: Attrs) -> Kernel:
    """The mean of each window of images; padding does not count."""
    return _avg_pool(attrs)


@op(
    "AvgPoolGrad",
    "orig_input_shape: int32, grad: T",
    "output: T",
    "ksize: list(int), strides: list(int), padding: string, data_format: string = 'NHWC', T: type",
    shape=_shape_value,
)
def avg_pool_grad(attrs: Attrs) -> Kernel:
    """The gradient of AvgPool."""
    return _avg_pool_grad(attrs)


for _type, _factory, _rule, _doc in (
    ("MaxPool3D", _max_pool, _pool_shape, "The largest value in each window of volumes."),
    ("AvgPool3D", _avg_pool, _pool_shape, "The mean of each window of volumes."),
):
    declare(
        _type,
        "input: T",
        "output: T",
        "ksize: list(int), strides: list(int), padding: string,"
        " data_format: string = 'NDHWC', T: type",
        kernel=_factory,
        doc=_doc,
        shape=_rule,
    )


@op(
    "MaxPool3DGrad",
    "orig_input: TInput, orig_output: TInput, grad: T",
    "output: T",
    "ksize: list(int), strides: list(int), padding: string, "
    "data_format: string = 'NDHWC', T: type = float32, TInput: type = float32",
    shape=like(0),
)
def max_pool_3d_grad(attrs: Attrs) -> Kernel:
    """The gradient of MaxPool3D."""
    return _max_pool_grad(attrs)


@op(
    "MaxPool3DGradGrad",
    "orig_input: T, orig_output: T, grad: T",
    "output: T",
    "ksize: list(int), strides: list(int), padding: string, data_format: string = 'NDHWC', T: type",
    shape=like(1),
)
def max_pool_3d_grad_grad(attrs: Attrs) -> Kernel:
    """The gradient of MaxPool3DGrad."""
    return _max_pool_grad_grad(attrs)


@op(
    "AvgPool3DGrad",
    "orig_input_shape: int32, grad: T",
    "output: T",
    "ksize: list(int), strides: list(int), padding: string, data_format: string = 'NDHWC', T: type",
    shape=_shape_value,
)
def avg_pool_3d_grad(attrs: Attrs) -> Kernel:
    """The gradient of AvgPool3D."""
    return _avg_pool_grad(attrs)
