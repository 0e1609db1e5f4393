"""How a program runs: graph or eager, with reference or resource variables."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class _Modes:
    eager: bool = False
    resource_variables: bool = False


_modes = _Modes()


def eager_enabled() -> bool:
    """Whether the program asked for eager execution; inside a graph it is off all the same."""
    return _modes.eager


def set_eager(on: bool) -> None:
    _modes.eager = on


def enable_resource_variables() -> None:
    """Make `Variable` and `get_variable` create resource variables."""
    _modes.resource_variables = True


def disable_resource_variables() -> None:
    """Make `Variable` and `get_variable` create reference variables, as TensorFlow 1 does."""
    _modes.resource_variables = False


def resource_variables_enabled() -> bool:
    """Whether variables are resource variables unless the program says otherwise."""
    return _modes.resource_variables
