"""Strings: arrays of `bytes`."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

import numpy as np

from ..dtypes import DType, bool_, string
from ..errors import InvalidArgumentError
from ..graph import Shape
from .registry import Attrs, Kernel, declare, op
from .shapes import broadcasting, text, unchanged


def text_array(values: Any, shape: Sequence[int]) -> Any:
    """An array of strings of `shape` from an iterable of bytes."""
    result = np.empty(len(values), object)
    result[:] = values
    return result.reshape(tuple(shape))


def map_bytes(function: Callable[[Any], Any], x: Any, dtype: Any = object) -> Any:
    """`function` of every element of `x`."""
    found = [function(value) for value in np.asarray(x).ravel().tolist()]
    if dtype is object:
        return text_array(found, np.shape(x))
    return np.array(found, dtype).reshape(np.shape(x))


@op(
    "AsString",
    "input: T",
    "output: string",
    "T: type, precision: int = -1, scientific: bool = false, shortest: bool = false, "
    "width: int = -1, fill: string = ''",
    shape=unchanged,
)
def as_string(attrs: Attrs) -> Kernel:
    """Every element written out, as C's printf would."""
    dtype: DType = attrs["T"]
    precision, width = attrs["precision"], attrs["width"]
    fill: str = attrs["fill"].decode()
    if dtype is string or dtype is bool_:
        names = {False: b"false", True: b"true"}
        return (lambda x: x) if dtype is string else lambda x: map_bytes(names.__getitem__, x)
    flags = fill + (str(width) if width > -1 else "")
    digits = f".{precision}" if precision > -1 else ""
    if dtype.is_integer:
        letter, digits = "d", ""
    elif attrs["shortest"]:
        letter = "g"
    else:
        letter = "e" if attrs["scientific"] else "f"
    pattern = f"%{flags}{digits}{letter}"
    if dtype.is_complex:
        pair = f"({pattern},{pattern})"
        return lambda x: map_bytes(lambda z: (pair % (z.real, z.imag)).encode(), x)
    return lambda x: map_bytes(lambda value: (pattern % value).encode(), x)


@op(
    "StringJoin",
    "inputs: N * string",
    "output: string",
    "N: int, separator: string = ''",
    shape=broadcasting,
)
def string_join(attrs: Attrs) -> Kernel:
    """The strings of all inputs joined element by element; scalars go with every element."""
    separator: bytes = attrs["separator"]

    def kernel(*inputs: Any) -> Any:
        shapes = {value.shape for value in inputs if value.ndim}
        if len(shapes) > 1:
            first, second = sorted(shapes)[:2]
            raise InvalidArgumentError(
                f"Input shapes do not match: {list(first)} vs. {list(second)}".replace(
                    " ", ""
                ).replace("vs.", " vs. ")
            )
        shape = next(iter(shapes), ())
        columns = [np.broadcast_to(value, shape).ravel().tolist() for value in inputs]
        return text_array([separator.join(row) for row in zip(*columns, strict=True)], shape)

    return kernel


@op("StaticRegexFullMatch", "input: string", "output: bool", "pattern: string", shape=unchanged)
def static_regex_full_match(attrs: Attrs) -> Kernel:
    """Whether the whole string matches the pattern."""
    pattern = re.compile(attrs["pattern"])
    return lambda x: map_bytes(lambda value: pattern.fullmatch(value) is not None, x, np.bool_)


@op("RegexFullMatch", "input: string, pattern: string", "output: bool", shape=unchanged)
def regex_full_match(attrs: Attrs) -> Kernel:
    """Whether the whole string matches the pattern."""

    def kernel(x: Any, pattern: Any) -> Any:
        compiled = re.compile(pattern.item())
        return map_bytes(lambda value: compiled.fullmatch(value) is not None, x, np.bool_)

    return kernel


def _replacing(pattern: bytes, rewrite: bytes, everywhere: bool) -> Any:
    compiled = re.compile(pattern)
    count = 0 if everywhere else 1
    return lambda x: map_bytes(lambda value: compiled.sub(rewrite, value, count=count), x)


@op(
    "StaticRegexReplace",
    "input: string",
    "output: string",
    "pattern: string, rewrite: string, replace_global: bool = true",
    shape=unchanged,
)
def static_regex_replace(attrs: Attrs) -> Kernel:
    """Strings with what matches the pattern replaced."""
    return _replacing(attrs["pattern"], attrs["rewrite"], attrs["replace_global"])


@op(
    "RegexReplace",
    "input: string, pattern: string, rewrite: string",
    "output: string",
    "replace_global: bool = true",
    shape=unchanged,
)
def regex_replace(attrs: Attrs) -> Kernel:
    """Strings with what matches the pattern replaced."""
    everywhere: bool = attrs["replace_global"]
    return lambda x, pattern, rewrite: _replacing(pattern.item(), rewrite.item(), everywhere)(x)


@op("StringStrip", "input: string", "output: string", shape=unchanged)
def string_strip(attrs: Attrs) -> Kernel:
    """Strings without white space at both ends."""
    return lambda x: map_bytes(bytes.strip, x)


def _changing_case(change: Callable[[str], str], ascii_only: Callable[[bytes], bytes]) -> Any:
    def factory(attrs: Attrs) -> Kernel:
        if attrs["encoding"] == b"utf-8":
            return lambda x: map_bytes(lambda value: change(value.decode()).encode(), x)
        return lambda x: map_bytes(ascii_only, x)

    return factory


for _type, _change, _ascii, _doc in (
    ("StringLower", str.lower, bytes.lower, "Strings in lower case."),
    ("StringUpper", str.upper, bytes.upper, "Strings in upper case."),
):
    declare(
        _type,
        "input: string",
        "output: string",
        "encoding: string = ''",
        kernel=_changing_case(_change, _ascii),
        doc=_doc,
        shape=unchanged,
    )


@op("StringLength", "input: string", "output: int32", "unit: string = 'BYTE'", shape=unchanged)
def string_length(attrs: Attrs) -> Kernel:
    """The length of every string in bytes, or in characters of UTF-8."""
    if attrs["unit"] == b"UTF8_CHAR":
        return lambda x: map_bytes(lambda v: len(v.decode(errors="replace")), x, np.int32)
    return lambda x: map_bytes(len, x, np.int32)


@op("Substr", "input: string, pos: T, len: T", "output: string", "T: type, unit: string = 'BYTE'")
def substr(attrs: Attrs) -> Kernel:
    """The part of every string that begins at pos and is len long, or up to its end."""
    characters = attrs["unit"] == b"UTF8_CHAR"

    def part(value: Any, pos: int, length: int) -> bytes:
        whole = value.decode() if characters else value
        if not -len(whole) <= pos <= len(whole):
            raise InvalidArgumentError(f"pos {pos} out of range for string b'{value.decode()}'")
        start = pos + len(whole) if pos < 0 else pos
        found = whole[start : start + length]
        return found.encode() if characters else found

    def kernel(x: Any, pos: Any, length: Any) -> Any:
        shape = np.broadcast_shapes(x.shape, pos.shape, length.shape)
        columns = [np.broadcast_to(v, shape).ravel().tolist() for v in (x, pos, length)]
        return text_array([part(*row) for row in zip(*columns, strict=True)], shape)

    return kernel


@op(
    "StringToNumber",
    "string_tensor: string",
    "output: out_type",
    "out_type: type = float32",
    shape=unchanged,
)
def string_to_number(attrs: Attrs) -> Kernel:
    """The numbers that the strings spell out."""
    dtype: DType = attrs["out_type"]

    def parse(value: bytes) -> Any:
        try:
            return int(value) if dtype.is_integer else float(value)
        except ValueError:
            raise InvalidArgumentError(
                f"StringToNumberOp could not correctly convert string: {value.decode()}"
            ) from None

    return lambda x: map_bytes(parse, x, dtype.numpy)


@op("EncodeBase64", "input: string", "output: string", "pad: bool = false", shape=unchanged)
def encode_base64(attrs: Attrs) -> Kernel:
    """Strings in web-safe base64."""
    if attrs["pad"]:
        return lambda x: map_bytes(base64.urlsafe_b64encode, x)
    return lambda x: map_bytes(lambda v: base64.urlsafe_b64encode(v).rstrip(b"="), x)


@op("DecodeBase64", "input: string", "output: string", shape=unchanged)
def decode_base64(attrs: Attrs) -> Kernel:
    """What strings in web-safe base64 encode; padding may be left out."""
    return lambda x: map_bytes(lambda v: base64.urlsafe_b64decode(v + b"=" * (-len(v) % 4)), x)


def _reduced(attrs: Attrs, shapes: Sequence[Shape], _: Sequence[Any]) -> list[Shape]:
    return [None]


@op(
    "ReduceJoin",
    "inputs: string, reduction_indices: int32",
    "output: string",
    "keep_dims: bool = false, separator: string = ''",
    shape=_reduced,
)
def reduce_join(attrs: Attrs) -> Kernel:
    """The strings joined along the given axes, the first axis varying slowest."""
    separator: bytes = attrs["separator"]
    keep: bool = attrs["keep_dims"]

    def join(x: Any, axis: int) -> Any:
        moved = np.moveaxis(x, axis, -1)
        rows = moved.reshape(-1, moved.shape[-1]).tolist()
        joined = text_array([separator.join(row) for row in rows], moved.shape[:-1])
        return np.expand_dims(joined, axis)

    def kernel(inputs: Any, reduction_indices: Any) -> Any:
        rank = inputs.ndim
        axes = [int(axis) for axis in np.ravel(reduction_indices)]
        for axis in axes:
            if not -rank <= axis < rank:
                raise InvalidArgumentError(
                    f"Invalid reduction dimension {axis} for input with {rank} dimension(s)"
                )
        axes = [axis % rank for axis in axes]
        if not axes:
            return inputs
        result = reduce(join, reversed(axes), inputs)
        return (
            result
            if keep
            else result.reshape([n for i, n in enumerate(result.shape) if i not in axes])
        )

    return kernel


@op(
    "StringSplit",
    "input: string, delimiter: string",
    "indices: int64, values: string, shape: int64",
    "skip_empty: bool = true",
)
def string_split(attrs: Attrs) -> Kernel:
    """Strings split at any byte of the delimiter, as a sparse tensor (indices, values, shape)."""
    skip_empty: bool = attrs["skip_empty"]

    def kernel(x: Any, delimiter: Any) -> Any:
        if x.ndim != 1:
            raise InvalidArgumentError(f"input must be a vector, got shape: {text(x)}")
        letters: bytes = delimiter.item()
        rows = [_pieces(value, letters) for value in x.tolist()]
        if skip_empty:
            rows = [[piece for piece in row if piece] for row in rows]
        places = [(i, j) for i, row in enumerate(rows) for j in range(len(row))]
        flat = [piece for row in rows for piece in row]
        widest = max(map(len, rows), default=0)
        return (
            np.array(places, np.int64).reshape(-1, 2),
            text_array(flat, (len(flat),)),
            np.array([len(rows), widest], np.int64),
        )

    return kernel


def _pieces(value: bytes, letters: bytes) -> list[bytes]:
    if not letters:
        return [value[i : i + 1] for i in range(len(value))]
    return re.split(b"[" + re.escape(letters) + b"]", value)
