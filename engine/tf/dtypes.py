"""`tf.DType` and its instances: the engine's element types under TensorFlow's interface."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import dtypes as engine


class DType:
    """An element type, as `tf.float32`. Two are equal when they mean the same type.

    Args:
        definition: the engine's type.
    """

    __slots__ = ("definition",)

    def __init__(self, definition: engine.DType) -> None:
        self.definition = definition

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def base_dtype(self) -> DType:
        return wrap(self.definition.base) if self.is_ref else self

    @property
    def real_dtype(self) -> DType:
        parts = {"complex64": float32, "complex128": float64}
        return parts.get(self.base_dtype.name, self)

    @property
    def is_ref(self) -> bool:
        return self.definition.is_ref

    @property
    def as_numpy_dtype(self) -> Any:
        """The NumPy type that holds it, as `numpy.float32`."""
        return self.definition.numpy.type

    @property
    def as_datatype_enum(self) -> int:
        return engine.to_enum(self.definition)

    @property
    def is_floating(self) -> bool:
        return self.definition.is_floating

    @property
    def is_integer(self) -> bool:
        return self.definition.is_integer

    @property
    def is_complex(self) -> bool:
        return self.definition.is_complex

    @property
    def is_bool(self) -> bool:
        return self.definition.base is engine.bool_

    @property
    def is_unsigned(self) -> bool:
        return self.definition.numpy.kind == "u"

    @property
    def is_numpy_compatible(self) -> bool:
        return self.definition.base not in (engine.resource, engine.variant)

    @property
    def size(self) -> int:
        return self.definition.numpy.itemsize

    @property
    def min(self) -> Any:
        """The smallest finite value."""
        return self._limits().min

    @property
    def max(self) -> Any:
        """The largest finite value."""
        return self._limits().max

    def _limits(self) -> Any:
        if self.is_floating:
            return np.finfo(self.definition.numpy)
        if self.is_integer:
            return np.iinfo(self.definition.numpy)
        raise TypeError(f"Cannot find minimum or maximum value of {self!r}.")

    def is_compatible_with(self, other: Any) -> bool:
        """Whether a tensor of this type may be given where `other` is wanted."""
        return self.base_dtype == as_dtype(other).base_dtype

    def __eq__(self, other: object) -> bool:
        if other is None:
            return False
        try:
            return engine.to_enum(as_dtype(other).definition) == self.as_datatype_enum
        except TypeError:
            return False

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return self.as_datatype_enum

    def __repr__(self) -> str:
        return f"tf.{self.name}"

    def __str__(self) -> str:
        return f"<dtype: '{self.name}'>"


_wrapped: dict[int, DType] = {}


def wrap(definition: engine.DType) -> DType:
    """The `tf.DType` of an engine type; always the same object for the same type."""
    return _wrapped.setdefault(engine.to_enum(definition), DType(definition))


def as_dtype(value: Any) -> DType:
    """`value` as a type: a type, its name, its number, or anything that NumPy takes for a type.

    Raises:
        TypeError: TensorFlow has no such type.
    """
    if isinstance(value, DType):
        return value
    if isinstance(value, engine.DType):
        return wrap(value)
    known = {bool: engine.bool_, int: engine.int32, float: engine.float32, str: engine.string}
    try:
        if isinstance(value, type) and value in known:
            return wrap(known[value])
        if isinstance(value, str) and value.endswith("_ref"):
            return wrap(engine.as_dtype(value.removesuffix("_ref")).ref)
        return wrap(engine.as_dtype(value))
    except (TypeError, ValueError):
        raise TypeError(
            f"Cannot convert the argument `type_value`: {value!r} to a TensorFlow DType."
        ) from None


float16 = half = wrap(engine.float16)
float32 = wrap(engine.float32)
float64 = double = wrap(engine.float64)
bfloat16 = wrap(engine.bfloat16)
int8 = wrap(engine.int8)
int16 = wrap(engine.int16)
int32 = wrap(engine.int32)
int64 = wrap(engine.int64)
uint8 = wrap(engine.uint8)
uint16 = wrap(engine.uint16)
uint32 = wrap(engine.uint32)
uint64 = wrap(engine.uint64)
complex64 = wrap(engine.complex64)
complex128 = wrap(engine.complex128)
bool_ = wrap(engine.bool_)
string = wrap(engine.string)
resource = wrap(engine.resource)
variant = wrap(engine.variant)
qint8 = wrap(engine.qint8)
quint8 = wrap(engine.quint8)
qint32 = wrap(engine.qint32)
