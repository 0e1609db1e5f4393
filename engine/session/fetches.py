"""The structure of fetches: nested lists, tuples, dicts, attrs, with names at the leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from ..errors import GraphError
from ..executor.flat import FlatGraph
from ..executor.request import Fetch, Rebuild
from ..graph import Operation, Tensor


def flatten(fetches: Any, flat: FlatGraph) -> tuple[list[Fetch], Rebuild]:
    """The leaves of `fetches`, each once, and what puts their values into its structure.

    Objects with a method `_as_graph_element` stand for the tensor or operation that it gives.

    Raises:
        TypeError: a leaf is None or of a type that cannot be fetched.
        GraphError: a leaf names nothing in the graph.
    """
    leaves: dict[Fetch, None] = {}
    rebuild = _visit(fetches, flat, leaves)
    return list(leaves), rebuild


def _visit(fetch: Any, flat: FlatGraph, leaves: dict[Fetch, None]) -> Rebuild:
    kind: Any = type(fetch)
    if isinstance(fetch, Mapping):
        entries: Mapping[Any, Any] = fetch
        keys: list[Any] = list(entries)
        parts = [_visit(entries[key], flat, leaves) for key in keys]
        return lambda values: kind(
            (key, part(values)) for key, part in zip(keys, parts, strict=True)
        )
    if isinstance(fetch, Sequence) and not isinstance(fetch, (str, bytes, Tensor)):
        items: Sequence[Any] = fetch
        parts = [_visit(item, flat, leaves) for item in items]
        if hasattr(kind, "_fields"):  # a named tuple takes its fields one by one
            return lambda values: kind(*(part(values) for part in parts))
        return lambda values: kind([part(values) for part in parts])
    attributes = _attributes(fetch)
    if attributes is not None:
        parts = [_visit(getattr(fetch, name), flat, leaves) for name in attributes]
        return lambda values: kind(*(part(values) for part in parts))
    leaf = _leaf(fetch, flat)
    leaves[leaf] = None
    return lambda values: values[leaf]


def _attributes(fetch: Any) -> list[str] | None:
    """The field names of an attrs or dataclass instance."""
    declared = getattr(type(fetch), "__attrs_attrs__", None)
    if declared is not None:
        return [attribute.name for attribute in declared]
    if is_dataclass(fetch) and not isinstance(fetch, type):
        return [field.name for field in fields(fetch)]
    return None


def _leaf(fetch: Any, flat: FlatGraph) -> Fetch:
    convert = getattr(fetch, "_as_graph_element", None)
    if convert is not None:
        fetch = convert()
    if isinstance(fetch, Tensor):
        return Fetch(fetch.name, False)
    if isinstance(fetch, Operation):
        return Fetch(fetch.name, True)
    if isinstance(fetch, bytes):
        fetch = fetch.decode()
    if not isinstance(fetch, str):
        raise TypeError(
            f'Argument `fetch` = {fetch!r} has invalid type "{type(fetch).__name__}" must be a '
            "string or Tensor. (Can not convert a "
            f"{type(fetch).__name__} into a Tensor or Operation.)"
        )
    operation = flat.graph.get(fetch.partition(":")[0])
    if operation is None:
        what = "a Tensor which does not exist" if ":" in fetch else "an Operation not in the graph"
        raise GraphError(
            f"Argument `fetch` = {fetch} cannot be interpreted as a Tensor. "
            f"(The name '{fetch}' refers to {what}.)"
        )
    return Fetch(fetch, ":" not in fetch)
