"""Static shapes: what is known of a tensor's shape while the graph is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from .. import dtypes
from ..errors import OpError
from ..graph import Shape, shape_text
from ..ops.registry import OpDef
from ..ops.shapes import broadcast
from .tensor_shape import common, compatible, merged
from .tensors import Tensor

Attrs = Mapping[str, Any]
Rule = Callable[[Attrs, Sequence[Tensor]], Sequence[Shape]]

_FOLDED = {
    "AddV2", "Cast", "ConcatV2", "Identity", "Mul", "Pack", "Prod", "Range", "StridedSlice", "Sub",
}  # fmt: skip
_MAX_FOLDED = 64  # elements: shapes are small
_BROADCASTING = {
    "Add", "AddV2", "Sub", "Mul", "RealDiv", "Div", "FloorDiv", "FloorMod", "Maximum", "Minimum",
    "Pow", "SquaredDifference", "Less", "LessEqual", "Greater", "GreaterEqual", "LogicalAnd",
    "LogicalOr",
}  # fmt: skip


def infer(
    declaration: OpDef, attrs: Attrs, inputs: Sequence[Tensor], name: str, outputs: int
) -> list[Shape]:
    """The shapes of the outputs of a node.

    Raises:
        ValueError: the inputs cannot go together, as TensorFlow says it.
    """
    type = declaration.type
    shapes = [tensor.static_shape for tensor in inputs]
    problem = _problem(type, attrs, shapes) or (_reshape(inputs) if type == "Reshape" else "")
    if problem:
        given = ", ".join(shape_text(shape) for shape in shapes)
        raise ValueError(
            f"{problem} for '{{{{node {name}}}}} = {_node_text(type, attrs, inputs)}' "
            f"with input shapes: {given}."
        )
    if type in _RULES:
        return list(_RULES[type](attrs, inputs))
    if declaration.shape is None:
        return [None] * outputs
    try:
        found = declaration.shape(attrs, shapes, [constant_value(tensor) for tensor in inputs])
    except OpError as error:
        raise ValueError(f"{error.message} (building '{name}', a {type})") from None
    return list(found)


def _node_text(type: str, attrs: Attrs, inputs: Sequence[Tensor]) -> str:
    shown = ", ".join(
        f"{key}={_attr_text(value)}" for key, value in sorted(attrs.items(), key=_attr_order)
    )
    names = ", ".join(
        tensor.op.name if tensor.value_index == 0 else tensor.name for tensor in inputs
    )
    return f"{type}[{shown}]({names})"


def _attr_order(item: tuple[str, Any]) -> str:
    return item[0]


def _attr_text(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case dtypes.DType():
            return f"DT_{value.runtime_name.upper()}"
        case bytes():
            return f'"{value.decode()}"'
        case list():
            items: list[Any] = value
            return "[" + ", ".join(_attr_text(item) for item in items) + "]"
        case tuple() | None:
            return shape_text(value)
        case _:
            return str(value)


def _problem(type: str, attrs: Attrs, shapes: Sequence[Shape]) -> str:
    """Why inputs of these shapes cannot go together; empty if they can."""
    if type in _BROADCASTING:
        a, b = shapes
        if a is not None and b is not None and broadcast(a, b) is None:
            m, n = _first_difference(a, b)
            return f"Dimensions must be equal, but are {m} and {n}"
    if type == "MatMul":
        a, b = shapes
        for shape in (a, b):
            if shape is not None and len(shape) != 2:
                return f"Shape must be rank 2 but is rank {len(shape)}"
        if a is not None and b is not None:
            m = a[0 if attrs["transpose_a"] else 1]
            n = b[1 if attrs["transpose_b"] else 0]
            if m is not None and n is not None and m != n:
                return f"Dimensions must be equal, but are {m} and {n}"
    if type in ("AssignAdd", "AssignSub") or (type == "Assign" and attrs["validate_shape"]):
        return _mismatch(*shapes)
    return ""


def _reshape(inputs: Sequence[Tensor]) -> str:
    """Why a tensor cannot be given a shape that is known already; empty if it can."""
    count = inputs[0].shape.num_elements()
    wanted = constant_value(inputs[1])
    if count is None or wanted is None:
        return ""
    lengths = [int(length) for length in np.ravel(wanted)]
    known = int(np.prod([length for length in lengths if length >= 0], dtype=np.int64))
    if -1 in lengths:
        if known and count % known:
            return (
                f"Dimension size must be evenly divisible by {known} but is {count} (a reshape to "
                f"{shape_text(tuple(None if n < 0 else n for n in lengths))})"
            )
        return ""
    if known == count:
        return ""
    shown = shape_text(tuple(lengths))
    return f"Cannot reshape a tensor with {count} elements to shape {shown} ({known} elements)"


def _mismatch(a: Shape, b: Shape) -> str:
    if a is None or b is None or compatible(a, b):
        return ""
    both = f"Shapes are {shape_text(a)} and {shape_text(b)}."
    if len(a) != len(b):
        return f"Shapes must be equal rank, but are {len(a)} and {len(b)}"
    at = next(i for i in range(len(a)) if None not in (a[i], b[i]) and a[i] != b[i])
    return f"Dimension {at} in both shapes must be equal, but are {a[at]} and {b[at]}. {both}"


def _first_difference(
    a: tuple[int | None, ...], b: tuple[int | None, ...]
) -> tuple[int | None, int | None]:
    for m, n in zip(reversed(a), reversed(b), strict=False):
        if m != n and 1 not in (m, n) and None not in (m, n):
            return m, n
    raise AssertionError("the shapes broadcast")


# ---- op types whose shapes depend on more than their declaration sees ----


def _first(_: Attrs, inputs: Sequence[Tensor]) -> list[Shape]:
    return [inputs[0].static_shape]


def _both(_: Attrs, inputs: Sequence[Tensor]) -> list[Shape]:
    return [inputs[0].static_shape] * 2


def _assign(attrs: Attrs, inputs: Sequence[Tensor]) -> list[Shape]:
    ref, value = (tensor.static_shape for tensor in inputs)
    return [merged(ref, value) if attrs["validate_shape"] else value]


def _update(_: Attrs, inputs: Sequence[Tensor]) -> list[Shape]:
    return [merged(inputs[0].static_shape, inputs[1].static_shape)]


def _merge(_: Attrs, inputs: Sequence[Tensor]) -> list[Shape]:
    shape = inputs[0].static_shape
    for tensor in inputs[1:]:
        shape = common(shape, tensor.static_shape)
    return [shape, ()]


def _read(_: Attrs, inputs: Sequence[Tensor]) -> list[Shape]:
    return [handle_shape(inputs[0])]


def _one_scalar(_: Attrs, __: Sequence[Tensor]) -> list[Shape]:
    return [()]


def _resource_gather(_: Attrs, inputs: Sequence[Tensor]) -> list[Shape]:
    params, indices = handle_shape(inputs[0]), inputs[1].static_shape
    return [None if params is None or indices is None else (*indices, *params[1:])]


_KEEPING = (
    "Enter", "RefEnter", "Exit", "RefExit", "NextIteration", "RefNextIteration", "ScatterUpdate",
    "ScatterAdd", "ScatterSub", "ScatterMul", "ScatterDiv", "ScatterMin", "ScatterMax",
    "ScatterNdUpdate", "ScatterNdAdd", "ScatterNdSub",
)  # fmt: skip
_RULES: dict[str, Rule] = {
    "Assign": _assign,
    "AssignAdd": _update,
    "AssignSub": _update,
    "Switch": _both,
    "RefSwitch": _both,
    "Merge": _merge,
    "RefMerge": _merge,
    "ReadVariableOp": _read,
    "ResourceGather": _resource_gather,
    "IsVariableInitialized": _one_scalar,
    "VarIsInitializedOp": _one_scalar,
    "LoopCond": _one_scalar,
    **dict.fromkeys(_KEEPING, _first),
}  # fmt: skip


def handle_shape(handle: Tensor) -> Shape:
    """The shape of the variable behind a resource tensor, through loops and branches."""
    op = handle.op
    while op.type != "VarHandleOp":
        if not op.inputs:
            return None
        op = op.inputs[0].op
    return op.definition.attrs["shape"]


# ---- values that are known while the graph is built ----


def constant_value(tensor: Tensor) -> Any:
    """The value of `tensor` where the graph alone determines it, else None."""
    op = tensor.op
    if op.type == "Const":
        return op.definition.attrs["value"]
    if op.type in ("Shape", "Size", "Rank"):
        return _shape_value(op.type, op.inputs[0].static_shape, tensor.dtype.as_numpy_dtype)
    if op.type not in _FOLDED:
        return None
    values = [constant_value(source) for source in op.inputs]
    if any(value is None or value.size > _MAX_FOLDED for value in values):
        return None
    return _folded(op.type, op.definition.attrs, values)


def _shape_value(type: str, shape: Shape, dtype: Any) -> Any:
    if shape is None:
        return None
    if type == "Rank":
        return np.array(len(shape), dtype)
    if None in shape:
        return None
    return np.array(shape if type == "Shape" else np.prod(np.array(shape, dtype)), dtype)


def _folded(type: str, attrs: Attrs, values: Sequence[Any]) -> Any:
    from ..ops import lookup

    declaration = lookup(type)
    assert declaration is not None
    assert declaration.kernel is not None
    try:
        return np.asarray(declaration.kernel(attrs)(*values))
    except (OpError, ValueError, IndexError, TypeError):
        return None  # the run will say what is wrong
