"""Layers of neural networks: biases, softmax, losses, local response normalisation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import DType, bfloat16, float16
from ..errors import InvalidArgumentError
from ..graph import Shape
from .registry import Attrs, Kernel, declare, op
from .shapes import broadcast, like, scalar, text, unchanged


def _explain_bias(attrs: Attrs, inputs: Sequence[Any]) -> Exception | None:
    value, bias = inputs
    if np.ndim(value) < 2:
        return InvalidArgumentError(f"Input tensor must be at least 2D: {text(value)}")
    if np.ndim(bias) != 1:
        return InvalidArgumentError(f"Biases must be 1D: {text(bias)}")
    return InvalidArgumentError(
        f"Must provide as many biases as the last dimension of the input tensor: "
        f"{text(bias)} vs. {text(value)}"
    )


@op(
    "BiasAdd",
    "value: T, bias: T",
    "output: T",
    "T: type, data_format: string = 'NHWC'",
    shape=unchanged,
    explain=_explain_bias,
)
def bias_add(attrs: Attrs) -> Kernel:
    """A vector added to every position along the axis of channels."""
    if attrs["data_format"] == b"NCHW":
        return lambda value, bias: value + bias.reshape((-1,) + (1,) * (value.ndim - 2))

    def kernel(value: Any, bias: Any) -> Any:
        if bias.ndim != 1 or value.ndim < 2 or value.shape[-1] != bias.shape[0]:
            raise ValueError("the bias does not fit")
        return np.add(value, bias)

    return kernel


@op(
    "BiasAddV1", "value: T, bias: T", "output: T", "T: type", shape=unchanged, explain=_explain_bias
)
def bias_add_v1(attrs: Attrs) -> Kernel:
    """A vector added to every position along the last axis."""
    return bias_add({**attrs, "data_format": b"NHWC"})


def _channels(attrs: Attrs, shapes: Sequence[Shape], _: Sequence[Any]) -> list[Shape]:
    if shapes[0] is None:
        return [(None,)]
    return [(shapes[0][1 if attrs["data_format"] == b"NCHW" else -1],)]


@op(
    "BiasAddGrad",
    "out_backprop: T",
    "output: T",
    "T: type, data_format: string = 'NHWC'",
    shape=_channels,
)
def bias_add_grad(attrs: Attrs) -> Kernel:
    """The gradient of BiasAdd for the bias: the sum over everything but the channels."""
    dtype = attrs["T"].numpy
    if attrs["data_format"] == b"NCHW":
        return lambda dy: np.add.reduce(dy, axis=(0, *range(2, dy.ndim)), dtype=dtype)

    def kernel(dy: Any) -> Any:
        if dy.ndim < 2:
            raise InvalidArgumentError(f"Input tensor must be at least 2D: {text(dy)}")
        return np.add.reduce(dy, axis=tuple(range(dy.ndim - 1)), dtype=dtype)

    return kernel


def _check_logits(x: Any) -> None:
    if not x.ndim:
        raise InvalidArgumentError("logits must have >= 1 dimension, got []")


def _shifted(x: Any) -> Any:
    return x - x.max(-1, keepdims=True, initial=-np.inf)


def softmax(x: Any) -> Any:
    """exp(x) divided by its sum along the last axis."""
    exponentials = np.exp(_shifted(x))
    return exponentials / exponentials.sum(-1, keepdims=True)


def log_softmax(x: Any) -> Any:
    """The logarithm of `softmax(x)`, without overflow."""
    shifted = _shifted(x)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def _in_float32(function: Any) -> Any:
    """A factory for `function` of logits; small floats are computed in float32."""

    def factory(attrs: Attrs) -> Kernel:
        dtype: DType = attrs["T"]
        exact = dtype.numpy

        def kernel(x: Any) -> Any:
            _check_logits(x)
            if dtype in (float16, bfloat16):
                return function(x.astype(np.float32)).astype(exact)
            return function(x)

        return kernel

    return factory


declare(
    "Softmax",
    "logits: T",
    "softmax: T",
    "T: type",
    kernel=_in_float32(softmax),
    doc="The exponentials divided by their sum along the last axis.",
    shape=unchanged,
)
declare(
    "LogSoftmax",
    "logits: T",
    "logsoftmax: T",
    "T: type",
    kernel=_in_float32(log_softmax),
    doc="The logarithm of Softmax.",
    shape=unchanged,
)


def _loss_shape(_: Attrs, shapes: Sequence[Shape], __: Sequence[Any]) -> list[Shape]:
    whole = broadcast(shapes[0], shapes[1])
    return [None if whole is None else whole[:1], whole]


@op(
    "SoftmaxCrossEntropyWithLogits",
    "features: T, labels: T",
    "loss: T, backprop: T",
    "T: type",
    shape=_loss_shape,
)
def softmax_cross_entropy(attrs: Attrs) -> Kernel:
    """The cross entropy of each row between labels and softmax(features), and its gradient."""

    def kernel(features: Any, labels: Any) -> Any:
        try:
            shape = np.broadcast_shapes(features.shape, labels.shape)
        except ValueError:
            raise InvalidArgumentError(
                "logits and labels must be broadcastable: logits_size="
                f"{text(features)} labels_size={text(labels)}"
            ) from None
        if len(shape) != 2:
            raise InvalidArgumentError(
                "logits and labels must be either 2-dimensional, or broadcasted to be 2-dimensional"
            )
        logarithms = np.broadcast_to(log_softmax(features), shape)
        # A label of zero contributes nothing, also where the logarithm is infinite.
        products = np.where(labels == 0, labels, labels * logarithms)
        loss = -np.add.reduce(np.broadcast_to(products, shape), axis=-1)
        return loss, np.exp(logarithms) - labels

    return kernel


@op(
    "SparseSoftmaxCrossEntropyWithLogits",
    "features: T, labels: Tlabels",
    "loss: T, backprop: T",
    "T: type, Tlabels: type = int64",
    shape=lambda _, shapes, __: [shapes[1], shapes[0]],
)
def sparse_softmax_cross_entropy(attrs: Attrs) -> Kernel:
    """As SoftmaxCrossEntropyWithLogits, with the number of the one true class as label."""

    def kernel(features: Any, labels: Any) -> Any:
        if features.ndim != 2:
            raise InvalidArgumentError(f"logits must be 2-D, but got shape {text(features)}")
        if labels.shape != features.shape[:1]:
            raise InvalidArgumentError(
                "logits and labels must have the same first dimension, got logits shape "
                f"{text(features)} and labels shape {text(labels)}"
            )
        classes = features.shape[1]
        wrong = np.flatnonzero((labels < 0) | (labels >= classes))
        if wrong.size:
            listing = " ".join(map(str, labels.tolist()))
            raise InvalidArgumentError(
                f"Received a label value of {labels[wrong[0]]} which is outside the valid range of "
                f"[0, {classes}).  Label values: {listing}"
            )
        logarithms = log_softmax(features)
        rows = np.arange(labels.size)
        gradient = np.exp(logarithms)
        gradient[rows, labels] -= 1
        return -logarithms[rows, labels], gradient

    return kernel


@op("L2Loss", "t: T", "output: T", "T: type", shape=scalar)
def l2_loss(attrs: Attrs) -> Kernel:
    """Half the sum of squares."""
    dtype = attrs["T"].numpy
    half = dtype.type(0.5)
    if attrs["T"] in (float16, bfloat16):
        return lambda t: dtype.type(np.square(t.astype(np.float32)).sum() * np.float32(0.5))
    return lambda t: np.add.reduce(np.square(t), axis=None, dtype=dtype) * half


def _squares_nearby(x: Any, radius: int) -> Any:
    """The sum of x over the channels at most `radius` away."""
    padded = np.concatenate(
        (
            np.zeros((*x.shape[:-1], radius + 1), x.dtype),
            x,
            np.zeros((*x.shape[:-1], radius), x.dtype),
        ),
        -1,
    )
    count = x.shape[-1]
    return sum(padded[..., k : k + count] for k in range(1, 2 * radius + 2))


@op(
    "LRN",
    "input: T",
    "output: T",
    "depth_radius: int = 5, bias: float = 1.0, alpha: float = 1.0, beta: float = 0.5, "
    "T: type = float32",
    shape=unchanged,
)
def lrn(attrs: Attrs) -> Kernel:
    """Local response normalisation over neighbouring channels (Krizhevsky et al., 2012)."""
    number = attrs["T"].numpy.type
    radius: int = attrs["depth_radius"]
    bias, alpha, beta = (number(attrs[name]) for name in ("bias", "alpha", "beta"))

    def kernel(x: Any) -> Any:
        if x.ndim != 4:
            raise InvalidArgumentError("in must be 4-dimensional")
        return x * np.power(bias + alpha * _squares_nearby(x * x, radius), -beta)

    return kernel


@op(
    "LRNGrad",
    "input_grads: T, input_image: T, output_image: T",
    "output: T",
    "depth_radius: int = 5, bias: float = 1.0, alpha: float = 1.0, beta: float = 0.5, "
    "T: type = float32",
    shape=like(0),
)
def lrn_grad(attrs: Attrs) -> Kernel:
    """The gradient of LRN."""
    number = attrs["T"].numpy.type
    radius: int = attrs["depth_radius"]
    bias, alpha, beta = (number(attrs[name]) for name in ("bias", "alpha", "beta"))

    def kernel(dy: Any, x: Any, y: Any) -> Any:
        norm = bias + alpha * _squares_nearby(x * x, radius)
        shared = _squares_nearby(dy * y / norm, radius)
        return dy * np.power(norm, -beta) - number(2) * alpha * beta * x * shared

    return kernel
