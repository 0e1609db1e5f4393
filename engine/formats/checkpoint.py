"""Reading V2 checkpoints (tensor bundles).

`PREFIX.index` is a table: the empty key has the header, every other the entry of a tensor or of
a part of one, which says where in which `PREFIX.data-SSSSS-of-NNNNN` its bytes are.
"""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Callable, Iterable
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy as np
import numpy.typing as npt
from google.protobuf.message import DecodeError, Message

from .. import dtypes
from ..dtypes import DType
from ..errors import FormatError
from .checksum import extend_crc32c, mask, masked_crc32c
from .proto.opscope_graph_pb2 import BundleEntryProto, BundleHeaderProto
from .table import read_table
from .tensor_proto import dtype_from_number, shape_from_proto
from .tensor_slice import TensorSlice, slice_from_proto
from .tensor_source import TensorSource, missing
from .varint import read_varint

Array = npt.NDArray[Any]

_M = TypeVar("_M", bound=Message)
_PART_KEY = b"\0"

Opener = Callable[[str], BinaryIO]
"""Opens the file of a checkpoint whose name ends so (`.index`, `.data-00000-of-00001`); raises
FileNotFoundError where there is none."""


class CheckpointReader(TensorSource):
    """The tensors of a V2 checkpoint, read when they are asked for.

    Args:
        source: the prefix that the checkpoint's files share, or what opens them by suffix.
        name: what messages call it; the prefix unless given.

    Raises:
        FormatError: a file is missing, damaged or shorter than the index says.
    """

    def __init__(self, source: str | PathLike[str] | Opener, name: str = "") -> None:
        if callable(source):
            self.name = name or "checkpoint"
            self._open = source
        else:
            self.name = name or str(source)
            self._open = prefix_opener(source)
        index = self._read_index()
        header = index.pop(b"", None)
        if header is None:
            raise self._error(".index", "expected a checkpoint's index, found one without a header")
        self._shards = self._read_header(header)
        self._entries: dict[str, BundleEntryProto] = {}
        self._parts: dict[bytes, BundleEntryProto] = {}
        self._parse_entries(index)
        self._check_entries()

    def names(self) -> list[str]:
        return sorted(self._entries)

    def shape_and_dtype(self, name: str) -> tuple[tuple[int, ...], DType]:
        entry = self._entry(name)
        return self._shape(name, entry), self._dtype(name, entry)

    def read(self, name: str) -> Array:
        entry = self._entry(name)
        if not entry.slices:
            return self._read_entry(name, entry)
        shape, dtype = self.shape_and_dtype(name)
        whole = np.zeros(shape, dtype.numpy)
        for part in map(slice_from_proto, entry.slices):
            bounds = self._bounds(name, part, shape)
            whole[bounds] = self._read_entry(name, self._part(name, part))
        return whole

    def _read_part(self, name: str, part: TensorSlice) -> Array | None:
        return (
            self._read_entry(name, self._part(name, part))
            if part.key(name) in self._parts
            else None
        )

    # ---- the index ----

    def _error(self, suffix: str, text: str) -> FormatError:
        return FormatError(f"{self.name}{suffix}: {text}")

    def _read_index(self) -> dict[bytes, bytes]:
        try:
            with self._open(".index") as file:
                data = file.read()
        except FileNotFoundError:
            raise self._error(".index", "expected a checkpoint's index, found no file") from None
        try:
            return dict(read_table(data))
        except FormatError as error:
            raise self._error(".index", str(error)) from None

    def _read_header(self, data: bytes) -> int:
        header = self._parse(BundleHeaderProto(), data, "a checkpoint's header")
        if header.endianness == BundleHeaderProto.BIG:
            raise self._error(".index", "expected little-endian tensors, found big-endian ones")
        if header.num_shards < 1:
            raise self._error(".index", f"expected data files, found {header.num_shards} of them")
        return header.num_shards

    def _parse_entries(self, index: dict[bytes, bytes]) -> None:
        for key, value in index.items():
            entry = self._parse(BundleEntryProto(), value, f"the entry of {key!r}")
            if key.startswith(_PART_KEY):
                self._parts[key] = entry
                continue
            try:
                self._entries[key.decode("utf-8")] = entry
            except UnicodeDecodeError:
                raise self._error(".index", f"expected a tensor's name, found {key!r}") from None

    def _parse(self, message: _M, data: bytes, what: str) -> _M:
        try:
            message.ParseFromString(data)
        except DecodeError:
            raise self._error(".index", f"expected {what}, found {data[:20]!r}") from None
        return message

    def _check_entries(self) -> None:
        """Compare what the index says with itself and with the sizes of the data files."""
        needed: dict[int, int] = {}
        for name, entry in self._entries.items():
            shape = self._shape(name, entry)
            parts = [slice_from_proto(part) for part in entry.slices]
            covered = sum(
                math.prod(bound.stop - bound.start for bound in self._bounds(name, part, shape))
                for part in parts
            )
            if parts and covered != math.prod(shape):
                raise self._error(
                    ".index",
                    f"expected parts of '{name}' with {math.prod(shape):,} elements in all, "
                    f"found {covered:,}",
                )
            for stored in [self._part(name, part) for part in parts] or [entry]:
                self._check_size(name, stored)
                end = stored.offset + stored.size
                needed[stored.shard_id] = max(needed.get(stored.shard_id, 0), end)
        for shard, size in needed.items():
            self._check_shard(shard, size)

    def _check_size(self, name: str, entry: BundleEntryProto) -> None:
        count = math.prod(self._shape(name, entry))
        dtype = self._dtype(name, entry)
        is_string = dtype == dtypes.string
        size = count if is_string else count * dtype.numpy.itemsize
        if not 0 <= entry.shard_id < self._shards or entry.offset < 0:
            raise self._error(
                ".index",
                f"expected '{name}' in one of {self._shards} data files, found file "
                f"{entry.shard_id}, byte {entry.offset}",
            )
        if entry.size < size if is_string else entry.size != size:
            raise self._error(
                ".index",
                f"expected {size:,} bytes for '{name}', a {dtype.name} tensor of shape "
                f"{list(self._shape(name, entry))}, found {entry.size:,}",
            )

    def _check_shard(self, shard: int, size: int) -> None:
        with self._open_shard(shard) as file:
            found = file.seek(0, io.SEEK_END)
        if found < size:
            raise self._error(
                self._suffix(shard), f"expected at least {size:,} bytes of tensors, found {found:,}"
            )

    def _entry(self, name: str) -> BundleEntryProto:
        try:
            return self._entries[name]
        except KeyError:
            raise missing(name) from None

    def _part(self, name: str, part: TensorSlice) -> BundleEntryProto:
        entry = self._parts.get(part.key(name))
        if entry is None:
            raise self._error(".index", f"expected the part {part} of '{name}', found none")
        return entry

    def _bounds(self, name: str, part: TensorSlice, shape: tuple[int, ...]) -> tuple[slice, ...]:
        try:
            return part.bounds(shape)
        except ValueError as error:
            raise self._error(".index", f"expected a part of '{name}': {error}") from None

    def _shape(self, name: str, entry: BundleEntryProto) -> tuple[int, ...]:
        shape = shape_from_proto(entry.shape)
        if shape is None or None in shape:
            raise self._error(".index", f"expected a known shape of '{name}', found {shape}")
        return tuple(length for length in shape if length is not None)

    def _dtype(self, name: str, entry: BundleEntryProto) -> DType:
        try:
            dtype = dtype_from_number(entry.dtype)
        except FormatError as error:
            raise self._error(".index", f"tensor '{name}': {error}") from None
        if dtype != dtypes.string and (dtype.is_ref or dtype.numpy == np.dtype(object)):
            raise self._error(
                ".index", f"expected '{name}' to be numbers or strings, found the type {dtype.name}"
            )
        return dtype

    # ---- the data ----

    def _suffix(self, shard: int) -> str:
        return shard_suffix(shard, self._shards)

    def _open_shard(self, shard: int) -> BinaryIO:
        try:
            return self._open(self._suffix(shard))
        except FileNotFoundError:
            raise self._error(
                self._suffix(shard), "expected the checkpoint's tensors, found no file"
            ) from None

    def _read_entry(self, name: str, entry: BundleEntryProto) -> Array:
        with self._open_shard(entry.shard_id) as file:
            file.seek(entry.offset)
            data = file.read(entry.size)
        if len(data) != entry.size:
            raise self._error(
                self._suffix(entry.shard_id),
                f"expected {entry.size:,} bytes of '{name}', found {len(data):,}",
            )
        shape, dtype = self._shape(name, entry), self._dtype(name, entry)
        try:
            if dtype == dtypes.string:
                flat, checksum = _split_strings(data, math.prod(shape))
            else:
                flat = np.frombuffer(data, dtype.numpy.newbyteorder("<"))
                checksum = masked_crc32c(data)
        except FormatError as error:
            raise self._error(
                self._suffix(entry.shard_id), f"tensor '{name}' is damaged: {error}"
            ) from None
        if checksum != entry.crc32c:
            raise self._error(
                self._suffix(entry.shard_id),
                f"tensor '{name}' is damaged: expected the checksum {entry.crc32c:08x}, "
                f"found {checksum:08x}",
            )
        return flat.reshape(shape)


def prefix_opener(prefix: str | PathLike[str]) -> Opener:
    """Opens the files that are named `prefix` and a suffix."""
    path = Path(prefix)
    return lambda suffix: path.with_name(path.name + suffix).open("rb")


def shard_suffix(shard: int, count: int) -> str:
    """How the name of data file `shard` of `count` ends."""
    return f".data-{shard:05d}-of-{count:05d}"


def _split_strings(data: bytes, count: int) -> tuple[Array, int]:
    """The elements of a string tensor, and its checksum.

    It is written as all lengths, a checksum of them, then all characters. The checksums are of
    the lengths as fixed-size numbers.
    """
    lengths: list[int] = []
    position = 0
    for _ in range(count):
        length, position = read_varint(data, position)
        lengths.append(length)
    crc = extend_crc32c(0, pack_lengths(lengths))
    if data[position : position + 4] != struct.pack("<I", mask(crc)):
        raise FormatError("the checksum of the lengths of its strings is wrong")
    crc = extend_crc32c(crc, data[position:])
    position += 4
    if position + sum(lengths) != len(data):
        raise FormatError(
            f"expected strings of {sum(lengths):,} bytes, found {len(data) - position:,}"
        )
    flat = np.empty(count, object)
    for at, length in enumerate(lengths):
        flat[at] = data[position : position + length]
        position += length
    return flat, mask(crc)


def pack_lengths(lengths: Iterable[int]) -> bytes:
    """`lengths` as the checksum of a string tensor takes them: 32 bits where that is enough."""
    return b"".join(struct.pack("<I" if n < 1 << 32 else "<Q", n) for n in lengths)
