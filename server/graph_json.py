"""A program's graph as the page draws it, and one operation of it in detail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from ..engine import Program
from ..engine.dtypes import DType
from ..engine.executor.flat import FlatGraph, FlatNode
from ..engine.graph import Argument, AttrPlaceholder, FunctionRef, shape_text
from ..engine.ops.registry import Cell, Effect, Lock, OpDef
from ..engine.ops.signature import argument_dtypes
from .carries import Carried, Carries
from .feeds import feed_name
from .protocol.wire import to_wire
from .texts import line
from .worker.control import Suggested

_MAX_ATTR = 500


def graph_json(
    program: Program, id: str, name: str, suggested: Sequence[Suggested] = ()
) -> dict[str, Any]:
    """What stays the same about the graph while it runs; nodes are numbered as in runs.

    Args:
        program: whose graph.
        id: what addresses know it by.
        name: what the page calls it.
        suggested: what to suggest before what the program itself suggests.
    """
    flat = program.flat
    types: dict[str, int] = {}
    for node in flat.nodes:
        types.setdefault(node.type, len(types))
    return {
        "id": id,
        "name": name,
        "types": list(types),
        "nodes": {
            "name": [node.name for node in flat.nodes],
            "type": [types[node.type] for node in flat.nodes],
        },
        **_edges_json(flat),
        "calls": {
            str(node.index): {
                "function": ", ".join(node.expansion.functions),
                "kind": node.expansion.kind,
            }
            for node in flat.nodes
            if node.expansion is not None
        },
        "loops": _loops(flat),
        "variables": [
            {
                "node": variable.node,
                "name": variable.name,
                "kind": variable.kind,
                "dtype": dtype_text(variable.dtype),
                "shape": shape_json(variable.shape),
            }
            for variable in program.variables
        ],
        "placeholders": [
            {
                "node": placeholder.node,
                "name": placeholder.name,
                "dtype": dtype_text(placeholder.dtype),
                "shape": shape_json(placeholder.shape),
            }
            for placeholder in program.placeholders
        ],
        "signatures": [
            {
                "name": key,
                "inputs": {name: info.name for name, info in signature.inputs.items()},
                "outputs": {name: info.name for name, info in signature.outputs.items()},
            }
            for key, signature in program.signatures.items()
        ],
        "initializers": list(program.initializers),
        "suggestions": to_wire(_suggestions(program, suggested)),
        "unsupported": [
            {"type": type, "count": count} for type, count in program.unsupported.items()
        ],
    }


def operation_json(program: Program, node: FlatNode) -> dict[str, Any]:
    """What the inspector shows of one node besides its values."""
    flat = program.flat
    carries = Carries(flat)
    declaration = node.declaration
    inputs: list[DType] = [] if declaration is None else declaration.input_dtypes(node.attrs)
    outputs: list[DType] = [] if declaration is None else declaration.output_dtypes(node.attrs)
    shapes = node.given_attrs.get("_output_shapes")
    return {
        "name": node.name,
        "type": node.type,
        "device": node.device,
        "doc": "" if declaration is None else declaration.doc,
        "supported": node.is_call
        or (declaration is not None and declaration.kernel is not None and not declaration.refused),
        "attrs": [
            {"name": name, "value": attr_text(value)} for name, value in node.given_attrs.items()
        ],
        "inputs": [
            {
                "name": f"{flat.nodes[source].name}:{output}",
                "kind": carries.of((source, output)),
                "dtype": inputs[position].base.name if position < len(inputs) else "",
            }
            for position, (source, output) in enumerate(node.inputs)
        ],
        "outputs": [
            {
                "name": f"{node.name}:{index}",
                "dtype": dtype.base.name,
                "shape": shape_json(shapes[index]) if shapes and index < len(shapes) else None,
            }
            for index, dtype in enumerate(outputs)
        ],
        "controlInputs": [flat.nodes[source].name for source in node.control_inputs],
        "effects": [] if declaration is None else effect_sentences(declaration),
    }


def _edges_json(flat: FlatGraph) -> dict[str, list[int]]:
    """Quadruples of data edges, pairs of control edges, and the numbers of data edges by kind."""
    edges: list[int] = []
    control: list[int] = []
    mutating: list[int] = []
    numbers: dict[Carried, list[int]] = {"alias": [], "ref": [], "handle": []}
    carries = Carries(flat)
    for node in flat.nodes:
        if node.expansion is not None:  # its edges lead to the nodes of its body
            continue
        written = _written_inputs(node)
        for position, port in enumerate(node.inputs):
            kind = carries.of(port)
            if kind != "value":
                numbers[kind].append(len(edges) // 4)
            if position in written:
                mutating.append(len(edges) // 4)
            edges += (*port, node.index, position)
        for source in node.control_inputs:
            control += (source, node.index)
    return {
        "edges": edges,
        "control": control,
        "mutating": mutating,
        "aliases": numbers["alias"],
        "refs": numbers["ref"],
        "handles": numbers["handle"],
    }


def _suggestions(program: Program, first: Sequence[Suggested]) -> list[Suggested]:
    own = [
        Suggested(
            title=suggestion.title,
            fetches=list(suggestion.fetches),
            targets=list(suggestion.targets),
            feeds={feed_name(name): None for name in suggestion.feeds},
        )
        for suggestion in program.suggestions
    ]
    taken = [(suggestion.fetches, suggestion.targets) for suggestion in first]
    return [*first, *(o for o in own if o.feeds or (o.fetches, o.targets) not in taken)]


def dtype_text(dtype: DType | None) -> str:
    return "" if dtype is None else dtype.base.name


def shape_json(shape: Sequence[int | None] | None) -> list[int | None] | None:
    return None if shape is None else list(shape)


def attr_text(value: Any) -> str:
    """An attribute's value in words, shortened."""
    text = _attr_text(value)
    return text if len(text) <= _MAX_ATTR else text[: _MAX_ATTR - 1] + "…"


def _attr_text(value: Any) -> str:
    match value:
        case DType():
            return value.name
        case FunctionRef():
            return value.name
        case AttrPlaceholder():
            return f"${value.name}"
        case bytes():
            return value.decode("utf-8", "backslashreplace")
        case np.ndarray():
            array = cast("np.ndarray[Any, Any]", value)
            return f"{array.dtype.name}{list(array.shape)} {line(array)}"
        case tuple():
            return shape_text(cast("tuple[int | None, ...]", value))
        case list():
            return f"[{', '.join(map(_attr_text, cast('list[Any]', value)[:50]))}]"
        case None:
            return shape_text(None)
        case _:
            return str(value)


def effect_sentences(declaration: OpDef) -> list[str]:
    """What the op does besides computing its outputs, a sentence for each effect."""
    return [_effect_sentence(effect) for effect in declaration.effects]


_CELLS = {
    Cell.CONTENTS: "the contents of {0}",
    Cell.RECORD: "whether {0} is initialised, its shape and its buffer",
    Cell.VALUE: "the value of {0}",
    Cell.INITIALIZED: "whether {0} has a value",
    Cell.GENERATOR: "the position of its own random generator",
    Cell.STATE: "the state of {0}",
}
_LOCKS = {
    Lock.NONE: "without a lock",
    Lock.SHARED: "under a shared lock",
    Lock.EXCLUSIVE: "under an exclusive lock",
    Lock.USE_LOCKING: "under an exclusive lock if use_locking is true, else without one",
    Lock.USE_LOCKING_OR_SHARED: "under an exclusive lock if use_locking is true, else a shared one",
}


def _effect_sentence(effect: Effect) -> str:
    if effect.reads and effect.writes:
        verb = "Reads and writes"
    else:
        verb = "Writes" if effect.writes else "Reads"
    where = f"the variable of input '{effect.operand}'" if effect.operand else "its own state"
    if effect.cell is Cell.STATE and effect.operand:
        where = f"the resource of input '{effect.operand}'"
    parts = "single elements of " if effect.by_element else ""
    return f"{verb} {parts}{_CELLS[effect.cell].format(where)}, {_LOCKS[effect.lock]}."


def _written_inputs(node: FlatNode) -> frozenset[int]:
    declaration = node.declaration
    if declaration is None or not declaration.effects or not declaration.writes:
        return frozenset()
    names = {effect.operand for effect in declaration.effects if effect.writes}
    written: set[int] = set()
    start = 0
    for argument in declaration.inputs:
        stop = start + _argument_length(argument, node)
        if argument.name in names:
            written.update(range(start, stop))
        start = stop
    return frozenset(written)


def _argument_length(argument: Argument, node: FlatNode) -> int:
    if not (argument.number_attr or argument.type_list_attr):
        return 1
    return len(argument_dtypes(argument, node.attrs))


def _loops(flat: FlatGraph) -> list[dict[str, Any]]:
    """The nodes from Enter to Exit of every while frame, those of inner loops included."""
    enters = [node for node in flat.nodes if node.type in ("Enter", "RefEnter")]
    if not enters:
        return []
    consumers: list[list[int]] = [[] for _ in flat.nodes]
    for node in flat.nodes:
        if not node.is_call:
            for source in {*(source for source, _ in node.inputs), *node.control_inputs}:
                consumers[source].append(node.index)
    frames: list[tuple[str, ...] | None] = [None] * len(flat.nodes)
    waiting: list[tuple[int, tuple[str, ...]]] = [
        (node.index, ()) for node in flat.nodes if not node.inputs and not node.control_inputs
    ]
    while waiting:
        index, frame = waiting.pop()
        if frames[index] is not None:
            continue
        node = flat.nodes[index]
        if node.type in ("Enter", "RefEnter"):
            frame = (*frame, _frame_name(node))
        frames[index] = frame
        outside = frame[:-1] if node.type in ("Exit", "RefExit") else frame
        waiting.extend((consumer, outside) for consumer in consumers[index])
    members: dict[tuple[str, ...], list[int]] = {}
    for index, frame in enumerate(frames):
        for depth in range(1, len(frame or ()) + 1):
            members.setdefault((frame or ())[:depth], []).append(index)
    return [{"frame": path[-1], "nodes": nodes} for path, nodes in members.items()]


def _frame_name(node: FlatNode) -> str:
    name = node.attrs.get("frame_name", b"")
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)
