"""Arithmetic, comparisons, reductions; and what Python's arithmetic operators mean for tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import array_ops, dtypes
from .build import apply, name_scope
from .convert import constant, convert_to_tensor
from .dtypes import DType, as_dtype
from .operators import operator, set_operator
from .tensors import Tensor


def _unary(type: str, argument: str, doc: str) -> Callable[..., Any]:
    def function(x: Any, name: str | None = None) -> Any:
        return apply(type, {argument: x}, name)

    function.__doc__ = doc
    return function


def _binary(type: str, doc: str) -> Callable[..., Any]:
    def function(x: Any, y: Any, name: str | None = None) -> Any:
        return apply(type, {"x": x, "y": y}, name)

    function.__doc__ = doc
    return function


abs_ = _unary("Abs", "x", "The absolute value.")
negative = _unary("Neg", "x", "-x.")
sign = _unary("Sign", "x", "-1, 0 or 1.")
square = _unary("Square", "x", "x * x.")
sqrt = _unary("Sqrt", "x", "The square root.")
rsqrt = _unary("Rsqrt", "x", "1 over the square root.")
reciprocal = _unary("Reciprocal", "x", "1 / x.")
exp = _unary("Exp", "x", "e to the power x.")
expm1 = _unary("Expm1", "x", "e to the power x, less 1.")
log = _unary("Log", "x", "The natural logarithm.")
log1p = _unary("Log1p", "x", "The natural logarithm of 1 + x.")
sin = _unary("Sin", "x", "The sine.")
cos = _unary("Cos", "x", "The cosine.")
tan = _unary("Tan", "x", "The tangent.")
asin = _unary("Asin", "x", "The arc sine.")
acos = _unary("Acos", "x", "The arc cosine.")
atan = _unary("Atan", "x", "The arc tangent.")
sinh = _unary("Sinh", "x", "The hyperbolic sine.")
cosh = _unary("Cosh", "x", "The hyperbolic cosine.")
tanh = _unary("Tanh", "x", "The hyperbolic tangent.")
sigmoid = _unary("Sigmoid", "x", "1 / (1 + exp(-x)).")
erf = _unary("Erf", "x", "The error function.")
floor = _unary("Floor", "x", "The largest integer that is not larger.")
ceil = _unary("Ceil", "x", "The smallest integer that is not smaller.")
rint = _unary("Rint", "x", "The nearest integer, of two the even one.")
is_nan = _unary("IsNan", "x", "Whether elements are no numbers.")
is_inf = _unary("IsInf", "x", "Whether elements are infinite.")
is_finite = _unary("IsFinite", "x", "Whether elements are finite.")
logical_not = _unary("LogicalNot", "x", "not x.")

maximum = _binary("Maximum", "The larger of x and y.")
minimum = _binary("Minimum", "The smaller of x and y.")
squared_difference = _binary("SquaredDifference", "(x - y) squared.")
floormod = _binary("FloorMod", "The remainder with the sign of y.")
floordiv_op = _binary("FloorDiv", "The quotient rounded down.")
realdiv = _binary("RealDiv", "The quotient of real numbers.")
truncatediv = _binary("TruncateDiv", "The quotient rounded towards zero.")
truncatemod = _binary("TruncateMod", "The remainder with the sign of x.")
less = _binary("Less", "x < y.")
less_equal = _binary("LessEqual", "x <= y.")
greater = _binary("Greater", "x > y.")
greater_equal = _binary("GreaterEqual", "x >= y.")
logical_and = _binary("LogicalAnd", "x and y.")
logical_or = _binary("LogicalOr", "x or y.")
equal = _binary("Equal", "x == y, element by element.")
not_equal = _binary("NotEqual", "x != y, element by element.")
atan2 = _binary("Atan2", "The angle of the point (y, x).")
mod = floormod


def add(x: Any, y: Any, name: str | None = None) -> Any:
    """X + y."""
    with name_scope(name, "Add", [x]) as scope:
        left = convert_to_tensor(x, name="x")
        right = convert_to_tensor(y, dtype_hint=left.dtype.base_dtype, name="y")
        return apply(
            "Add" if left.dtype == dtypes.string else "AddV2", {"x": left, "y": right}, scope
        )


def subtract(x: Any, y: Any, name: str | None = None) -> Any:
    """X - y."""
    return apply("Sub", {"x": x, "y": y}, name)


def multiply(x: Any, y: Any, name: str | None = None) -> Any:
    """X * y."""
    return apply("Mul", {"x": x, "y": y}, name)


def divide(x: Any, y: Any, name: str | None = None) -> Any:
    """X / y; integers give real numbers."""
    if name is not None:
        return truediv(x, y, name)
    left = (
        x
        if isinstance(x, Tensor) or hasattr(x, "to_tensor")
        else convert_to_tensor(x, dtype_hint=y.dtype.base_dtype if isinstance(y, Tensor) else None)
    )
    return left / y


def truediv(x: Any, y: Any, name: str | None = None) -> Any:
    """X / y; integers are cast to real numbers first.

    Raises:
        TypeError: x and y differ in type, or have none that can be divided.
    """
    with name_scope(name, "truediv", [x, y]) as scope:
        left = convert_to_tensor(x, name="x")
        right = convert_to_tensor(y, dtype_hint=left.dtype.base_dtype, name="y")
        a, b = left.dtype.base_dtype, right.dtype.base_dtype
        if a != b:
            raise TypeError(f"`x` and `y` must have the same dtype, got {a!r} != {b!r}.")
        if a.is_bool or a == dtypes.string:
            raise TypeError(f"Invalid dtype {a!r} in __truediv__. Expected a number type.")
        if a.is_integer:
            real = dtypes.float32 if a.size <= 2 else dtypes.float64
            left, right = cast(left, real), cast(right, real)
        return apply("RealDiv", {"x": left, "y": right}, scope)


def div(x: Any, y: Any, name: str | None = None) -> Any:
    """X / y as Python 2 divides: integers give integers, rounded down."""
    with name_scope(name, "div", [x, y]) as scope:
        left = convert_to_tensor(x, name="x")
        right = convert_to_tensor(y, left.dtype.base_dtype, name="y")
        real = left.dtype.is_floating or left.dtype.is_complex
        return apply("RealDiv" if real else "FloorDiv", {"x": left, "y": right}, scope)


def floordiv(x: Any, y: Any, name: str | None = None) -> Any:
    """X // y."""
    with name_scope(name, "floordiv", [x, y]) as scope:
        return floordiv_op(x, y, scope)


def pow_(x: Any, y: Any, name: str | None = None) -> Any:
    """X to the power y."""
    with name_scope(name, "Pow", [x]) as scope:
        return apply("Pow", {"x": x, "y": y}, scope)


def logical_xor(x: Any, y: Any, name: str = "LogicalXor") -> Any:
    """Whether exactly one of x and y is true."""
    return logical_and(logical_or(x, y), logical_not(logical_and(x, y)), name=name)


def round_(x: Any, name: str | None = None) -> Any:
    """X rounded to the nearest integer, of two the even one."""
    tensor = convert_to_tensor(x, name="x")
    return tensor if tensor.dtype.is_integer else apply("Round", {"x": tensor}, name)


def cast(x: Any, dtype: Any, name: str | None = None) -> Any:
    """X with another element type."""
    wanted = as_dtype(dtype).base_dtype
    if isinstance(x, Tensor) and x.dtype.base_dtype == wanted and not x.dtype.is_ref:
        return x
    with name_scope(name, "Cast", [x]) as scope:
        tensor = convert_to_tensor(x, name="x")
        if tensor.dtype.base_dtype == wanted:
            return tensor
        attrs = {"SrcT": tensor.dtype.base_dtype, "DstT": wanted}
        return apply("Cast", {"x": tensor}, scope, **attrs)


def to_float(x: Any, name: str = "ToFloat") -> Any:
    """X as float32."""
    return cast(x, dtypes.float32, name)


def to_int32(x: Any, name: str = "ToInt32") -> Any:
    """X as int32."""
    return cast(x, dtypes.int32, name)


def to_int64(x: Any, name: str = "ToInt64") -> Any:
    """X as int64."""
    return cast(x, dtypes.int64, name)


def matmul(
    a: Any,
    b: Any,
    transpose_a: bool = False,
    transpose_b: bool = False,
    name: str | None = None,
) -> Any:
    """The matrix product; of the last two axes where there are more."""
    with name_scope(name, "MatMul", [a, b]) as scope:
        left = convert_to_tensor(a, name="a")
        right = convert_to_tensor(b, dtype_hint=left.dtype.base_dtype, name="b")
        ranks = [left.shape.rank, right.shape.rank]
        if all(rank is None or rank > 2 for rank in ranks) and None not in ranks:
            attrs: dict[str, Any] = {"adj_x": transpose_a, "adj_y": transpose_b}
            return apply("BatchMatMulV2", {"x": left, "y": right}, scope, **attrs)
        attrs = {"transpose_a": transpose_a, "transpose_b": transpose_b}
        return apply("MatMul", {"a": left, "b": right}, scope, **attrs)


def add_n(inputs: Any, name: str | None = None) -> Any:
    """The sum of a list of tensors.

    Raises:
        ValueError: the list is empty.
    """
    if not isinstance(inputs, (list, tuple)) or not inputs:
        raise ValueError(
            "Inputs must be an iterable of at least one Tensor/IndexedSlices with the same dtype "
            "and shape."
        )
    values: Sequence[Any] = inputs
    if len(values) == 1:
        return array_ops.identity(values[0], name) if name else convert_to_tensor(values[0])
    return apply("AddN", {"inputs": list(values)}, name)


def range_(
    start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str = "range"
) -> Any:
    """Numbers from `start` (0 where there is one number only) below `limit` in steps of `delta`."""
    if limit is None:
        start, limit = 0, start
    with name_scope(name, "Range", [start, limit, delta]) as scope:
        wanted = None if dtype is None else as_dtype(dtype)
        parts: list[Any] = [
            convert_to_tensor(value, wanted, label)
            for value, label in ((start, "start"), (limit, "limit"), (delta, "delta"))
        ]
        if wanted is None:
            order = [dtypes.int32, dtypes.int64, dtypes.float32, dtypes.float64]
            widest = max((part.dtype.base_dtype for part in parts), key=order.index)
            parts = [cast(part, widest) for part in parts]
        return apply("Range", {"start": parts[0], "limit": parts[1], "delta": parts[2]}, scope)


def _reduction(type: str, doc: str, key: str = "input") -> Callable[..., Any]:
    def reduce(
        input_tensor: Any,
        axis: Any = None,
        keepdims: bool | None = None,
        name: str | None = None,
        reduction_indices: Any = None,
        keep_dims: bool | None = None,
    ) -> Any:
        axis = reduction_indices if axis is None else axis
        keep = bool(keepdims if keepdims is not None else keep_dims)
        axes = _all_axes(input_tensor) if axis is None else axis
        return apply(type, {key: input_tensor, "reduction_indices": axes}, name, keep_dims=keep)

    reduce.__doc__ = doc
    return reduce


def _all_axes(tensor: Any) -> Any:
    shape = getattr(tensor, "shape", None)
    rank = None if shape is None or isinstance(shape, tuple) else shape.rank
    if rank:
        return constant(np.arange(rank, dtype=np.int32))
    return range_(0, array_ops.rank(tensor))


reduce_sum = _reduction("Sum", "The sum over `axis`, by default over all of them.")
reduce_mean = _reduction("Mean", "The mean over `axis`, by default over all of them.")
reduce_max = _reduction("Max", "The largest element along `axis`, by default of all.")
reduce_min = _reduction("Min", "The smallest element along `axis`, by default of all.")
reduce_prod = _reduction("Prod", "The product over `axis`, by default over all of them.")
reduce_all = _reduction("All", "Whether all elements along `axis` are true.")
reduce_any = _reduction("Any", "Whether any element along `axis` is true.")


def _arg(type: str, doc: str) -> Callable[..., Any]:
    def function(
        input: Any,
        axis: Any = None,
        name: str | None = None,
        dimension: Any = None,
        output_type: Any = dtypes.int64,
    ) -> Any:
        chosen = dimension if axis is None else axis
        where = 0 if chosen is None else chosen
        return apply(
            type, {"input": input, "dimension": where}, name, output_type=as_dtype(output_type)
        )

    function.__doc__ = doc
    return function


argmax = _arg("ArgMax", "The index of the largest element along `axis`.")
argmin = _arg("ArgMin", "The index of the smallest element along `axis`.")


def cumsum(
    x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Any:
    """The running sum along `axis`."""
    with name_scope(name, "Cumsum", [x]) as scope:
        return apply("Cumsum", {"x": x, "axis": axis}, scope, exclusive=exclusive, reverse=reverse)


def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: str | None = None) -> Any:
    """T limited to a range."""
    with name_scope(name, "clip_by_value", [t, clip_value_min, clip_value_max]) as scope:
        tensor = convert_to_tensor(t, name="t")
        upper = minimum(tensor, clip_value_max)
        result = maximum(upper, clip_value_min, name=scope)
        result.set_shape(tensor.shape)
        return result


# ---- Python's operators ----


def _mul_operator(x: Any, y: Any, name: str | None = None) -> Any:
    return multiply(x, y, name)


def _logical_or_bitwise(logical: Callable[..., Any], type: str) -> Callable[..., Any]:
    bitwise = _binary(type, "")

    def function(x: Tensor, y: Any, name: str | None = None) -> Any:
        return (logical if x.dtype.is_bool else bitwise)(x, y, name)

    return function


def _xor(x: Tensor, y: Any, name: str) -> Any:
    return (
        logical_xor(x, y, name) if x.dtype.is_bool else apply("BitwiseXor", {"x": x, "y": y}, name)
    )


_ARITHMETIC: dict[str, Callable[..., Any]] = {
    "add": add,
    "sub": subtract,
    "mul": _mul_operator,
    "truediv": truediv,
    "floordiv": floordiv,
    "mod": floormod,
    "pow": pow_,
    "matmul": matmul,
    "and": _logical_or_bitwise(logical_and, "BitwiseAnd"),
    "or": _logical_or_bitwise(logical_or, "BitwiseOr"),
    "xor": _xor,
}


def _define_arithmetic(name: str, function: Callable[..., Any]) -> None:
    def forward(x: Any, y: Any) -> Any:
        with name_scope(None, name, [x, y]) as scope:
            left = convert_to_tensor(x, name="x")
            right = convert_to_tensor(y, dtype_hint=left.dtype.base_dtype, name="y")
            return (
                function(left, right, scope)
                if name != "matmul"
                else matmul(left, right, name=scope)
            )

    def backward(y: Any, x: Any) -> Any:
        with name_scope(None, name, [x, y]) as scope:
            hint: DType = y.dtype.base_dtype
            left = convert_to_tensor(x, hint, name="x")
            return function(left, y, scope) if name != "matmul" else matmul(left, y, name=scope)

    set_operator(name, forward)
    set_operator(f"r{name}", backward)


for _name, _function in _ARITHMETIC.items():
    _define_arithmetic(_name, _function)
for _name, _comparison in {
    "lt": less,
    "le": less_equal,
    "gt": greater,
    "ge": greater_equal,
}.items():
    set_operator(_name, _comparison)
set_operator("neg", negative)
set_operator("abs", abs_)


@operator("invert")
def invert(x: Any) -> Any:
    """Not x for booleans, the bits of x turned over for integers."""
    return logical_not(x) if x.dtype.is_bool else apply("Invert", {"x": x})
