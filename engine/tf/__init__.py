"""TensorFlow 1's Python names over the engine.

    >>> import opscope.engine.tf as tf
    >>> v = tf.Variable(1.0)
    >>> with tf.Session() as sess:
    ...     sess.run(tf.global_variables_initializer())
    ...     sess.run(v + 1.0)
    np.float32(2.0)

It behaves as TensorFlow 1.15 does: programs build a graph of reference variables, which sessions
run, until they call `enable_eager_execution()`, `enable_resource_variables()` or
`enable_v2_behavior()`. The same names are in `compat.v1`.
"""

from __future__ import annotations

from typing import Any

from . import compat, namespace
from .namespace import *  # noqa: F403

__all__ = ["compat"]
__all__ += namespace.__all__

__version__ = namespace.__version__


def __getattr__(name: str) -> Any:
    return getattr(namespace, name)
