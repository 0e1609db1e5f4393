"""Values that operation attributes take besides numbers, bytes, lists, arrays and element types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Shape = tuple[int | None, ...] | None
"""A partly known shape: None is an unknown rank, None inside is an unknown length."""


@dataclass(frozen=True, slots=True)
class FunctionRef:
    """A function of the graph's library, with attribute values for its body."""

    name: str
    attrs: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class AttrPlaceholder:
    """Inside a function body: the value is the attribute `name` of the call."""

    name: str


def shape_text(shape: Shape) -> str:
    """`shape` as TensorFlow's runtime prints it: `[2,?]`, or `<unknown>` without a rank."""
    if shape is None:
        return "<unknown>"
    return "[" + ",".join("?" if length is None else str(length) for length in shape) + "]"
