"""Where values come from, and ops that pass them on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InvalidArgumentError
from ..graph import Shape, shape_text
from ..memory import Site
from .registry import Attrs, Kernel, declare, op


def _const_shape(attrs: Attrs, _: Sequence[Shape], __: Sequence[Any]) -> list[Shape]:
    return [np.shape(attrs["value"])]


def _declared_shape(attrs: Attrs, _: Sequence[Shape], __: Sequence[Any]) -> list[Shape]:
    return [attrs["shape"]]


def _same_shapes(_: Attrs, shapes: Sequence[Shape], __: Sequence[Any]) -> list[Shape]:
    return list(shapes)


def _pass(token: Any) -> Any:
    return token


def _pass_all(*tokens: Any) -> tuple[Any, ...]:
    return tokens


@op("Const", "", "output: dtype", "value: tensor, dtype: type", shape=_const_shape)
def const(attrs: Attrs) -> Kernel:
    """A constant."""
    value: Any = attrs["value"]
    return lambda: value


@op("Placeholder", "", "output: dtype", "dtype: type, shape: shape = unknown",
    shape=_declared_shape, uses_site=True)  # fmt: skip
def placeholder(attrs: Attrs) -> Kernel:
    """A tensor that the caller feeds; executing it means that nobody did."""
    dtype, shape = attrs["dtype"], attrs["shape"]
    needed = f" and shape {shape_text(shape)}" if shape else ""

    def unfed(site: Site) -> Any:
        raise InvalidArgumentError(
            f"You must feed a value for placeholder tensor '{site.name}' "
            f"with dtype {dtype.runtime_name}{needed}"
        )

    return unfed


declare(
    "PlaceholderV2",
    "",
    "output: dtype",
    "dtype: type, shape: shape",
    kernel=placeholder,
    shape=_declared_shape,
    uses_site=True,
    doc="A tensor that the caller feeds.",
)


@op("PlaceholderWithDefault", "input: dtype", "output: dtype", "dtype: type, shape: shape",
    shape=_declared_shape, routes=True)  # fmt: skip
def placeholder_with_default(_: Attrs) -> Kernel:
    """Passes its input on unless the caller feeds the output."""
    return _pass


@op("NoOp")
def no_op(_: Attrs) -> Kernel:
    """Does nothing; other ops wait for it."""
    return tuple


@op("Identity", "input: T", "output: T", "T: type", shape=_same_shapes, routes=True)
def identity(_: Attrs) -> Kernel:
    """Passes its input on. The identity of a reference variable aliases its buffer."""
    return _pass


@op("RefIdentity", "input: Ref(T)", "output: Ref(T)", "T: type", shape=_same_shapes, routes=True,
    allows_uninitialized=[0])  # fmt: skip
def ref_identity(_: Attrs) -> Kernel:
    """Passes a reference on."""
    return _pass


@op("IdentityN", "input: T", "output: T", "T: list(type)", shape=_same_shapes, routes=True)
def identity_n(_: Attrs) -> Kernel:
    """Passes its inputs on once all of them are there."""
    return _pass_all


@op("ToBool", "input: T", "output: bool", "T: type")
def to_bool(_: Attrs) -> Kernel:
    """Python's truth of a tensor: non-zero for a scalar, non-empty otherwise."""

    def truth(value: Any) -> Any:
        array = np.asarray(value)
        return np.bool_(bool(array[()]) if array.ndim == 0 else array.size > 0)

    return truth
