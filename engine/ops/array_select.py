"""Elements from one tensor or another, as a condition says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InvalidArgumentError
from ..graph import Shape
from .registry import Attrs, Kernel, op
from .shapes import broadcast, text


def select_shape(_: Attrs, shapes: Sequence[Shape], __: Sequence[Any]) -> list[Shape]:
    """The shape of Select: that of its branches."""
    return [shapes[1] if shapes[1] is not None else shapes[2]]


@op("Select", "condition: bool, t: T, e: T", "output: T", "T: type", shape=select_shape)
def select(attrs: Attrs) -> Kernel:
    """Elements of t where the condition holds, else of e; a vector chooses whole rows."""

    def kernel(condition: Any, t: Any, e: Any) -> Any:
        if t.shape != e.shape:
            raise InvalidArgumentError(
                f"'then' and 'else' must have the same size.  but received: {text(t)} vs. {text(e)}"
            )
        if condition.shape == t.shape or not condition.ndim:
            return np.where(condition, t, e)
        if condition.ndim != 1 or not t.ndim or condition.size != t.shape[0]:
            raise InvalidArgumentError(
                f"Inputs to operation of type Select must have compatible shapes, found condition "
                f"{text(condition)} and 'then' {text(t)}"
            )
        return np.where(condition.reshape((-1,) + (1,) * (t.ndim - 1)), t, e)

    return kernel


def _select_v2_shape(_: Attrs, shapes: Sequence[Shape], __: Sequence[Any]) -> list[Shape]:
    return [broadcast(shapes[0], broadcast(shapes[1], shapes[2]))]


def _explain_select_v2(_: Attrs, inputs: Sequence[Any]) -> Exception | None:
    condition, t, e = (text(value) for value in inputs)
    return InvalidArgumentError(
        f"condition {condition}, then {t}, and else {e} must be broadcastable"
    )


@op(
    "SelectV2",
    "condition: bool, t: T, e: T",
    "output: T",
    "T: type",
    shape=_select_v2_shape,
    explain=_explain_select_v2,
)
def select_v2(attrs: Attrs) -> Kernel:
    """Elements of t where the condition holds, else of e, all three broadcast."""
    return np.where
