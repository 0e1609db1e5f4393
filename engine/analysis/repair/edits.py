"""Changes that order the ops of a graph: applied to a copy, and written as Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ...dtypes import DType
from ...graph import Graph, Tensor
from ...ops import lookup

PARALLEL = "parallel_iterations"


@dataclass(frozen=True, slots=True)
class Edge:
    """A control edge.

    Attributes:
        before, after: names of operations, as the graph or the function has them.
        function: the library function whose body gets it; empty for the graph itself.
    """

    before: str
    after: str
    function: str = ""


@dataclass(frozen=True, slots=True)
class Serial:
    """A loop runs one turn after the other.

    Attributes:
        operations: the ops that carry the loop's `parallel_iterations`.
        loop: what the loop is called.
        function: the library function that they are in; empty for the graph itself.
    """

    operations: tuple[str, ...]
    loop: str
    function: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    """An op computes with a copy of an input, made by an op that optimizers leave alone.

    Attributes:
        name: the op that makes the copy.
        reader: the op that takes it.
        positions: the inputs of `reader` that it replaces, all of one tensor.
        tensor: that tensor.
        controls: what the copy waits for: all else that `reader` waits for.
    """

    name: str
    reader: str
    positions: tuple[int, ...]
    tensor: str
    controls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reread:
    """A reference that was fetched is read by an op of its own, which the fetch takes instead.

    Attributes:
        name: the new op.
        tensor: what was fetched.
    """

    name: str
    tensor: str


Edit = Edge | Serial | Copy | Reread


def apply(graph: Graph, edits: Sequence[Edit]) -> Graph:
    """A copy of `graph` with `edits` made in it; functions and attributes are shared.

    Raises:
        GraphError: an edit names what the graph lacks.
    """
    copy = copied(graph)
    for edit in edits:
        match edit:
            case Copy():
                _add_copy(copy, edit)
            case Reread():
                source = copy.tensor(edit.tensor)
                attrs = {"T": _dtype(source)}
                copy.add(edit.name, "Identity", [source], (), attrs, source.op.device)
            case _:
                pass
    for edit in edits:
        match edit:
            case Edge(function=""):
                after, before = copy.operation(edit.after), copy.operation(edit.before)
                if before not in after.control_inputs:
                    after.control_inputs = (*after.control_inputs, before)
            case Serial(function=""):
                for name in edit.operations:
                    op = copy.operation(name)
                    op.attrs = {**op.attrs, PARALLEL: 1}
            case Edge() | Serial():
                _change_body(copy, edit)
            case _:
                pass
    return copy


def copied(graph: Graph) -> Graph:
    """A graph of its own with equal operations; functions and attribute values are shared."""
    copy = Graph()
    copy.versions = graph.versions
    copy.functions = dict(graph.functions)
    copy.gradients = dict(graph.gradients)
    for op in graph:
        copy.declare(op.name, op.type, op.attrs, op.device)
    for op, twin in zip(graph, copy, strict=True):
        twin.inputs = tuple(Tensor(copy.operations[t.op.index], t.index) for t in op.inputs)
        twin.control_inputs = tuple(copy.operations[c.index] for c in op.control_inputs)
    return copy


def _add_copy(graph: Graph, edit: Copy) -> None:
    reader, source = graph.operation(edit.reader), graph.tensor(edit.tensor)
    controls = [graph.operation(name) for name in edit.controls]
    attrs = {"T": _dtype(source)}
    made = graph.add(edit.name, "DeepCopy", [source], controls, attrs, reader.device)
    inputs = list(reader.inputs)
    for position in edit.positions:
        inputs[position] = made.output()
    reader.inputs = tuple(inputs)


def _dtype(tensor: Tensor) -> DType:
    """The element type of `tensor`, without the reference."""
    declaration = lookup(tensor.op.type)
    assert declaration is not None  # It has been executed.
    return declaration.output_dtypes(declaration.complete(tensor.op.attrs))[tensor.index].base


def _change_body(graph: Graph, edit: Edge | Serial) -> None:
    function = graph.functions[edit.function]
    nodes = list(function.nodes)
    for position, node in enumerate(nodes):
        if isinstance(edit, Edge):
            control = f"^{edit.before}"
            if node.name == edit.after and control not in node.inputs:
                nodes[position] = replace(node, inputs=[*node.inputs, control])
        elif node.name in edit.operations:
            nodes[position] = replace(node, attrs={**node.attrs, PARALLEL: 1})
    graph.functions[edit.function] = replace(function, nodes=nodes)


def existing_graph(edits: Sequence[Edit]) -> str:
    """Python that makes `edits` in TensorFlow's default graph, before a session runs it.

    What is inside a library function cannot be changed from outside: for that there are comments.
    """
    lines = ["graph = tf.get_default_graph()"]
    for edit in edits:
        match edit:
            case Edge(function=""):
                before, after = _lookup(edit.before), _lookup(edit.after)
                lines.append(f"{after}._add_control_input({before})")
            case Edge():
                lines += [
                    f"# {edit.after} is in the function {edit.function}: an existing function "
                    "cannot be changed.",
                ]
            case Serial(function=""):
                lines += [f"for name in {list(edit.operations)!r}:"]
                lines += ["    operation = graph.get_operation_by_name(name)"]
                lines += [f'    operation._set_attr("{PARALLEL}", tf.AttrValue(i=1))']
            case Serial():
                lines += [
                    f"# The loop {edit.loop} is in the function {edit.function}: an existing "
                    "function cannot be changed.",
                ]
            case Copy():
                waits = ", ".join(map(_lookup, edit.controls))
                lines += [
                    f"reader = {_lookup(edit.reader)}",
                    f"with tf.control_dependencies([{waits}]):",
                    f'    copy = tf.raw_ops.DeepCopy(x={_tensor(edit.tensor)}, name="{edit.name}")',
                    *(f"reader._update_input({position}, copy)" for position in edit.positions),
                ]
            case Reread():
                lines += [f'tf.identity({_tensor(edit.tensor)}, name="{edit.name}")']
    return "\n".join(lines)


def new_graph(edits: Sequence[Edit], types: Mapping[str, str]) -> str:
    """Python that builds a graph so in the first place.

    Args:
        edits: the changes.
        types: operation of the graph -> its op type, for the comments.
    """
    lines: list[str] = []
    waits: dict[tuple[str, str], list[str]] = {}
    for edit in edits:
        if isinstance(edit, Edge):
            waits.setdefault((edit.function, edit.after), []).append(edit.before)
    for edit in edits:
        if isinstance(edit, Copy):
            lines += [
                f'# In place of {edit.tensor}, give "{edit.reader}" a copy:',
                f'copy = tf.raw_ops.DeepCopy(x={_tensor(edit.tensor)}, name="{edit.name}")',
            ]
        elif isinstance(edit, Serial):
            lines += [f"tf.while_loop(..., parallel_iterations=1)  # the loop {edit.loop}"]
    rereads = {edit.name: edit for edit in edits if isinstance(edit, Reread)}
    for (function, after), before in waits.items():
        if function:
            lines.append(f"# Inside the function {function}:")
        first = ", ".join(map(_lookup, before))
        lines.append(f"with tf.control_dependencies([{first}]):")
        if after in rereads:
            tensor = rereads[after].tensor
            lines += [f'    read = tf.identity({_tensor(tensor)}, name="{after}")']
            lines += [f"# Fetch read in place of {tensor}."]
        else:
            lines.append(f'    ...  # build "{after}"{_of_type(types.get(after))} here')
    return "\n".join(lines)


def _of_type(type: str | None) -> str:
    return f" ({type})" if type else ""


def _lookup(name: str) -> str:
    return f'graph.get_operation_by_name("{name}")'


def _tensor(name: str) -> str:
    full = name if ":" in name else f"{name}:0"
    return f'graph.get_tensor_by_name("{full}")'
