"""Shape rules that many op types share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InvalidArgumentError
from ..graph import Shape, shape_text
from .registry import Attrs, ShapeRule


def broadcast(a: Shape, b: Shape) -> Shape:
    """The shape that `a` and `b` broadcast to, as far as it is known; None if they cannot."""
    if a is None or b is None:
        return None
    rank = max(len(a), len(b))
    left = (1,) * (rank - len(a)) + tuple(a)
    right = (1,) * (rank - len(b)) + tuple(b)
    result: list[int | None] = []
    for m, n in zip(left, right, strict=True):
        if m == 1:
            result.append(n)
        elif n == 1 or m == n:
            result.append(m)
        elif m is None or n is None:
            result.append(n if m is None else m)
        else:
            return None
    return tuple(result)


def unchanged(_: Attrs, shapes: Sequence[Shape], __: Sequence[Any]) -> list[Shape]:
    """Every output has the shape of input 0 (for op types with one output)."""
    return [shapes[0]]


def broadcasting(_: Attrs, shapes: Sequence[Shape], __: Sequence[Any]) -> list[Shape]:
    """The one output has the shape that all inputs broadcast to."""
    result: Shape = ()
    for shape in shapes:
        result = broadcast(result, shape)
    return [result]


def scalar(_: Attrs, __: Sequence[Shape], ___: Sequence[Any]) -> list[Shape]:
    """The one output is a scalar."""
    return [()]


def like(*positions: int) -> ShapeRule:
    """Output i has the shape of input `positions[i]`."""

    def rule(_: Attrs, shapes: Sequence[Shape], __: Sequence[Any]) -> list[Shape]:
        return [shapes[position] for position in positions]

    return rule


def given_by(position: int) -> ShapeRule:
    """The one output has the shape that input `position` spells out."""

    def rule(_: Attrs, shapes: Sequence[Shape], values: Sequence[Any]) -> list[Shape]:
        return [spelled_out(shapes[position], values[position])]

    return rule


def spelled_out(shape: Shape, value: Any) -> Shape:
    """The shape in the shape tensor `value`, itself of shape `shape`; -1 is an unknown length."""
    if value is not None:
        return tuple(None if n < 0 else int(n) for n in np.ravel(value))
    if shape is not None and len(shape) == 1 and shape[0] is not None:
        return (None,) * shape[0]
    return None


def explain_broadcast(_: Attrs, inputs: Sequence[Any]) -> Exception | None:
    """TensorFlow's error for two inputs that do not broadcast together."""
    a, b = (np.shape(value) for value in inputs[:2])
    try:
        np.broadcast_shapes(a, b)
    except ValueError:
        return InvalidArgumentError(f"Incompatible shapes: {shape_text(a)} vs. {shape_text(b)}")
    return None


def same_shapes(message: str, *positions: int) -> Any:
    """An `explain` that says `message` if the inputs at `positions` differ in shape."""

    def explain(_: Attrs, inputs: Sequence[Any]) -> Exception | None:
        shapes = {np.shape(inputs[position]) for position in positions}
        return InvalidArgumentError(message) if len(shapes) > 1 else None

    return explain


def text(value: Any) -> str:
    """The shape of an array as TensorFlow's runtime prints it."""
    return shape_text(np.shape(value))


def resolve_axis(axis: int, rank: int) -> int:
    """`axis` counted from the front.

    Raises:
        InvalidArgumentError: it is outside [-rank, rank).
    """
    if not -rank <= axis < rank:
        raise InvalidArgumentError(
            f"Expected dimension in the range [{-rank}, {rank}), but got {axis}"
        )
    return axis + rank if axis < 0 else axis
