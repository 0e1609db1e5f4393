"""Checks that let a value pass or stop the run, and ops that tell somebody about values."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import DType, string
from ..errors import InvalidArgumentError
from ..memory import Site
from .registry import Attrs, Kernel, op
from .shapes import unchanged


def _element(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode(errors="backslashreplace")
    if isinstance(value, (bool, np.bool_)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        return f"{float(value):.6g}"
    return str(value)


def summary(array: Any, limit: int) -> str:
    """The first `limit` elements of `array` as TensorFlow's runtime shows them."""
    flat = np.ravel(array)
    shown = flat.size if limit < 0 else min(limit, flat.size)
    words = iter([_element(value) for value in flat[:shown].tolist()])
    text = _nested(np.shape(array), words, [shown])
    return text + ("..." if shown < flat.size else "")


def _nested(shape: Sequence[int], words: Any, left: list[int]) -> str:
    if not shape:
        left[0] -= 1
        return next(words, "")
    if len(shape) == 1:
        count = min(shape[0], left[0])
        left[0] -= count
        return " ".join(next(words) for _ in range(count))
    parts: list[str] = []
    for _ in range(shape[0]):
        if left[0] <= 0:
            break
        parts.append("[" + _nested(shape[1:], words, left) + "]")
    return "".join(parts)


@op("Assert", "condition: bool, data: T", "", "T: list(type), summarize: int = 3")
def assert_(attrs: Attrs) -> Kernel:
    """Stops the run with the data in the message if the condition is false."""
    limit: int = attrs["summarize"]

    def kernel(condition: Any, *data: Any) -> tuple[()]:
        if not condition:
            listing = " ".join(f"[{summary(value, limit)}]" for value in data)
            raise InvalidArgumentError(f"assertion failed: {listing}")
        return ()

    return kernel


@op(
    "CheckNumerics",
    "tensor: T",
    "output: T",
    "T: type, message: string",
    shape=unchanged,
    view=True,
)
def check_numerics(attrs: Attrs) -> Kernel:
    """The input, provided that it has no NaN and no infinity."""
    message: str = attrs["message"].decode(errors="replace")

    def kernel(tensor: Any) -> Any:
        if not np.isfinite(tensor).all():
            found = " and ".join(
                word for word, test in (("Inf", np.isinf), ("NaN", np.isnan)) if test(tensor).any()
            )
            raise InvalidArgumentError(f"{message} : Tensor had {found} values")
        return tensor

    return kernel


@op(
    "CheckNumericsV2",
    "tensor: T",
    "output: T",
    "T: type, message: string",
    shape=unchanged,
    view=True,
)
def check_numerics_v2(attrs: Attrs) -> Kernel:
    """The input, provided that it has no NaN and no infinity of either sign."""
    message: str = attrs["message"].decode(errors="replace")
    tests = (("-Inf", np.isneginf), ("+Inf", np.isposinf), ("NaN", np.isnan))

    def kernel(tensor: Any) -> Any:
        if not np.isfinite(tensor).all():
            words = [word for word, test in tests if test(tensor).any()]
            raise InvalidArgumentError(f"{message} : Tensor had {', '.join(words)} values")
        return tensor

    return kernel


@op(
    "Print",
    "input: T, data: U",
    "output: T",
    "T: type, U: list(type), message: string = '', first_n: int = -1, summarize: int = 3",
    shape=unchanged,
    view=True,
    uses_site=True,
)
def print_(attrs: Attrs) -> Kernel:
    """The input; the data is written to standard error, the first first_n times."""
    first_n: int = attrs["first_n"]
    limit: int = attrs["summarize"]
    message: str = attrs["message"].decode(errors="replace")

    def kernel(site: Site, value: Any, *data: Any) -> Any:
        if first_n >= 0:
            resources, key = site.memory.resources, ("printed", site.name)
            times = resources.get(key, 0)
            if times >= first_n:
                return value
            if site.memory.undo is not None:
                (site.memory.undo.item if key in resources else site.memory.undo.new_item)(
                    resources, key
                )
            resources[key] = times + 1
        if not site.memory.prints:
            return value
        listing = "".join(f"[{summary(item, limit)}]" for item in data)
        print(message + listing, file=sys.stderr)
        return value

    return kernel


@op(
    "PrintV2",
    "input: string",
    "",
    "output_stream: string = 'stderr', end: string = '\n'",
    uses_site=True,
)
def print_v2(attrs: Attrs) -> Kernel:
    """Writes a string to standard output or standard error."""
    end: str = attrs["end"].decode(errors="replace")
    to_stdout = attrs["output_stream"] == b"stdout"

    def kernel(site: Site, value: Any) -> tuple[()]:
        if not site.memory.prints:
            return ()
        line = np.asarray(value, object).item().decode(errors="replace")
        print(line, end=end, file=sys.stdout if to_stdout else sys.stderr)
        return ()

    return kernel


@op(
    "StringFormat",
    "inputs: T",
    "output: string",
    "T: list(type), template: string = '%s', placeholder: string = '%s', summarize: int = 3",
)
def string_format(attrs: Attrs) -> Kernel:
    """The template with every placeholder replaced by the summary of one input."""
    template: str = attrs["template"].decode()
    mark: str = attrs["placeholder"].decode()
    limit: int = attrs["summarize"]
    types: list[DType] = attrs["T"]

    def kernel(*inputs: Any) -> Any:
        pieces = template.split(mark)
        if len(pieces) != len(inputs) + 1:
            raise InvalidArgumentError(
                f"num placeholders in template and num inputs must match: {len(pieces) - 1} vs. "
                f"{len(inputs)}"
            )
        words = [
            bracketed(value, limit, dtype is string)
            for value, dtype in zip(inputs, types, strict=True)
        ]
        text = pieces[0] + "".join(w + p for w, p in zip(words, pieces[1:], strict=True))
        return np.array(text.encode(), object)

    return kernel


def bracketed(array: Any, limit: int, quoted: bool = False) -> str:
    """`array` with brackets around every axis; long axes show `limit` elements at both ends."""
    if not np.ndim(array):
        word = _element(np.asarray(array).item())
        return f'"{word}"' if quoted and np.ndim(array) else word
    parts = [
        f'"{_element(item)}"' if quoted and not np.ndim(item) else bracketed(item, limit, quoted)
        for item in array
    ]
    if limit >= 0 and len(parts) > 2 * limit:
        parts = [*parts[:limit], "...", *parts[len(parts) - limit :]]
    return "[" + (" ".join(parts) if np.ndim(array) == 1 else "\n ".join(parts)) + "]"
