"""`If` and `While` with functions that read and write what they are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import opscope.engine.tf as tf
from opscope.engine import dtypes
from opscope.engine.graph.attributes import FunctionRef
from opscope.engine.graph.function import Argument, Function, FunctionNode, FunctionSignature
from opscope.engine.tf.build import apply

_FLOAT = dtypes.float32


def choose(predicate: tf.Tensor, given: tf.Tensor, shape: list[int]) -> tf.Tensor:
    """Branches that use `given`, a handle or a value: one adds 2 to it, the other reads it."""
    kind = given.dtype.definition
    for name, adds in (("adds", True), ("reads", False)):
        nodes, result, controls = _body(kind, shape, adds)
        _define(f"{name}_{kind.name}", [("x", kind)], {"y": (_FLOAT, result)}, nodes, controls)
    (result,) = apply(
        "If",
        {"cond": predicate, "input": [given]},
        Tout=[_FLOAT],
        then_branch=FunctionRef(f"adds_{kind.name}"),
        else_branch=FunctionRef(f"reads_{kind.name}"),
    )
    result.set_shape(shape)
    return result


def repeat(turns: int, given: tf.Tensor, shape: list[int]) -> tf.Tensor:
    """A loop that adds 2 to `given` in each turn, and takes the sum of what it found there."""
    kind = given.dtype.definition
    state = [("i", dtypes.int32), ("total", _FLOAT), ("x", kind)]
    below = [
        _const("limit", np.array(turns, np.int32)),
        _node("less", "Less", "i", "limit:output:0", T=dtypes.int32),
    ]
    _define(f"below_{turns}_{kind.name}", state, {"y": (dtypes.bool_, "less:z:0")}, below)
    nodes, result, controls = _body(kind, shape, adds=True)
    nodes += [
        _const("one", np.array(1, np.int32)),
        _node("next", "AddV2", "i", "one:output:0", T=dtypes.int32),
        _node("sum", "AddV2", "total", result, T=_FLOAT),
    ]
    returns = {
        "i_next": (dtypes.int32, "next:z:0"),
        "total_next": (_FLOAT, "sum:z:0"),
        "x_next": (kind, "x"),
    }
    _define(f"turn_{kind.name}", state, returns, nodes, controls)
    _, total, _ = apply(
        "While",
        {"input": [tf.constant(0), tf.zeros(shape), given]},
        cond=FunctionRef(f"below_{turns}_{kind.name}"),
        body=FunctionRef(f"turn_{kind.name}"),
    )
    total.set_shape(shape)
    return total


def _body(
    kind: dtypes.DType, shape: list[int], adds: bool
) -> tuple[list[FunctionNode], str, Mapping[str, str]]:
    """Nodes that use the argument `x`, the tensor that they give, and what must execute."""
    two = _const("two", np.full(shape, 2, np.float32))
    if kind is not dtypes.resource:
        if adds:
            return [two, _node("add", "AddV2", "x", "two:output:0", T=kind)], "add:z:0", {}
        return [_node("same", "Identity", "x", T=kind)], "same:output:0", {}
    if not adds:
        return [_node("read", "ReadVariableOp", "x", dtype=_FLOAT)], "read:value:0", {}
    return (
        [
            two,
            _node("write", "AssignAddVariableOp", "x", "two:output:0", dtype=_FLOAT),
            _node("read", "ReadVariableOp", "x", "^write", dtype=_FLOAT),
        ],
        "read:value:0",
        {"write": "write"},
    )


def _const(name: str, value: np.ndarray[Any, Any]) -> FunctionNode:
    return _node(name, "Const", value=value, dtype=dtypes.from_numpy(value.dtype))


def _node(name: str, type: str, *inputs: str, **attrs: Any) -> FunctionNode:
    return FunctionNode(name, type, inputs, attrs)


def _define(
    name: str,
    inputs: Sequence[tuple[str, dtypes.DType]],
    outputs: Mapping[str, tuple[dtypes.DType, str]],
    nodes: Sequence[FunctionNode],
    controls: Mapping[str, str] | None = None,
) -> None:
    """Put a function into the library of the graph that is built."""
    controls = controls or {}
    signature = FunctionSignature(
        name,
        [Argument(key, kind) for key, kind in inputs],
        [Argument(key, kind) for key, (kind, _) in outputs.items()],
        list(controls),
        is_stateful=bool(controls),
    )
    returns = {key: tensor for key, (_, tensor) in outputs.items()}
    library = tf.get_default_graph().definition.functions
    library[name] = Function(signature, nodes, returns, controls)
