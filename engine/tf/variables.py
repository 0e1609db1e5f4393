"""`tf.Variable`: what both kinds of variables have in common, and which of them it makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from . import modes
from .collections import GraphKeys
from .defaults import executing_eagerly, get_default_graph
from .dtypes import DType
from .graphs import Graph
from .operators import Operators
from .tensor_shape import TensorShape
from .tensors import Operation, Tensor

_kinds: dict[bool, type[Variable]] = {}


class Variable(Operators):
    """A value that outlives runs.

    It is a reference variable, as in TensorFlow 1, unless resource variables are enabled or asked
    for. Under eager execution it is always a resource variable.

    Args:
        initial_value: a tensor, a value, or a function that returns one.
        trainable: whether it joins the collection of trainable variables.
        collections: the collections that it joins; the global variables by default.
        validate_shape: whether its shape is the initial value's; else it may change.
        caching_device: where all reads share one copy.
        name: its name; `Variable` by default.
        dtype: its element type; the initial value's by default.
        use_resource: which kind it is; as the program enabled if None.
        shape: its shape; the initial value's by default.

    Raises:
        ValueError: there is no initial value, or its shape is unknown.
    """

    _shape: TensorShape

    def __new__(cls, *args: Any, use_resource: bool | None = None, **options: Any) -> Variable:
        del args, options
        if cls is not Variable:
            return object.__new__(cls)
        resource = modes.resource_variables_enabled() if use_resource is None else use_resource
        return object.__new__(_kinds[resource or executing_eagerly()])

    def __init__(  # pyright: ignore[reportInconsistentConstructor] - __new__ only picks the class
        self,
        initial_value: Any = None,
        trainable: bool | None = None,
        collections: Any = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        expected_shape: Any = None,
        import_scope: Any = None,
        constraint: Any = None,
        use_resource: bool | None = None,
        synchronization: Any = None,
        aggregation: Any = None,
        shape: Any = None,
    ) -> None:
        del expected_shape, import_scope, use_resource, synchronization, aggregation
        if variable_def is not None:
            raise ValueError(
                "expected an initial value; a variable cannot be made from a variable_def here"
            )
        if initial_value is None:
            raise ValueError("initial_value must be specified.")
        self.trainable = True if trainable is None else trainable
        self.constraint: Any = constraint
        joined = self._collections(collections)
        self._create(initial_value, dtype, name, validate_shape, caching_device, shape)
        if not executing_eagerly():
            get_default_graph().add_to_collections(joined, self)

    def _collections(self, asked: Any) -> list[str]:
        if asked is None:
            asked = [GraphKeys.GLOBAL_VARIABLES]
        if not isinstance(asked, (list, tuple, set)):
            raise ValueError(
                "collections argument to Variable constructor must be a list, tuple, or set. "
                f"Got {asked} of type {type(asked)}"
            )
        names: list[str] = list(asked)  # pyright: ignore[reportUnknownArgumentType]
        if self.trainable and GraphKeys.TRAINABLE_VARIABLES not in names:
            names.append(GraphKeys.TRAINABLE_VARIABLES)
        return names

    def _create(
        self,
        initial_value: Any,
        dtype: Any,
        name: str | None,
        validate_shape: bool,
        caching_device: Any,
        shape: Any,
    ) -> None:
        raise NotImplementedError

    # What both kinds have

    @property
    def name(self) -> str:
        raise NotImplementedError

    @property
    def dtype(self) -> DType:
        raise NotImplementedError

    @property
    def op(self) -> Operation:
        raise NotImplementedError

    @property
    def graph(self) -> Graph:
        return self.op.graph

    @property
    def device(self) -> str:
        return self.op.device

    @property
    def shape(self) -> TensorShape:
        return self._shape

    def get_shape(self) -> TensorShape:
        return self.shape

    @property
    def initializer(self) -> Operation:
        """The operation that gives it its initial value."""
        raise NotImplementedError

    @property
    def initial_value(self) -> Tensor:
        """The tensor that it is initialised with. Not its value."""
        raise NotImplementedError

    @property
    def graph_element(self) -> Tensor:
        """What fetching the variable fetches."""
        raise NotImplementedError

    @property
    def control_op(self) -> Operation:
        """What a control dependency on the variable waits for."""
        return self.op

    def value(self) -> Tensor:
        """The value, where it is used in an expression."""
        raise NotImplementedError

    def read_value(self) -> Tensor:
        """The value, by a read of its own, under the control dependencies in force."""
        raise NotImplementedError

    def operand(self) -> Tensor:
        return self.value()

    def to_tensor(self, dtype: DType | None, name: str | None, as_ref: bool) -> Tensor:
        """The tensor that operations take for the variable."""
        raise NotImplementedError

    def is_initialized(self) -> Tensor:
        """Whether it has a value, as a tensor."""
        raise NotImplementedError

    def assign(
        self, value: Any, use_locking: Any = None, name: Any = None, read_value: bool = True
    ) -> Any:
        """Make `value` its value when the result runs."""
        raise NotImplementedError

    def assign_add(
        self, delta: Any, use_locking: Any = None, name: Any = None, read_value: bool = True
    ) -> Any:
        """Add `delta` to it when the result runs."""
        raise NotImplementedError

    def assign_sub(
        self, delta: Any, use_locking: Any = None, name: Any = None, read_value: bool = True
    ) -> Any:
        """Subtract `delta` from it when the result runs."""
        raise NotImplementedError

    def scatter(
        self, verb: str, indices: Any, updates: Any, use_locking: bool, name: str | None
    ) -> Any:
        """Change the rows at `indices`: `verb` is Update, Add, Sub, Mul, Div, Min or Max."""
        raise NotImplementedError

    def initialized_value(self) -> Any:
        """Its value where it has one when this runs, else its initial value."""
        from .conditionals import cond

        with get_default_graph().control_dependencies(None):
            return cond(self.is_initialized(), self.read_value, lambda: self.initial_value)

    def eval(self, session: Any = None) -> Any:
        """Its value now, in `session`, by default the default session."""
        return self.graph_element.eval(session=session)

    def load(self, value: Any, session: Any = None) -> None:
        """Set its value in `session`, by default the default session."""
        found = self.graph.session_for(session, "run")
        found.run(self.initializer, {self.initializer.inputs[1]: value})

    def set_shape(self, shape: Any) -> None:
        self._shape = self._shape.merge_with(shape)

    def numpy(self) -> Any:
        """Not for variables of a graph.

        Raises:
            NotImplementedError: eager execution is off.
        """
        raise NotImplementedError(
            f"numpy() is only available when eager execution is enabled. '{self.name}' has a value "
            "in "
            "each session: fetch it with Session.run, or call tf.enable_eager_execution() at the "
            "start of the program."
        )

    def __iter__(self) -> Iterator[Any]:
        raise TypeError("'Variable' object is not iterable.")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise NotImplementedError(
            f"'{self.name}' has a value in each session; fetch it with Session.run to get an array"
        )

    def __repr__(self) -> str:
        return f"<tf.Variable '{self.name}' shape={self.shape} dtype={self.dtype.name}>"


def set_kind(resource: bool, kind: type[Variable]) -> None:
    """`kind` is what `Variable` makes for resource (or reference) variables."""
    _kinds[resource] = kind


# ---- collections of variables ----


def global_variables(scope: str | None = None) -> list[Any]:
    """The variables that runs of one session share."""
    return get_default_graph().get_collection(GraphKeys.GLOBAL_VARIABLES, scope)


def local_variables(scope: str | None = None) -> list[Any]:
    """The variables that are not saved."""
    return get_default_graph().get_collection(GraphKeys.LOCAL_VARIABLES, scope)


def trainable_variables(scope: str | None = None) -> list[Any]:
    """The variables that optimizers change."""
    return get_default_graph().get_collection(GraphKeys.TRAINABLE_VARIABLES, scope)


def model_variables(scope: str | None = None) -> list[Any]:
    """The variables of the model."""
    return get_default_graph().get_collection(GraphKeys.MODEL_VARIABLES, scope)


def moving_average_variables(scope: str | None = None) -> list[Any]:
    """The variables that keep moving averages."""
    return get_default_graph().get_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, scope)


def variables_initializer(var_list: Any, name: str = "init") -> Any:
    """An operation that initialises these variables: those that exist now, not later ones."""
    from .control_flow_ops import group

    variables: list[Variable] = list(var_list)
    return group(*[variable.initializer for variable in variables], name=name)


def global_variables_initializer() -> Any:
    """An operation that initialises the global variables: those that exist now, not later ones."""
    return _initializer(global_variables)


def local_variables_initializer() -> Any:
    """An operation that initialises the local variables: those that exist now, not later ones."""
    return _initializer(local_variables)


def _initializer(variables: Callable[[], list[Any]]) -> Any:
    from .control_flow_ops import group

    return group(name="init") if executing_eagerly() else variables_initializer(variables())


def variable_named(graph: Graph, name: str) -> Variable | None:
    """The global or local variable whose node is `name`."""
    for key in (GraphKeys.GLOBAL_VARIABLES, GraphKeys.LOCAL_VARIABLES):
        for variable in graph.get_collection(key):
            if isinstance(variable, Variable) and variable.name in (name, f"{name}:0"):
                return variable
    return None
