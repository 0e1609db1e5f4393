"""Values as people read them: one-line texts, NumPy's printing, numbers for curves."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..engine import dtypes
from .protocol.types import TensorText

LINE = 80
"""About how many characters a one-line text may have."""

_EDGES = (64, 6, 3, 2, 1)
_MEAN_LIMIT = 1 << 22


def tensor_text(value: Any) -> TensorText:
    """`value` in a line: an array of any dtype, or a handle."""
    if not isinstance(value, (np.ndarray, np.generic)):
        return TensorText(dtype="resource", shape=[], text=str(value))
    array = np.asarray(value)
    return TensorText(
        dtype=dtype_name(array),
        shape=list(array.shape),
        text=line(array),
        number=_finite(array[()]) if array.ndim == 0 else None,
    )


def whole_text(value: Any) -> str | None:
    """As `tensor_text`, to be read again as a feed; None where not every element would be in it."""
    text = tensor_text(value).text
    return None if "..." in text or "…" in text else text


def dtype_name(array: NDArray[Any]) -> str:
    try:
        return dtypes.from_numpy(array.dtype).name
    except ValueError:
        return str(array.dtype)


def line(array: NDArray[Any]) -> str:
    """The elements in NumPy's notation, left out in the middle where they do not fit.

    >>> line(np.array([0.1, 0.2, 3.0]))
    '[0.1 0.2 3.0]'
    """
    if array.ndim == 0:
        return _clip(_scalar(array[()], digits=17))
    text = ""
    for edge in _EDGES:
        if edge == _EDGES[0] and array.size > _EDGES[0]:
            continue
        text = _nested(array, edge)
        if len(text) <= LINE:
            return text
    return _clip(text)


def _clip(text: str) -> str:
    return text if len(text) <= LINE else text[: LINE - 1] + "…"


def _nested(array: NDArray[Any], edge: int) -> str:
    if array.ndim == 0:
        return _scalar(array[()], digits=6)
    if len(array) <= 2 * edge:
        parts = [_nested(item, edge) for item in map(np.asarray, array)]
    else:
        parts = [_nested(np.asarray(array[i]), edge) for i in range(edge)]
        parts.append("...")
        parts += [_nested(np.asarray(array[i]), edge) for i in range(-edge, 0)]
    return f"[{' '.join(parts)}]"


def _scalar(value: Any, digits: int) -> str:
    if isinstance(value, bytes):
        return repr(value.decode("utf-8", "backslashreplace"))
    if isinstance(value, (bool, np.bool_, str)):
        return str(value)
    array = np.asarray(value)
    if array.dtype.kind in "iu":
        return str(int(value))
    if array.dtype.kind == "c":
        return str(value)
    if digits > 6:
        return str(value)  # the shortest text that gives the same number
    text = f"{float(value):.{digits}g}"
    return text if any(mark in text for mark in ".en") else f"{text}.0"


def printed(array: NDArray[Any]) -> str:
    """As NumPy prints it, shortened in the middle from 1,000 elements on."""
    if array.ndim == 0:  # which `array2string` prints unlike any number elsewhere: `15.`
        return _scalar(array[()], digits=17)
    return np.array2string(array, threshold=1000, max_line_width=100)


def curve_number(value: Any) -> float | None:
    """The number that stands for a value in a sparkline: a scalar itself, else the mean."""
    array = np.asarray(value)
    if array.dtype.kind in "OSUc" or not 0 < array.size <= _MEAN_LIMIT:
        return None
    if array.size == 1:
        return _finite(array.reshape(())[()])
    with np.errstate(all="ignore"):
        return _finite(array.astype(np.float64).mean())


def _finite(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
