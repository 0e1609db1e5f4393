"""Runs a case with the engine's kernel and holds the result against what TensorFlow gave."""

from __future__ import annotations

from typing import Any

import numpy as np
from op_cases import HERE, Case, inferred

from opscope.engine import dtypes
from opscope.engine.errors import OpError
from opscope.engine.memory import Handle, Memory, RefVariable, Site
from opscope.engine.ops import OpDef, lookup

_TOLERANCE = {"float16": 2e-3, "float32": 1e-5, "complex64": 1e-5}


def recorded(family: str) -> dict[int, dict[str, Any]]:
    """What TensorFlow gave, by the number of the case."""
    found: dict[int, dict[str, Any]] = {}
    with np.load(HERE / f"recorded/{family}.npz") as arrays:
        for name in arrays:
            number, _, key = name.partition(":")
            found.setdefault(int(number), {})[key] = arrays[name]
    return found


def _attributes(declaration: OpDef, case: Case) -> Any:
    given = {**inferred(declaration.inputs, case.inputs, case.attrs), **case.attrs}
    for attr in declaration.attrs:
        if attr.name in given and attr.kind == "type":
            given[attr.name] = dtypes.as_dtype(given[attr.name])
        elif attr.name in given and attr.kind == "list(type)":
            given[attr.name] = [dtypes.as_dtype(name) for name in given[attr.name]]
    return declaration.complete(given)


def _token(declaration: OpDef, position: int, value: Any, memory: Memory) -> Any:
    arguments = declaration.inputs
    argument = arguments[min(position, len(arguments) - 1)]
    dtype = dtypes.from_numpy(value.dtype)
    if argument.is_ref:
        variable = memory.ref_variable("", "", f"v{position}", dtype, value.shape)
        variable.assign(value.copy())
        return variable
    if argument.dtype is dtypes.resource:
        handle = Handle(memory, "", f"v{position}", f"v{position}", dtype, value.shape)
        handle.create_variable().store(value.copy())
        return handle
    value.flags.writeable = False
    return value


def run(case: Case) -> tuple[list[Any], list[Any]]:
    """(outputs, variables afterwards) of `case`."""
    declaration = lookup(case.op)
    assert declaration is not None
    assert declaration.kernel is not None
    memory = Memory()
    attrs = _attributes(declaration, case)
    tokens = [_token(declaration, i, value, memory) for i, value in enumerate(case.inputs)]
    inputs = [Site("op", memory), *tokens] if declaration.uses_site else tokens
    with np.errstate(all="ignore"):
        try:
            found = declaration.kernel(attrs)(*inputs)
        except OpError:
            raise
        except Exception as error:
            explained = declaration.explain(attrs, case.inputs) if declaration.explain else None
            raise explained or error from error
    variables = [
        token.read() if isinstance(token, RefVariable) else token.variable().read()
        for token in tokens
        if isinstance(token, RefVariable | Handle)
    ]
    return list(found) if declaration.returns_sequence else [found], variables


def check(case: Case, wanted: dict[str, Any]) -> None:
    """Run `case` and compare outputs, variables or error with what was recorded."""
    if "error" in wanted:
        kind, message = wanted["error"].tolist()
        try:
            run(case)
        except OpError as error:
            assert (type(error).__name__, error.message) == (kind, message)  # noqa: PT017
            return
        raise AssertionError(f"no error, but TensorFlow says {message}")
    outputs, variables = run(case)
    for key, value in wanted.items():
        got = variables[int(key[1:])] if key.startswith("v") else outputs[int(key)]
        compare(got, value)


def compare(got: Any, wanted: Any) -> None:
    """Check element type, shape and elements; strings were recorded as hexadecimal digits."""
    assert isinstance(got, np.ndarray | np.generic)
    if wanted.dtype.kind == "S":
        assert got.dtype == object
        assert got.shape == wanted.shape
        assert [v.hex().encode() for v in got.ravel().tolist()] == wanted.ravel().tolist()
        return
    assert got.dtype == wanted.dtype
    tolerance = _TOLERANCE.get(wanted.dtype.name, 1e-12)
    if wanted.dtype.kind in "fc":
        np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance, strict=True)
    else:
        np.testing.assert_array_equal(got, wanted, strict=True)
