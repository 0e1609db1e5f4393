"""Nested lists, tuples, named tuples and dictionaries: their leaves, and others in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any


def is_nested(structure: Any) -> bool:
    return isinstance(structure, (list, tuple, Mapping)) and not hasattr(structure, "definition")


def flatten(structure: Any) -> list[Any]:
    """The leaves, in order; dictionaries by sorted key."""
    if not is_nested(structure):
        return [structure]
    if isinstance(structure, Mapping):
        mapping: Mapping[Any, Any] = structure
        return [leaf for key in sorted(mapping) for leaf in flatten(mapping[key])]
    return [leaf for item in structure for leaf in flatten(item)]


def pack(structure: Any, leaves: Iterator[Any]) -> Any:
    """`structure` with the next `leaves` in place of its own."""
    if not is_nested(structure):
        return next(leaves)
    if isinstance(structure, Mapping):
        mapping: Mapping[Any, Any] = structure
        values = {key: pack(mapping[key], leaves) for key in sorted(mapping)}
        return type(structure)((key, values[key]) for key in mapping)  # pyright: ignore[reportCallIssue]
    items = [pack(item, leaves) for item in structure]
    if hasattr(structure, "_fields"):
        return type(structure)(*items)
    return type(structure)(items)


def map_structure(function: Callable[[Any], Any], structure: Any) -> Any:
    """`structure` with `function` of each leaf in its place."""
    return pack(structure, iter([function(leaf) for leaf in flatten(structure)]))


def same_structure(a: Any, b: Any) -> bool:
    """Whether two structures nest their leaves alike; a list counts as a tuple."""
    if not is_nested(a) or not is_nested(b):
        return is_nested(a) == is_nested(b)
    if isinstance(a, Mapping) or isinstance(b, Mapping):
        if not (isinstance(a, Mapping) and isinstance(b, Mapping)) or set(a) != set(b):
            return False
        left: Mapping[Any, Any] = a
        right: Mapping[Any, Any] = b
        return all(same_structure(left[key], right[key]) for key in left)
    return len(a) == len(b) and all(same_structure(x, y) for x, y in zip(a, b, strict=True))
