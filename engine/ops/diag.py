"""Diagonals of matrices and tensors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import InvalidArgumentError
from .registry import Attrs, Kernel, op
from .shapes import text, unchanged


@op("Diag", "diagonal: T", "output: T", "T: type")
def diag(attrs: Attrs) -> Kernel:
    """A tensor of twice the rank with the input on its diagonal."""

    def kernel(diagonal: Any) -> Any:
        return np.diagflat(diagonal).reshape(diagonal.shape * 2)

    return kernel


@op("DiagPart", "input: T", "diagonal: T", "T: type")
def diag_part(attrs: Attrs) -> Kernel:
    """The diagonal of a tensor of even rank whose two halves have the same shape."""

    def kernel(x: Any) -> Any:
        half = x.ndim // 2
        if x.ndim % 2 or not half:
            raise InvalidArgumentError(
                f"The rank of the tensor should be even and positive, got shape {text(x)}"
            )
        if x.shape[:half] != x.shape[half:]:
            first = next(i for i in range(half) if x.shape[i] != x.shape[i + half])
            raise InvalidArgumentError(
                f"Invalid shape {text(x)}: dimensions {first} and {first + half} do not match."
            )
        length = math.prod(x.shape[:half])
        return np.diagonal(x.reshape(length, length)).reshape(x.shape[:half])

    return kernel


def _offsets(k: Any, rows: int, columns: int) -> tuple[int, int]:
    """(lowest, highest) diagonal of a band."""
    band = np.ravel(k).tolist()
    low, high = band[0], band[-1]
    if low > high:
        raise InvalidArgumentError(
            f"lower_diag_index must not be larger than upper_diag_index: {low} > {high}"
        )
    for name, offset in (("lower_diag_index", low), ("upper_diag_index", high)):
        if not (-rows < offset < columns or offset == 0):
            raise InvalidArgumentError(
                f"{name} is out of bound: {offset} It must be between {-rows} and {columns}"
            )
    return low, high


def _length(offset: int, rows: int, columns: int) -> int:
    return min(rows + min(offset, 0), columns - max(offset, 0))


def _first(align: bytes, offset: int, length: int, longest: int) -> int:
    """Where a diagonal begins in its row of the packed band."""
    above, below = align.split(b"_")
    side = above if offset >= 0 else below
    return longest - length if side == b"RIGHT" else 0


def _read(x: Any, low: int, high: int, padding: Any, align: bytes, single: bool) -> Any:
    rows, columns = x.shape[-2:]
    longest = max(_length(offset, rows, columns) for offset in range(low, high + 1))
    packed = np.full((*x.shape[:-2], high - low + 1, longest), padding, x.dtype)
    for row, offset in enumerate(range(high, low - 1, -1)):
        length = _length(offset, rows, columns)
        start = _first(align, offset, length, longest)
        packed[..., row, start : start + length] = np.diagonal(x, offset, -2, -1)
    return packed[..., 0, :] if single else packed


def _write(target: Any, diagonal: Any, low: int, high: int, align: bytes) -> None:
    rows, columns = target.shape[-2:]
    packed = diagonal[..., None, :] if low == high else diagonal
    if low == high and diagonal.ndim == target.ndim:
        packed = diagonal
    longest = packed.shape[-1]
    for row, offset in enumerate(range(high, low - 1, -1)):
        length = _length(offset, rows, columns)
        start = _first(align, offset, length, longest)
        i = np.arange(length) + max(-offset, 0)
        j = np.arange(length) + max(offset, 0)
        target[..., i, j] = packed[..., row, start : start + length]


_LEFT = b"LEFT_LEFT"


def _matrix(align: bytes) -> Any:
    def kernel(diagonal: Any, k: Any, num_rows: Any, num_cols: Any, padding_value: Any) -> Any:
        band = np.ravel(k).tolist()
        low, high = band[0], band[-1]
        longest = diagonal.shape[-1]
        least_rows, least_columns = longest - min(high, 0), longest + max(low, 0)
        rows, columns = int(num_rows), int(num_cols)
        if rows == -1 and columns == -1:
            rows = columns = max(least_rows, least_columns)
        elif rows == -1:
            rows = least_rows
        elif columns == -1:
            columns = least_columns
        if rows < least_rows or columns < least_columns:
            raise InvalidArgumentError(
                f"The number of rows or columns is too small: {rows} x {columns}, at least "
                f"{least_rows} x {least_columns} are needed"
            )
        batch = diagonal.shape[:-1] if low == high else diagonal.shape[:-2]
        result = np.full((*batch, rows, columns), padding_value, diagonal.dtype)
        _write(result, diagonal, low, high, align)
        return result

    return kernel


@op("MatrixDiag", "diagonal: T", "output: T", "T: type")
def matrix_diag(attrs: Attrs) -> Kernel:
    """Square matrices with the given diagonals and zeros elsewhere."""

    def kernel(diagonal: Any) -> Any:
        if not diagonal.ndim:
            raise InvalidArgumentError(
                f"input must be at least 1-dim, received shape: {text(diagonal)}"
            )
        length = diagonal.shape[-1]
        result = np.zeros((*diagonal.shape, length), diagonal.dtype)
        places = np.arange(length)
        result[..., places, places] = diagonal
        return result

    return kernel


@op(
    "MatrixDiagV2",
    "diagonal: T, k: int32, num_rows: int32, num_cols: int32, padding_value: T",
    "output: T",
    "T: type",
)
def matrix_diag_v2(attrs: Attrs) -> Kernel:
    """Matrices with the given band of diagonals and a padding value elsewhere."""
    return _matrix(_LEFT)


@op(
    "MatrixDiagV3",
    "diagonal: T, k: int32, num_rows: int32, num_cols: int32, padding_value: T",
    "output: T",
    "T: type, align: string = 'RIGHT_LEFT'",
)
def matrix_diag_v3(attrs: Attrs) -> Kernel:
    """As MatrixDiagV2; short diagonals are packed on the sides that `align` says."""
    return _matrix(attrs["align"])


def _check_matrix(x: Any) -> None:
    if x.ndim < 2:
        raise InvalidArgumentError(f"input must be at least 2-dim, received shape: {text(x)}")


def _part(align: bytes) -> Any:
    def kernel(x: Any, k: Any, padding_value: Any) -> Any:
        _check_matrix(x)
        low, high = _offsets(k, *x.shape[-2:])
        return _read(x, low, high, padding_value, align, low == high)

    return kernel


@op("MatrixDiagPart", "input: T", "diagonal: T", "T: type")
def matrix_diag_part(attrs: Attrs) -> Kernel:
    """The main diagonal of each matrix."""

    def kernel(x: Any) -> Any:
        _check_matrix(x)
        return np.diagonal(x, 0, -2, -1)

    return kernel


@op("MatrixDiagPartV2", "input: T, k: int32, padding_value: T", "diagonal: T", "T: type")
def matrix_diag_part_v2(attrs: Attrs) -> Kernel:
    """A band of diagonals of each matrix."""
    return _part(_LEFT)


@op(
    "MatrixDiagPartV3",
    "input: T, k: int32, padding_value: T",
    "diagonal: T",
    "T: type, align: string = 'RIGHT_LEFT'",
)
def matrix_diag_part_v3(attrs: Attrs) -> Kernel:
    """As MatrixDiagPartV2; short diagonals are packed on the sides that `align` says."""
    return _part(attrs["align"])


def _set(align: bytes) -> Any:
    def kernel(x: Any, diagonal: Any, k: Any) -> Any:
        _check_matrix(x)
        low, high = _offsets(k, *x.shape[-2:])
        result = np.array(x)
        _write(result, diagonal, low, high, align)
        return result

    return kernel


@op("MatrixSetDiag", "input: T, diagonal: T", "output: T", "T: type", shape=unchanged)
def matrix_set_diag(attrs: Attrs) -> Kernel:
    """Each matrix with its main diagonal replaced."""
    main = np.zeros((), np.int32)
    kernel = _set(_LEFT)
    return lambda x, diagonal: kernel(x, diagonal, main)


@op("MatrixSetDiagV2", "input: T, diagonal: T, k: int32", "output: T", "T: type", shape=unchanged)
def matrix_set_diag_v2(attrs: Attrs) -> Kernel:
    """Each matrix with a band of diagonals replaced."""
    return _set(_LEFT)


@op(
    "MatrixSetDiagV3",
    "input: T, diagonal: T, k: int32",
    "output: T",
    "T: type, align: string = 'RIGHT_LEFT'",
    shape=unchanged,
)
def matrix_set_diag_v3(attrs: Attrs) -> Kernel:
    """As MatrixSetDiagV2; short diagonals are packed on the sides that `align` says."""
    return _set(attrs["align"])
