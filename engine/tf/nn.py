"""`tf.nn`: what neural networks are made of."""

from __future__ import annotations

from typing import Any

from . import math_ops
from .array_ops import gather
from .build import apply, name_scope
from .convert import convert_to_tensor
from .math_ops import sigmoid, tanh
from .names import missing_name


def relu(features: Any, name: str | None = None) -> Any:
    """The larger of features and 0."""
    return apply("Relu", {"features": features}, name)


def relu6(features: Any, name: str | None = None) -> Any:
    """Features limited to 0 to 6."""
    return apply("Relu6", {"features": features}, name)


def elu(features: Any, name: str | None = None) -> Any:
    """exp(features) - 1 below 0, features above."""
    return apply("Elu", {"features": features}, name)


def selu(features: Any, name: str | None = None) -> Any:
    """The scaled exponential linear unit."""
    return apply("Selu", {"features": features}, name)


def leaky_relu(features: Any, alpha: float = 0.2, name: str | None = None) -> Any:
    """Alpha * features below 0, features above."""
    with name_scope(name, "LeakyRelu", [features]) as scope:
        return apply("LeakyRelu", {"features": features}, scope, alpha=alpha)


def softplus(features: Any, name: str | None = None) -> Any:
    """log(1 + exp(features))."""
    return apply("Softplus", {"features": features}, name)


def softsign(features: Any, name: str | None = None) -> Any:
    """Features / (1 + abs(features))."""
    return apply("Softsign", {"features": features}, name)


def softmax(
    logits: Any, axis: int | None = None, name: str | None = None, dim: int | None = None
) -> Any:
    """exp(logits), scaled to add up to 1 along the last axis.

    Raises:
        ValueError: another axis than the last is asked for.
    """
    _check_last_axis(axis if dim is None else dim, logits)
    return apply("Softmax", {"logits": logits}, name)


def log_softmax(logits: Any, axis: int | None = None, name: str | None = None) -> Any:
    """The logarithm of the softmax along the last axis."""
    _check_last_axis(axis, logits)
    return apply("LogSoftmax", {"logits": logits}, name)


def _check_last_axis(axis: int | None, logits: Any) -> None:
    if axis in (None, -1) or axis == (convert_to_tensor(logits).shape.rank or 0) - 1:
        return
    raise ValueError(f"expected the last axis (-1), found {axis}; transpose the logits first")


def softmax_cross_entropy_with_logits(
    _sentinel: Any = None, labels: Any = None, logits: Any = None, name: str | None = None
) -> Any:
    """The cross entropy between `labels`, which are probabilities, and the softmax of `logits`.

    Raises:
        ValueError: labels and logits are not given by name.
    """
    if _sentinel is not None or labels is None or logits is None:
        raise ValueError(
            "Only call `softmax_cross_entropy_with_logits` with named arguments (labels=..., "
            "logits=..., ...)"
        )
    return apply("SoftmaxCrossEntropyWithLogits", {"features": logits, "labels": labels}, name)[0]


def sparse_softmax_cross_entropy_with_logits(
    _sentinel: Any = None, labels: Any = None, logits: Any = None, name: str | None = None
) -> Any:
    """The cross entropy between `labels`, which are classes, and the softmax of `logits`.

    Raises:
        ValueError: labels and logits are not given by name.
    """
    if _sentinel is not None or labels is None or logits is None:
        raise ValueError(
            "Only call `sparse_softmax_cross_entropy_with_logits` with named arguments "
            "(labels=..., logits=..., ...)"
        )
    return apply(
        "SparseSoftmaxCrossEntropyWithLogits", {"features": logits, "labels": labels}, name
    )[0]


def bias_add(value: Any, bias: Any, data_format: str | None = None, name: str | None = None) -> Any:
    """`value` with `bias` added along its channels."""
    with name_scope(name, "BiasAdd", [value, bias]) as scope:
        layout = data_format or "NHWC"
        return apply("BiasAdd", {"value": value, "bias": bias}, scope, data_format=layout)


def conv2d(
    input: Any,
    filter: Any = None,
    strides: Any = None,
    padding: str = "VALID",
    use_cudnn_on_gpu: bool = True,
    data_format: str = "NHWC",
    dilations: Any = (1, 1, 1, 1),
    name: str | None = None,
    filters: Any = None,
) -> Any:
    """The two-dimensional convolution of `input` with a filter."""
    return apply(
        "Conv2D",
        {"input": input, "filter": filters if filter is None else filter},
        name,
        strides=list(strides),
        padding=padding,
        use_cudnn_on_gpu=use_cudnn_on_gpu,
        data_format=data_format,
        dilations=list(dilations),
    )


def max_pool(
    value: Any,
    ksize: Any,
    strides: Any,
    padding: str,
    data_format: str = "NHWC",
    name: str | None = None,
) -> Any:
    """The largest element of each window."""
    return _pool("MaxPool", "input", value, ksize, strides, padding, data_format, name)


def avg_pool(
    value: Any,
    ksize: Any,
    strides: Any,
    padding: str,
    data_format: str = "NHWC",
    name: str | None = None,
) -> Any:
    """The mean of each window."""
    return _pool("AvgPool", "value", value, ksize, strides, padding, data_format, name)


def _pool(
    type: str,
    key: str,
    value: Any,
    ksize: Any,
    strides: Any,
    padding: str,
    data_format: str,
    name: str | None,
) -> Any:
    with name_scope(name, type, [value]) as scope:
        tensor = convert_to_tensor(value, name="input")
        return apply(
            type,
            {key: tensor},
            scope,
            ksize=list(ksize),
            strides=list(strides),
            padding=padding,
            data_format=data_format,
        )


def l2_loss(t: Any, name: str | None = None) -> Any:
    """Half the sum of the squares."""
    return apply("L2Loss", {"t": t}, name)


def embedding_lookup(params: Any, ids: Any, name: str | None = None) -> Any:
    """The rows of `params` with these numbers."""
    with name_scope(name, "embedding_lookup", [params, ids]) as scope:
        return gather(params, convert_to_tensor(ids, name="ids"), name=scope)


def xw_plus_b(x: Any, weights: Any, biases: Any, name: str | None = None) -> Any:
    """X @ weights + biases."""
    with name_scope(name, "xw_plus_b", [x, weights, biases]) as scope:
        return bias_add(math_ops.matmul(x, weights), biases, name=scope)


__all__ = [
    "avg_pool",
    "bias_add",
    "conv2d",
    "elu",
    "embedding_lookup",
    "l2_loss",
    "leaky_relu",
    "log_softmax",
    "max_pool",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "softmax",
    "softmax_cross_entropy_with_logits",
    "softplus",
    "softsign",
    "sparse_softmax_cross_entropy_with_logits",
    "tanh",
    "xw_plus_b",
]

__getattr__ = missing_name(__name__, "tf.nn")
