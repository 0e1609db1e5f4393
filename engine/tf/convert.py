"""Anything to tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..graph import Shape
from . import eager
from .arrays import Array, dtype_of, to_array
from .defaults import executing_eagerly, get_default_graph
from .dtypes import DType, as_dtype
from .tensor_shape import Dimension, TensorShape
from .tensors import Operation, Tensor

Packer = Callable[[Sequence[Any], DType | None, str | None], Tensor]
_packers: list[Packer] = []


def set_packer(packer: Packer) -> None:
    """`packer` makes one tensor of a list that has tensors in it."""
    _packers[:] = [packer]


def constant(
    value: Any,
    dtype: Any = None,
    shape: Any = None,
    name: str = "Const",
    verify_shape: bool = False,
) -> Tensor:
    """A tensor with a value that does not change.

    Args:
        value: a number, text, nested lists of them, or an array.
        dtype: its element type; inferred if None.
        shape: its shape; where `value` has fewer elements, the last one fills the rest.
        name: its name.
        verify_shape: whether `value` must have exactly this shape.

    Raises:
        TypeError: elements do not fit the type.
        ValueError: `value` has more elements than the shape, or is None.
    """
    wanted = None if dtype is None else as_dtype(dtype)
    if isinstance(value, Tensor):
        if isinstance(value, eager.EagerTensor):
            value = np.asarray(value.token)
        else:
            raise TypeError(
                f"Expected a value, found {value!r}, which has none yet; use tf.identity"
            )
    array = to_array(value, wanted)
    if shape is not None:
        array = _filled(array, tuple(TensorShape(shape).as_list()), verify_shape)
    return array_tensor(array, wanted or dtype_of(array), name)


def _filled(array: Array, shape: tuple[int | None, ...], verify: bool) -> Array:
    lengths = tuple(int(length) for length in shape if length is not None)
    count = int(np.prod(lengths, dtype=np.int64))
    if verify and array.shape != lengths:
        raise TypeError(f"Expected Tensor's shape: {lengths}, but got {array.shape}.")
    if array.size == count:
        return array.reshape(lengths)
    if array.size > count or not array.size:
        raise ValueError(
            f"Too many elements provided. Takes at most {count:d}, but got {array.size:d}"
            if array.size
            else "Cannot create a tensor with elements from an empty value."
        )
    flat = np.concatenate([array.ravel(), np.repeat(array.ravel()[-1:], count - array.size)])
    return flat.reshape(lengths)


def array_tensor(array: Array, dtype: DType, name: str | None) -> Tensor:
    """A constant with exactly this array as value."""
    if executing_eagerly():
        return eager.eager_tensor(array, dtype)
    held = np.array(array)
    held.flags.writeable = False
    shape: Shape = held.shape
    attrs = {"value": held, "dtype": dtype.definition}
    graph = get_default_graph()
    op = graph.create_op("Const", [], [dtype.definition], attrs, name or "Const", lambda _: [shape])
    return op.outputs[0]


def convert_to_tensor(
    value: Any,
    dtype: Any = None,
    name: str | None = None,
    preferred_dtype: Any = None,
    dtype_hint: Any = None,
    as_ref: bool = False,
) -> Tensor:
    """`value` as a tensor: itself, the value of a variable, or a constant.

    Args:
        value: a tensor, a variable, a shape, or what makes a constant.
        dtype: the type that it must have.
        name: the name of a constant that has to be made.
        preferred_dtype: the type that it gets if it can.
        dtype_hint: the same, by its newer name.
        as_ref: whether a reference variable gives the reference itself.

    Raises:
        TypeError, ValueError: it is no tensor, or of another type.
    """
    wanted = None if dtype is None else as_dtype(dtype)
    hint = preferred_dtype if dtype_hint is None else dtype_hint
    if isinstance(value, Tensor):
        return _tensor(value, wanted, name)
    to_tensor = getattr(value, "to_tensor", None)
    if to_tensor is not None:
        return to_tensor(wanted, name, as_ref)
    if isinstance(value, Operation):
        raise TypeError(f"can't convert Operation '{value.name}' to Tensor")
    if isinstance(value, TensorShape):
        return _shape_tensor(value, wanted, name)
    if isinstance(value, (list, tuple)) and _holds_tensor(value):
        items: Sequence[Any] = value
        return _packers[0](items, wanted or (None if hint is None else as_dtype(hint)), name)
    if wanted is None and hint is not None:
        try:
            array = to_array(value, as_dtype(hint))
            return array_tensor(array, as_dtype(hint), name)
        except (TypeError, ValueError):
            pass  # a hint is no order
    array = to_array(value, wanted)
    return array_tensor(array, wanted or dtype_of(array), name)


def _tensor(value: Tensor, wanted: DType | None, name: str | None) -> Tensor:
    if wanted is not None and not wanted.is_compatible_with(value.dtype):
        raise ValueError(
            f"Tensor conversion requested dtype {wanted.name} for Tensor with dtype "
            f"{value.dtype.name}: {value!r}"
        )
    if executing_eagerly():
        if not isinstance(value, eager.EagerTensor):
            raise RuntimeError(
                f"Attempting to capture an EagerTensor without building a function: '{value.name}' "
                "belongs to a graph, and eager execution is enabled"
            )
        return value
    if isinstance(value, eager.EagerTensor):
        return array_tensor(np.asarray(value.token), value.dtype, name)
    return value


def _shape_tensor(shape: TensorShape, wanted: DType | None, name: str | None) -> Tensor:
    if not shape.is_fully_defined():
        raise ValueError(f"Cannot convert a partially known TensorShape {shape} to a Tensor.")
    dtype = wanted or as_dtype("int32")
    return array_tensor(
        np.array(shape.as_list(), dtype.definition.numpy), dtype, name or "shape_as_tensor"
    )


def _holds_tensor(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        items: Any = value
        return any(_holds_tensor(item) for item in items)
    return isinstance(value, Tensor) or hasattr(value, "to_tensor")


def is_dimension_list(value: Any) -> bool:
    """Whether `value` is a list of Python lengths, so that it is known without running anything."""
    if not isinstance(value, (list, tuple)):
        return False
    items: Any = value
    return all(isinstance(item, (int, np.integer, Dimension)) for item in items)


def static_value(value: Any) -> Any:
    """The array behind `value` if it is known while the graph is built, else None."""
    from .shape_inference import constant_value

    if isinstance(value, eager.EagerTensor):
        return np.asarray(value.token)
    if isinstance(value, Tensor):
        return constant_value(value)
    if isinstance(value, TensorShape):
        return np.array(value.as_list()) if value.is_fully_defined() else None
    if hasattr(value, "to_tensor") or _holds_tensor(value):
        return None
    return to_array(value)
