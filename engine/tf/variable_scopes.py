"""`tf.get_variable` and `tf.variable_scope`: variables by name, made once and shared."""

from __future__ import annotations

import enum
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from typing import Any
from weakref import WeakKeyDictionary

from . import dtypes, random_ops
from .array_ops import ones, zeros
from .build import name_scope
from .convert import constant
from .defaults import executing_eagerly, get_default_graph
from .dtypes import as_dtype
from .graphs import Graph
from .tensor_shape import TensorShape
from .variables import Variable


class _Reuse(enum.Enum):
    AUTO_REUSE = 1

    def __repr__(self) -> str:
        return "_ReuseMode.AUTO_REUSE"


AUTO_REUSE = _Reuse.AUTO_REUSE


class VariableScope:
    """Where `get_variable` looks for names and puts new ones.

    Attributes:
        name: the prefix of names.
        original_name_scope: the scope of operations that it opened.
    """

    def __init__(
        self,
        name: str,
        reuse: Any = False,
        initializer: Any = None,
        use_resource: bool | None = None,
        dtype: Any = dtypes.float32,
        original_name_scope: str = "",
    ) -> None:
        self.name = name
        self.reuse: Any = reuse
        self.initializer: Any = initializer
        self.use_resource = use_resource
        self.dtype: Any = dtype
        self.original_name_scope = original_name_scope

    def reuse_variables(self) -> None:
        """Only find variables from here on, make none."""
        self.reuse = True

    def set_initializer(self, initializer: Any) -> None:
        self.initializer = initializer

    def set_use_resource(self, use_resource: bool) -> None:
        self.use_resource = use_resource


class _Store:
    """The variables of a graph by name, the scope in force, and how often scopes were opened."""

    def __init__(self) -> None:
        self.variables: dict[str, Variable] = {}
        self.scope = VariableScope("")
        self.counts: dict[str, int] = {}

    def unique(self, name: str) -> str:
        """`name`, with `_1`, `_2`, … if a scope of that name was opened."""
        if self.counts.get(name, 0) == 0:
            return name
        number = 1
        while self.counts.get(f"{name}_{number}", 0):
            number += 1
        return f"{name}_{number}"


_stores: WeakKeyDictionary[Graph, _Store] = WeakKeyDictionary()


def _store() -> _Store:
    return _stores.setdefault(get_default_graph(), _Store())


def get_variable_scope() -> VariableScope:
    """The scope in force."""
    return _store().scope


@contextmanager
def variable_scope(
    name_or_scope: Any,
    default_name: str | None = None,
    values: Any = None,
    initializer: Any = None,
    reuse: Any = None,
    dtype: Any = None,
    use_resource: bool | None = None,
    auxiliary_name_scope: bool = True,
) -> Generator[VariableScope]:
    """A scope for variables and, by the same name, for operations.

    Args:
        name_or_scope: a name to append, or a scope to enter again.
        default_name: a name to make unique, where `name_or_scope` is None.
        values: has no effect here.
        initializer: what initialises variables that do not say it themselves.
        reuse: True finds existing variables only, AUTO_REUSE makes those that do not exist.
        dtype: the element type of variables that do not say it themselves.
        use_resource: which kind of variables to make.
        auxiliary_name_scope: whether operations get the scope too.

    Raises:
        ValueError: there is no name.
        TypeError: `name_or_scope` is neither name nor scope.
    """
    del values
    store = _store()
    old = store.scope
    if name_or_scope is None:
        if default_name is None:
            raise ValueError("If default_name is None then name_or_scope is required")
        prefix = f"{old.name}/" if old.name else ""
        name_or_scope = store.unique(prefix + default_name)[len(prefix) :]
    if isinstance(name_or_scope, VariableScope):
        base, full, label = name_or_scope, name_or_scope.name, name_or_scope.name.split("/")[-1]
    elif isinstance(name_or_scope, str):
        base, label = old, name_or_scope
        full = f"{old.name}/{name_or_scope}" if old.name else name_or_scope
    else:
        raise TypeError("VariableScope: name_or_scope must be a string or VariableScope.")
    opens = auxiliary_name_scope and bool(label)
    with name_scope(label) if opens else nullcontext("") as scope:
        inherited = base.reuse or old.reuse
        store.scope = VariableScope(
            full,
            inherited if reuse is None else reuse or inherited,
            base.initializer if initializer is None else initializer,
            base.use_resource if use_resource is None else use_resource,
            base.dtype if dtype is None else dtype,
            base.original_name_scope if base is name_or_scope else scope,
        )
        counts = dict(store.counts)
        store.counts[full] = store.counts.get(full, 0) + 1
        if isinstance(name_or_scope, VariableScope):
            for inner in [key for key in store.counts if key.startswith(f"{full}/")]:
                store.counts[inner] = 0
        try:
            yield store.scope
        finally:
            if isinstance(name_or_scope, VariableScope):
                store.counts = counts
            store.scope = old


def get_variable(
    name: str,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool | None = None,
    collections: Any = None,
    caching_device: Any = None,
    validate_shape: bool = True,
    use_resource: bool | None = None,
    constraint: Any = None,
) -> Variable:
    """The variable of this name in the scope in force: made, or found where the scope reuses.

    Raises:
        ValueError: it exists and the scope does not reuse, or the other way round; or no shape.
    """
    if regularizer is not None:
        raise ValueError("tf.get_variable takes no regularizer here: add the penalty to the loss")
    store = _store()
    scope = store.scope
    full = f"{scope.name}/{name}" if scope.name else name
    found = store.variables.get(full)
    if found is not None and not executing_eagerly():
        if scope.reuse is False:
            raise ValueError(
                f"Variable {full} already exists, disallowed. Did you mean to set reuse=True or "
                "reuse=tf.AUTO_REUSE in VarScope?"
            )
        if shape is not None and not found.shape.is_compatible_with(shape):
            raise ValueError(
                f"Trying to share variable {full}, but specified shape {TensorShape(shape)} and "
                "found "
                f"shape {found.shape}."
            )
        return found
    if scope.reuse is True and not executing_eagerly():
        raise ValueError(
            f"Variable {full} does not exist, or was not created with tf.get_variable(). Did you "
            "mean to set reuse=tf.AUTO_REUSE in VarScope?"
        )
    kind = as_dtype(dtype or scope.dtype)
    start = initializer if initializer is not None else scope.initializer
    initial, kind = _initial_value(full, start, shape, kind, dtype)
    kind_of_variable = scope.use_resource if use_resource is None else use_resource
    with _no_scope():
        variable = Variable(
            initial,
            trainable=trainable,
            collections=collections,
            caching_device=caching_device,
            validate_shape=validate_shape,
            constraint=constraint,
            name=full,
            dtype=kind,
            use_resource=kind_of_variable,
        )
    store.variables[full] = variable
    return variable


@contextmanager
def _no_scope() -> Generator[None]:
    """Names of variables are complete: the scopes of operations do not count."""
    graph = get_default_graph()
    with graph.control_dependencies(None), graph.name_scope(None):
        yield


def _initial_value(
    name: str, initializer: Any, shape: Any, dtype: Any, asked: Any
) -> tuple[Any, Any]:
    if initializer is None and shape is None:
        raise ValueError(
            f"Variable {name} did not get an initializer, so its `shape` argument must be "
            "specified."
        )
    if initializer is None:
        initializer = glorot_uniform_initializer() if dtype.is_floating else zeros_initializer()
    if isinstance(initializer, type):
        initializer = initializer()
    if callable(initializer):
        if shape is None or not TensorShape(shape).is_fully_defined():
            raise ValueError(
                f"Shape of a new variable ({name}) must be fully defined, but instead was {shape}."
            )
        lengths = TensorShape(shape).as_list()
        make: Callable[..., Any] = initializer
        return (lambda: make(lengths, dtype=dtype)), dtype
    if shape is not None:
        raise ValueError("If initializer is a constant, do not specify shape.")
    return initializer, None if asked is None else dtype


class Initializer:
    """Makes the initial value of a variable, given its shape."""

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        raise NotImplementedError


class zeros_initializer(Initializer):  # noqa: N801 - TensorFlow's name
    """Zeros."""

    def __init__(self, dtype: Any = dtypes.float32) -> None:
        self.dtype: Any = dtype

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        return zeros(shape, dtype or self.dtype)


class ones_initializer(Initializer):  # noqa: N801 - TensorFlow's name
    """Ones."""

    def __init__(self, dtype: Any = dtypes.float32) -> None:
        self.dtype: Any = dtype

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        return ones(shape, dtype or self.dtype)


class constant_initializer(Initializer):  # noqa: N801 - TensorFlow's name
    """One value everywhere, or a list of values."""

    def __init__(self, value: Any = 0, dtype: Any = dtypes.float32) -> None:
        self.value: Any = value
        self.dtype: Any = dtype

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        return constant(self.value, dtype or self.dtype, shape)


class random_normal_initializer(Initializer):  # noqa: N801 - TensorFlow's name
    """Normally distributed numbers."""

    def __init__(
        self,
        mean: float = 0.0,
        stddev: float = 1.0,
        seed: int | None = None,
        dtype: Any = dtypes.float32,
    ) -> None:
        self.mean, self.stddev, self.seed = mean, stddev, seed
        self.dtype: Any = dtype

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        kind = dtype or self.dtype
        return random_ops.random_normal(shape, self.mean, self.stddev, kind, self.seed)


class truncated_normal_initializer(random_normal_initializer):  # noqa: N801 - TensorFlow's name
    """Normally distributed numbers within two standard deviations."""

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        kind = dtype or self.dtype
        return random_ops.truncated_normal(shape, self.mean, self.stddev, kind, self.seed)


class random_uniform_initializer(Initializer):  # noqa: N801 - TensorFlow's name
    """Equally likely numbers of a range."""

    def __init__(
        self,
        minval: Any = 0.0,
        maxval: Any = 1.0,
        seed: int | None = None,
        dtype: Any = dtypes.float32,
    ) -> None:
        self.minval: Any = minval
        self.maxval: Any = maxval
        self.seed = seed
        self.dtype: Any = dtype

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        kind = dtype or self.dtype
        return random_ops.random_uniform(shape, self.minval, self.maxval, kind, self.seed)


class glorot_uniform_initializer(Initializer):  # noqa: N801 - TensorFlow's name
    """Equally likely numbers whose range fits the weight's shape (Glorot and Bengio 2010)."""

    def __init__(self, seed: int | None = None, dtype: Any = dtypes.float32) -> None:
        self.seed = seed
        self.dtype: Any = dtype

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
        fan_in, fan_out = _fans([int(length) for length in shape])
        limit = (3.0 / max(1.0, (fan_in + fan_out) / 2.0)) ** 0.5
        kind = dtype or self.dtype
        return random_ops.random_uniform(shape, -limit, limit, kind, self.seed)


def _fans(shape: list[int]) -> tuple[float, float]:
    """How many inputs and outputs a weight of this shape has."""
    if len(shape) < 2:
        length = float(shape[0] if shape else 1)
        return length, length
    field = 1
    for length in shape[:-2]:
        field *= length
    return float(field * shape[-2]), float(field * shape[-1])
