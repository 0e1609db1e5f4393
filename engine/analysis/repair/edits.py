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

    A function of a graph cannot be changed. Where an edit is inside one, the Python makes a new
    graph, `graph`, in which the changed function has the place of the old one.
    """
    inside = [edit for edit in edits if isinstance(edit, Edge | Serial) and edit.function]
    lines = [line for edit in edits if edit not in inside for line in _change(edit)]
    if not inside:
        return "\n".join(["graph = tf.get_default_graph()", *lines])
    changes = [line for edit in inside for line in _change_function(edit)]
    return "\n".join(
        [
            "# A function of a graph cannot be changed: a new graph gets the changed function.",
            "definition = tf.get_default_graph().as_graph_def()",
            "for function in definition.library.function:",
            "    for node in function.node_def:",
            *(f"        {line}" for line in changes),
            "graph = tf.Graph()",
            "with graph.as_default():",
            '    tf.import_graph_def(definition, name="")',
            *(f"    {line}" for line in lines),
        ]
    )


def _change(edit: Edit) -> list[str]:
    """Python lines that make `edit` in `graph`."""
    match edit:
        case Edge():
            return [f"{_lookup(edit.after)}._add_control_input({_lookup(edit.before)})"]
        case Serial():
            return [
                f"for name in {list(edit.operations)!r}:",
                "    operation = graph.get_operation_by_name(name)",
                f'    operation._set_attr("{PARALLEL}", tf.AttrValue(i=1))',
            ]
        case Copy():
            waits = ", ".join(map(_lookup, edit.controls))
            return [
                f"reader = {_lookup(edit.reader)}",
                f"with tf.control_dependencies([{waits}]):",
                f'    copy = tf.raw_ops.DeepCopy(x={_tensor(edit.tensor)}, name="{edit.name}")',
                *(f"reader._update_input({position}, copy)" for position in edit.positions),
            ]
        case Reread():
            return [f'tf.identity({_tensor(edit.tensor)}, name="{edit.name}")']


def _change_function(edit: Edge | Serial) -> list[str]:
    """Python lines that make `edit` where `node` is its node in its function `function`."""
    if isinstance(edit, Edge):
        names, change = [edit.after], f'node.input.append("^{edit.before}")'
    else:
        names, change = list(edit.operations), f'node.attr["{PARALLEL}"].i = 1'
    return [
        f'if function.signature.name == "{edit.function}" and node.name in {names!r}:',
        f"    {change}",
    ]


def changed_functions(edits: Sequence[Edit]) -> list[str]:
    """The library functions whose bodies `edits` change, each once."""
    inside = (edit.function for edit in edits if isinstance(edit, Edge | Serial))
    return [function for function in dict.fromkeys(inside) if function]


def new_graph(edits: Sequence[Edit], types: Mapping[tuple[str, str], str]) -> str:
    """Python that builds a graph so in the first place.

    Args:
        edits: the changes.
        types: (function, or empty for the graph itself; operation) -> its op type, for the
            comments.
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
            lines += [
                f"# Where Python builds the body of the function {function}:",
                "graph = tf.get_default_graph()  # the body's own",
            ]
        first = ", ".join(map(_lookup, before))
        lines.append(f"with tf.control_dependencies([{first}]):")
        if after in rereads:
            tensor = rereads[after].tensor
            lines += [f'    read = tf.identity({_tensor(tensor)}, name="{after}")']
            lines += [f"# Fetch read in place of {tensor}."]
        else:
            type = types.get((function, after))
            lines.append(f'    ...  # build "{after}"{_of_type(type)} here')
    return "\n".join(lines)


def _of_type(type: str | None) -> str:
    return f" ({type})" if type else ""


def _lookup(name: str) -> str:
    return f'graph.get_operation_by_name("{name}")'


def _tensor(name: str) -> str:
    full = name if ":" in name else f"{name}:0"
    return f'graph.get_tensor_by_name("{full}")'
