"""Records what TensorFlow gives for the case tables: run with a Python that has TensorFlow.

python tests/engine/ops/record.py [FAMILY...]
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.core.framework import graph_pb2
from tensorflow.python.framework import op_def_registry

sys.path.insert(0, str(Path(__file__).parent))
from op_cases import FAMILIES, HERE, Case, inferred, load, type_name

tf1 = tf.compat.v1
tf1.disable_eager_execution()


def _set(node: Any, name: str, kind: str, value: Any) -> None:
    attr = node.attr[name]
    match kind:
        case "type":
            attr.type = tf.as_dtype(value).as_datatype_enum
        case "int":
            attr.i = value
        case "float":
            attr.f = value
        case "bool":
            attr.b = value
        case "string":
            attr.s = value
        case "shape":
            attr.shape.CopyFrom(tf.TensorShape(value).as_proto())
        case "list(type)":
            attr.list.type.extend(tf.as_dtype(v).as_datatype_enum for v in value)
        case "list(int)":
            attr.list.i.extend(value)
        case "list(float)":
            attr.list.f.extend(value)
        case _:
            raise ValueError(f"attribute {name} has the kind {kind}")


def _node(graph: Any, name: str, op: str, inputs: list[str], attrs: dict[str, Any]) -> None:
    definition = op_def_registry.get(op)
    node = graph.node.add(name=name, op=op, input=inputs)
    kinds = {attr.name: attr.type for attr in definition.attr}
    for key, value in attrs.items():
        _set(node, key, kinds[key], value)


def run(case: Case, with_shapes: bool = False) -> dict[str, Any]:
    """Outputs by number, variables after the op as v0, v1, …, or the error's class and text."""
    definition = op_def_registry.get(case.op)
    graph = graph_pb2.GraphDef()
    arguments = [a for a in definition.input_arg for _ in range(case.attrs.get(a.number_attr, 1))]
    feeds: dict[str, Any] = {}
    variables: list[str] = []
    inputs: list[str] = []
    for i, value in enumerate(case.inputs):
        argument = arguments[min(i, len(arguments) - 1)]
        dtype, name = type_name(value), f"in{i}"
        feeds[f"p{i}:0"] = value
        # Without shapes TensorFlow finds mistakes when the op runs, not when the graph is built.
        shape = {"shape": value.shape} if with_shapes else {}
        _node(graph, f"p{i}", "Placeholder", [], {"dtype": dtype, **shape})
        if argument.is_ref:
            shape = {"shape": value.shape, "dtype": dtype}
            _node(graph, name, "VariableV2", [], shape)
            _node(graph, f"set{i}", "Assign", [name, f"p{i}"], {"T": dtype})
            _node(graph, f"v{len(variables)}", "Identity", [name], {"T": dtype})
        elif argument.type in {tf.resource.as_datatype_enum}:
            _node(
                graph,
                name,
                "VarHandleOp",
                [],
                {"shape": value.shape, "dtype": dtype, "shared_name": name.encode()},
            )
            _node(graph, f"set{i}", "AssignVariableOp", [name, f"p{i}"], {"dtype": dtype})
            _node(graph, f"v{len(variables)}", "ReadVariableOp", [name], {"dtype": dtype})
        else:
            inputs.append(f"p{i}")
            continue
        inputs.append(name)
        variables.append(f"set{i}")
    attrs = {**_types(case), **case.attrs}
    _node(graph, "op", case.op, inputs, attrs)
    with tf.Graph().as_default() as built, tf1.Session() as session:
        tf.import_graph_def(graph, name="")
        operation = built.get_operation_by_name("op")
        try:
            session.run(variables, feeds)
            if any(t.dtype._is_ref_dtype for t in operation.outputs) or not operation.outputs:
                session.run(operation, feeds)
                values: list[Any] = []
            else:
                values = session.run(_defined(operation), feeds)
            after = session.run([f"v{i}:0" for i in range(len(variables))])
        except tf.errors.OpError as error:
            text = error.message.removeprefix("Graph execution error:\n\n")
            text = text.split("Node: 'op'\n")[-1].split("\n\t [[")[0]
            text = text.removesuffix(", node name: op")
            return {"error": np.array([type(error).__name__, text])}
    return {str(i): _kept(v) for i, v in enumerate(values)} | {
        f"v{i}": v for i, v in enumerate(after)
    }


_DEFINED = {"FusedBatchNorm": 3, "SelfAdjointEig": 1, "Eig": 1, "Svd": 1}
"""Beginnings of op types, and how many of their outputs always mean something."""


def _defined(operation: Any) -> list[Any]:
    count = next((n for name, n in _DEFINED.items() if operation.type.startswith(name)), None)
    return list(operation.outputs)[:count]


def _types(case: Case) -> dict[str, Any]:
    definition = op_def_registry.get(case.op)
    return inferred(definition.input_arg, case.inputs, case.attrs)


def _kept(value: Any) -> Any:
    if isinstance(value, bytes) or np.asarray(value).dtype.kind == "O":
        flat = np.asarray(value, object)
        return np.array([v.hex() for v in flat.ravel().tolist()], "S").reshape(flat.shape)
    return np.asarray(value)


def main(families: list[str]) -> None:
    for family in families:
        found: dict[str, Any] = {}
        for number, case in enumerate(load(family)):
            try:
                results = run(case)
            except ValueError:
                try:
                    results = run(case, with_shapes=True)
                except ValueError as error:
                    raise ValueError(f"case {number} of {family} ({case.op}): {error}") from error
            found.update({f"{number}:{key}": value for key, value in results.items()})
        np.savez_compressed(HERE / f"recorded/{family}.npz", **found)
        print(family, len(found))


if __name__ == "__main__":
    main(sys.argv[1:] or FAMILIES)
