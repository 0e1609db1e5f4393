"""What a program calls once, at its start: which of TensorFlow's behaviours it wants."""

from __future__ import annotations

from typing import Any

from . import modes
from .defaults import default_graph_is_used


def enable_eager_execution(
    config: Any = None, device_policy: Any = None, execution_mode: Any = None
) -> None:
    """Run each operation as it is called, instead of building a graph.

    Raises:
        ValueError: the default graph has operations already.
    """
    del config, device_policy, execution_mode
    if modes.eager_enabled():
        return
    if default_graph_is_used():
        raise ValueError("tf.enable_eager_execution must be called at program startup.")
    modes.set_eager(True)


def disable_eager_execution() -> None:
    """Build graphs, which sessions run."""
    modes.set_eager(False)


def enable_v2_behavior() -> None:
    """Eager execution and resource variables, as TensorFlow 2 has them."""
    enable_eager_execution()
    modes.enable_resource_variables()


def disable_v2_behavior() -> None:
    """Graphs and reference variables, as TensorFlow 1 has them."""
    disable_eager_execution()
    modes.disable_resource_variables()
