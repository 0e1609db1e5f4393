"""`tf.io`: graph files."""

from __future__ import annotations

from .importer import write_graph
from .names import missing_name

__all__ = ["write_graph"]

__getattr__ = missing_name(__name__, "tf.io")
