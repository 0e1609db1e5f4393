"""Gradients of elementwise functions that have op types of their own."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dtypes import DType
from .registry import Attrs, Kernel, declare, op
from .shapes import same_shapes, unchanged

_SELU_ALPHA = 1.6732632423543772848170429916717
_SELU_SCALE = 1.0507009873554804934193349852946


def _tanh(y: Any, dy: Any) -> Any:
    return dy * (1 - y * y)


def _sigmoid(y: Any, dy: Any) -> Any:
    return dy * y * (1 - y)


def _sqrt(y: Any, dy: Any) -> Any:
    return dy * y.dtype.type(0.5) / y


def _rsqrt(y: Any, dy: Any) -> Any:
    return dy * (y.dtype.type(-0.5) * y) * (y * y)


def _reciprocal(y: Any, dy: Any) -> Any:
    return -dy * y * y


_OF_RESULT: dict[str, tuple[Any, str]] = {
    "InvGrad": (_reciprocal, "The gradient of 1 / x, from y = 1 / x."),
    "ReciprocalGrad": (_reciprocal, "The gradient of 1 / x, from y = 1 / x."),
    "RsqrtGrad": (_rsqrt, "The gradient of 1 / sqrt(x), from y = 1 / sqrt(x)."),
    "SigmoidGrad": (_sigmoid, "The gradient of sigmoid(x), from y = sigmoid(x)."),
    "SqrtGrad": (_sqrt, "The gradient of sqrt(x), from y = sqrt(x)."),
    "TanhGrad": (_tanh, "The gradient of tanh(x), from y = tanh(x)."),
}

for _type, (_function, _doc) in _OF_RESULT.items():
    declare(
        _type,
        "y: T, dy: T",
        "z: T",
        "T: type",
        kernel=lambda _, function=_function: function,
        doc=_doc,
        shape=unchanged,
        explain=same_shapes("Inputs to operation must have the same shape", 0, 1),
    )


def _relu(gradients: Any, features: Any) -> Any:
    return gradients * (features > 0)


def _relu6(gradients: Any, features: Any) -> Any:
    return gradients * ((features > 0) & (features < 6))


def _softplus(gradients: Any, features: Any) -> Any:
    return gradients / (np.exp(-features) + 1)


def _softsign(gradients: Any, features: Any) -> Any:
    return gradients / np.square(1 + np.abs(features))


def _elu(gradients: Any, outputs: Any) -> Any:
    return np.where(outputs < 0, gradients * (outputs + 1), gradients)


def _selu(gradients: Any, outputs: Any) -> Any:
    scale = outputs.dtype.type(_SELU_SCALE)
    scale_alpha = outputs.dtype.type(_SELU_SCALE * _SELU_ALPHA)
    return np.where(outputs < 0, gradients * (outputs + scale_alpha), gradients * scale)


_OF_ACTIVATION: dict[str, tuple[str, Any, str]] = {
    "EluGrad": ("outputs", _elu, "The gradient of Elu, from its outputs."),
    "Relu6Grad": ("features", _relu6, "The gradient of Relu6, from its inputs or outputs."),
    "ReluGrad": ("features", _relu, "The gradient of Relu, from its inputs or outputs."),
    "SeluGrad": ("outputs", _selu, "The gradient of Selu, from its outputs."),
    "SoftplusGrad": ("features", _softplus, "The gradient of Softplus, from its inputs."),
    "SoftsignGrad": ("features", _softsign, "The gradient of Softsign, from its inputs."),
}

for _type, (_second, _function, _doc) in _OF_ACTIVATION.items():
    declare(
        _type,
        f"gradients: T, {_second}: T",
        "backprops: T",
        "T: type",
        kernel=lambda _, function=_function: function,
        doc=_doc,
        shape=unchanged,
    )


@op(
    "LeakyReluGrad",
    "gradients: T, features: T",
    "backprops: T",
    "alpha: float = 0.2, T: type = float32",
    shape=unchanged,
)
def leaky_relu_grad(attrs: Attrs) -> Kernel:
    """The gradient of LeakyRelu, from its inputs or outputs."""
    dtype: DType = attrs["T"]
    alpha = dtype.numpy.type(attrs["alpha"])

    def kernel(gradients: Any, features: Any) -> Any:
        result = np.asarray(gradients * alpha)
        np.putmask(result, features > 0, gradients)  # half the cost of `where`
        return result

    return kernel
