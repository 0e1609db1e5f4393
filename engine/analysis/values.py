"""When two results are the same to whoever sees them: same type, same shape, same numbers."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np

from .. import dtypes
from ..memory import Array


def value_key(value: Any) -> Hashable:
    """Equal for values with the same type, shape and bits, where all NaNs are one.

    None, of a variable without a value, is like itself alone.
    """
    if value is None:
        return None
    array = one_nan(np.asarray(value))
    contents = tuple(array.ravel().tolist()) if array.dtype == object else array.tobytes()
    return str(array.dtype), array.shape, contents


def one_nan(array: Array) -> Array:
    """`array`, where it has NaNs with the bits of one: nobody sees their sign and payload."""
    kind = dtypes.from_numpy(array.dtype)
    if not (kind.is_floating or kind.is_complex) or not np.isnan(array).any():
        return array
    made = array.copy()
    numbers = made.reshape(-1)
    if kind.is_complex:
        numbers = numbers.view(f"f{array.dtype.itemsize // 2}")
    numbers[np.isnan(numbers)] = np.nan
    return made
