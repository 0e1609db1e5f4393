"""AttrValue messages to Python values and back.

| in the file | in Python |
| --- | --- |
| s | bytes |
| i, f, b | int, float, bool |
| type | DType |
| shape | tuple of lengths or None, or None |
| tensor | NumPy array |
| func | FunctionRef |
| placeholder | AttrPlaceholder |
| list | list of these |
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .. import dtypes
from ..dtypes import DType
from ..errors import FormatError
from ..graph import AttrPlaceholder, FunctionRef
from .proto.opscope_graph_pb2 import AttrValue, NameAttrList
from .tensor_proto import (
    check_tensor,
    dtype_from_number,
    shape_from_proto,
    shape_to_proto,
    tensor_from_proto,
    tensor_to_proto,
)


def _function_from_proto(proto: NameAttrList) -> FunctionRef:
    return FunctionRef(proto.name, {name: attr_from_proto(proto.attr[name]) for name in proto.attr})


_DECODERS: dict[str, Callable[[Any], Any]] = {
    "s": bytes,
    "i": int,
    "f": float,
    "b": bool,
    "type": dtype_from_number,
    "shape": shape_from_proto,
    "tensor": tensor_from_proto,
    "func": _function_from_proto,
    "placeholder": AttrPlaceholder,
}


def attr_from_proto(proto: AttrValue) -> Any:
    """The Python value of `proto`.

    Raises:
        FormatError: no value is set, or it is not decodable.
    """
    kind = proto.WhichOneof("value")
    if kind is None:
        raise FormatError("expected a value, found none")
    if kind != "list":
        return _DECODERS[kind](getattr(proto, kind))
    for field, values in proto.list.ListFields():
        decode = _DECODERS[field.name]
        return [decode(value) for value in values]
    return []


def attr_to_proto(value: Any, proto: AttrValue, dtype: DType | None = None) -> None:
    """Write `value` into `proto`.

    A tensor has the element type `dtype` if that is given, for where NumPy's does not tell
    (quantized integers).

    Raises:
        TypeError: no attribute holds such a value.
    """
    plain: Any = value  # what `match` makes of Any is only partly known to the type checker
    match value:
        case bool() | np.bool_():
            proto.b = bool(plain)
        case int() | np.integer():
            proto.i = int(plain)
        case float() | np.floating():
            proto.f = float(plain)
        case bytes():
            proto.s = value
        case str():
            proto.s = value.encode()
        case DType():
            proto.type = dtypes.to_enum(value)  # pyright: ignore[reportAttributeAccessIssue]
        case None | tuple():
            shape_to_proto(plain, proto.shape)
        case np.ndarray():
            tensor_to_proto(plain, proto.tensor, dtype)
        case FunctionRef():
            _function_to_proto(value, proto.func)
        case AttrPlaceholder():
            proto.placeholder = value.name
        case list():
            _list_to_proto(plain, proto.list)
        case _:
            raise TypeError(f"an attribute cannot hold a {type(value).__name__}")


def _function_to_proto(function: FunctionRef, proto: NameAttrList) -> None:
    proto.SetInParent()
    proto.name = function.name
    for name, value in function.attrs.items():
        attr_to_proto(value, proto.attr[name])


def _list_to_proto(values: Sequence[Any], proto: AttrValue.ListValue) -> None:
    proto.SetInParent()
    for value in values:
        one = AttrValue()
        attr_to_proto(value, one)
        kind = one.WhichOneof("value")
        if kind in (None, "list", "placeholder"):
            raise TypeError(f"an attribute cannot hold a list of {type(value).__name__}")
        getattr(proto, kind).append(getattr(one, kind))


class FileAttrs(Mapping[str, Any]):
    """The attributes of one node of a file, each decoded when it is first looked at.

    Decoding all of a large graph would take longer than opening it should, and most attributes
    are never looked at.
    """

    __slots__ = ("_owner", "_protos", "_values")

    def __init__(self, protos: Mapping[str, AttrValue], owner: str) -> None:
        self._protos = protos
        self._owner = owner
        self._values: dict[str, Any] | None = None

    @property
    def owner(self) -> str:
        """The name of the node or function that has them."""
        return self._owner

    @property
    def protos(self) -> Mapping[str, AttrValue]:
        """The messages as the file has them, to be copied when the graph is saved."""
        return self._protos

    def __getitem__(self, name: str) -> Any:
        """The decoded value.

        Raises:
            KeyError: the file gives no such attribute.
            FormatError: it cannot be decoded; the message names node and attribute.
        """
        if self._values is None:
            self._values = {}
        elif name in self._values:
            return self._values[name]
        if name not in self._protos:  # a protobuf map would add it
            raise KeyError(name)
        try:
            value = attr_from_proto(self._protos[name])
        except FormatError as error:
            raise FormatError(f"attribute '{name}' of '{self._owner}': {error}") from None
        self._values[name] = value
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._protos)

    def __len__(self) -> int:
        return len(self._protos)

    def __contains__(self, name: object) -> bool:
        return name in self._protos

    def __repr__(self) -> str:
        return f"<FileAttrs of '{self._owner}': {', '.join(sorted(self))}>"


def check_constant(attrs: FileAttrs) -> None:
    """Check the value of a `Const` node without decoding it.

    Raises:
        FormatError: it cannot be decoded; the message names the node.
    """
    if "value" not in attrs:
        return
    value = attrs.protos["value"]
    if value.WhichOneof("value") != "tensor":
        return  # inside a function it may be a placeholder
    try:
        check_tensor(value.tensor)
    except FormatError as error:
        raise FormatError(f"attribute 'value' of '{attrs.owner}': {error}") from None


def attrs_to_proto(attrs: Mapping[str, Any], target: Any) -> None:
    """Write `attrs` into the protobuf map `target`; what came from a file is copied unchanged."""
    if isinstance(attrs, FileAttrs):
        for name, proto in attrs.protos.items():
            target[name].CopyFrom(proto)
        return
    dtype = attrs.get("dtype")
    for name, value in attrs.items():
        attr_to_proto(value, target[name], dtype if _fits(value, dtype) else None)


def _fits(value: Any, dtype: Any) -> bool:
    return isinstance(dtype, DType) and getattr(value, "dtype", None) == dtype.numpy
