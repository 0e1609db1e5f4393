"""TensorProto to NumPy arrays and back.

A TensorProto holds its elements as raw bytes (`tensor_content`) or in the repeated field of its
type. In a repeated field the last value stands for all that follow it, and none at all for zeros.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import dtypes
from ..dtypes import DType
from ..errors import FormatError
from ..graph import Shape, shape_text
from .proto.opscope_graph_pb2 import TensorProto, TensorShapeProto
from .varint import read_varint

Array = npt.NDArray[Any]

MAX_EXPANDED_BYTES = 1 << 30
"""How large a tensor may be whose repeated value is written once: no program that people write
comes near, and a file of a few bytes must not claim all memory."""

_MAX_RANK = 64  # NumPy's limit; TensorFlow's is 254

_FIELDS: dict[DType, str] = {
    dtypes.float32: "float_val",
    dtypes.float64: "double_val",
    dtypes.int64: "int64_val",
    dtypes.bool_: "bool_val",
    dtypes.uint32: "uint32_val",
    dtypes.uint64: "uint64_val",
    dtypes.complex64: "scomplex_val",
    dtypes.complex128: "dcomplex_val",
    dtypes.float16: "half_val",
    dtypes.bfloat16: "half_val",
    dtypes.float8_e5m2: "float8_val",
    dtypes.float8_e4m3fn: "float8_val",
}


def shape_from_proto(proto: TensorShapeProto) -> Shape:
    """A partly known shape.

    Raises:
        FormatError: a length below -1 (which stands for unknown).
    """
    if proto.unknown_rank:
        return None
    lengths = [dim.size for dim in proto.dim]
    if any(length < -1 for length in lengths):
        raise FormatError(f"expected a shape, found the length {min(lengths)} in {lengths}")
    return tuple(None if length == -1 else length for length in lengths)


def shape_to_proto(shape: Shape, proto: TensorShapeProto) -> None:
    """Write `shape` into `proto`."""
    proto.SetInParent()
    if shape is None:
        proto.unknown_rank = True
        return
    for length in shape:
        proto.dim.add().size = -1 if length is None else length


def dtype_from_number(number: int) -> DType:
    """The element type with TensorFlow's number.

    Raises:
        FormatError: a number that is none of the types the engine knows.
    """
    try:
        return dtypes.from_enum(number)
    except ValueError as error:
        raise FormatError(f"expected a data type, found the number {number}: {error}") from None


def _declared(proto: TensorProto) -> tuple[DType, tuple[int, ...], int]:
    """Type, shape and number of elements, checked for being those of a concrete tensor."""
    dtype = dtype_from_number(proto.dtype)
    shape = shape_from_proto(proto.tensor_shape)
    if shape is None or None in shape:
        raise FormatError(f"expected a tensor with a known shape, found {shape_text(shape)}")
    if len(shape) > _MAX_RANK:
        raise FormatError(
            f"expected a tensor of at most {_MAX_RANK} dimensions, found {len(shape)}"
        )
    lengths = tuple(length for length in shape if length is not None)
    return dtype, lengths, math.prod(lengths)


def stored_count(proto: TensorProto, dtype: DType) -> int:
    """How many elements of type `dtype` the repeated field of `proto` for them holds."""
    if dtype == dtypes.string:
        return len(proto.string_val)
    stored = len(getattr(proto, _FIELDS.get(dtype, "int_val")))
    return stored // 2 if dtype.is_complex else stored


def check_tensor(proto: TensorProto) -> None:
    """Check, without decoding it, that `proto` can be decoded in reasonable memory.

    Raises:
        FormatError: contents and shape disagree, or the declared tensor is absurdly large.
    """
    dtype, shape, count = _declared(proto)
    if dtype.base in (dtypes.resource, dtypes.variant):
        return
    size = count * dtype.numpy.itemsize
    content = len(proto.tensor_content)
    if content and dtype != dtypes.string and content != size:
        raise FormatError(
            f"expected {size:,} bytes for a {dtype.name} tensor of shape {shape_text(shape)}, "
            f"found {content:,}"
        )
    if content and dtype == dtypes.string and content < count:
        raise FormatError(f"expected {count:,} strings, found {content:,} bytes")
    if not content and size > MAX_EXPANDED_BYTES and stored_count(proto, dtype) < count:
        raise FormatError(
            f"expected the contents of a {dtype.name} tensor of shape {shape_text(shape)}, found "
            f"{stored_count(proto, dtype):,} of {count:,} elements"
        )


def tensor_from_proto(proto: TensorProto) -> Array:
    """The array that `proto` holds, read-only; strings are an object array of `bytes`.

    Raises:
        FormatError: the shape is not fully known, contents and shape disagree, or the tensor is a
            resource or a variant, which have no values in a file.
    """
    check_tensor(proto)
    dtype, shape, count = _declared(proto)
    if dtype == dtypes.string:
        flat = _string_elements(proto, count)
    elif dtype.numpy == np.dtype(object) or dtype.is_ref:
        raise FormatError(f"expected a tensor of numbers or strings, found the type {dtype.name}")
    elif content := proto.tensor_content:
        flat = np.frombuffer(content, dtype.numpy.newbyteorder("<")).astype(dtype.numpy, copy=False)
    else:
        flat = _extend(_stored_elements(proto, dtype), count)
    array = flat.reshape(shape)
    array.flags.writeable = False
    return array


def _stored_elements(proto: TensorProto, dtype: DType) -> Array:
    values = getattr(proto, _FIELDS.get(dtype, "int_val"))
    if dtype.is_complex:
        parts = np.array(values, np.float32 if dtype == dtypes.complex64 else np.float64)
        return parts[: len(parts) // 2 * 2].view(dtype.numpy)
    if dtype in (dtypes.float16, dtypes.bfloat16):
        return np.array(values, np.int64).astype(np.uint16).view(dtype.numpy)
    if _FIELDS.get(dtype) == "float8_val":
        return np.frombuffer(values, dtype.numpy)
    # Narrow integers travel as int32; the runtime keeps their low bits.
    carrier = np.int32 if dtype not in _FIELDS else dtype.numpy
    return np.array(values, carrier).astype(dtype.numpy, copy=False)


def _extend(stored: Array, count: int) -> Array:
    """`stored` cut or continued with its last element to `count` elements."""
    if len(stored) >= count:
        return stored[:count]
    if not len(stored):
        return np.zeros(count, stored.dtype)
    whole = np.empty(count, stored.dtype)
    whole[: len(stored)] = stored
    whole[len(stored) :] = stored[-1]
    return whole


def _string_elements(proto: TensorProto, count: int) -> Array:
    content = proto.tensor_content
    values = _split_strings(content, count) if content else list(proto.string_val[:count])
    filler = values[-1] if values else b""
    flat = np.full(count, filler, object)
    flat[: len(values)] = values
    return flat


def _split_strings(content: bytes, count: int) -> list[bytes]:
    """Strings as `tensor_content` has them: all lengths as varints, then all characters."""
    lengths: list[int] = []
    position = 0
    for _ in range(count):
        length, position = read_varint(content, position)
        lengths.append(length)
    if position + sum(lengths) != len(content):
        raise FormatError(
            f"expected strings of {sum(lengths):,} bytes, found {len(content) - position:,}"
        )
    values: list[bytes] = []
    for length in lengths:
        values.append(content[position : position + length])
        position += length
    return values


def as_string_bytes(value: Any) -> bytes:
    """An element of a string tensor: bytes as they are, text as UTF-8.

    Raises:
        TypeError: anything else.
    """
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    raise TypeError(f"expected bytes or text in a string tensor, found {type(value).__name__}")


def tensor_to_proto(array: Array, proto: TensorProto, dtype: DType | None = None) -> None:
    """Write `array` into `proto`.

    Its element type is `dtype` if that is given, for where NumPy's does not tell (quantized
    integers).

    Raises:
        ValueError: TensorFlow has no such element type.
        TypeError: an object array holds something else than bytes and text.
    """
    dtype = dtype or dtypes.from_numpy(array.dtype)
    proto.dtype = dtypes.to_enum(dtype)  # pyright: ignore[reportAttributeAccessIssue]
    shape_to_proto(array.shape, proto.tensor_shape)
    if dtype == dtypes.string:
        proto.string_val.extend(as_string_bytes(value) for value in array.ravel().tolist())
    else:
        stored = array.astype(dtype.numpy.newbyteorder("<"), copy=False)
        proto.tensor_content = stored.tobytes()
