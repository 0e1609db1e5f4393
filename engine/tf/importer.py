"""Graphs to and from files: `tf.import_graph_def` and `tf.train.write_graph`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike, fspath, makedirs
from pathlib import Path
from typing import Any

from google.protobuf import text_format

from .. import graph as engine
from ..dtypes import DType as EngineDType
from ..formats.graphdef import graph_from_def
from ..formats.proto.opscope_graph_pb2 import GraphDef
from ..ops import lookup
from .build import name_scope
from .convert import convert_to_tensor
from .defaults import get_default_graph
from .dtypes import wrap
from .graphs import Graph
from .shape_inference import infer
from .tensors import Operation, Tensor


def import_graph_def(
    graph_def: Any,
    input_map: Mapping[str, Any] | None = None,
    return_elements: Sequence[str] | None = None,
    name: str | None = None,
) -> list[Any] | None:
    """Add the nodes of `graph_def` to the default graph, under the scope `name` (`import`).

    Args:
        graph_def: a GraphDef of ours, of TensorFlow's, or its bytes.
        input_map: tensor of `graph_def` -> tensor of this graph that takes its place.
        return_elements: names in `graph_def` of the tensors and operations to return.
        name: the scope; empty adds the nodes under their own names.

    Raises:
        TypeError: `graph_def` is none.
        ValueError: a name in `input_map` or `return_elements` does not exist.
        GraphError: the graph is malformed.
    """
    source = graph_from_def(_as_graph_def(graph_def))
    graph = get_default_graph()
    with name_scope("import" if name is None else name or None) as scope:
        mapped = {
            _tensor_name(key): convert_to_tensor(value) for key, value in (input_map or {}).items()
        }
        unknown = [key for key in mapped if source.get(key.split(":")[0]) is None]
        if unknown:
            raise ValueError(f"Attempted to map inputs that were not found in graph_def: {unknown}")
        copies = _copy(source, graph, scope, mapped)
    graph.definition.functions.update(source.functions)
    graph.definition.gradients.update(source.gradients)
    if return_elements is None:
        return None
    return [_element(element, copies) for element in return_elements]


def _as_graph_def(graph_def: Any) -> GraphDef:
    if isinstance(graph_def, GraphDef):
        return graph_def
    serialize = getattr(graph_def, "SerializeToString", None)
    data = graph_def if serialize is None else serialize()
    if not isinstance(data, bytes):
        raise TypeError(f"graph_def must be a GraphDef proto. Got type {type(graph_def)}.")
    parsed = GraphDef()
    parsed.ParseFromString(data)
    return parsed


def _tensor_name(name: str) -> str:
    return name if ":" in name else f"{name}:0"


def _copy(
    source: engine.Graph, graph: Graph, scope: str, mapped: Mapping[str, Tensor]
) -> dict[str, Operation]:
    """Copies of all operations, those in loops first declared and then connected."""
    copies: dict[str, Operation] = {}
    for node in source:
        full = scope + node.name
        graph.claim_name(full)
        attrs = node.attrs if not scope else {**node.attrs, **_moved_groups(node.attrs, scope)}
        definition = graph.definition.declare(full, node.type, attrs, node.device)
        copies[node.name] = Operation(definition, graph, [])
        graph.adopt(definition, copies[node.name])
    for node in source:
        _make_outputs(copies[node.name])
    for node in source:
        op = copies[node.name]
        inputs = [
            mapped[tensor.name]
            if tensor.name in mapped
            else copies[tensor.op.name].outputs[tensor.index]
            for tensor in node.inputs
        ]
        op.connect(inputs, [copies[control.name] for control in node.control_inputs])
    for node in source:
        _infer_shapes(copies[node.name])
    return copies


def _moved_groups(attrs: Mapping[str, Any], scope: str) -> dict[str, Any]:
    if "_class" not in attrs:
        return {}
    prefix = b"loc:@"
    return {
        "_class": [
            prefix + scope.encode() + group[len(prefix) :] if group.startswith(prefix) else group
            for group in attrs["_class"]
        ]
    }


def _make_outputs(op: Operation) -> None:
    declaration = lookup(op.type)
    types: list[EngineDType] = []
    if declaration is not None:
        types = declaration.output_dtypes(declaration.complete(op.definition.attrs))
    elif op.type in op.graph.definition.functions:
        raise ValueError(
            f"'{op.name}' calls the function '{op.type}' as an op; expected a PartitionedCall"
        )
    op.outputs = [Tensor(op, index, wrap(dtype), None) for index, dtype in enumerate(types)]


def _infer_shapes(op: Operation) -> None:
    declaration = lookup(op.type)
    if declaration is None or not op.outputs:
        return
    attrs = declaration.complete(op.definition.attrs)
    found = infer(declaration, attrs, op.inputs, op.name, len(op.outputs))
    for tensor, shape in zip(op.outputs, found, strict=True):
        tensor.replace_shape(shape)


def _element(name: str, copies: Mapping[str, Operation]) -> Any:
    op_name, colon, index = name.partition(":")
    op = copies.get(op_name)
    if op is None or (colon and int(index) >= len(op.outputs)):
        raise ValueError(f"Requested return_element {name!r} not found in graph_def.")
    return op.outputs[int(index)] if colon else op


def write_graph(
    graph_or_graph_def: Any, logdir: str | PathLike[str], name: str, as_text: bool = True
) -> str:
    """Write a graph to `logdir/name` as a GraphDef, in text by default; returns the path.

    Raises:
        OSError: the file cannot be written.
    """
    graph_def = graph_or_graph_def
    if isinstance(graph_or_graph_def, Graph):
        graph_def = graph_or_graph_def.as_graph_def()
    makedirs(fspath(logdir), exist_ok=True)
    path = Path(logdir) / name
    if as_text:
        path.write_text(text_format.MessageToString(graph_def), encoding="utf-8")
    else:
        path.write_bytes(graph_def.SerializeToString(deterministic=True))
    return str(path)
