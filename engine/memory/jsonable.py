"""Values as JSON, exactly: what `--json` prints."""

from __future__ import annotations

import base64
import math
from typing import Any, cast

import numpy as np


def json_value(value: Any) -> Any:
    """Nested lists; NaN and infinities are text, complex numbers pairs, strings text or base64."""
    if value is None:
        return None
    array = np.asarray(value)
    if array.dtype.kind not in "biufcOSU":  # ml_dtypes' types: exact in float32 or int
        array = array.astype(np.float32 if "float" in array.dtype.name else np.int64)
    return _element(array.tolist())


def _element(value: Any) -> Any:
    if isinstance(value, list):
        return [_element(item) for item in cast("list[Any]", value)]
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if isinstance(value, complex):
        return [_element(value.real), _element(value.imag)]
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(value).decode()}
    return value
