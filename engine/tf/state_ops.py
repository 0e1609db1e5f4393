"""Assignments as functions: `tf.assign`, `tf.scatter_update` and their like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .build import apply
from .ref_variables import RefVariable, assign_op
from .resource_variables import ResourceVariable
from .tensors import Tensor
from .variables import Variable


def _reference(ref: Any) -> Tensor:
    if isinstance(ref, RefVariable):
        return ref.graph_element
    if isinstance(ref, Tensor) and ref.dtype.is_ref:
        return ref
    raise TypeError(
        f"expected a variable to assign to, found {ref!r}; a tensor is computed anew in each run "
        "and cannot be assigned"
    )


def assign(
    ref: Any,
    value: Any,
    validate_shape: bool | None = None,
    use_locking: bool | None = None,
    name: str | None = None,
) -> Any:
    """Make `value` the value of the variable `ref` when the result runs.

    Args:
        ref: a variable.
        value: its new value.
        validate_shape: whether the shapes must agree; by default they must.
        use_locking: whether other locking writers are excluded; by default they are.
        name: the name of the assignment.

    Raises:
        TypeError: `ref` is no variable.
        ValueError: the shapes do not agree.
    """
    if isinstance(ref, ResourceVariable):
        return ref.assign(value, name=name)
    validate = True if validate_shape is None else validate_shape
    lock = True if use_locking is None else use_locking
    return assign_op(_reference(ref), value, validate, lock, name)


def assign_add(
    ref: Any, value: Any, use_locking: bool | None = None, name: str | None = None
) -> Any:
    """Add `value` to the variable `ref` when the result runs."""
    return _update("AssignAdd", ref, value, use_locking, name)


def assign_sub(
    ref: Any, value: Any, use_locking: bool | None = None, name: str | None = None
) -> Any:
    """Subtract `value` from the variable `ref` when the result runs."""
    return _update("AssignSub", ref, value, use_locking, name)


def _update(type: str, ref: Any, value: Any, use_locking: bool | None, name: str | None) -> Any:
    if isinstance(ref, ResourceVariable):
        # TensorFlow drops the name here; the methods of the variable keep it.
        return (ref.assign_add if type == "AssignAdd" else ref.assign_sub)(value)
    inputs = {"ref": _reference(ref), "value": value}
    return apply(type, inputs, name, use_locking=bool(use_locking))


def _scatter(verb: str, locks: bool, doc: str) -> Callable[..., Any]:
    def scatter(
        ref: Any, indices: Any, updates: Any, use_locking: bool = locks, name: str | None = None
    ) -> Any:
        if isinstance(ref, Variable):
            return ref.scatter(verb, indices, updates, use_locking, name)
        inputs = {"ref": _reference(ref), "indices": indices, "updates": updates}
        return apply(f"Scatter{verb}", inputs, name, use_locking=use_locking)

    scatter.__doc__ = doc
    return scatter


scatter_update = _scatter("Update", True, "Make `updates` the rows at `indices`.")
scatter_add = _scatter("Add", False, "Add `updates` to the rows at `indices`.")
scatter_sub = _scatter("Sub", False, "Subtract `updates` from the rows at `indices`.")
scatter_mul = _scatter("Mul", False, "Multiply the rows at `indices` by `updates`.")
scatter_div = _scatter("Div", False, "Divide the rows at `indices` by `updates`.")
scatter_min = _scatter("Min", False, "Make the rows at `indices` no larger than `updates`.")
scatter_max = _scatter("Max", False, "Make the rows at `indices` no smaller than `updates`.")


def is_variable_initialized(ref: Any, name: str | None = None) -> Any:
    """Whether the variable has a value, as a tensor."""
    if isinstance(ref, ResourceVariable):
        return ref.is_initialized()
    return apply("IsVariableInitialized", {"ref": _reference(ref)}, name)


def count_up_to(ref: Any, limit: int, name: str | None = None) -> Any:
    """Add one to the variable and give what it was; fails at `limit`."""
    if isinstance(ref, ResourceVariable):
        inputs = {"resource": ref.handle}
        return apply("ResourceCountUpTo", inputs, name, limit=limit, T=ref.dtype)
    return apply("CountUpTo", {"ref": _reference(ref)}, name, limit=limit)
