"""Convolutions of two and three spatial axes, and their gradients."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import DType, bfloat16, float16
from ..errors import InvalidArgumentError
from ..graph import Shape
from .registry import Attrs, Kernel, op
from .shapes import text
from .windows import Layout, Windows, layout_of, windows


class _Geometry:
    """The attributes of a convolution, decoded."""

    def __init__(self, attrs: Attrs) -> None:
        self.attrs = attrs
        self.layout: Layout = layout_of(attrs)
        self.strides = self.layout.of_spatial(attrs["strides"])
        self.dilations = self.layout.of_spatial(attrs["dilations"])
        dtype: DType = attrs["T"]
        self.exact = dtype.numpy
        self.work = np.dtype(np.float32) if dtype in (float16, bfloat16) else dtype.numpy

    def over(self, shape: Sequence[int], filter_shape: Sequence[int]) -> Windows:
        """The windows of a filter over an input of `shape` (channels last)."""
        return windows(
            self.attrs,
            self.layout,
            shape[1:-1],
            filter_shape[: len(self.strides)],
            self.strides,
            self.dilations,
        )

    def input(self, x: Any) -> Any:
        return self.layout.to_last(x).astype(self.work, copy=False)

    def filter(self, w: Any) -> Any:
        return w.astype(self.work, copy=False)

    def output(self, y: Any) -> Any:
        return self.layout.from_last(y).astype(self.exact, copy=False)

    def input_shape(self, sizes: Any, dy: Any) -> list[int]:
        """The shape (channels last) of the input, whose sizes may be all or the spatial ones."""
        lengths = sizes.tolist()
        if len(lengths) == dy.ndim:
            return self.layout.shape_to_last(lengths)
        raise InvalidArgumentError(
            f"input_sizes must have {dy.ndim} elements, found {len(lengths)}"
        )


def _conv_shape(attrs: Attrs, shapes: Sequence[Shape], _: Sequence[Any]) -> list[Shape]:
    x, w = shapes
    if x is None or w is None:
        return [None]
    geometry = _Geometry(attrs)
    layout = geometry.layout
    lengths: list[int | None] = []
    for i, axis in enumerate(layout.spatial):
        n, k = x[axis], w[i]
        if n is None or k is None:
            lengths.append(None)
        else:
            one = Layout(layout.channels_first, (axis,))
            found = windows(attrs, one, [n], [k], [geometry.strides[i]], [geometry.dilations[i]])
            lengths.append(found.outputs[0])
    return [(x[0], w[-1], *lengths) if layout.channels_first else (x[0], *lengths, w[-1])]


def _check_channels(x: Any, w: Any) -> int:
    """The number of groups of a convolution of `x` (channels last) with the filter `w`."""
    depth, own = x.shape[-1], w.shape[-2]
    if not own or depth % own:
        raise InvalidArgumentError(
            f"input depth must be evenly divisible by filter depth: {depth} vs {own}"
        )
    groups = depth // own
    if w.shape[-1] % groups:
        raise InvalidArgumentError(
            f"output depth must be evenly divisible by number of groups: {w.shape[-1]} vs {groups}"
        )
    return groups


def _columns(x: Any, over: Windows) -> Any:
    """Every window as a row: (windows, elements of a window)."""
    view = over.view(over.pad(x, 0))
    return view.reshape(-1, math.prod(over.sizes) * x.shape[-1])


def _forward(x: Any, w: Any, over: Windows) -> Any:
    rows = _columns(x, over)
    return (rows @ w.reshape(-1, w.shape[-1])).reshape(x.shape[0], *over.outputs, w.shape[-1])


def _to_filter(x: Any, shape: Sequence[int], dy: Any, over: Windows) -> Any:
    return (_columns(x, over).T @ dy.reshape(-1, dy.shape[-1])).reshape(shape)


def _to_input(shape: Sequence[int], w: Any, dy: Any, over: Windows) -> Any:
    lengths = [n + b + a for n, b, a in zip(shape[1:-1], over.before, over.after, strict=True)]
    padded = np.zeros((shape[0], *lengths, shape[-1]), dy.dtype)
    for place, slices in over.places():
        padded[slices] += dy @ w[place].T
    return over.unpad(padded, shape[1:-1])


def _grouped(array: Any, groups: int) -> list[Any]:
    return np.split(array, groups, axis=-1)


def _conv(attrs: Attrs) -> Kernel:
    geometry = _Geometry(attrs)
    rank = len(geometry.strides) + 2

    def kernel(x: Any, w: Any) -> Any:
        for name, value in (("input", x), ("filter", w)):
            if value.ndim != rank:
                raise InvalidArgumentError(f"{name} must be {rank}-dimensional: {text(value)}")
        x, w = geometry.input(x), geometry.filter(w)
        groups = _check_channels(x, w)
        over = geometry.over(x.shape, w.shape)
        if groups == 1:
            return geometry.output(_forward(x, w, over))
        parts = zip(_grouped(x, groups), _grouped(w, groups), strict=True)
        return geometry.output(np.concatenate([_forward(a, b, over) for a, b in parts], -1))

    return kernel


def _conv_to_filter(attrs: Attrs) -> Kernel:
    geometry = _Geometry(attrs)

    def kernel(x: Any, filter_sizes: Any, dy: Any) -> Any:
        x, dy = geometry.input(x), geometry.input(dy)
        shape = filter_sizes.tolist()
        over = geometry.over(x.shape, shape)
        _check_gradient(dy, over)
        groups = x.shape[-1] // shape[-2]
        part = (*shape[:-1], shape[-1] // groups)
        pairs = zip(_grouped(x, groups), _grouped(dy, groups), strict=True)
        return np.concatenate([_to_filter(a, part, b, over) for a, b in pairs], -1).astype(
            geometry.exact, copy=False
        )

    return kernel


def _conv_to_input(attrs: Attrs) -> Kernel:
    geometry = _Geometry(attrs)

    def kernel(input_sizes: Any, w: Any, dy: Any) -> Any:
        w, dy = geometry.filter(w), geometry.input(dy)
        shape = geometry.input_shape(input_sizes, dy)
        over = geometry.over(shape, w.shape)
        _check_gradient(dy, over)
        groups = shape[-1] // w.shape[-2]
        part = (*shape[:-1], shape[-1] // groups)
        pairs = zip(_grouped(w, groups), _grouped(dy, groups), strict=True)
        parts = [_to_input(part, a, b, over) for a, b in pairs]
        return geometry.output(np.concatenate(parts, -1))

    return kernel


def _check_gradient(dy: Any, over: Windows) -> None:
    for axis, (found, wanted) in enumerate(zip(dy.shape[1:-1], over.outputs, strict=True)):
        if found != wanted:
            raise InvalidArgumentError(
                f"Conv2DBackprop: Size of out_backprop doesn't match computed: actual = {found}, "
                f"computed = {wanted} spatial_dim: {axis + 1}"
            )


def _shape_from(position: int) -> Any:
    def rule(_: Attrs, shapes: Sequence[Shape], values: Sequence[Any]) -> list[Shape]:
        value, other = values[position], shapes[2]
        if value is not None and (other is None or len(value) == len(other)):
            return [tuple(int(n) for n in value)]
        return [None if other is None else (None,) * len(other)]

    return rule


@op(
    "Conv2D",
    "input: T, filter: T",
    "output: T",
    "T: type, strides: list(int), use_cudnn_on_gpu: bool = true, padding: string, "
    "explicit_paddings: list(int) = [], data_format: string = 'NHWC', "
    "dilations: list(int) = [1, 1, 1, 1]",
    shape=_conv_shape,
)
def conv_2d(attrs: Attrs) -> Kernel:
    """The convolution (without flipping the filter) of images with a filter (h, w, in, out)."""
    return _conv(attrs)


@op(
    "Conv2DBackpropFilter",
    "input: T, filter_sizes: int32, out_backprop: T",
    "output: T",
    "T: type, strides: list(int), use_cudnn_on_gpu: bool = true, padding: string, "
    "explicit_paddings: list(int) = [], data_format: string = 'NHWC', "
    "dilations: list(int) = [1, 1, 1, 1]",
    shape=_shape_from(1),
)
def conv_2d_backprop_filter(attrs: Attrs) -> Kernel:
    """The gradient of Conv2D for its filter."""
    return _conv_to_filter(attrs)


@op(
    "Conv2DBackpropInput",
    "input_sizes: int32, filter: T, out_backprop: T",
    "output: T",
    "T: type, strides: list(int), use_cudnn_on_gpu: bool = true, padding: string, "
    "explicit_paddings: list(int) = [], data_format: string = 'NHWC', "
    "dilations: list(int) = [1, 1, 1, 1]",
    shape=_shape_from(0),
)
def conv_2d_backprop_input(attrs: Attrs) -> Kernel:
    """The gradient of Conv2D for its input, also called the transposed convolution."""
    return _conv_to_input(attrs)


@op(
    "Conv3D",
    "input: T, filter: T",
    "output: T",
    "T: type, strides: list(int), padding: string, data_format: string = 'NDHWC', "
    "dilations: list(int) = [1, 1, 1, 1, 1]",
    shape=_conv_shape,
)
def conv_3d(attrs: Attrs) -> Kernel:
    """The convolution of volumes with a filter (d, h, w, in, out)."""
    return _conv(attrs)


@op(
    "Conv3DBackpropFilterV2",
    "input: T, filter_sizes: int32, out_backprop: T",
    "output: T",
    "T: type, strides: list(int), padding: string, data_format: string = 'NDHWC', "
    "dilations: list(int) = [1, 1, 1, 1, 1]",
    shape=_shape_from(1),
)
def conv_3d_backprop_filter(attrs: Attrs) -> Kernel:
    """The gradient of Conv3D for its filter."""
    return _conv_to_filter(attrs)


@op(
    "Conv3DBackpropInputV2",
    "input_sizes: Tshape, filter: T, out_backprop: T",
    "output: T",
    "T: type, strides: list(int), padding: string, data_format: string = 'NDHWC', "
    "dilations: list(int) = [1, 1, 1, 1, 1], Tshape: type = int32",
    shape=_shape_from(0),
)
def conv_3d_backprop_input(attrs: Attrs) -> Kernel:
    """The gradient of Conv3D for its input."""
    return _conv_to_input(attrs)


def _depthwise_shape(attrs: Attrs, shapes: Sequence[Shape], values: Sequence[Any]) -> list[Shape]:
    x, w = shapes
    if x is None or w is None:
        return [None]
    channels = None if w[2] is None or w[3] is None else w[2] * w[3]
    return _conv_shape(attrs, [x, (*w[:3], channels)], values)


@op(
    "DepthwiseConv2dNative",
    "input: T, filter: T",
    "output: T",
    "T: type, strides: list(int), padding: string, explicit_paddings: list(int) = [], "
    "data_format: string = 'NHWC', dilations: list(int) = [1, 1, 1, 1]",
    shape=_depthwise_shape,
)
def depthwise_conv_2d(attrs: Attrs) -> Kernel:
    """Each channel convolved with its own filters (h, w, in, multiplier)."""
    geometry = _Geometry(attrs)

    def kernel(x: Any, w: Any) -> Any:
        x, w = geometry.input(x), geometry.filter(w)
        if x.shape[-1] != w.shape[2]:
            raise InvalidArgumentError(
                f"input and filter must have the same depth: {x.shape[-1]} vs {w.shape[2]}"
            )
        over = geometry.over(x.shape, w.shape)
        padded = over.pad(x, 0)
        total = np.zeros((x.shape[0], *over.outputs, *w.shape[2:]), x.dtype)
        for place, slices in over.places():
            total += padded[slices][..., None] * w[place]
        return geometry.output(total.reshape(x.shape[0], *over.outputs, -1))

    return kernel


@op(
    "DepthwiseConv2dNativeBackpropFilter",
    "input: T, filter_sizes: int32, out_backprop: T",
    "output: T",
    "T: type, strides: list(int), padding: string, explicit_paddings: list(int) = [], "
    "data_format: string = 'NHWC', dilations: list(int) = [1, 1, 1, 1]",
    shape=_shape_from(1),
)
def depthwise_to_filter(attrs: Attrs) -> Kernel:
    """The gradient of DepthwiseConv2dNative for its filter."""
    geometry = _Geometry(attrs)

    def kernel(x: Any, filter_sizes: Any, dy: Any) -> Any:
        x, dy = geometry.input(x), geometry.input(dy)
        shape = filter_sizes.tolist()
        over = geometry.over(x.shape, shape)
        padded = over.pad(x, 0)
        split = dy.reshape(*dy.shape[:-1], *shape[2:])
        result = np.empty(shape, geometry.work)
        for place, slices in over.places():
            result[place] = np.einsum("nxyc,nxycm->cm", padded[slices], split)
        return result.astype(geometry.exact, copy=False)

    return kernel


@op(
    "DepthwiseConv2dNativeBackpropInput",
    "input_sizes: int32, filter: T, out_backprop: T",
    "output: T",
    "T: type, strides: list(int), padding: string, explicit_paddings: list(int) = [], "
    "data_format: string = 'NHWC', dilations: list(int) = [1, 1, 1, 1]",
    shape=_shape_from(0),
)
def depthwise_to_input(attrs: Attrs) -> Kernel:
    """The gradient of DepthwiseConv2dNative for its input."""
    geometry = _Geometry(attrs)

    def kernel(input_sizes: Any, w: Any, dy: Any) -> Any:
        w, dy = geometry.filter(w), geometry.input(dy)
        shape = geometry.input_shape(input_sizes, dy)
        over = geometry.over(shape, w.shape)
        lengths = [n + b + a for n, b, a in zip(shape[1:-1], over.before, over.after, strict=True)]
        padded = np.zeros((shape[0], *lengths, shape[-1]), dy.dtype)
        split = dy.reshape(*dy.shape[:-1], *w.shape[2:])
        for place, slices in over.places():
            padded[slices] += np.einsum("nxycm,cm->nxyc", split, w[place])
        return geometry.output(over.unpad(padded, shape[1:-1]))

    return kernel


def _dilation_attrs(attrs: Attrs) -> Attrs:
    return {**attrs, "data_format": b"NHWC", "dilations": attrs["rates"]}


@op(
    "Dilation2D",
    "input: T, filter: T",
    "output: T",
    "T: type, strides: list(int), rates: list(int), padding: string",
)
def dilation_2d(attrs: Attrs) -> Kernel:
    """The grey-scale dilation of images: the largest sum of a window and the filter."""
    geometry = _Geometry(_dilation_attrs(attrs))

    def kernel(x: Any, w: Any) -> Any:
        over = geometry.over(x.shape, w.shape)
        dtype = x.dtype
        lowest = np.iinfo(dtype).min if dtype.kind in "iu" else np.finfo(dtype).min
        padded = over.pad(x, lowest)
        best = np.full((x.shape[0], *over.outputs, x.shape[-1]), lowest, dtype)
        for place, slices in over.places():
            np.maximum(best, padded[slices] + w[place], out=best)
        return best

    return kernel
