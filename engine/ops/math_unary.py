"""Elementwise functions of one tensor."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..dtypes import DType
from .registry import Attrs, Kernel, declare, op
from .shapes import unchanged

_SELU_ALPHA = 1.6732632423543772848170429916717
_SELU_SCALE = 1.0507009873554804934193349852946


def _rsqrt(x: Any) -> Any:
    return np.reciprocal(np.sqrt(x))


def _sigmoid(x: Any) -> Any:
    return np.reciprocal(1 + np.exp(-x))


def _softplus(x: Any) -> Any:
    return np.logaddexp(x, x.dtype.type(0))


def _softsign(x: Any) -> Any:
    return x / (1 + np.abs(x))


def _relu(x: Any) -> Any:
    return np.maximum(x, 0)


def _relu6(x: Any) -> Any:
    return np.minimum(np.maximum(x, 0), 6)


def _elu(x: Any) -> Any:
    return np.where(x < 0, np.expm1(x), x)


def _selu(x: Any) -> Any:
    scale = x.dtype.type(_SELU_SCALE)
    scale_alpha = x.dtype.type(_SELU_SCALE * _SELU_ALPHA)
    return np.where(x < 0, scale_alpha * np.expm1(x), scale * x)


_FUNCTIONS: dict[str, tuple[Any, str]] = {
    "Abs": (np.abs, "The absolute value."),
    "Acos": (np.arccos, "The inverse cosine."),
    "Acosh": (np.arccosh, "The inverse hyperbolic cosine."),
    "Asin": (np.arcsin, "The inverse sine."),
    "Asinh": (np.arcsinh, "The inverse hyperbolic sine."),
    "Atan": (np.arctan, "The inverse tangent."),
    "Atanh": (np.arctanh, "The inverse hyperbolic tangent."),
    "Ceil": (np.ceil, "The smallest integer that is not smaller."),
    "Cos": (np.cos, "The cosine."),
    "Cosh": (np.cosh, "The hyperbolic cosine."),
    "Exp": (np.exp, "The exponential function."),
    "Expm1": (np.expm1, "exp(x) - 1, exact also near zero."),
    "Floor": (np.floor, "The largest integer that is not larger."),
    "Inv": (np.reciprocal, "1 / x."),
    "Invert": (np.invert, "All bits inverted."),
    "Log": (np.log, "The natural logarithm."),
    "Log1p": (np.log1p, "log(1 + x), exact also near zero."),
    "Neg": (np.negative, "The value with the sign changed."),
    "Reciprocal": (np.reciprocal, "1 / x."),
    "Rint": (np.rint, "The nearest integer, halves to the even one."),
    "Rsqrt": (_rsqrt, "1 / sqrt(x)."),
    "Sigmoid": (_sigmoid, "1 / (1 + exp(-x))."),
    "Sign": (np.sign, "-1, 0 or 1; x / |x| for complex numbers."),
    "Sin": (np.sin, "The sine."),
    "Sinh": (np.sinh, "The hyperbolic sine."),
    "Sqrt": (np.sqrt, "The square root."),
    "Square": (np.square, "x * x."),
    "Tan": (np.tan, "The tangent."),
    "Tanh": (np.tanh, "The hyperbolic tangent."),
}

for _type, (_function, _doc) in _FUNCTIONS.items():
    declare(
        _type,
        "x: T",
        "y: T",
        "T: type",
        kernel=lambda _, function=_function: function,
        doc=_doc,
        shape=unchanged,
    )

_ACTIVATIONS: dict[str, tuple[Any, str]] = {
    "Elu": (_elu, "x, or exp(x) - 1 where x is negative."),
    "Relu": (_relu, "x, or zero where x is negative."),
    "Relu6": (_relu6, "x limited to [0, 6]."),
    "Selu": (_selu, "The scaled exponential linear unit (Klambauer et al., 2017)."),
    "Softplus": (_softplus, "log(1 + exp(x))."),
    "Softsign": (_softsign, "x / (1 + |x|)."),
}

for _type, (_function, _doc) in _ACTIVATIONS.items():
    declare(
        _type,
        "features: T",
        "activations: T",
        "T: type",
        kernel=lambda _, function=_function: function,
        doc=_doc,
        shape=unchanged,
    )

_TESTS: dict[str, tuple[Any, str]] = {
    "IsFinite": (np.isfinite, "Whether the value is neither infinite nor NaN."),
    "IsInf": (np.isinf, "Whether the value is infinite."),
    "IsNan": (np.isnan, "Whether the value is NaN."),
}

for _type, (_function, _doc) in _TESTS.items():
    declare(
        _type,
        "x: T",
        "y: bool",
        "T: type",
        kernel=lambda _, function=_function: function,
        doc=_doc,
        shape=unchanged,
    )

declare(
    "LogicalNot",
    "x: bool",
    "y: bool",
    kernel=lambda _: np.logical_not,
    doc="Not x.",
    shape=unchanged,
)


@op("Round", "x: T", "y: T", "T: type", shape=unchanged)
def round_(attrs: Attrs) -> Kernel:
    """The nearest integer, halves to the even one; integers stay what they are."""
    dtype: DType = attrs["T"]
    return (lambda x: x) if dtype.is_integer else np.rint


@op(
    "LeakyRelu",
    "features: T",
    "activations: T",
    "alpha: float = 0.2, T: type = float32",
    shape=unchanged,
)
def leaky_relu(attrs: Attrs) -> Kernel:
    """x, or alpha * x where x is not positive."""
    dtype: DType = attrs["T"]
    alpha = dtype.numpy.type(attrs["alpha"])
    if 0 <= alpha <= 1:
        return lambda x: np.maximum(x, x * alpha)
    return lambda x: np.where(x > 0, x, x * alpha)


@op("PopulationCount", "x: T", "y: uint8", "T: type", shape=unchanged)
def population_count(attrs: Attrs) -> Kernel:
    """The number of bits that are one."""
    dtype: DType = attrs["T"]
    unsigned = np.dtype(f"u{dtype.numpy.itemsize}")
    return lambda x: np.bitwise_count(x.view(unsigned))


@op("Conj", "input: T", "output: T", "T: type = complex64", shape=unchanged)
def conj(attrs: Attrs) -> Kernel:
    """The complex conjugate."""
    return np.conjugate if attrs["T"].is_complex else lambda x: x


_COMPLEX_PARTS: dict[str, tuple[str, Any, str]] = {
    "Angle": ("input: T", np.angle, "The argument of complex numbers."),
    "Imag": ("input: T", np.imag, "The imaginary part of complex numbers."),
    "Real": ("input: T", np.real, "The real part of complex numbers."),
}

for _type, (_input, _function, _doc) in _COMPLEX_PARTS.items():
    declare(
        _type,
        _input,
        "output: Tout",
        "T: type = complex64, Tout: type = float32",
        kernel=lambda _, function=_function: function,
        doc=_doc,
        shape=unchanged,
    )

declare(
    "ComplexAbs",
    "x: T",
    "y: Tout",
    "T: type = complex64, Tout: type = float32",
    kernel=lambda _: np.abs,
    doc="The absolute value of complex numbers.",
    shape=unchanged,
)
