"""`tf.train`: checkpoints and graph files."""

from __future__ import annotations

from .importer import write_graph
from .names import missing_name
from .saver import Saver, latest_checkpoint

__all__ = ["Saver", "latest_checkpoint", "write_graph"]

__getattr__ = missing_name(__name__, "tf.train")
