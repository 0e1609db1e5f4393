"""Tables of single-op cases, shared by the recorder (with TensorFlow) and the tests (without).

A case is an op type, its inputs and its attributes. Type attributes follow from the inputs. The
array given for a reference or resource input is the value of a variable that is made for it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
FAMILIES = sorted(path.stem for path in (HERE / "cases").glob("*.py"))


@dataclass(frozen=True)
class Case:
    """One op, to be run once."""

    op: str
    inputs: Sequence[Any]
    attrs: dict[str, Any] = field(default_factory=dict)


def case(op: str, *inputs: Any, **attrs: Any) -> Case:
    """A case; inputs that are not arrays become float32, int32, bool or string arrays."""
    return Case(op, [array(value) for value in inputs], attrs)


def array(value: Any) -> Any:
    """`value` as an array, Python numbers in TensorFlow's default types."""
    if isinstance(value, np.ndarray | np.generic):
        return np.asarray(value)
    found = np.asarray(value)
    if found.dtype.kind in "SUO":
        result = np.empty(found.shape, object)
        result[...] = np.asarray(value, object)
        return result
    return found.astype({"f": np.float32, "i": np.int32}.get(found.dtype.kind, found.dtype))


def load(family: str) -> list[Case]:
    """The cases of `family`."""
    spec = importlib.util.spec_from_file_location(f"{family}_cases", HERE / f"cases/{family}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return list(module.CASES)


def type_name(value: Any) -> str:
    """TensorFlow's name of an array's element type."""
    return "string" if value.dtype == object else value.dtype.name


def inferred(
    arguments: Sequence[Any], inputs: Sequence[Any], attrs: dict[str, Any]
) -> dict[str, Any]:
    """The type and number attributes that follow from the inputs, as names and numbers."""
    found: dict[str, Any] = {}
    rest = list(inputs)
    for argument in arguments:
        if argument.number_attr:
            count = attrs[argument.number_attr]
        elif argument.type_list_attr:
            count = len(rest)
            found[argument.type_list_attr] = [type_name(value) for value in rest]
        else:
            count = 1
        if argument.type_attr and rest:
            found[argument.type_attr] = type_name(rest[0])
        rest = rest[count:]
    return found
