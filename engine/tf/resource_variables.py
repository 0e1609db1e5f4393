"""Resource variables: reads are snapshots, writes replace the value; eager ones are all these."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from . import eager
from .array_ops import identity
from .build import apply, name_scope
from .convert import convert_to_tensor
from .defaults import executing_eagerly, get_default_graph
from .dtypes import DType, as_dtype, resource
from .initial_values import guarded
from .tensor_shape import TensorShape
from .tensors import Operation, Tensor
from .variables import Variable, set_kind


class ResourceVariable(Variable):
    """A variable behind a handle; every use in an expression is a read of its own.

    Attributes:
        handle: the tensor that names it.
    """

    handle: Tensor
    _dtype: DType
    _name: str
    _initial_value: Tensor | None = None
    _initializer: Operation | None = None
    _read: Tensor | None = None
    _is_initialized: Tensor | None = None
    _cached: Tensor | None = None

    def _create(
        self,
        initial_value: Any,
        dtype: Any,
        name: str | None,
        validate_shape: bool,
        caching_device: Any,
        shape: Any,
    ) -> None:
        wanted = None if dtype is None else as_dtype(dtype)
        if executing_eagerly():
            self._create_now(initial_value, wanted, name, shape)
            return
        graph = get_default_graph()
        with graph.control_dependencies(None), name_scope(name, "Variable") as scope:
            self._name = f"{scope[:-1]}:0"
            with graph.give_attrs({"_class": [b"loc:@" + scope[:-1].encode()]}):
                with name_scope("Initializer"), graph.device(None):
                    value = initial_value() if callable(initial_value) else initial_value
                    start = convert_to_tensor(value, wanted, "initial_value")
                if start.op.context is not None:
                    raise ValueError(
                        f"The `initial_value` passed to `tf.Variable` {scope} is from inside a "
                        "control-flow construct, such as a loop or conditional. When creating a "
                        "`tf.Variable` inside a loop or conditional, use a lambda as the "
                        f"`initial_value`. Got: initial_value=({start})"
                    )
                declared = start.shape if validate_shape else TensorShape(None)
                self._shape = declared if shape is None else TensorShape(shape)
                self._dtype = start.dtype.base_dtype
                self.handle = apply(
                    "VarHandleOp",
                    {},
                    scope,
                    dtype=self._dtype,
                    shape=self._shape,
                    shared_name=scope[:-1],
                    debug_name=scope,
                )
            self._initial_value = start
            with name_scope("IsInitialized"):
                self._is_initialized = apply("VarIsInitializedOp", {"resource": self.handle})
            with name_scope("Assign") as assign, graph.colocate_with(None, ignore_existing=True):
                inputs = {"resource": self.handle, "value": guarded(scope, start)}
                self._initializer = apply("AssignVariableOp", inputs, assign)
            with name_scope("Read"):
                self._read = apply("ReadVariableOp", {"resource": self.handle}, dtype=self._dtype)
                if caching_device is not None:
                    with (
                        graph.colocate_with(None, ignore_existing=True),
                        graph.device(caching_device),
                    ):
                        self._cached = identity(self._read)

    def _create_now(
        self, initial_value: Any, wanted: DType | None, name: str | None, shape: Any
    ) -> None:
        value = initial_value() if callable(initial_value) else initial_value
        start = convert_to_tensor(value, wanted, "initial_value")
        self._shape = start.shape if shape is None else TensorShape(shape)
        self._dtype = start.dtype.base_dtype
        own = name or "Variable"
        self._name = f"{own}:0"
        token = eager.new_handle(own, self._dtype.definition, self._shape.as_tuple)
        self.handle = eager.EagerTensor(token, resource)
        apply("AssignVariableOp", {"resource": self.handle, "value": start})

    @property
    def name(self) -> str:
        return self._name

    @property
    def dtype(self) -> DType:
        return self._dtype

    @property
    def op(self) -> Operation:
        return self.handle.op

    @property
    def device(self) -> str:
        return self.handle.device

    @property
    def initializer(self) -> Operation:
        if self._initializer is None:
            raise RuntimeError("This operation is not supported when eager execution is enabled.")
        return self._initializer

    @property
    def initial_value(self) -> Tensor:
        if self._initial_value is None:
            raise RuntimeError("This property is not supported when eager execution is enabled.")
        return self._initial_value

    @property
    def graph_element(self) -> Tensor:
        """The read that was made with the variable."""
        if self._read is None:
            raise TypeError("a variable of an eager program is no part of a graph; use its numpy()")
        return self._read

    def _read_op(self) -> Tensor:
        tensor: Tensor = apply("ReadVariableOp", {"resource": self.handle}, dtype=self._dtype)
        if not executing_eagerly():
            tensor.set_shape(self._shape)
        return tensor

    def value(self) -> Tensor:
        """The value, by a new read unless the variable has a cached one."""
        return self._read_op() if self._cached is None else self._cached

    def read_value(self) -> Tensor:
        with name_scope("Read"):
            value = self._read_op()
        return identity(value)

    def sparse_read(self, indices: Any, name: str | None = None) -> Tensor:
        """The rows at `indices`."""
        with name_scope("Gather" if name is None else name) as scope:
            inputs = {"resource": self.handle, "indices": indices}
            rows = apply("ResourceGather", inputs, scope, dtype=self._dtype)
        return identity(rows)

    def to_tensor(self, dtype: DType | None, name: str | None, as_ref: bool) -> Tensor:
        if dtype is not None and not dtype.is_compatible_with(self._dtype):
            raise ValueError(
                f"Incompatible type conversion requested to type {dtype.name!r} for `tf.Variable "
                f"with type {self._dtype.name!r}. (Variable: {self})"
            )
        return self.value()

    def is_initialized(self) -> Tensor:
        return apply("VarIsInitializedOp", {"resource": self.handle})

    # Writing

    @contextmanager
    def _ordered(self) -> Generator[None]:
        """After a cached read, so that the cache shows the value before."""
        if self._cached is None:
            yield
        else:
            with get_default_graph().control_dependencies([self._cached]):
                yield

    def assign(
        self, value: Any, use_locking: Any = None, name: Any = None, read_value: bool = True
    ) -> Any:
        tensor = convert_to_tensor(value, self._dtype)
        if not self._shape.is_compatible_with(tensor.shape):
            raise ValueError(
                f"Cannot assign value to variable ' {self._name}': Shape mismatch."
                f"The variable shape {self._shape}, and the assigned value shape {tensor.shape} "
                "are incompatible."
            )
        inputs = {"resource": self.handle, "value": tensor}
        checks = self._shape.is_fully_defined()
        write = apply("AssignVariableOp", inputs, name, validate_shape=checks)
        return self._written(write, read_value)

    def assign_add(
        self, delta: Any, use_locking: Any = None, name: Any = None, read_value: bool = True
    ) -> Any:
        return self._update("AssignAddVariableOp", delta, name, read_value)

    def assign_sub(
        self, delta: Any, use_locking: Any = None, name: Any = None, read_value: bool = True
    ) -> Any:
        return self._update("AssignSubVariableOp", delta, name, read_value)

    def _update(self, type: str, delta: Any, name: Any, read_value: bool) -> Any:
        with self._ordered():
            tensor = convert_to_tensor(delta, self._dtype)
            inputs = {"resource": self.handle, "value": tensor}
            return self._written(apply(type, inputs, name), read_value)

    def scatter(
        self, verb: str, indices: Any, updates: Any, use_locking: bool, name: str | None
    ) -> Any:
        values = convert_to_tensor(updates, self._dtype)
        inputs = {"resource": self.handle, "indices": indices, "updates": values}
        return self._written(apply(f"ResourceScatter{verb}", inputs, name), True)

    def _written(self, op: Any, read_value: bool) -> Any:
        if executing_eagerly():
            return self if read_value else None
        return WrittenVariable(self, op) if read_value else op

    # Eager values

    def numpy(self) -> Any:
        """Its value now; under eager execution only."""
        return self.value().numpy() if executing_eagerly() else super().numpy()

    def _now(self) -> Any:
        if not executing_eagerly():
            super().numpy()
        return self.value()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(self._now(), dtype)

    def __bool__(self) -> bool:
        return bool(self._now()) if executing_eagerly() else super().__bool__()

    def __int__(self) -> int:
        return int(self._now())

    def __float__(self) -> float:
        return float(self._now())

    def __index__(self) -> int:
        return self._now().__index__()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._now()) if executing_eagerly() else super().__iter__()

    def __repr__(self) -> str:
        if not executing_eagerly():
            return super().__repr__()
        shape = tuple(self.shape.as_list())
        value = eager.value_text(self.numpy())
        return f"<tf.Variable '{self.name}' shape={shape} dtype={self.dtype.name}, numpy={value}>"


class WrittenVariable(ResourceVariable):
    """A variable after a write: reads of it, and further writes, come after that write.

    Args:
        variable: what was written.
        write: the operation that writes.
    """

    def __new__(cls, *args: Any, **options: Any) -> WrittenVariable:
        return object.__new__(cls)

    def __init__(self, variable: ResourceVariable, write: Operation) -> None:  # pyright: ignore[reportMissingSuperCall]
        self.handle = variable.handle
        self.trainable = False
        self.constraint = None
        self._dtype = variable.dtype
        self._shape = variable.shape
        self._name = variable.name
        self._write = write
        with get_default_graph().control_dependencies([write]):
            self._read = super()._read_op()

    @property
    def op(self) -> Operation:
        return self._write

    def _read_op(self) -> Tensor:
        with get_default_graph().control_dependencies([self._write]):
            return super()._read_op()

    def value(self) -> Tensor:
        return self._read_op()

    def read_value(self) -> Tensor:
        return self._read_op()

    @contextmanager
    def _ordered(self) -> Generator[None]:
        with get_default_graph().control_dependencies([self._write]):
            yield

    def assign(
        self, value: Any, use_locking: Any = None, name: Any = None, read_value: bool = True
    ) -> Any:
        with self._ordered():
            return super().assign(value, use_locking, name, read_value)

    def scatter(
        self, verb: str, indices: Any, updates: Any, use_locking: bool, name: str | None
    ) -> Any:
        with self._ordered():
            return super().scatter(verb, indices, updates, use_locking, name)


set_kind(True, ResourceVariable)
