"""Parts of partitioned tensors: as messages, as RestoreV2 writes them, and as keys of a checkpoint.

Keys are in the order-preserving encoding that TensorFlow calls OrderedCode.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..errors import FormatError, InvalidArgumentError
from .proto.opscope_graph_pb2 import TensorSliceProto

_FULL = -1
_SIGNED_HEADERS = (0, 0x80, 0xC000, 0xE000, 0xF000, 0xF800, 0xFC00, 0xFE00, 0xFF00, 0xFF80, 0xFFC0)


@dataclass(frozen=True, slots=True)
class TensorSlice:
    """A box in a tensor: (start, length) for each dimension; length -1 is all of it."""

    extents: tuple[tuple[int, int], ...]

    def bounds(self, shape: Sequence[int]) -> tuple[slice, ...]:
        """The box as an index into an array of `shape`.

        Raises:
            ValueError: it does not lie in such an array.
        """
        if len(self.extents) != len(shape):
            raise ValueError(f"{self} has {len(self.extents)} dimensions, not {len(shape)}")
        bounds: list[slice] = []
        for (start, length), limit in zip(self.extents, shape, strict=True):
            stop = limit if length == _FULL else start + length
            if not 0 <= start <= stop <= limit:
                raise ValueError(f"{self} is outside the shape {list(shape)}")
            bounds.append(slice(start, stop))
        return tuple(bounds)

    def key(self, tensor: str) -> bytes:
        """The key that a checkpoint has for this part of `tensor`."""
        name = tensor.encode().replace(b"\xff", b"\xff\0").replace(b"\0", b"\0\xff") + b"\0\x01"
        parts = [_encode_unsigned(0), name, _encode_unsigned(len(self.extents))]
        for start, length in self.extents:
            parts += [_encode_signed(start), _encode_signed(length)]
        return b"".join(parts)

    def __str__(self) -> str:
        return ":".join(
            "-" if length == _FULL else f"{start},{length}" for start, length in self.extents
        )


def slice_from_proto(proto: TensorSliceProto) -> TensorSlice:
    """The slice that `proto` describes."""
    return TensorSlice(
        tuple(
            (extent.start, extent.length if extent.HasField("length") else _FULL)
            for extent in proto.extent
        )
    )


def parse_shape_and_slice(spec: str) -> tuple[tuple[int, ...], TensorSlice]:
    """The full shape and the part that a `shape_and_slices` string of RestoreV2 asks for.

    Such a string is the lengths of the full tensor, then the part: `4 3 0,2:-` are rows 0 and 1 of
    a tensor of shape [4, 3].

    Raises:
        InvalidArgumentError: `spec` is not such a string.
    """
    *lengths, text = spec.split(" ")
    try:
        shape = tuple(int(length) for length in lengths)
        extents = tuple(_parse_extent(part) for part in text.split(":")) if text else ()
    except ValueError:
        raise InvalidArgumentError(
            f"Expected 'lengths slice', such as '4 3 0,2:-', for a slice of a tensor: {spec!r}"
        ) from None
    if len(shape) != len(extents):
        raise InvalidArgumentError(
            f"Expected as many slice extents as dimensions for a slice of a tensor: {spec!r}"
        )
    return shape, TensorSlice(extents)


def _parse_extent(text: str) -> tuple[int, int]:
    if text == "-":
        return 0, _FULL
    start, length = text.split(",")
    if int(start) < 0 or int(length) <= 0:
        raise ValueError(text)
    return int(start), int(length)


def _encode_unsigned(value: int) -> bytes:
    size = (value.bit_length() + 7) // 8
    return bytes([size]) + value.to_bytes(size, "big")


def _encode_signed(value: int) -> bytes:
    """Big-endian with the length in the leading bits, so that bytes compare as numbers do."""
    size = (~value if value < 0 else value).bit_length() // 7 + 1
    if size > len(_SIGNED_HEADERS) - 1:
        raise FormatError(f"expected a 64-bit number in a slice, found {value}")
    if size == 1:
        return bytes([_SIGNED_HEADERS[1] ^ (value & 0xFF)])
    written = bytearray((value & ((1 << 8 * size) - 1)).to_bytes(size, "big"))
    written[0] ^= _SIGNED_HEADERS[size] >> 8
    written[1] ^= _SIGNED_HEADERS[size] & 0xFF
    return bytes(written)
