"""Reading V1 checkpoints: tables whose values are parts of tensors.

The empty key has the table of contents; every other the elements of one part of a tensor.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from glob import escape
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from google.protobuf.message import DecodeError

from .. import dtypes
from ..dtypes import DType
from ..errors import FormatError
from .proto.opscope_graph_pb2 import SavedSliceMeta, SavedTensorSlices, TensorProto
from .table import is_table, read_table
from .tensor_proto import (
    dtype_from_number,
    shape_from_proto,
    shape_to_proto,
    stored_count,
    tensor_from_proto,
)
from .tensor_slice import TensorSlice, slice_from_proto
from .tensor_source import TensorSource, missing

Array = npt.NDArray[Any]


def find_v1_checkpoint(prefix: Path) -> list[Path]:
    """The files of the V1 checkpoint named `prefix`: one, or its shards; none if there is none."""
    shards = sorted(prefix.parent.glob(f"{escape(prefix.name)}-?????-of-?????"))
    files = [prefix] if prefix.is_file() else shards
    return [path for path in files if is_table(path.read_bytes())]


class CheckpointV1Reader(TensorSource):
    """The tensors of a V1 checkpoint.

    Args:
        files: the one file of the checkpoint, or all its shards.

    Raises:
        FormatError: a file is damaged, or parts of a tensor are missing.
    """

    def __init__(self, files: Sequence[Path]) -> None:
        self.name = str(files[0])
        self._tensors: dict[str, tuple[tuple[int, ...], DType]] = {}
        self._parts: dict[str, list[tuple[TensorSlice, TensorProto]]] = {}
        for path in files:
            try:
                self._read_file(path.read_bytes())
            except FormatError as error:
                raise FormatError(f"{path}: {error}") from None
        self._check()

    def names(self) -> list[str]:
        return sorted(self._tensors)

    def shape_and_dtype(self, name: str) -> tuple[tuple[int, ...], DType]:
        try:
            return self._tensors[name]
        except KeyError:
            raise missing(name) from None

    def read(self, name: str) -> Array:
        shape, dtype = self.shape_and_dtype(name)
        whole = np.zeros(shape, dtype.numpy)
        for part, data in self._parts[name]:
            bounds = part.bounds(shape)
            whole[bounds] = _decode(data, whole[bounds].shape, dtype)
        return whole

    def _read_file(self, data: bytes) -> None:
        for key, value in read_table(data):
            try:
                record = SavedTensorSlices.FromString(value)
            except DecodeError:
                raise FormatError(f"found no tensors in the record {key!r}") from None
            if not key:
                for tensor in record.meta.tensor:
                    self._declare(tensor)
            else:
                part = slice_from_proto(record.data.slice)
                self._parts.setdefault(record.data.name, []).append((part, record.data.data))

    def _declare(self, tensor: SavedSliceMeta) -> None:
        shape = shape_from_proto(tensor.shape)
        if shape is None or None in shape:
            raise FormatError(f"found that the shape of '{tensor.name}' is not known")
        dtype = dtype_from_number(tensor.type)
        if dtype != dtypes.string and dtype.numpy == np.dtype(object):
            raise FormatError(f"found that '{tensor.name}' has the type {dtype.name}")
        lengths = tuple(length for length in shape if length is not None)
        self._tensors[tensor.name] = (lengths, dtype)

    def _check(self) -> None:
        """Every tensor must be covered by its parts, and every part by its elements."""
        for name, (shape, dtype) in self._tensors.items():
            found = 0
            for part, data in self._parts.get(name, []):
                try:
                    bounds = part.bounds(shape)
                except ValueError as error:
                    raise FormatError(f"{self.name}: expected parts of '{name}': {error}") from None
                count = math.prod(bound.stop - bound.start for bound in bounds)
                found += min(count, stored_count(data, dtype))
            if found != math.prod(shape):
                raise FormatError(
                    f"{self.name}: expected {math.prod(shape):,} elements of '{name}', "
                    f"found {found:,}"
                )


def _decode(data: TensorProto, shape: tuple[int, ...], dtype: DType) -> Array:
    """The elements of one part; the file leaves its type and shape to the table of contents."""
    complete = TensorProto()
    complete.CopyFrom(data)
    complete.dtype = dtypes.to_enum(dtype)  # pyright: ignore[reportAttributeAccessIssue]
    complete.ClearField("tensor_shape")
    shape_to_proto(shape, complete.tensor_shape)
    return tensor_from_proto(complete)
