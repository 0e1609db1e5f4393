"""Eager execution: each call plans and runs one op, by the declarations that graphs use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

import numpy as np

from .. import dtypes as engine
from ..errors import OpError
from ..executor.executor import Executor
from ..executor.expand import expand
from ..executor.plan import Plan
from ..graph import Graph, Operation
from ..memory import Handle, Memory
from ..ops.registry import OpDef
from . import errors
from .arrays import dtype_of, to_array
from .dtypes import DType, as_dtype, wrap
from .operators import Operators
from .tensor_shape import TensorShape
from .tensors import Tensor

_MAX_SEED = 2**31 - 1


class EagerTensor(Tensor):
    """A tensor that has its value already.

    Attributes:
        token: an array that nobody changes, or the handle of a resource.
    """

    def __init__(self, token: Any, dtype: DType) -> None:  # pyright: ignore[reportMissingSuperCall]
        self.token = token
        self.dtype = dtype
        self._shape = None if isinstance(token, Handle) else np.shape(token)

    def __getattribute__(self, name: str) -> Any:
        if name in ("op", "name", "graph", "value_index", "consumers", "definition"):
            raise AttributeError(f"Tensor.{name} is undefined when eager execution is enabled.")
        return super().__getattribute__(name)

    @property
    def shape(self) -> TensorShape:
        return TensorShape(self._shape)

    @property
    def ndim(self) -> int:
        return np.ndim(self.token)

    @property
    def device(self) -> str:
        return "/job:localhost/replica:0/task:0/device:CPU:0"

    def numpy(self) -> Any:
        """The value: a NumPy array, for scalars a NumPy number or bytes. A copy."""
        if isinstance(self.token, Handle):
            raise NotImplementedError("numpy() is not defined for a tensor of dtype resource.")
        array = np.array(self.token)
        return array if array.ndim else array[()]

    def eval(self, feed_dict: Any = None, session: Any = None) -> Any:
        raise NotImplementedError(
            "eval is not supported when eager execution is enabled, is .numpy() what you're "
            "looking for?"
        )

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(self.token, dtype)

    def _scalar(self) -> Any:
        if np.size(self.token) != 1:
            raise TypeError("only length-1 arrays can be converted to Python scalars")
        return np.asarray(self.token).reshape(()).item()

    def __bool__(self) -> bool:
        if np.size(self.token) != 1:
            raise ValueError(
                "The truth value of an array with more than one element is ambiguous. Use a.any() "
                "or a.all()"
            )
        return bool(self._scalar())

    def __int__(self) -> int:
        return int(self._scalar())

    def __float__(self) -> float:
        return float(self._scalar())

    def __index__(self) -> int:
        if not self.dtype.is_integer:
            raise TypeError(f"only integer scalar tensors can be an index, found {self.dtype.name}")
        return int(self._scalar())

    def __len__(self) -> int:
        if not np.ndim(self.token):
            raise TypeError("Scalar tensor has no `len()`")
        return len(self.token)

    def __iter__(self) -> Iterator[Any]:
        if not np.ndim(self.token):
            raise TypeError("Cannot iterate over a scalar tensor.")
        return (EagerTensor(np.asarray(item), self.dtype) for item in self.token)

    def __format__(self, spec: str) -> str:
        return format(self.numpy(), spec) if spec else str(self)

    def _as_graph_element(self) -> Any:
        raise TypeError("an eager tensor is no part of a graph and cannot be fetched or fed")

    def __repr__(self) -> str:
        shape, value = _shape_text(self._shape), value_text(self.numpy())
        return f"<tf.Tensor: shape={shape}, dtype={self.dtype.name}, numpy={value}>"

    def __str__(self) -> str:
        shape, value = _shape_text(self._shape), _text(self.token)
        return f"tf.Tensor({value}, shape={shape}, dtype={self.dtype.name})"

    __hash__ = Operators.__hash__


def _shape_text(shape: Any) -> str:
    return str(tuple(shape)) if shape is not None else "<unknown>"


def value_text(value: Any) -> str:
    """A value inside a tensor's repr: scalars plainly, long arrays on lines of their own."""
    text = repr(value) if np.ndim(value) else str(value)
    return f"\n{text}" if "\n" in text else text


def _text(token: Any) -> str:
    if isinstance(token, Handle):
        return "<resource>"
    text = str(np.asarray(token)) if np.ndim(token) else str(np.asarray(token)[()])
    return f"\n{text}" if "\n" in text else text


class _EagerContext:
    """The memory that eager calls share, their plans, and the seeds of random ops."""

    def __init__(self) -> None:
        self.memory = Memory()
        self.plans: dict[Any, Plan] = {}
        self.seed: int | None = None
        self.random = Random()
        self.uids = 0

    def set_seed(self, seed: int | None) -> None:
        self.seed = seed
        self.random = Random(seed)
        self.plans.clear()
        self.memory.positions.clear()


context = _EagerContext()


def set_seed(seed: int | None) -> None:
    """Set the global random seed; generators start again."""
    context.set_seed(seed)


def next_seed() -> int:
    """A seed for an operation that has none of its own."""
    return context.random.randint(0, _MAX_SEED)


def global_seed() -> int | None:
    """The seed that `set_random_seed` set."""
    return context.seed


def new_handle(name: str, dtype: engine.DType, shape: Any) -> Handle:
    """A handle of a new variable that nothing else shares."""
    context.uids += 1
    unique = f"{name}_{context.uids}"
    return Handle(context.memory, "localhost", unique, name, dtype, shape)


def eager_tensor(value: Any, dtype: Any = None) -> EagerTensor:
    """A tensor with the value of `value`; arrays are copied.

    Raises:
        TypeError, ValueError: the value is no tensor's.
    """
    wanted = None if dtype is None else as_dtype(dtype)
    array = np.array(to_array(value, wanted))
    array.flags.writeable = False
    return EagerTensor(array, wanted or dtype_of(array))


def execute(
    declaration: OpDef,
    inputs: Sequence[EagerTensor],
    attrs: Mapping[str, Any],
    device: str = "",
) -> list[EagerTensor]:
    """Run one op at once.

    Raises:
        OpError: it failed.
    """
    plan = _plan(declaration, inputs, attrs)
    executor = Executor(plan, context.memory, [tensor.token for tensor in inputs])
    with np.errstate(all="ignore"):
        executor.advance()
        try:
            results = executor.results()
        except OpError as error:
            raise errors.from_engine(error, None, f" [Op:{declaration.type}]") from None
    types = declaration.output_dtypes(attrs)
    return [EagerTensor(result, wrap(dtype)) for result, dtype in zip(results, types, strict=True)]


def _plan(declaration: OpDef, inputs: Sequence[EagerTensor], attrs: Mapping[str, Any]) -> Plan:
    key = (declaration.type, len(inputs), repr(sorted(attrs.items())))
    plan = context.plans.get(key)
    if plan is None:
        graph = Graph()
        graph.versions = (134, 0)
        sources: list[Operation] = [
            graph.add(
                f"input_{i}", "Placeholder", attrs={"dtype": tensor.dtype.definition, "shape": None}
            )
            for i, tensor in enumerate(inputs)
        ]
        # The name is the key of a random op's generator, which lives as long as its plan.
        name = f"{declaration.type}_{len(context.plans)}"
        graph.add(name, declaration.type, [op.output() for op in sources], (), attrs)
        outputs = len(declaration.output_dtypes(attrs))
        node = len(sources)
        plan = Plan(
            expand(graph),
            [(node, i) for i in range(outputs)],
            [(i, 0) for i in range(node)],
            [] if outputs else [node],
        )
        context.plans[key] = plan
    return plan
