"""TensorFlow's element types and how NumPy holds them.

Strings are NumPy object arrays of `bytes`; resources and variants never become arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ml_dtypes
import numpy as np


@dataclass(frozen=True, slots=True)
class DType:
    """One element type.

    Attributes:
        name: the Python name, such as `float32`.
        enum: the number in TensorFlow's `DataType` enumeration, without the reference bit.
        runtime_name: what TensorFlow's runtime messages call it, such as `float`.
        numpy: the NumPy type that holds it; `object` for strings, resources and variants.
        is_ref: a reference to a variable's buffer instead of a value.
    """

    name: str
    enum: int
    runtime_name: str
    numpy: np.dtype[Any]
    is_ref: bool = False

    @property
    def base(self) -> DType:
        return BY_ENUM[self.enum]

    @property
    def ref(self) -> DType:
        return DType(f"{self.name}_ref", self.enum, f"{self.runtime_name}_ref", self.numpy, True)

    @property
    def is_floating(self) -> bool:
        return self.base in (float16, float32, float64, bfloat16)

    @property
    def is_integer(self) -> bool:
        return self.numpy.kind in "iu" and self.base not in (bfloat16,)

    @property
    def is_complex(self) -> bool:
        return self.base in (complex64, complex128)

    def __repr__(self) -> str:
        return f"dtypes.{self.name}"


BY_ENUM: dict[int, DType] = {}
BY_NAME: dict[str, DType] = {}


def _define(name: str, enum: int, numpy: Any, runtime_name: str | None = None) -> DType:
    held: np.dtype[Any] = np.dtype(numpy)
    dtype = DType(name, enum, runtime_name or name, held)
    BY_ENUM[enum] = dtype
    BY_NAME[name] = dtype
    return dtype


float32 = _define("float32", 1, np.float32, "float")
float64 = _define("float64", 2, np.float64, "double")
int32 = _define("int32", 3, np.int32)
uint8 = _define("uint8", 4, np.uint8)
int16 = _define("int16", 5, np.int16)
int8 = _define("int8", 6, np.int8)
string = _define("string", 7, object)
complex64 = _define("complex64", 8, np.complex64)
int64 = _define("int64", 9, np.int64)
bool_ = _define("bool", 10, np.bool_)
qint8 = _define("qint8", 11, np.int8)
quint8 = _define("quint8", 12, np.uint8)
qint32 = _define("qint32", 13, np.int32)
bfloat16 = _define("bfloat16", 14, ml_dtypes.bfloat16)
qint16 = _define("qint16", 15, np.int16)
quint16 = _define("quint16", 16, np.uint16)
uint16 = _define("uint16", 17, np.uint16)
complex128 = _define("complex128", 18, np.complex128)
float16 = _define("float16", 19, np.float16, "half")
resource = _define("resource", 20, object)
variant = _define("variant", 21, object)
uint32 = _define("uint32", 22, np.uint32)
uint64 = _define("uint64", 23, np.uint64)
float8_e5m2 = _define("float8_e5m2", 24, ml_dtypes.float8_e5m2)
float8_e4m3fn = _define("float8_e4m3fn", 25, ml_dtypes.float8_e4m3fn)
int4 = _define("int4", 29, ml_dtypes.int4)
uint4 = _define("uint4", 30, ml_dtypes.uint4)

_REF_BIT = 100
_BY_NUMPY: dict[np.dtype[Any], DType] = {}
for _dtype in BY_ENUM.values():
    _BY_NUMPY.setdefault(_dtype.numpy, _dtype)


def from_enum(enum: int) -> DType:
    """The type with TensorFlow's number `enum`; numbers above 100 are reference types.

    Raises:
        ValueError: the number is none of TensorFlow's.
    """
    base = BY_ENUM.get(enum - _REF_BIT if enum > _REF_BIT else enum)
    if base is None:
        raise ValueError(f"{enum} is not a TensorFlow data type")
    return base.ref if enum > _REF_BIT else base


def to_enum(dtype: DType) -> int:
    return dtype.enum + _REF_BIT if dtype.is_ref else dtype.enum


def from_numpy(dtype: np.dtype[Any]) -> DType:
    """The TensorFlow type that a NumPy array of `dtype` has; text and bytes are strings.

    Raises:
        ValueError: TensorFlow has no such type.
    """
    if dtype.kind in "SUO":
        return string
    found = _BY_NUMPY.get(dtype.newbyteorder("="))
    if found is None:
        raise ValueError(f"TensorFlow has no element type for NumPy's {dtype}")
    return found


def as_dtype(value: Any) -> DType:
    """`value` as a type: a DType, its name, its number, or anything that NumPy takes for a type."""
    if isinstance(value, DType):
        return value
    if isinstance(value, str) and value in BY_NAME:
        return BY_NAME[value]
    if isinstance(value, int) and not isinstance(value, bool):
        return from_enum(value)
    named: Any = value
    return from_numpy(np.dtype(named))
