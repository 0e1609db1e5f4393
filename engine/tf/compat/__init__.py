"""`tf.compat`: the same names again, as programs that run under TensorFlow 2 write them."""

from __future__ import annotations

from ..names import missing_name
from . import v1

__all__ = ["as_bytes", "as_str", "as_text", "v1"]


def as_text(value: str | bytes, encoding: str = "utf-8") -> str:
    """`value` as text."""
    return value.decode(encoding) if isinstance(value, bytes) else value


def as_bytes(value: str | bytes, encoding: str = "utf-8") -> bytes:
    """`value` as bytes."""
    return value.encode(encoding) if isinstance(value, str) else value


as_str = as_text

__getattr__ = missing_name(__name__, "tf.compat")
