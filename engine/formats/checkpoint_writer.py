"""Writing V2 checkpoints that TensorFlow restores."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .. import dtypes
from .checkpoint import pack_lengths, shard_suffix
from .checksum import extend_crc32c, mask, masked_crc32c
from .proto.opscope_graph_pb2 import BundleEntryProto, BundleHeaderProto
from .table import write_table
from .tensor_proto import as_string_bytes, shape_to_proto
from .varint import write_varint

_PRODUCER = 1  # the version of the bundle format that TensorFlow writes


def write_checkpoint(prefix: str | PathLike[str], tensors: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write `tensors` to `PREFIX.index` and `PREFIX.data-00000-of-00001`.

    Raises:
        ValueError: an array has an element type that TensorFlow does not know, or a name is empty.
        OSError: the files cannot be written.
    """
    header = BundleHeaderProto(num_shards=1)
    header.version.producer = _PRODUCER
    entries = {b"": header.SerializeToString()}
    path = Path(prefix)
    offset = 0
    with path.with_name(path.name + shard_suffix(0, 1)).open("wb") as file:
        for name, tensor in sorted(tensors.items(), key=lambda item: item[0].encode()):
            if not name:
                raise ValueError("a tensor in a checkpoint needs a name")
            array = np.asarray(tensor)
            data, checksum = _encode(array)
            entry = BundleEntryProto(offset=offset, size=len(data), crc32c=checksum)
            dtype = dtypes.from_numpy(array.dtype)
            entry.dtype = dtypes.to_enum(dtype)  # pyright: ignore[reportAttributeAccessIssue]
            shape_to_proto(array.shape, entry.shape)
            entries[name.encode()] = entry.SerializeToString()
            file.write(data)
            offset += len(data)
    path.with_name(path.name + ".index").write_bytes(write_table(entries.items()))


def _encode(array: npt.NDArray[Any]) -> tuple[bytes, int]:
    """The bytes of `array` as a data file holds them, and their checksum."""
    if dtypes.from_numpy(array.dtype) == dtypes.string:
        return _encode_strings([as_string_bytes(value) for value in array.ravel().tolist()])
    data = array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
    return data, masked_crc32c(data)


def _encode_strings(values: list[bytes]) -> tuple[bytes, int]:
    lengths = [len(value) for value in values]
    crc = extend_crc32c(0, pack_lengths(lengths))
    checked = struct.pack("<I", mask(crc)) + b"".join(values)
    written = b"".join(write_varint(length) for length in lengths) + checked
    return written, mask(extend_crc32c(crc, checked))
