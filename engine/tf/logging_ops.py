"""`tf.Print` and `tf.Assert`: they act only where something that runs needs them."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import errors
from .build import apply, name_scope
from .conditionals import cond
from .control_flow_ops import group, no_op
from .convert import convert_to_tensor
from .defaults import executing_eagerly


def Print(  # noqa: N802 - TensorFlow's name
    input_: Any,
    data: Any,
    message: str | None = None,
    first_n: int | None = None,
    summarize: int | None = None,
    name: str | None = None,
) -> Any:
    """`input_`, printing `data` to standard error whenever it is computed."""
    return apply(
        "Print",
        {"input": input_, "data": data},
        name,
        message=message or "",
        first_n=-1 if first_n is None else first_n,
        summarize=3 if summarize is None else summarize,
    )


def Assert(  # noqa: N802 - TensorFlow's name
    condition: Any, data: Any, summarize: int | None = None, name: str | None = None
) -> Any:
    """An operation that fails, showing `data`, where `condition` does not hold.

    Raises:
        InvalidArgumentError: under eager execution, at once.
    """
    shown = 3 if summarize is None else summarize
    if executing_eagerly():
        if not condition:
            text = "\n".join(_summary(item, shown) for item in data)
            raise errors.InvalidArgumentError(
                None, None, f"Expected '{condition}' to be true. Summarized data: {text}"
            )
        return None
    with name_scope(name, "Assert", [condition, data]):
        values: list[Any] = [convert_to_tensor(item) for item in data]
        if all(value.dtype.name in ("string", "int32") for value in values):
            return _assert_op(condition, values, shown)
        test = convert_to_tensor(condition, name="Condition")
        checked = cond(test, no_op, lambda: _assert_op(test, values, shown), name="AssertGuard")
        return group(checked.op)


def _summary(item: Any, shown: int) -> str:
    flat = np.ravel(np.asarray(item))
    dots = ", ..." if flat.size > shown else ""
    return ", ".join(str(element) for element in flat[:shown]) + dots


def _assert_op(condition: Any, data: list[Any], summarize: int) -> Any:
    return apply("Assert", {"condition": condition, "data": data}, "Assert", summarize=summarize)
