"""Reference variables: creation, assignment, in-place updates."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgumentError, OutOfRangeError
from ..graph import shape_text
from ..memory import RefVariable, Site
from .registry import Attrs, Cell, Effect, Kernel, Lock, declare, op


def updates(operand: str, *, by_element: bool = True) -> Effect:
    """The effect of an in-place update of a reference variable."""
    return Effect(operand, Cell.CONTENTS, True, True, by_element, Lock.USE_LOCKING)


def _variable(attrs: Attrs) -> Kernel:
    dtype, shape = attrs["dtype"], attrs["shape"]
    container, shared_name = attrs["container"].decode(), attrs["shared_name"].decode()

    def variable(site: Site) -> RefVariable:
        return site.memory.ref_variable(container, shared_name, site.name, dtype, shape)

    return variable


for _type in ("VariableV2", "Variable"):
    declare(
        _type,
        "",
        "ref: Ref(dtype)",
        "shape: shape, dtype: type, container: string = '', shared_name: string = ''",
        kernel=_variable,
        shape=lambda attrs, _, __: [attrs["shape"]],
        uses_site=True,
        doc="A reference to a variable whose buffer can be written in place.",
    )


@op(
    "Assign",
    "ref: Ref(T), value: T",
    "output_ref: Ref(T)",
    "T: type, validate_shape: bool = true, use_locking: bool = true",
    effects=[
        Effect("ref", Cell.CONTENTS, writes=True, by_element=True, lock=Lock.USE_LOCKING),
        Effect("ref", Cell.RECORD, reads=True, writes=True, lock=Lock.EXCLUSIVE),
    ],
    allows_uninitialized=[0],
)
def assign(attrs: Attrs) -> Kernel:
    """Writes value: into the variable's buffer if the element count is the same, else a new one."""
    validate: bool = attrs["validate_shape"]

    def kernel(ref: RefVariable, value: Any) -> RefVariable:
        if validate and ref.buffer is not None and ref.buffer.array.shape != np.shape(value):
            raise InvalidArgumentError(
                "Assign requires shapes of both tensors to match. lhs shape= "
                f"{shape_text(ref.buffer.array.shape)} rhs shape= {shape_text(np.shape(value))}"
            )
        ref.assign(value)
        return ref

    return kernel


def _update(ufunc: Any) -> Any:
    def factory(_: Attrs) -> Kernel:
        def kernel(ref: RefVariable, value: Any) -> RefVariable:
            old = ref.writable() if ref.memory.writes_in_place else ref.read()
            if old.shape != np.shape(value):
                raise InvalidArgumentError("Parameters and update must be the same size")
            in_place = ref.memory.writes_in_place and old.ndim > 0
            ref.store(ufunc(old, value, out=old) if in_place else ufunc(old, value))
            return ref

        return kernel

    return factory


for _type, _ufunc, _verb in (
    ("AssignAdd", np.add, "Adds value to"),
    ("AssignSub", np.subtract, "Subtracts value from"),
):
    declare(
        _type,
        "ref: Ref(T), value: T",
        "output_ref: Ref(T)",
        "T: type, use_locking: bool = false",
        kernel=_update(_ufunc),
        effects=[updates("ref")],
        doc=f"{_verb} the variable in place.",
    )


@op("IsVariableInitialized", "ref: Ref(dtype)", "is_initialized: bool", "dtype: type",
    effects=[Effect("ref", Cell.RECORD, reads=True)], allows_uninitialized=[0])  # fmt: skip
def is_variable_initialized(_: Attrs) -> Kernel:
    """Whether the variable has a value."""

    def kernel(ref: RefVariable) -> Any:
        return np.bool_(ref.buffer is not None)

    return kernel


@op("CountUpTo", "ref: Ref(T)", "output: T", "limit: int, T: type",
    effects=[Effect("ref", Cell.CONTENTS, True, True, lock=Lock.EXCLUSIVE)])  # fmt: skip
def count_up_to(attrs: Attrs) -> Kernel:
    """Adds one to the variable and returns what it was; fails at limit."""
    limit: int = attrs["limit"]

    def kernel(ref: RefVariable) -> Any:
        old = ref.read()
        if old >= limit:
            raise OutOfRangeError(f"Reached limit of {limit}")
        ref.store(old + old.dtype.type(1))
        return old

    return kernel
