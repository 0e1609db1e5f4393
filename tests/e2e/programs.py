"""Small graphs that the stories are about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from opscope.engine import dtypes
from opscope.engine.dtypes import DType
from opscope.engine.graph import FunctionRef, Graph, Operation


def constant(graph: Graph, name: str, value: Any, dtype: DType = dtypes.float32) -> Operation:
    return graph.add(name, "Const", attrs={"dtype": dtype, "value": np.asarray(value, dtype.numpy)})


def placeholder(
    graph: Graph, name: str, dtype: DType, shape: Sequence[int | None] | None
) -> Operation:
    attrs = {"dtype": dtype, "shape": None if shape is None else tuple(shape)}
    return graph.add(name, "Placeholder", attrs=attrs)


def ref_variables(graph: Graph, **values: float) -> list[Operation]:
    """Scalar reference variables, each with `NAME/Assign`, and `init` that initializes them all."""
    variables: list[Operation] = []
    assigns: list[Operation] = []
    for name, value in values.items():
        attrs = {"dtype": dtypes.float32, "shape": (), "container": "", "shared_name": ""}
        variable = graph.add(name, "VariableV2", attrs=attrs)
        initial = constant(graph, f"{name}/initial_value", value)
        assigns.append(
            graph.add(
                f"{name}/Assign",
                "Assign",
                [variable.output(), initial.output()],
                attrs={"T": dtypes.float32, "use_locking": True, "validate_shape": True},
            )
        )
        variables.append(variable)
    graph.add("init", "NoOp", control_inputs=assigns)
    return variables


def counter() -> Graph:
    """`update` adds 1 to the reference variable `v`, which starts at 0."""
    graph = Graph()
    (v,) = ref_variables(graph, v=0.0)
    one = constant(graph, "one", 1.0)
    attrs = {"T": dtypes.float32, "use_locking": False}
    graph.add("update", "AssignAdd", [v.output(), one.output()], attrs=attrs)
    return graph


def resource_counter() -> Graph:
    """The twin of `counter` with a resource variable: `read` is what a fetch of `v` was."""
    graph = Graph()
    typed = {"dtype": dtypes.float32}
    v = graph.add(
        "v", "VarHandleOp", attrs={**typed, "shape": (), "container": "", "shared_name": "v"}
    )
    zero = constant(graph, "v/initial_value", 0.0)
    assign = graph.add("v/Assign", "AssignVariableOp", [v.output(), zero.output()], attrs=typed)
    graph.add("init", "NoOp", control_inputs=[assign])
    one = constant(graph, "one", 1.0)
    add = graph.add("add", "AssignAddVariableOp", [v.output(), one.output()], attrs=typed)
    graph.add("update", "ReadVariableOp", [v.output()], [add], attrs=typed)
    graph.add("read", "ReadVariableOp", [v.output()], attrs=typed)
    return graph


def product() -> Graph:
    """`add` adds b = 3 to a = 2; `mul` is a times b: 6 before that, and 15 after it."""
    graph = Graph()
    a, b = ref_variables(graph, a=2.0, b=3.0)
    attrs = {"T": dtypes.float32}
    read = graph.add("b/read", "Identity", [b.output()], attrs=attrs)
    operands = [a.output(), read.output()]
    graph.add("add", "AssignAdd", operands, attrs={**attrs, "use_locking": False})
    graph.add("mul", "Mul", operands, attrs=attrs)
    return graph


def chain(length: int) -> Graph:
    """`length` ops, one after the other, after the constant `start`."""
    graph = Graph()
    last = constant(graph, "start", 1.0)
    for number in range(length):
        last = graph.add(f"link_{number}", "Identity", [last.output()], attrs={"T": dtypes.float32})
    return graph


def with_unknown_op() -> Graph:
    """`known` can run; `after` needs `odd`, whose type nobody knows."""
    graph = Graph()
    known = constant(graph, "known", 4.0)
    odd = graph.add("odd", "FlumpOp", [known.output()], attrs={"T": dtypes.float32})
    graph.add("after", "Identity", [odd.output()], attrs={"T": dtypes.float32})
    return graph


def cycle() -> Graph:
    """`first` and `second` wait for each other; `apart` does not."""
    graph = Graph()
    first = graph.declare("first", "Identity", {"T": dtypes.float32})
    second = graph.add("second", "Identity", [first.output()], attrs={"T": dtypes.float32})
    first.inputs = (second.output(),)
    constant(graph, "apart", 5.0)
    return graph


def missing_function() -> Graph:
    """`call` calls a function that the graph's library does not have."""
    graph = Graph()
    x = constant(graph, "x", 1.0)
    attrs = {
        "Tin": [dtypes.float32],
        "Tout": [dtypes.float32],
        "f": FunctionRef("absent", {}),
        "config": "",
        "config_proto": b"",
        "executor_type": "",
    }
    graph.add("call", "PartitionedCall", [x.output()], attrs=attrs)
    return graph


def division() -> Graph:
    """`quotient` is the integer `x` by the integer vector `y`, and fails where that has a zero."""
    graph = Graph()
    x = placeholder(graph, "x", dtypes.int32, [])
    y = placeholder(graph, "y", dtypes.int32, [2])
    graph.add("quotient", "FloorDiv", [x.output(), y.output()], attrs={"T": dtypes.int32})
    return graph
