"""What users feed: text as typed, nested lists or `.npy` bytes, to an array of the right type."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..engine.dtypes import DType
from ..engine.errors import InvalidArgumentError
from ..engine.executor.flat import FlatGraph

if TYPE_CHECKING:
    from ..engine import Program

Shape = tuple[int | None, ...] | None

_TOKEN = re.compile(
    r"""\s*(?:([\[\](),])|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s\[\](),]+))"""
)
_FILL = re.compile(r"\s*(zeros|ones|normal)\s*\(([\d\s,]*)\)\s*")
_FEW = 64


def feed_dtype(flat: FlatGraph, name: str) -> DType:
    """The element type of tensor `name`, which is to be fed.

    Raises:
        GraphError: there is no such tensor.
        InvalidArgumentError: its type is not known, because its op is not.
    """
    tensor = flat.graph.tensor(name)
    node = flat.nodes[tensor.op.index]
    if node.type in ("Placeholder", "PlaceholderV2"):
        return node.attrs["dtype"]
    declared = [] if node.declaration is None else node.declaration.output_dtypes(node.attrs)
    if tensor.index >= len(declared):
        raise InvalidArgumentError(f"'{name}' is no tensor that can be fed", node.name)
    return declared[tensor.index].base


def feed_name(name: str) -> str:
    """Tensor `name` as fields and messages call it: an operation's first output by the operation.

    >>> feed_name("x:0"), feed_name("split:1")
    ('x', 'split:1')
    """
    return name.removesuffix(":0")


def feed_shape(program: Program, name: str) -> Shape:
    """What is known of the shape of tensor `name`: from its placeholder, else from a signature,
    else as the saved graph notes it; None if nothing is.

    Raises:
        GraphError: there is no such tensor.
    """
    tensor = program.flat.graph.tensor(name)
    node = program.flat.nodes[tensor.op.index]
    if node.type in ("Placeholder", "PlaceholderV2", "PlaceholderWithDefault"):
        return node.attrs["shape"]
    for signature in program.signatures.values():
        for info in signature.inputs.values():
            if info.name and feed_name(info.name) == feed_name(name) and info.shape is not None:
                return info.shape
    shapes = node.given_attrs.get("_output_shapes") or []
    return shapes[tensor.index] if tensor.index < len(shapes) else None


def parse_feed(name: str, value: Any, dtype: DType) -> NDArray[Any]:
    """The array to feed to tensor `name`.

    Args:
        name: the tensor, for messages.
        value: text (`[[1, 2], [3, 4]]`, `1.5`, `true`, `hello`, `zeros(2,3)`, `ones(2,3)`,
            `normal(2,3)`), nested lists, or the bytes of a `.npy` file.
        dtype: what it becomes.

    Raises:
        InvalidArgumentError: it is not of `dtype`.
    """
    try:
        if isinstance(value, bytes):
            array = np.load(io.BytesIO(value), allow_pickle=False)
        elif isinstance(value, str):
            array = _parse_text(value, dtype)
        else:
            array = _to_array(value, dtype)
        return array if dtype.name == "string" else array.astype(dtype.numpy, copy=False)
    except (ValueError, TypeError, OverflowError) as error:
        raise InvalidArgumentError(
            f"the feed of '{name}' is no {dtype.name} value: {error}", name.partition(":")[0]
        ) from None


def fitting_text(dtype: DType, shape: Shape) -> str:
    """Text for a value that fits: unknown lengths are taken to be 1."""
    lengths = [1 if length is None else length for length in shape or ()]
    if dtype.is_floating or dtype.is_complex:
        element, fill = "1.0", "ones"
    elif dtype.name == "bool":
        element, fill = "false", "zeros"
    elif dtype.name == "string":
        element, fill = '""', ""
    else:
        element, fill = "0", "zeros"
    if fill and np.prod(lengths, dtype=float) > _FEW:
        return f"{fill}({', '.join(map(str, lengths))})"
    text = element
    for length in reversed(lengths):
        text = f"[{', '.join([text] * length)}]"
    return text


def _parse_text(text: str, dtype: DType) -> NDArray[Any]:
    fill = _FILL.fullmatch(text)
    if fill and dtype.name != "string":
        lengths = tuple(int(part) for part in fill[2].split(",") if part.strip())
        match fill[1]:
            case "zeros":
                return np.zeros(lengths, dtype.numpy)
            case "ones":
                return np.ones(lengths, dtype.numpy)
            case _:
                return np.random.default_rng(0).standard_normal(lengths).astype(dtype.numpy)
    if dtype.name == "string" and not text.lstrip().startswith(("[", '"', "'")):
        return _to_array(text, dtype)
    tokens = list(_tokens(text))
    if not tokens:
        raise ValueError("the text is empty")
    value, rest = _nested(tokens, 0, dtype)
    if rest != len(tokens):
        raise ValueError(f"unexpected '{tokens[rest][1]}' after the value")
    return _to_array(value, dtype)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(f"cannot read '{text[position : position + 20]}'")
        position = match.end()
        mark, double, single, word = match.groups()
        if mark:
            yield mark.translate(str.maketrans("()", "[]")), mark
        elif word:
            yield "word", word
        else:
            quoted = double if double is not None else single
            yield "text", re.sub(r"\\(.)", r"\1", quoted)


def _nested(tokens: list[tuple[str, str]], start: int, dtype: DType) -> tuple[Any, int]:
    """The value that begins at token `start`, and the token after it."""
    stack: list[list[Any]] = []
    position = start
    while position < len(tokens):
        kind, text = tokens[position]
        position += 1
        if kind == ",":
            continue
        if kind == "[":
            stack.append([])
            continue
        if kind == "]":
            if not stack:
                raise ValueError("there is a ']' without its '['")
            value: Any = stack.pop()
        else:
            value = text if kind == "text" else _element(text, dtype)
        if not stack:
            return value, position
        stack[-1].append(value)
    raise ValueError("there is a '[' without its ']'")


def _element(text: str, dtype: DType) -> Any:
    if dtype.name == "string":
        return text
    if dtype.name == "bool":
        known = {"true": True, "false": False, "1": True, "0": False}
        if text.lower() not in known:
            raise ValueError(f"'{text}' is neither true nor false")
        return known[text.lower()]
    kind = complex if dtype.is_complex else int if dtype.is_integer else float
    try:
        return kind(text)
    except ValueError:
        words = {complex: "a complex number", int: "an integer", float: "a number"}
        raise ValueError(f"'{text}' is not {words[kind]}") from None


def _to_array(value: Any, dtype: DType) -> NDArray[Any]:
    if dtype.name != "string":
        array = np.array(value)
        if dtype.is_integer and array.size and array.dtype.kind not in "iub":
            raise ValueError(f"its elements are {array.dtype}, not integers")
        if array.dtype.kind not in "iubfc":
            raise ValueError("its rows differ in length or its elements are not numbers")
        if dtype.is_integer and array.size:
            limits = np.iinfo(dtype.numpy) if dtype.numpy.kind in "iu" else None
            if limits and (array.min() < limits.min or array.max() > limits.max):
                raise ValueError(f"an element is not between {limits.min} and {limits.max}")
        return array
    texts = np.array(value, dtype=object)
    flat = [item.encode() if isinstance(item, str) else item for item in texts.reshape(-1)]
    if any(not isinstance(item, bytes) for item in flat):
        raise ValueError("its rows differ in length or its elements are not text")
    array = np.empty(len(flat), dtype=object)
    array[:] = flat
    return array.reshape(texts.shape)
