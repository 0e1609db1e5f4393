"""Batch normalisation, fused into one op, and its gradient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph import Shape
from .registry import Attrs, Kernel, op
from .windows import layout_of


def _norm_shape(attrs: Attrs, shapes: Sequence[Shape], _: Sequence[Any]) -> list[Shape]:
    return [shapes[0], shapes[1], shapes[1], shapes[1], shapes[1]]


def _norm_v3_shape(attrs: Attrs, shapes: Sequence[Shape], _: Sequence[Any]) -> list[Shape]:
    return [*_norm_shape(attrs, shapes, _), None]


def _normalise(attrs: Attrs) -> Any:
    """(y, running mean, running variance, saved mean, saved variance) of a batch, in float32."""
    layout = layout_of(attrs)
    training: bool = attrs["is_training"]
    factor = np.float32(attrs["exponential_avg_factor"])
    epsilon = np.float32(attrs["epsilon"])
    exact = attrs["T"].numpy

    def kernel(x: Any, scale: Any, offset: Any, mean: Any, variance: Any) -> Any:
        batch = layout.to_last(x).astype(np.float32, copy=False)
        axes = tuple(range(batch.ndim - 1))
        if training:
            count = batch.size // max(batch.shape[-1], 1)
            own_mean = batch.mean(axes)
            centred = batch - own_mean
            own_variance = np.square(centred).mean(axes)
            # What is handed on is the unbiased estimate, with Bessel's correction.
            unbiased = own_variance * np.float32(count / max(count - 1, 1))
            if factor == 1:
                running = (own_mean, unbiased)
            else:
                keep = np.float32(1) - factor
                running = (
                    keep * mean + factor * own_mean,
                    keep * variance + factor * unbiased,
                )
        else:
            own_mean, own_variance = mean, variance
            centred = batch - mean
            running = (mean, variance)
        y = centred * (scale / np.sqrt(own_variance + epsilon)) + offset
        return (layout.from_last(y).astype(exact, copy=False), *running, own_mean, own_variance)

    return kernel


@op(
    "FusedBatchNorm",
    "x: T, scale: T, offset: T, mean: T, variance: T",
    "y: T, batch_mean: T, batch_variance: T, reserve_space_1: T, reserve_space_2: T",
    "T: type, epsilon: float = 1e-04, exponential_avg_factor: float = 1.0, "
    "data_format: string = 'NHWC', is_training: bool = true",
    shape=_norm_shape,
)
def fused_batch_norm(attrs: Attrs) -> Kernel:
    """The input with mean and variance of each channel made those of offset and scale.

    In training the batch's own mean and variance are used and handed on, else the given ones.
    """
    return _normalise(attrs)


@op(
    "FusedBatchNormV2",
    "x: T, scale: U, offset: U, mean: U, variance: U",
    "y: T, batch_mean: U, batch_variance: U, reserve_space_1: U, reserve_space_2: U",
    "T: type, U: type, epsilon: float = 1e-04, exponential_avg_factor: float = 1.0, "
    "data_format: string = 'NHWC', is_training: bool = true",
    shape=_norm_shape,
)
def fused_batch_norm_v2(attrs: Attrs) -> Kernel:
    """As FusedBatchNorm; the statistics have a type of their own."""
    return _normalise(attrs)


@op(
    "FusedBatchNormV3",
    "x: T, scale: U, offset: U, mean: U, variance: U",
    "y: T, batch_mean: U, batch_variance: U, reserve_space_1: U, reserve_space_2: U, "
    "reserve_space_3: U",
    "T: type, U: type, epsilon: float = 1e-04, exponential_avg_factor: float = 1.0, "
    "data_format: string = 'NHWC', is_training: bool = true",
    shape=_norm_v3_shape,
)
def fused_batch_norm_v3(attrs: Attrs) -> Kernel:
    """As FusedBatchNormV2, with one more output, which only graphics processors fill."""
    normalise = _normalise(attrs)
    nothing = np.zeros(0, attrs["U"].numpy)
    return lambda *inputs: (*normalise(*inputs), nothing)


def _gradient(attrs: Attrs) -> Any:
    """The gradients for x, scale and offset, and two outputs that only graphics processors fill."""
    layout = layout_of(attrs)
    training: bool = attrs["is_training"]
    epsilon = np.float32(attrs["epsilon"])
    exact = attrs["T"].numpy
    nothing = np.float32(0)

    def kernel(y_backprop: Any, x: Any, scale: Any, mean: Any, variance: Any, _: Any = None) -> Any:
        dy = layout.to_last(y_backprop).astype(np.float32, copy=False)
        batch = layout.to_last(x).astype(np.float32, copy=False)
        axes = tuple(range(batch.ndim - 1))
        inverse = np.reciprocal(np.sqrt(variance + epsilon))
        centred = batch - mean
        to_offset = dy.sum(axes)
        covariance = (dy * centred).sum(axes)
        to_scale = covariance * inverse
        if training:
            count = np.float32(batch.size // max(batch.shape[-1], 1))
            pulled = dy - to_offset / count - centred * (inverse * inverse * covariance / count)
            to_x = pulled * (scale * inverse)
        else:
            to_x = dy * (scale * inverse)
        to_x = layout.from_last(to_x).astype(exact, copy=False)
        return to_x, to_scale, to_offset, nothing, nothing

    return kernel


def _gradient_shape(attrs: Attrs, shapes: Sequence[Shape], _: Sequence[Any]) -> list[Shape]:
    return [shapes[1], shapes[2], shapes[2], (), ()]


@op(
    "FusedBatchNormGrad",
    "y_backprop: T, x: T, scale: T, reserve_space_1: T, reserve_space_2: T",
    "x_backprop: T, scale_backprop: T, offset_backprop: T, reserve_space_3: T, reserve_space_4: T",
    "T: type, epsilon: float = 1e-04, data_format: string = 'NHWC', is_training: bool = true",
    shape=_gradient_shape,
)
def fused_batch_norm_grad(attrs: Attrs) -> Kernel:
    """The gradient of FusedBatchNorm for input, scale and offset."""
    return _gradient(attrs)


@op(
    "FusedBatchNormGradV2",
    "y_backprop: T, x: T, scale: float32, reserve_space_1: U, reserve_space_2: U",
    "x_backprop: T, scale_backprop: U, offset_backprop: U, reserve_space_3: U, reserve_space_4: U",
    "T: type, U: type, epsilon: float = 1e-04, data_format: string = 'NHWC', "
    "is_training: bool = true",
    shape=_gradient_shape,
)
def fused_batch_norm_grad_v2(attrs: Attrs) -> Kernel:
    """The gradient of FusedBatchNormV2 for input, scale and offset."""
    return _gradient(attrs)


@op(
    "FusedBatchNormGradV3",
    "y_backprop: T, x: T, scale: float32, reserve_space_1: U, reserve_space_2: U, "
    "reserve_space_3: U",
    "x_backprop: T, scale_backprop: U, offset_backprop: U, reserve_space_4: U, reserve_space_5: U",
    "T: type, U: type, epsilon: float = 1e-04, data_format: string = 'NHWC', "
    "is_training: bool = true",
    shape=_gradient_shape,
)
def fused_batch_norm_grad_v3(attrs: Attrs) -> Kernel:
    """The gradient of FusedBatchNormV3 for input, scale and offset."""
    return _gradient(attrs)
