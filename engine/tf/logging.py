"""`tf.logging`: Python's logging under TensorFlow's names."""

from __future__ import annotations

import logging as python
from typing import Any

from .names import missing_name

DEBUG = python.DEBUG
INFO = python.INFO
WARN = python.WARNING
ERROR = python.ERROR
FATAL = python.CRITICAL

_logger = python.getLogger("tensorflow")


def set_verbosity(level: int) -> None:
    """Show messages of `level` and above."""
    _logger.setLevel(level)


def get_verbosity() -> int:
    """The level from which messages are shown."""
    return _logger.getEffectiveLevel()


def debug(message: str, *args: Any) -> None:
    """Log a message of level DEBUG."""
    _logger.debug(message, *args)


def info(message: str, *args: Any) -> None:
    """Log a message of level INFO."""
    _logger.info(message, *args)


def warning(message: str, *args: Any) -> None:
    """Log a message of level WARN."""
    _logger.warning(message, *args)


def error(message: str, *args: Any) -> None:
    """Log a message of level ERROR."""
    _logger.error(message, *args)


warn = warning

__getattr__ = missing_name(__name__, "tf.logging")
