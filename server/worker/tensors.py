"""A tensor for the inspector: its text, numbers about it, its first elements."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..protocol.requests import TensorResponse, VersionSeen
from ..texts import dtype_name, printed

MAX_ELEMENTS = 65_536
BINS = 32


def tensor_response(step: int, value: Any, reads: list[VersionSeen]) -> TensorResponse:
    """What the page gets of a value that is there; None stands for a dead output."""
    if value is None:
        text = "dead: the branch that would have computed it was not taken"
        return TensorResponse(step=step, kept=True, text=text, reads=reads)
    if not isinstance(value, (np.ndarray, np.generic)):
        return TensorResponse(step=step, kept=True, dtype="resource", text=str(value), reads=reads)
    array = np.asarray(value)
    numbers = _numbers(array)
    return TensorResponse(
        step=step,
        kept=True,
        dtype=dtype_name(array),
        shape=list(array.shape),
        text=printed(array),
        summary={} if numbers is None else summary(numbers),
        histogram=[] if numbers is None else histogram(numbers),
        data=_first_bytes(array),
        reads=reads,
    )


def summary(numbers: NDArray[Any]) -> dict[str, float | None]:
    """Counts, and the range and mean of the finite elements."""
    finite = numbers[np.isfinite(numbers)]
    some = finite.size > 0
    return {
        "elements": float(numbers.size),
        "min": float(finite.min()) if some else None,
        "max": float(finite.max()) if some else None,
        "mean": float(finite.mean(dtype=np.float64)) if some else None,
        "nan": float(np.isnan(numbers).sum()),
        "inf": float(np.isinf(numbers).sum()),
        "zeros": float((numbers == 0).sum()),
    }


def histogram(numbers: NDArray[Any]) -> list[int]:
    """Counts of the finite elements in equal bins from the smallest to the greatest."""
    finite = numbers[np.isfinite(numbers)]
    if not finite.size:
        return []
    low, high = float(finite.min()), float(finite.max())
    if not math.isfinite(high - low):
        return []
    return np.histogram(finite, bins=BINS, range=(low, high))[0].tolist()


def _numbers(array: NDArray[Any]) -> NDArray[Any] | None:
    """The elements as one flat array of floats; the magnitudes of complex ones."""
    if array.dtype.kind in "OSU":
        return None
    flat = array.reshape(-1)
    if array.dtype.kind == "c":
        flat = np.abs(flat)
    return flat if flat.dtype.name in ("float32", "float64") else flat.astype(np.float64)


def _first_bytes(array: NDArray[Any]) -> bytes | None:
    if array.dtype.kind in "OSU":
        return None
    first = array.reshape(-1)[:MAX_ELEMENTS]
    return first.astype(first.dtype.newbyteorder("<"), copy=False).tobytes()
