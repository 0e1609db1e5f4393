"""Python values to NumPy arrays, with the types that TensorFlow gives them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import dtypes as engine
from .dtypes import DType, wrap
from .tensor_shape import Dimension

Array = NDArray[Any]


def to_array(value: Any, dtype: DType | None = None) -> Array:
    """`value` as an array of `dtype`, by default of the type that TensorFlow infers.

    Python's floats become float32, its integers int32 where they fit; arrays keep their type.

    Raises:
        ValueError: None, or nested lists of different lengths.
        TypeError: an element does not fit the type.
    """
    if value is None:
        raise ValueError("None values not supported.")
    if isinstance(value, Dimension):
        value = int(value)
    if isinstance(value, (np.ndarray, np.generic)):
        array = np.asarray(value)
        return _strings(array) if array.dtype.kind in "SUO" else _converted(array, dtype)
    plain = _plain(value)
    if dtype is not None:
        _check(plain, dtype)
    try:
        array = np.array(plain)
    except ValueError:
        raise ValueError(
            f"Argument must be a dense tensor: {value} - its lists differ in length."
        ) from None
    if array.dtype.kind in "SUO":
        return _strings(array)
    if dtype is not None:
        return array.astype(dtype.definition.numpy)
    if array.dtype == np.float64 and not _has_numpy(value):
        array = array.astype(np.float32)
    elif array.dtype == np.int64 and not _has_numpy(value):
        narrow = array.astype(np.int32)
        array = narrow if np.array_equal(narrow, array) else array
    return array


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        items: Any = value
        return [_plain(item) for item in items]
    return int(value) if isinstance(value, Dimension) else value


def _has_numpy(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        items: Any = value
        return bool(items) and _has_numpy(items[0])
    return isinstance(value, (np.ndarray, np.generic))


def _converted(array: Array, dtype: DType | None) -> Array:
    if dtype is None:
        engine.from_numpy(array.dtype)
        return array
    return array.astype(dtype.definition.numpy, copy=False)


def _strings(array: Array) -> Array:
    flat = [item.encode() if isinstance(item, str) else item for item in array.reshape(-1).tolist()]
    for item in flat:
        if not isinstance(item, bytes):
            raise TypeError(
                f"Failed to convert object of type {type(item).__name__} to Tensor. Contents: "
                f"{item}."
            )
    result = np.empty(len(flat), object)
    result[:] = flat
    return result.reshape(array.shape)


def _check(value: Any, dtype: DType) -> None:
    """Raise TypeError if an element of `value` may not become `dtype`."""
    if isinstance(value, list):
        items: list[Any] = value
        for item in items:
            _check(item, dtype)
        return
    definition = dtype.definition.base
    is_text = isinstance(value, (str, bytes))
    if definition is engine.string:
        fits = is_text
    elif definition is engine.bool_:
        fits = isinstance(value, (bool, np.bool_))
    elif definition.is_integer:
        fits = isinstance(value, (int, np.integer, np.bool_))
    elif definition.is_floating:
        fits = isinstance(value, (int, float, np.integer, np.floating))
    else:
        fits = not is_text
    if isinstance(value, np.ndarray):
        fits = True
    if not fits:
        raise TypeError(
            f"Expected {definition.name}, but got {value} of type '{type(value).__name__}'."
        )


def dtype_of(array: Array) -> DType:
    """The element type of an array.

    Raises:
        ValueError: TensorFlow has none such.
    """
    return wrap(engine.from_numpy(array.dtype))
