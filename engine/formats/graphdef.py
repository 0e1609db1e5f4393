"""GraphDef messages to graphs and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..errors import FormatError, GraphError
from ..graph import Graph, Operation, Tensor
from .attributes import FileAttrs, attrs_to_proto, check_constant
from .functiondef import function_from_def, function_to_def
from .messages import parse, parse_text
from .proto.opscope_graph_pb2 import GraphDef, NodeDef

_EXPECTED = "a TensorFlow graph (GraphDef)"
_MAX_INDEX_DIGITS = 9


def read_graph_def(data: bytes) -> GraphDef:
    """The GraphDef in `data`, which is binary or text.

    Raises:
        FormatError: `data` is neither, or a message that has no nodes.
    """
    graph_def = parse(GraphDef(), data, _EXPECTED)
    check_graph_def(graph_def, data)
    return graph_def


def read_graph_def_text(data: bytes) -> GraphDef:
    """The GraphDef in text format.

    Raises:
        FormatError: `data` is no such text.
    """
    return parse_text(GraphDef(), data, _EXPECTED)


def check_graph_def(graph_def: GraphDef, data: bytes | None = None) -> None:
    """Refuse what parses as a GraphDef and is none: protocol buffers accept much that is garbage.

    Raises:
        FormatError: there are no nodes, or one has no name or no op type.
    """
    if not graph_def.node:
        raise FormatError(f"expected {_EXPECTED}, found {_nothing(data)}")
    for position, node in enumerate(graph_def.node):
        if not node.name or not node.op:
            missing = "name" if not node.name else "op type"
            label = f"'{node.name}'" if node.name else f"number {position}"
            raise FormatError(f"expected {_EXPECTED}, found that node {label} has no {missing}")


def _nothing(data: bytes | None) -> str:
    return "an empty file" if data == b"" else "no nodes"


def graph_from_def(graph_def: GraphDef) -> Graph:
    """The graph that `graph_def` describes; attributes are decoded when they are looked at.

    Raises:
        FormatError: a node without name or op type, or a constant whose contents do not fit its
            shape.
        GraphError: two nodes with one name, or an input that does not exist; the message names
            node and input.
    """
    graph = Graph()
    versions = graph_def.versions
    graph.versions = (versions.producer or graph_def.version, versions.min_consumer)
    nodes = list(graph_def.node)
    for node in nodes:
        _declare(graph, node)
    outputs = {op.name: Tensor(op, 0) for op in graph.operations}
    for op, node in zip(graph.operations, nodes, strict=True):
        _connect(op, node.input, outputs)
    for function_def in graph_def.library.function:
        function = function_from_def(function_def)
        if function.name in graph.functions:
            raise GraphError(f"the graph has two functions named '{function.name}'")
        graph.functions[function.name] = function
    for gradient in graph_def.library.gradient:
        graph.gradients[gradient.function_name] = gradient.gradient_func
    return graph


def _declare(graph: Graph, node: NodeDef) -> None:
    name, op_type = node.name, node.op
    if not name or not op_type:
        raise FormatError(f"node number {len(graph)} has no {'name' if not name else 'op type'}")
    if ":" in name or name[0] == "^":
        raise GraphError(
            f"'{name}' cannot name a node, because inputs are written with ':' and '^'"
        )
    attrs = FileAttrs(node.attr, name)
    if op_type == "Const":
        check_constant(attrs)
    graph.declare(name, op_type, attrs, node.device)


def _connect(op: Operation, inputs: Iterable[str], outputs: Mapping[str, Tensor]) -> None:
    tensors: list[Tensor] = []
    controls: list[Operation] = []
    for text in inputs:
        tensor = outputs.get(text)
        if tensor is not None:
            tensors.append(tensor)
        elif text.startswith("^"):
            controls.append(_find(op, text, text[1:], outputs).op)
        else:
            name, _, digits = text.rpartition(":")
            source = _find(op, text, name or text, outputs).op
            tensors.append(Tensor(source, _index(op, text, digits)))
    op.inputs = tuple(tensors)
    op.control_inputs = tuple(controls)


def _find(op: Operation, text: str, name: str, outputs: Mapping[str, Tensor]) -> Tensor:
    found = outputs.get(name)
    if found is None:
        raise GraphError(f"node '{op.name}' has the input '{text}', but there is no node '{name}'")
    return found


def _index(op: Operation, text: str, digits: str) -> int:
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MAX_INDEX_DIGITS):
        raise GraphError(
            f"node '{op.name}' has the input '{text}', but '{digits}' is no output number"
        )
    return int(digits)


def graph_to_def(graph: Graph) -> GraphDef:
    """The GraphDef of `graph`, with its functions, gradients and versions.

    Raises:
        TypeError: an attribute has a value that no file can hold; the message names the node.
    """
    graph_def = GraphDef()
    for op in graph.operations:
        node = graph_def.node.add(name=op.name, op=op.type, device=op.device)
        node.input.extend(_reference(tensor) for tensor in op.inputs)
        node.input.extend(f"^{control.name}" for control in op.control_inputs)
        try:
            attrs_to_proto(op.attrs, node.attr)
        except (TypeError, ValueError) as error:
            raise TypeError(f"node '{op.name}' cannot be saved: {error}") from error
    producer, min_consumer = graph.versions
    if producer or min_consumer:
        graph_def.versions.producer = producer
        graph_def.versions.min_consumer = min_consumer
    for function in graph.functions.values():
        function_to_def(function, graph_def.library.function.add())
    for name, gradient in graph.gradients.items():
        graph_def.library.gradient.add(function_name=name, gradient_func=gradient)
    return graph_def


def _reference(tensor: Tensor) -> str:
    return tensor.op.name if tensor.index == 0 else tensor.name
