"""Lists of tensors as values: what TF2's loops carry. A list never changes; ops make new ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..dtypes import DType
from ..errors import InvalidArgumentError
from ..graph import Shape, shape_text
from .registry import Attrs


@dataclass(frozen=True, slots=True, eq=False)
class TensorList:
    """A list of tensors of one type.

    Attributes:
        dtype: the element type.
        shape: what is known of the shape of every element.
        elements: arrays, lists, or None for elements that were never set.
        limit: the largest length allowed; -1 is any.
    """

    dtype: DType
    shape: Shape
    elements: tuple[Any, ...] = ()
    limit: int = -1

    def zeros_like(self) -> TensorList:
        """A list of zeros of the same shapes."""
        return replace(self, elements=tuple(_zeros_like(item) for item in self.elements))

    def __add__(self, other: TensorList) -> TensorList:
        """The sums of the elements of two lists of one length."""
        if len(self.elements) != len(other.elements):
            raise InvalidArgumentError(
                "Trying to add two lists of tensors with different lengths. One is "
                f"{len(self.elements)} and the other is {len(other.elements)}"
            )
        pairs = zip(self.elements, other.elements, strict=True)
        return replace(self, elements=tuple(_sum(a, b) for a, b in pairs))


def _zeros_like(item: Any) -> Any:
    if item is None:
        return None
    return item.zeros_like() if isinstance(item, TensorList) else np.zeros_like(item)


def _sum(a: Any, b: Any) -> Any:
    if a is None or b is None:
        return b if a is None else a
    return a + b


def shape_from(value: Any) -> Shape:
    """The shape in a shape tensor; -1 stands for what is unknown."""
    if not np.ndim(value):
        return None if int(value) < 0 else ()
    return tuple(None if n < 0 else n for n in value.tolist())


def merge(a: Shape, b: Shape) -> Shape:
    """What is known from both `a` and `b`.

    Raises:
        InvalidArgumentError: they contradict each other.
    """
    if a is None or b is None:
        return b if a is None else a
    if len(a) != len(b) or any(
        m is not None and n is not None and m != n for m, n in zip(a, b, strict=True)
    ):
        raise InvalidArgumentError(
            f"Tried to combine incompatible shapes: {shape_text(a)} and {shape_text(b)}"
        )
    return tuple(n if m is None else m for m, n in zip(a, b, strict=True))


def checked(attrs: Attrs, items: TensorList) -> TensorList:
    """`items`, whose elements have the type that an op's attributes say.

    Raises:
        InvalidArgumentError: they have another.
    """
    wanted: DType = attrs["element_dtype"]
    if items.dtype != wanted:
        raise InvalidArgumentError(
            f"Invalid data types; op elements {wanted.runtime_name} but list elements "
            f"{items.dtype.runtime_name}"
        )
    return items


def fill(items: TensorList, extra: Shape = None) -> Any:
    """What an element that was never set reads as: zeros of the shape that is known.

    Args:
        items: the list; its other elements tell of the shape too.
        extra: what else is known of it.

    Raises:
        InvalidArgumentError: the shape is not known.
    """
    shape = merge(items.shape, extra)
    for item in items.elements:
        if isinstance(item, np.ndarray | np.generic):
            shape = merge(shape, item.shape)
    if shape is None or None in shape:
        raise InvalidArgumentError(
            "Trying to read an uninitialized tensor but element_shape is not fully defined"
            f"{shape_text(shape)} and no uninitialized tensor's shape could be inferred"
        )
    return np.zeros([n or 0 for n in shape], items.dtype.numpy)


def all_elements(items: TensorList, extra: Shape = None) -> list[Any]:
    """All elements, those that were never set as they read (`fill`)."""
    return [fill(items, extra) if item is None else item for item in items.elements]


def in_range(items: TensorList, index: int) -> None:
    """Raises InvalidArgumentError if the list has no element `index`."""
    if not 0 <= index < len(items.elements):
        raise InvalidArgumentError(
            f"Trying to access element {index} in a list with {len(items.elements)} elements."
        )
