"""Resource variables: handles, snapshots, assignment, dense updates."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import (
    FailedPreconditionError,
    InvalidArgumentError,
    NotFoundError,
    OutOfRangeError,
)
from ..graph import shape_text
from ..memory import Alias, Handle, ResourceVariable, Site
from .registry import Attrs, Cell, Effect, Kernel, Lock, declare, op

_READS = Effect("resource", Cell.VALUE, reads=True, lock=Lock.SHARED)
_WRITES = Effect("resource", Cell.VALUE, writes=True, lock=Lock.EXCLUSIVE)
_UPDATES = Effect("resource", Cell.VALUE, True, True, lock=Lock.EXCLUSIVE)


def existing(handle: Handle) -> ResourceVariable:
    """The initialised variable that `handle` names.

    Raises:
        NotFoundError: it was never assigned, or destroyed.
    """
    variable = handle.variable()
    if variable is None or variable.value is None:
        raise NotFoundError(_status(handle))
    return variable


def _status(handle: Handle) -> str:
    """What TensorFlow's resource manager says of a resource that it cannot find."""
    if handle.memory.resource_variables:
        return f"Resource {handle.container}/{handle.name}/N10tensorflow3VarE does not exist."
    return (
        f"Container {handle.container} does not exist. "
        f"(Could not find resource: {handle.container}/{handle.name})"
    )


@op(
    "VarHandleOp",
    "",
    "resource: resource",
    "container: string = '', shared_name: string = '', debug_name: string = '', dtype: type,"
    " shape: shape, allowed_devices: list(string) = []",
    uses_site=True,
    shape=lambda *_: [()],
)
def var_handle(attrs: Attrs) -> Kernel:
    """A handle of a resource variable, which exists from its first assignment on."""
    container = attrs["container"].decode() or "localhost"
    shared_name = attrs["shared_name"].decode()
    dtype, shape = attrs["dtype"], attrs["shape"]

    def kernel(site: Site) -> Handle:
        name = shared_name or site.name
        return Handle(site.memory, container, name, site.name, dtype, shape)

    return kernel


@op(
    "ReadVariableOp",
    "resource: resource",
    "value: dtype",
    "dtype: type",
    effects=[_READS],
    view=True,
)
def read_variable(_: Attrs) -> Kernel:
    """The value of the variable now; later writes do not change what was read."""

    def kernel(handle: Handle) -> Any:
        variable = handle.variable()
        if variable is None or variable.value is None:
            raise FailedPreconditionError(
                f"Could not find variable {handle.name}. This could mean that the variable has "
                "been deleted. In TF1, it can also mean the variable is uninitialized. Debug "
                f"info: container={handle.container}, status error message={_status(handle)}"
            )
        return variable.value

    return kernel


@op(
    "AssignVariableOp",
    "resource: resource, value: dtype",
    "",
    "dtype: type, validate_shape: bool = false",
    effects=[_WRITES],
    routes=True,
)
def assign_variable(attrs: Attrs) -> Kernel:
    """Makes value the variable's value, adopting its memory without a copy."""
    validate: bool = attrs["validate_shape"]
    dtype = attrs["dtype"]

    def kernel(handle: Handle, value: Any) -> tuple[()]:
        if handle.dtype is not None and handle.dtype.enum != dtype.enum:
            raise InvalidArgumentError(
                "Variable and value dtypes don't match; respectively, "
                f"{handle.dtype.runtime_name} and {dtype.runtime_name}"
            )
        variable = handle.create_variable()
        if validate and variable.value is not None:
            shape = np.shape(value.read() if isinstance(value, Alias) else value)
            if variable.read().shape != shape:
                raise InvalidArgumentError(
                    "Trying to assign to variable with tensor with wrong shape. Expected "
                    f"{shape_text(variable.read().shape)} got {shape_text(shape)}"
                )
        if isinstance(value, Alias) and variable.copy_on_read:
            value = value.read()
        variable.store(value)
        return ()

    return kernel


def _update(ufunc: Any) -> Any:
    def factory(_: Attrs) -> Kernel:
        def kernel(handle: Handle, value: Any) -> tuple[()]:
            variable = existing(handle)
            old = variable.read()
            if old.shape != np.shape(value):
                raise InvalidArgumentError(
                    f"Cannot update variable with shape {shape_text(old.shape)} using a Tensor "
                    f"with shape {shape_text(np.shape(value))}, shapes must be equal."
                )
            variable.store(ufunc(old, value))
            return ()

        return kernel

    return factory


for _type, _ufunc, _verb in (
    ("AssignAddVariableOp", np.add, "Adds value to"),
    ("AssignSubVariableOp", np.subtract, "Subtracts value from"),
):
    declare(
        _type,
        "resource: resource, value: dtype",
        "",
        "dtype: type",
        kernel=_update(_ufunc),
        effects=[_UPDATES],
        doc=f"{_verb} the variable.",
    )


def _is_initialized(_: Attrs) -> Kernel:
    def kernel(handle: Handle) -> Any:
        variable = handle.variable()
        return np.bool_(variable is not None and variable.value is not None)

    return kernel


declare(
    "VarIsInitializedOp",
    "resource: resource",
    "is_initialized: bool",
    kernel=_is_initialized,
    effects=[Effect("resource", Cell.INITIALIZED, reads=True)],
    doc="Whether the variable has a value.",
)


@op("VariableShape", "input: resource", "output: out_type", "out_type: type = int32",
    effects=[Effect("input", Cell.VALUE, reads=True, lock=Lock.SHARED)])  # fmt: skip
def variable_shape(attrs: Attrs) -> Kernel:
    """The shape of the variable's value."""
    dtype = attrs["out_type"].numpy

    def kernel(handle: Handle) -> Any:
        return np.array(existing(handle).read().shape, dtype)

    return kernel


@op("ResourceCountUpTo", "resource: resource", "output: T", "limit: int, T: type",
    effects=[_UPDATES])  # fmt: skip
def resource_count_up_to(attrs: Attrs) -> Kernel:
    """Adds one to the variable and returns what it was; fails at limit."""
    limit: int = attrs["limit"]

    def kernel(handle: Handle) -> Any:
        variable = existing(handle)
        old = variable.read()
        if old >= limit:
            raise OutOfRangeError(f"Reached limit of {limit}")
        variable.store(old + old.dtype.type(1))
        return old

    return kernel


@op("DestroyResourceOp", "resource: resource", "", "ignore_lookup_error: bool = true",
    effects=[_WRITES])  # fmt: skip
def destroy_resource(attrs: Attrs) -> Kernel:
    """Takes the variable's value away."""
    ignore: bool = attrs["ignore_lookup_error"]

    def kernel(handle: Handle) -> tuple[()]:
        variable = handle.variable()
        if variable is not None and variable.value is not None:
            variable.store(None)
        elif not ignore:
            existing(handle)
        return ()

    return kernel


@op("DisableCopyOnRead", "resource: resource", "", "", effects=[_WRITES])
def disable_copy_on_read(_: Attrs) -> Kernel:
    """Ends the mode in which the variable's memory is never shared."""

    def kernel(handle: Handle) -> tuple[()]:
        variable = handle.variable()
        if variable is not None and variable.copy_on_read:
            if handle.memory.undo is not None:
                handle.memory.undo.attribute(variable, "copy_on_read")
            variable.copy_on_read = False
        return ()

    return kernel
