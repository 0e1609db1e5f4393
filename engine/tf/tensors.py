"""`tf.Operation` and `tf.Tensor`: the engine's nodes and edges under TensorFlow's interface."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import graph as engine
from ..dtypes import DType as EngineDType
from ..formats.attributes import attrs_to_proto
from ..formats.proto.opscope_graph_pb2 import NodeDef
from .dtypes import DType, wrap
from .operators import Operators
from .tensor_shape import TensorShape, compatible, merged

if TYPE_CHECKING:
    from .contexts import ControlFlowContext
    from .graphs import Graph


class Operation:
    """One node of a graph under construction.

    Attributes:
        definition: the node in the engine's graph.
        graph: the graph that it belongs to.
        outputs: its tensors.
        context: the conditional branch or loop that it was built in, or None.
    """

    def __init__(
        self, definition: engine.Operation, graph: Graph, inputs: Sequence[Tensor]
    ) -> None:
        self.definition = definition
        self.graph = graph
        self.context: ControlFlowContext | None = None
        self.outputs: list[Tensor] = []
        self._inputs = list(inputs)

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def type(self) -> str:
        return self.definition.type

    @property
    def device(self) -> str:
        return self.definition.device

    @property
    def inputs(self) -> Sequence[Tensor]:
        return tuple(self._inputs)

    @property
    def control_inputs(self) -> list[Operation]:
        return [self.graph.wrapped(op) for op in self.definition.control_inputs]

    @property
    def node_def(self) -> NodeDef:
        """The node as it stands in the GraphDef."""
        node = NodeDef(name=self.name, op=self.type, device=self.device)
        node.input.extend(
            tensor.op.name if tensor.value_index == 0 else tensor.name for tensor in self._inputs
        )
        node.input.extend(f"^{op.name}" for op in self.definition.control_inputs)
        attrs_to_proto(self.definition.attrs, node.attr)
        return node

    def get_attr(self, name: str) -> Any:
        """The value of attribute `name`; element types as `tf.DType`, shapes as `tf.TensorShape`.

        Raises:
            ValueError: it has no such attribute.
        """
        if name not in self.definition.attrs:
            raise ValueError(f"Operation '{self.name}' has no attr named '{name}'.")
        value = self.definition.attrs[name]
        if isinstance(value, EngineDType):
            return wrap(value)
        return TensorShape(value) if value is None or isinstance(value, tuple) else value

    def run(self, feed_dict: Mapping[Any, Any] | None = None, session: Any = None) -> None:
        """Run it in `session`, by default the default session."""
        self.graph.session_for(session, "run").run(self, feed_dict)

    def values(self) -> tuple[Tensor, ...]:
        return tuple(self.outputs)

    def colocation_groups(self) -> list[bytes]:
        """The groups of operations that are to be on one device, this one's own by default."""
        found = [
            group for group in self.definition.attrs.get("_class", ()) if group.startswith(b"loc:@")
        ]
        return found or [b"loc:@" + self.name.encode()]

    def set_attr(self, name: str, value: Any) -> None:
        self.definition.attrs = {**self.definition.attrs, name: value}

    def update_input(self, index: int, tensor: Tensor) -> None:
        """Connect input `index` to `tensor` instead."""
        self._inputs[index] = tensor
        self.definition.inputs = tuple(tensor.definition for tensor in self._inputs)
        self.graph.changed()

    def connect(self, inputs: Sequence[Tensor], controls: Iterable[Operation]) -> None:
        """Give an imported operation its inputs."""
        self._inputs = list(inputs)
        self.definition.inputs = tuple(tensor.definition for tensor in inputs)
        self.set_control_inputs(controls)

    def set_control_inputs(self, ops: Iterable[Operation]) -> None:
        self.definition.control_inputs = tuple(
            dict.fromkeys(op.definition for op in ops if op is not self)
        )
        self.graph.changed()

    def add_control_inputs(self, ops: Iterable[Operation]) -> None:
        self.set_control_inputs([*self.control_inputs, *ops])

    def _as_graph_element(self) -> engine.Operation:
        return self.definition

    def __repr__(self) -> str:
        return f"<tf.Operation '{self.name}' type={self.type}>"

    def __str__(self) -> str:
        return str(self.node_def)


class Tensor(Operators):
    """Output `value_index` of `op`: a value that exists when a session runs it."""

    def __init__(self, op: Operation, value_index: int, dtype: DType, shape: engine.Shape) -> None:
        self.op = op
        self.value_index = value_index
        self.dtype = dtype
        self._shape = shape

    @property
    def definition(self) -> engine.Tensor:
        """The tensor in the engine's graph."""
        return engine.Tensor(self.op.definition, self.value_index)

    @property
    def name(self) -> str:
        return f"{self.op.name}:{self.value_index}"

    @property
    def graph(self) -> Graph:
        return self.op.graph

    @property
    def device(self) -> str:
        return self.op.device

    @property
    def shape(self) -> TensorShape:
        return TensorShape(self._shape)

    @property
    def static_shape(self) -> engine.Shape:
        """The shape in the engine's form."""
        return self._shape

    def get_shape(self) -> TensorShape:
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """Add what `shape` says to what is known.

        Raises:
            ValueError: it contradicts what is known.
        """
        added = TensorShape(shape).as_tuple
        if not compatible(self._shape, added):
            raise ValueError(
                f"Tensor's shape {self.shape} is not compatible with supplied shape "
                f"{TensorShape(added)}."
            )
        self._shape = merged(self._shape, added)

    def replace_shape(self, shape: engine.Shape) -> None:
        """Forget what was known: `shape` is all that is known."""
        self._shape = shape

    def consumers(self) -> list[Operation]:
        """The operations that take this tensor."""
        return [op for op in self.graph.get_operations() if any(one is self for one in op.inputs)]

    def eval(self, feed_dict: Mapping[Any, Any] | None = None, session: Any = None) -> Any:
        """Its value, run in `session`, by default the default session.

        Raises:
            ValueError: there is no session.
        """
        return self.graph.session_for(session, "eval").run(self, feed_dict)

    def numpy(self) -> Any:
        """Not for tensors of a graph, which have no value yet.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(
            f"numpy() is only available when eager execution is enabled. '{self.name}' is a tensor "
            "of a graph: fetch it with Session.run, or call tf.enable_eager_execution() at the "
            "start of the program."
        )

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise NotImplementedError(
            f"Cannot convert a symbolic Tensor ({self.name}) to a numpy array. Fetch it with "
            "Session.run, or call tf.enable_eager_execution() at the start of the program."
        )

    def __len__(self) -> int:
        raise TypeError(
            f"object of type 'Tensor' has no len(). '{self.name}' has no value yet; use its shape, "
            "or tf.shape"
        )

    def __int__(self) -> int:
        raise TypeError(
            "int() argument must be a string, a bytes-like object or a real number, not 'Tensor'"
        )

    def __float__(self) -> float:
        raise TypeError("float() argument must be a string or a real number, not 'Tensor'")

    def _as_graph_element(self) -> engine.Tensor:
        return self.definition

    def __repr__(self) -> str:
        return f"<tf.Tensor '{self.name}' shape={self.shape} dtype={self.dtype.name}>"

    def __str__(self) -> str:
        shape = "" if self._shape is None else f", shape={self.shape}"
        return f'Tensor("{self.name}"{shape}, dtype={self.dtype.name})'
