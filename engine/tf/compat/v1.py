"""`tf.compat.v1`: every name of the `tf` package."""

from __future__ import annotations

from typing import Any

from .. import namespace


def __getattr__(name: str) -> Any:
    return getattr(namespace, name)


def __dir__() -> list[str]:
    return dir(namespace)
