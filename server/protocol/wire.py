"""Messages to JSON-like values and back.

On the wire field names are camelCase; `bytes` stay binary (Socket.IO sends them as attachments);
numbers that are not finite become null, because JSON has none.
"""

from __future__ import annotations

import dataclasses
import math
import types
from functools import cache
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints


class BadRequest(Exception):
    """A message that is not as declared; `str(error)` names field, expectation and finding."""


def camel(name: str) -> str:
    """`parent_iteration` as `parentIteration`."""
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


@cache
def _fields(body: type[Any]) -> tuple[tuple[str, str], ...]:
    return tuple((field.name, camel(field.name)) for field in dataclasses.fields(body))


def to_wire(value: Any) -> Any:
    """`value`, of dataclasses, lists, dicts, numbers, text and bytes, as it goes on the wire."""
    if value is None or isinstance(value, (str, bool, int, bytes)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, (list, tuple)):
        return [to_wire(item) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {key: to_wire(item) for key, item in cast("dict[str, Any]", value).items()}
    return {wire: to_wire(getattr(value, name)) for name, wire in _fields(type(value))}


def from_wire(body: type[Any], value: Any, where: str = "the message") -> Any:
    """An instance of dataclass `body` from what came over the wire.

    Args:
        body: a declared message.
        value: what came.
        where: what the error message calls the value.

    Raises:
        BadRequest: a field is missing, unknown or of another type than declared.
    """
    if not isinstance(value, dict):
        raise BadRequest(f"{where} must be an object, not {_describe(value)}")
    given = cast("dict[str, Any]", value)
    known = {wire: name for name, wire in _fields(body)}
    for key in given:
        if key not in known:
            raise BadRequest(
                f"{where} has a field '{key}' that it should not have; "
                f"known are: {', '.join(known) or 'none'}"
            )
    hints = _hints(body)
    arguments: dict[str, Any] = {}
    for field in dataclasses.fields(body):
        wire = camel(field.name)
        if wire in given:
            arguments[field.name] = _check(hints[field.name], given[wire], f"{where}.{wire}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise BadRequest(f"{where} lacks the field '{wire}'")
    return body(**arguments)


@cache
def _hints(body: type[Any]) -> dict[str, Any]:
    return get_type_hints(body)


_WORDS: dict[Any, str] = {
    str: "text",
    int: "an integer",
    float: "a number",
    bool: "true or false",
    bytes: "binary data",
    type(None): "null",
}


def _check(hint: Any, value: Any, where: str) -> Any:
    origin = get_origin(hint)
    if hint is Any:
        return value
    if origin in (Union, types.UnionType):
        return _check_union(get_args(hint), value, where)
    if origin is Literal:
        if value not in get_args(hint):
            options = ", ".join(map(str, get_args(hint)))
            raise BadRequest(f"{where} must be one of {options}, not {_describe(value)}")
        return value
    if origin is list:
        if not isinstance(value, list):
            raise BadRequest(f"{where} must be a list, not {_describe(value)}")
        (item_hint,) = get_args(hint)
        items = cast("list[Any]", value)
        return [_check(item_hint, item, f"{where}[{i}]") for i, item in enumerate(items)]
    if origin is dict:
        if not isinstance(value, dict):
            raise BadRequest(f"{where} must be an object, not {_describe(value)}")
        item_hint = get_args(hint)[1]
        pairs = cast("dict[str, Any]", value)
        return {key: _check(item_hint, item, f"{where}.{key}") for key, item in pairs.items()}
    if dataclasses.is_dataclass(hint):
        return from_wire(cast("type[Any]", hint), value, where)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        raise BadRequest(f"{where} must be {_WORDS[hint]}, not {_describe(value)}")
    return value


def _check_union(hints: tuple[Any, ...], value: Any, where: str) -> Any:
    if value is None and type(None) in hints:
        return None
    others = [hint for hint in hints if hint is not type(None)]
    if len(others) == 1:
        return _check(others[0], value, where)
    for hint in others:
        try:
            return _check(hint, value, where)
        except BadRequest:
            continue
    expected = " or ".join(_WORDS.get(hint, str(hint)) for hint in others)
    raise BadRequest(f"{where} must be {expected}, not {_describe(value)}")


def _describe(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, (bool, int, float)):
        return str(value).lower()
    if isinstance(value, str):
        return f"the text '{value[:40]}'"
    return {list: "a list", dict: "an object", bytes: "binary data"}.get(
        cast("type[Any]", type(value)), "something else"
    )
