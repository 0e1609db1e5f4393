"""Elementwise functions of two tensors that broadcast against each other."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np

from ..dtypes import DType, string, variant
from ..errors import InvalidArgumentError
from .registry import Attrs, Kernel, declare, op
from .shapes import broadcasting, explain_broadcast, unchanged

_SAME = ("x: T, y: T", "z: T", "T: type")


def _declare(type: str, kernel: Any, doc: str) -> None:
    declare(type, *_SAME, kernel=kernel, doc=doc, shape=broadcasting, explain=explain_broadcast)


_FUNCTIONS: dict[str, tuple[Any, str]] = {
    "BitwiseAnd": (np.bitwise_and, "The bits that are one in both."),
    "BitwiseOr": (np.bitwise_or, "The bits that are one in either."),
    "BitwiseXor": (np.bitwise_xor, "The bits that differ."),
    "Maximum": (np.maximum, "The larger value; NaN if either is."),
    "Minimum": (np.minimum, "The smaller value; NaN if either is."),
    "Mul": (np.multiply, "The product."),
    "RealDiv": (np.divide, "The quotient of real or complex numbers."),
    "Sub": (np.subtract, "The difference."),
}

for _type, (_function, _doc) in _FUNCTIONS.items():
    _declare(_type, lambda _, function=_function: function, _doc)

declare(
    "Atan2",
    "y: T, x: T",
    "z: T",
    "T: type",
    kernel=lambda _: np.arctan2,
    doc="The angle of the point (x, y).",
    shape=broadcasting,
    explain=explain_broadcast,
)
declare(
    "NextAfter",
    "x1: T, x2: T",
    "output: T",
    "T: type = float32",
    kernel=lambda _: np.nextafter,
    doc="The number after x1 in the direction of x2.",
    shape=broadcasting,
    explain=explain_broadcast,
)


def _join_bytes(x: Any, y: Any) -> Any:
    return np.asarray(np.add(x, y), object)


def _add(attrs: Attrs) -> Kernel:
    return _join_bytes if attrs["T"] is string else np.add


_declare("Add", _add, "The sum; strings are joined.")
_declare("AddV2", _add, "The sum.")


_COMPARISONS: dict[str, tuple[Any, str]] = {
    "Greater": (np.greater, "Whether x > y."),
    "GreaterEqual": (np.greater_equal, "Whether x >= y."),
    "Less": (np.less, "Whether x < y."),
    "LessEqual": (np.less_equal, "Whether x <= y."),
}

for _type, (_function, _doc) in _COMPARISONS.items():
    declare(
        _type,
        "x: T, y: T",
        "z: bool",
        "T: type",
        kernel=lambda _, function=_function: function,
        doc=_doc,
        shape=broadcasting,
        explain=explain_broadcast,
    )


def _equality(function: Any, if_incompatible: bool) -> Any:
    def factory(attrs: Attrs) -> Kernel:
        compare = function
        if attrs["T"] is string:
            compare = lambda x, y: np.asarray(function(x, y), np.bool_)  # noqa: E731
        if attrs["incompatible_shape_error"]:
            return compare

        def tolerant(x: Any, y: Any) -> Any:
            try:
                return compare(x, y)
            except ValueError:
                return np.bool_(if_incompatible)

        return tolerant

    return factory


for _type, _function, _unequal, _doc in (
    ("Equal", np.equal, False, "Whether x equals y."),
    ("NotEqual", np.not_equal, True, "Whether x differs from y."),
):
    declare(
        _type,
        "x: T, y: T",
        "z: bool",
        "T: type, incompatible_shape_error: bool = true",
        kernel=_equality(_function, _unequal),
        doc=_doc,
        shape=broadcasting,
        explain=explain_broadcast,
    )

for _type, _function, _doc in (
    ("LogicalAnd", np.logical_and, "x and y."),
    ("LogicalOr", np.logical_or, "x or y."),
):
    declare(
        _type,
        "x: bool, y: bool",
        "z: bool",
        kernel=lambda _, function=_function: function,
        doc=_doc,
        shape=broadcasting,
        explain=explain_broadcast,
    )


def _checked(function: Any) -> Kernel:
    """`function` of integers, failing as TensorFlow does where the divisor is zero."""

    def kernel(x: Any, y: Any) -> Any:
        if not y.all() and np.broadcast(x, y).size:
            raise InvalidArgumentError("Integer division by zero")
        return function(x, y)

    return kernel


def _truncate_integers(x: Any, y: Any) -> Any:
    return np.floor_divide(np.subtract(x, np.fmod(x, y)), y)


def _floor_of_quotient(x: Any, y: Any) -> Any:
    return np.floor(np.divide(x, y))


def _trunc_of_quotient(x: Any, y: Any) -> Any:
    return np.trunc(np.divide(x, y))


def _by_kind(integers: Any, others: Any) -> Any:
    def factory(attrs: Attrs) -> Kernel:
        dtype: DType = attrs["T"]
        return _checked(integers) if dtype.is_integer else others

    return factory


_declare("Div", _by_kind(_truncate_integers, np.divide), "The quotient; of integers, truncated.")
_declare(
    "FloorDiv",
    _by_kind(np.floor_divide, _floor_of_quotient),
    "The largest integer that is not larger than the quotient.",
)
_declare(
    "TruncateDiv",
    _by_kind(_truncate_integers, _trunc_of_quotient),
    "The quotient rounded towards zero.",
)
_declare(
    "FloorMod",
    _by_kind(np.remainder, np.remainder),
    "The remainder of the floored division; it has the sign of y.",
)
for _type in ("Mod", "TruncateMod"):
    _declare(
        _type,
        _by_kind(np.fmod, np.fmod),
        "The remainder of the truncated division; it has the sign of x.",
    )


def _pow(attrs: Attrs) -> Kernel:
    dtype: DType = attrs["T"]
    if not dtype.is_integer or dtype.numpy.kind == "u":
        return np.power

    def integers(x: Any, y: Any) -> Any:
        if np.any(np.less(y, 0)):
            raise InvalidArgumentError("Integers to negative integer powers are not allowed")
        return np.power(x, y)

    return integers


_declare("Pow", _pow, "x to the power of y.")


def _squared_difference(attrs: Attrs) -> Kernel:
    if attrs["T"].is_complex:

        def kernel(x: Any, y: Any) -> Any:
            difference = np.subtract(x, y)
            return np.conjugate(difference) * difference

        return kernel
    return lambda x, y: np.square(np.subtract(x, y))


_declare("SquaredDifference", _squared_difference, "(x - y) squared.")


def _where_nonzero(test: int, function: Any) -> Any:
    """`function`, or zero where input `test` is zero, whatever the other one is."""

    def kernel(x: Any, y: Any) -> Any:
        result = function(x, y)
        return np.where((x, y)[test] == 0, result.dtype.type(0), result)

    return lambda _: kernel


_declare("DivNoNan", _where_nonzero(1, np.divide), "x / y, or zero where y is zero.")
_declare("MulNoNan", _where_nonzero(1, np.multiply), "x * y, or zero where y is zero.")
_declare("Xdivy", _where_nonzero(0, np.divide), "x / y, or zero where x is zero.")
_declare(
    "Xlogy",
    _where_nonzero(0, lambda x, y: x * np.log(y)),
    "x * log(y), or zero where x is zero.",
)
_declare(
    "Xlog1py",
    _where_nonzero(0, lambda x, y: x * np.log1p(y)),
    "x * log(1 + y), or zero where x is zero.",
)


def _shift(function: Any) -> Any:
    def factory(attrs: Attrs) -> Kernel:
        dtype: DType = attrs["T"]
        # Beyond the width C++ leaves the result open; TensorFlow limits the distance instead.
        largest = dtype.numpy.type(dtype.numpy.itemsize * 8 - 1)
        zero = dtype.numpy.type(0)
        return lambda x, y: function(x, np.minimum(np.maximum(y, zero), largest))

    return factory


_declare("LeftShift", _shift(np.left_shift), "The bits of x moved up by y places.")
_declare("RightShift", _shift(np.right_shift), "The bits of x moved down by y places.")


@op(
    "ApproximateEqual",
    "x: T, y: T",
    "z: bool",
    "T: type, tolerance: float = 1e-05",
    shape=unchanged,
)
def approximate_equal(attrs: Attrs) -> Kernel:
    """Whether x and y, of one shape, differ by less than the tolerance."""
    dtype: DType = attrs["T"]
    tolerance = dtype.numpy.type(attrs["tolerance"])

    def kernel(x: Any, y: Any) -> Any:
        if x.shape != y.shape:
            raise InvalidArgumentError("x and y must be of the same shape. ")
        return np.less(np.abs(np.subtract(x, y)), tolerance)

    return kernel


@op(
    "Complex",
    "real: T, imag: T",
    "out: Tout",
    "T: type = float32, Tout: type = complex64",
    shape=broadcasting,
    explain=explain_broadcast,
)
def complex_(attrs: Attrs) -> Kernel:
    """The complex number with the given real and imaginary part."""
    dtype: DType = attrs["Tout"]
    one_i = dtype.numpy.type(1j)

    def kernel(real: Any, imag: Any) -> Any:
        result = np.empty(np.broadcast_shapes(real.shape, imag.shape), one_i.dtype)
        result.real = real
        result.imag = imag
        return result

    return kernel


@op(
    "AddN",
    "inputs: N * T",
    "sum: T",
    "N: int, T: type",
    shape=unchanged,
    view=lambda attrs, _: attrs["N"] == 1,
)
def add_n(attrs: Attrs) -> Kernel:
    """The sum of any number of tensors of one shape."""
    if attrs["N"] == 1:
        return lambda x: x
    if attrs["T"] is variant:
        return lambda *inputs: reduce(operator.add, inputs)
    if attrs["N"] == 2:
        return np.add

    def kernel(*inputs: Any) -> Any:
        total = np.array(inputs[0])
        for value in inputs[1:]:
            np.add(total, value, out=total)
        return total

    return kernel


@op("AccumulateNV2", "inputs: N * T", "sum: T", "N: int, T: type, shape: shape", shape=unchanged)
def accumulate_n(attrs: Attrs) -> Kernel:
    """The sum of any number of tensors of one shape."""
    return add_n(attrs)


@op(
    "ClipByValue",
    "t: T, clip_value_min: T, clip_value_max: T",
    "output: T",
    "T: type",
    shape=unchanged,
)
def clip_by_value(attrs: Attrs) -> Kernel:
    """Every element limited to the range between two tensors."""
    return lambda x, low, high: np.minimum(np.maximum(x, low), high)


def _gradient_axes(shapes: Sequence[Any]) -> tuple[list[int], list[int]]:
    """Per shape, the axes of the broadcast result over which its gradient is summed up."""
    rank = max(len(shape) for shape in shapes)
    padded = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    axes: tuple[list[int], list[int]] = ([], [])
    for axis, (m, n) in enumerate(zip(*padded, strict=True)):
        if m != n and 1 not in (m, n):
            lists = ", ".join("[" + ",".join(map(str, shape)) + "]" for shape in shapes)
            raise InvalidArgumentError(f"Incompatible shapes: {lists.replace('], ', '] vs. ')}")
        for mine, length in zip(axes, (m, n), strict=True):
            if length == 1:
                mine.append(axis)
    return axes


@op("BroadcastGradientArgs", "s0: T, s1: T", "r0: T, r1: T", "T: type = int32")
def broadcast_gradient_args(attrs: Attrs) -> Kernel:
    """The axes to sum over for the gradient of a broadcasting op, for both of its inputs."""
    dtype = attrs["T"].numpy

    def kernel(s0: Any, s1: Any) -> Any:
        left, right = s0.tolist(), s1.tolist()
        if left == right:
            return np.empty(0, dtype), np.empty(0, dtype)
        r0, r1 = _gradient_axes((left, right))
        return np.array(r0, dtype), np.array(r1, dtype)

    return kernel


@op("BroadcastArgs", "s0: T, s1: T", "r0: T", "T: type = int32")
def broadcast_args(attrs: Attrs) -> Kernel:
    """The shape that two shapes broadcast to."""
    dtype = attrs["T"].numpy

    def kernel(s0: Any, s1: Any) -> Any:
        left, right = s0.tolist(), s1.tolist()
        _gradient_axes((left, right))
        return np.array(np.broadcast_shapes(tuple(left), tuple(right)), dtype)

    return kernel
