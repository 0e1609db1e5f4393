"""Reference variables: a buffer that is written in place, as TensorFlow 1 has them by default."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from ..graph import Shape
from .array_ops import identity
from .build import apply, name_scope
from .convert import convert_to_tensor
from .defaults import get_default_graph
from .dtypes import DType, as_dtype
from .initial_values import guarded
from .tensor_shape import TensorShape
from .tensors import Operation, Tensor
from .variables import Variable, set_kind


class RefVariable(Variable):
    """A variable whose reads alias one buffer."""

    _variable: Tensor
    _initial_value: Tensor
    _initializer: Operation
    _snapshot: Tensor

    def _create(
        self,
        initial_value: Any,
        dtype: Any,
        name: str | None,
        validate_shape: bool,
        caching_device: Any,
        shape: Any,
    ) -> None:
        graph = get_default_graph()
        with graph.control_dependencies(None), name_scope(name, "Variable") as scope:
            wanted = None if dtype is None else as_dtype(dtype)
            if callable(initial_value):
                with graph.give_attrs({"_class": [b"loc:@" + scope[:-1].encode()]}):
                    with name_scope("Initializer"), graph.device(None):
                        start = convert_to_tensor(initial_value(), wanted, "initial_value")
                    declared = self._declare(scope, start, validate_shape, shape)
            else:
                start = convert_to_tensor(initial_value, wanted, "initial_value")
                if start.op.context is not None:
                    raise ValueError(
                        f"Initializer for variable {scope} is from inside a control-flow "
                        "construct, "
                        "such as a loop or conditional. When creating a variable inside a loop or "
                        "conditional, use a lambda as the initializer."
                    )
                declared = self._declare(scope, start, validate_shape, shape)
            self._initial_value = start
            self._shape = TensorShape(declared)
            safe = guarded(scope, start)
            self._initializer = assign_op(self._variable, safe, validate_shape, True, None).op
            where = (
                graph.colocate_with(self._variable.op) if caching_device is None else nullcontext()
            )
            with where, graph.device(caching_device) if caching_device else nullcontext():
                self._snapshot = identity(self._variable, name="read")

    def _declare(self, scope: str, start: Tensor, validate_shape: bool, shape: Any) -> Shape:
        """Make the variable's node; returns the shape that it declares."""
        if validate_shape and not start.shape.is_fully_defined():
            raise ValueError(f"initial_value must have a shape specified: {start}")
        declared: Shape = start.static_shape if validate_shape else None
        if shape is not None:
            declared = TensorShape(shape).as_tuple
        kind = start.dtype.base_dtype
        self._variable = apply("VariableV2", {}, scope, shape=declared, dtype=kind)
        return declared

    @property
    def name(self) -> str:
        return self._variable.name

    @property
    def dtype(self) -> DType:
        return self._variable.dtype

    @property
    def op(self) -> Operation:
        return self._variable.op

    @property
    def initializer(self) -> Operation:
        return self._initializer

    @property
    def initial_value(self) -> Tensor:
        return self._initial_value

    @property
    def graph_element(self) -> Tensor:
        return self._variable

    def value(self) -> Tensor:
        """The one read that was made with the variable: no new operation."""
        return self._snapshot

    def read_value(self) -> Tensor:
        return identity(self._variable, name="read")

    def to_tensor(self, dtype: DType | None, name: str | None, as_ref: bool) -> Tensor:
        if dtype is not None and not dtype.is_compatible_with(self.dtype):
            raise ValueError(
                f"Incompatible type conversion requested to type '{dtype.name}' for variable of "
                f"type '{self.dtype.base_dtype.name}'"
            )
        return self._variable if as_ref else self._snapshot

    def is_initialized(self) -> Tensor:
        return apply("IsVariableInitialized", {"ref": self._variable})

    def assign(
        self, value: Any, use_locking: Any = None, name: Any = None, read_value: bool = True
    ) -> Any:
        written = assign_op(self._variable, value, True, bool(use_locking), name)
        return written if read_value else written.op

    def assign_add(
        self, delta: Any, use_locking: Any = None, name: Any = None, read_value: bool = True
    ) -> Any:
        return self._update("AssignAdd", delta, use_locking, name, read_value)

    def assign_sub(
        self, delta: Any, use_locking: Any = None, name: Any = None, read_value: bool = True
    ) -> Any:
        return self._update("AssignSub", delta, use_locking, name, read_value)

    def _update(self, type: str, delta: Any, use_locking: Any, name: Any, read_value: bool) -> Any:
        inputs = {"ref": self._variable, "value": delta}
        written = apply(type, inputs, name, use_locking=bool(use_locking))
        return written if read_value else written.op

    def scatter(
        self, verb: str, indices: Any, updates: Any, use_locking: bool, name: str | None
    ) -> Any:
        inputs = {"ref": self._variable, "indices": indices, "updates": updates}
        return apply(f"Scatter{verb}", inputs, name, use_locking=use_locking)

    def count_up_to(self, limit: int) -> Tensor:
        """Add one to it and give what it was; fails at `limit`."""
        return apply("CountUpTo", {"ref": self._variable}, limit=limit)


def assign_op(
    ref: Tensor, value: Any, validate_shape: bool, use_locking: bool, name: str | None
) -> Tensor:
    """An `Assign` to the variable behind `ref`; the reference again."""
    inputs = {"ref": ref, "value": value}
    return apply("Assign", inputs, name, validate_shape=validate_shape, use_locking=use_locking)


set_kind(False, RefVariable)
