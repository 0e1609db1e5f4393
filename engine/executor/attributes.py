"""The attributes and results of a function body, with the values that its call gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import GraphError
from ..graph import Argument, AttrPlaceholder, Function, FunctionRef


def in_order(function: Function) -> list[str]:
    """The body tensors that `function` returns, in the order of its outputs.

    A list output is returned whole by one entry.
    """
    return [function.returns[output.name] for output in function.signature.outputs]


def bind(attrs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """`attrs` of a body node with the attribute values of the call filled in."""
    if not any(_has_placeholder(value) for value in attrs.values()):
        return attrs
    return {key: _bind_value(value, values) for key, value in attrs.items()}


def _has_placeholder(value: Any) -> bool:
    if isinstance(value, FunctionRef):
        return any(map(_has_placeholder, value.attrs.values()))
    if isinstance(value, list):
        return any(map(_has_placeholder, value))
    return isinstance(value, AttrPlaceholder)


def _bind_value(value: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(value, AttrPlaceholder):
        if value.name not in values:
            raise GraphError(f"a function body needs the attribute '{value.name}' of its call")
        return values[value.name]
    if isinstance(value, list):
        return [_bind_value(item, values) for item in value]
    if isinstance(value, FunctionRef):
        return FunctionRef(value.name, bind(value.attrs, values))
    return value


def bound(argument: Argument, attrs: Mapping[str, Any]) -> Argument:
    """`argument`, checked to have its types in `attrs`."""
    needed = argument.type_attr or argument.type_list_attr
    if needed and needed not in attrs:
        raise GraphError(
            f"a call leaves out the attribute '{needed}' of argument '{argument.name}'"
        )
    return argument
