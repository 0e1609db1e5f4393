"""Inputs, outputs and attributes of op types, in the notation of TensorFlow's op registrations.

inputs    "a: T, b: N * T, c: Ref(T), d: int32, e: Targuments"
attrs     "T: type, N: int = 1, name: string = 'x', out: list(type) = []"
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from .. import dtypes
from ..dtypes import DType
from ..graph import Argument


@dataclass(frozen=True, slots=True)
class Attr:
    """One attribute: its kind in TensorFlow's words, and its default where it has one."""

    name: str
    kind: str
    default: Any = None
    has_default: bool = False


def _split(text: str) -> Iterator[str]:
    """Split at the commas that are not inside brackets or quotes."""
    part, depth, quoted = "", 0, False
    for character in text:
        if character == "'":
            quoted = not quoted
        if not quoted:
            depth += (character in "[(") - (character in "])")
            if character == "," and depth == 0:
                yield part.strip()
                part = ""
                continue
        part += character
    if part.strip():
        yield part.strip()


def _literal(kind: str, text: str) -> Any:
    text = text.strip()
    if kind.startswith("list("):
        inner = kind[5:-1]
        return [_literal(inner, part) for part in _split(text[1:-1])]
    match kind:
        case "bool":
            return {"true": True, "false": False}[text]
        case "int":
            return int(text)
        case "float":
            return float(text)
        case "string":
            return text.strip("'").encode()
        case "type":
            return dtypes.BY_NAME[text]
        case "shape":
            return None if text == "unknown" else tuple(int(n) for n in _split(text[1:-1]))
        case _:
            raise ValueError(f"an attribute of kind {kind} has no default")


@cache
def parse_attrs(text: str) -> tuple[Attr, ...]:
    """The attributes declared in `text`."""
    attrs: list[Attr] = []
    for part in _split(text):
        name, _, rest = part.partition(":")
        kind, equals, default = rest.partition("=")
        kind = kind.strip()
        value = _literal(kind, default) if equals else None
        attrs.append(Attr(name.strip(), kind, value, bool(equals)))
    return tuple(attrs)


def parse_arguments(text: str, attrs: tuple[Attr, ...]) -> tuple[Argument, ...]:
    """The inputs or outputs declared in `text`, whose types may name `attrs`."""
    kinds = {attr.name: attr.kind for attr in attrs}
    arguments: list[Argument] = []
    for part in _split(text):
        name, _, kind = (piece.strip() for piece in part.partition(":"))
        number = ""
        if "*" in kind:
            number, kind = (piece.strip() for piece in kind.split("*"))
        reference = re.fullmatch(r"Ref\((\w+)\)", kind)
        if reference:
            kind = reference[1]
        is_ref = reference is not None
        if kinds.get(kind) == "list(type)":
            arguments.append(Argument(name, type_list_attr=kind, is_ref=is_ref))
        elif kind in kinds:
            arguments.append(Argument(name, type_attr=kind, number_attr=number, is_ref=is_ref))
        else:
            dtype = dtypes.BY_NAME[kind]
            arguments.append(Argument(name, dtype=dtype, number_attr=number, is_ref=is_ref))
    return tuple(arguments)


def argument_dtypes(argument: Argument, attrs: Mapping[str, Any]) -> list[DType]:
    """The element types of the tensors that `argument` stands for on a node with `attrs`."""
    if argument.type_list_attr:
        types: list[DType] = list(attrs[argument.type_list_attr])
    else:
        one: DType = argument.dtype or attrs[argument.type_attr]
        types = [one] * (int(attrs[argument.number_attr]) if argument.number_attr else 1)
    return [dtype.ref for dtype in types] if argument.is_ref else types
