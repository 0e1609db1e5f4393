"""What a checkpoint offers, whichever its format."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy.typing as npt

from ..dtypes import DType
from ..errors import InvalidArgumentError, NotFoundError
from .tensor_slice import TensorSlice, parse_shape_and_slice

Array = npt.NDArray[Any]


class TensorSource(ABC):
    """Named tensors in files, read when they are asked for.

    Attributes:
        name: what messages call it.
    """

    name: str

    @abstractmethod
    def names(self) -> list[str]:
        """The names of all tensors, sorted."""

    @abstractmethod
    def shape_and_dtype(self, name: str) -> tuple[tuple[int, ...], DType]:
        """Shape and element type of tensor `name`.

        Raises:
            NotFoundError: there is no such tensor.
        """

    @abstractmethod
    def read(self, name: str) -> Array:
        """The tensor `name`; strings are an object array of `bytes`.

        Raises:
            NotFoundError: there is no such tensor.
            FormatError: its bytes are damaged.
        """

    def read_slice(self, name: str, shape_and_slice: str) -> Array:
        """The part of tensor `name` that one of RestoreV2's `shape_and_slices` asks for.

        Raises:
            NotFoundError: there is no such tensor.
            InvalidArgumentError: the text is no slice, or one of a tensor of another shape.
            FormatError: the tensor's bytes are damaged.
        """
        if not shape_and_slice:
            return self.read(name)
        expected, part = parse_shape_and_slice(shape_and_slice)
        shape, _ = self.shape_and_dtype(name)
        if expected != shape:
            raise InvalidArgumentError(
                f"tensor_name = {name}; shape in shape_and_slice spec {list(expected)} does not "
                f"match the shape stored in checkpoint: {list(shape)}"
            )
        try:
            bounds = part.bounds(shape)
        except ValueError as error:
            raise InvalidArgumentError(f"tensor_name = {name}; slice {error}") from None
        stored = self._read_part(name, part)
        return self.read(name)[bounds] if stored is None else stored

    def _read_part(self, name: str, part: TensorSlice) -> Array | None:
        """The part, if it is stored by itself, so that the whole need not be read."""
        return None


def missing(name: str) -> NotFoundError:
    """The error for a tensor that is not there, in the words of TensorFlow's RestoreV2."""
    return NotFoundError(f"Key {name} not found in checkpoint")
