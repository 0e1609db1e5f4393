"""The same program with reference variables in place of resource variables.

A `ReadVariableOp` that an expression made becomes a use of the variable's one read, which has no
control inputs; those pass to the op that uses it, as TensorFlow's Python layer has it. A read that
`read_value()` made stays an op of its own, and the read that follows a write becomes that write's
output. The names that TensorFlow gives to these reads tell them apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from ... import dtypes
from ...errors import GraphError
from ...graph import Graph, Operation, Tensor
from ...ops import lookup
from .conversion import Conversion, control_dependencies, unused

_TYPES = {
    "AssignVariableOp": "Assign",
    "AssignAddVariableOp": "AssignAdd",
    "AssignSubVariableOp": "AssignSub",
    "VarIsInitializedOp": "IsVariableInitialized",
    "Enter": "RefEnter",
    "Identity": "RefIdentity",
    "Switch": "RefSwitch",
    "ResourceGather": "GatherV2",
    "ResourceGatherNd": "GatherNd",
    "VariableShape": "Shape",
    "ReadVariableOp": "Identity",
}
_ROUTES = ("Enter", "Identity", "Switch")
_TAKES_VALUE = ("ResourceGather", "ResourceGatherNd", "VariableShape")
_EXPLICIT = re.compile(r"(^|/)Read(_\d+)?/ReadVariableOp(_\d+)?$")


def to_reference(graph: Graph) -> Conversion:
    """`graph` with reference variables only.

    Raises:
        GraphError: an op has no counterpart for reference variables; the message names it.
    """
    return _ToReference(graph).convert()


class _ToReference:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._made = Graph()
        self._made.versions = graph.versions
        self._made.functions = dict(graph.functions)
        self._made.gradients = dict(graph.gradients)
        self._variables = self._origins()
        self._in_force = control_dependencies(graph)
        self._first_reads: dict[str, str] = {}
        """Variable -> the read that was made with it."""
        self._values: dict[Tensor, Tensor] = {}

    def convert(self) -> Conversion:
        self._refuse_functions()
        for op in self._graph:
            variable = self._variable_of(op)
            if op.type == "ReadVariableOp" and variable is not None and not op.control_inputs:
                named = op.name in (f"{variable}/Read/ReadVariableOp", f"{variable}/read")
                if named and op.inputs[0].op.name == variable:
                    self._first_reads.setdefault(variable, op.name)
        for op in self._graph:
            if not self._vanishes(op):
                type, attrs = self._translated(op)
                self._made.declare(op.name, type, attrs, op.device)
        for op in self._graph:
            if not self._vanishes(op):
                self._connect(op)
        return Conversion(self._made, self._renamed())

    # What there is

    def _origins(self) -> dict[tuple[str, int], str]:
        """Tensor that carries a handle (op, output) -> its variable."""
        found: dict[tuple[str, int], str] = {}
        takers: dict[str, list[Operation]] = {}
        for op in self._graph:
            for tensor in op.inputs[:1] if op.type in _ROUTES else ():
                takers.setdefault(tensor.op.name, []).append(op)
        waiting = [op for op in self._graph if op.type == "VarHandleOp"]
        for op in waiting:
            found[op.name, 0] = op.name
        for op in waiting:
            for taker in takers.get(op.name, ()):
                variable = found[op.name, 0]
                found[taker.name, 0] = found[taker.name, 1] = variable
                waiting.append(taker)
        return found

    def _variable(self, tensor: Tensor) -> str | None:
        return self._variables.get((tensor.op.name, tensor.index))

    def _variable_of(self, op: Operation) -> str | None:
        """The variable whose handle is the first input of `op`."""
        return self._variable(op.inputs[0]) if op.inputs else None

    def _refuse_functions(self) -> None:
        for function in self._graph.functions.values():
            for node in function.nodes:
                if node.type == "VarHandleOp":
                    raise GraphError(
                        f"'{node.name}' (VarHandleOp) is inside the function '{function.name}', "
                        "where a reference variable cannot be"
                    )

    def _write_before(self, op: Operation) -> Operation | None:
        """The write whose result the read `op` is, if it was made with that write."""
        for write in op.control_inputs:
            same = self._variable_of(write) == self._variable_of(op) and self._writes(write)
            follows = op.index == write.index + 1 or op.name == f"{write.name}/ReadVariableOp"
            # What else it waits for is what surrounds both.
            others = set(op.control_inputs) - {write}
            if same and follows and others <= set(self._in_force[write.index]):
                return write
        return None

    def _writes(self, op: Operation) -> bool:
        declaration = lookup(op.type)
        return declaration is not None and declaration.writes

    def _is_first_read(self, op: Operation) -> bool:
        return op.name in self._first_reads.values()

    def _vanishes(self, op: Operation) -> bool:
        """Whether `op` is a read that reference variables do without."""
        if op.type != "ReadVariableOp" or self._variable_of(op) is None:
            return False
        if self._write_before(op) is not None:
            return True
        return not self._is_first_read(op) and not _EXPLICIT.search(op.name)

    # Types and attributes

    def _translated(self, op: Operation) -> tuple[str, Mapping[str, Any]]:
        if op.type == "VarHandleOp":
            attrs = _complete(op)
            wanted = {name: attrs[name] for name in ("dtype", "shape", "container")}
            wanted["shared_name"] = attrs["shared_name"]
            if wanted["shared_name"] == op.name.encode():
                wanted["shared_name"] = b""
            return "VariableV2", {**_private(op), **wanted}
        handles = [i for i, t in enumerate(op.inputs) if self._variable(t) is not None]
        if not handles:
            return op.type, op.attrs
        dtype = self._dtype(op.inputs[handles[0]])
        type = _TYPES.get(op.type) or op.type.removeprefix("Resource")
        declaration = lookup(type)
        if declaration is None or type == op.type:
            raise GraphError(f"'{op.name}' ({op.type}) has no counterpart for reference variables")
        attrs = _complete(op)
        given: dict[str, Any] = {**attrs, "T": dtype, "dtype": dtype, "Tparams": dtype}
        given["Taxis"] = dtypes.int32
        if type == "Assign":
            shape = self._graph.operation(self._variables[_key(op.inputs[0])]).attrs["shape"]
            known = shape is not None and None not in shape
            given["validate_shape"] = known or attrs["validate_shape"]
        known_names = [attr.name for attr in declaration.attrs]
        return type, {**_private(op), **{n: given[n] for n in known_names if n in given}}

    def _dtype(self, handle: Tensor) -> Any:
        return self._graph.operation(self._variables[_key(handle)]).attrs["dtype"]

    # Edges

    def _connect(self, op: Operation) -> None:
        made = self._made.operation(op.name)
        inputs: list[Tensor] = []
        controls = [self._control(control) for control in op.control_inputs]
        for tensor in op.inputs:
            if self._variable(tensor) is not None:
                takes_value = op.type in _TAKES_VALUE
                inputs.append(self._value(tensor) if takes_value else self._ref(tensor))
            elif self._vanishes(tensor.op):
                stand_in, waits = self._stand_in(tensor.op)
                inputs.append(stand_in)
                controls += waits
            else:
                inputs.append(Tensor(self._made.operation(tensor.op.name), tensor.index))
        if op.type == "ResourceGather" and self._variable(op.inputs[0]) is not None:
            attrs = {"dtype": dtypes.int32, "value": np.int32(0)}
            axis = self._made.add(unused(self._made, f"{op.name}/axis"), "Const", attrs=attrs)
            inputs.append(axis.output())
        made.inputs = tuple(inputs)
        made.control_inputs = tuple(dict.fromkeys(controls))

    def _control(self, op: Operation) -> Operation:
        return self._stand_in(op)[0].op if self._vanishes(op) else self._made.operation(op.name)

    def _stand_in(self, read: Operation) -> tuple[Tensor, list[Operation]]:
        """What takes the place of `read`, and what its readers wait for besides."""
        write = self._write_before(read)
        if write is not None:
            return self._made.operation(write.name).output(), []
        return self._value(read.inputs[0]), [self._control(op) for op in read.control_inputs]

    def _ref(self, handle: Tensor) -> Tensor:
        return Tensor(self._made.operation(handle.op.name), handle.index)

    def _value(self, handle: Tensor) -> Tensor:
        """The variable's read, where `handle` is: carried into the same branch or loop."""
        key = handle
        if key not in self._values:
            op = handle.op
            if op.type == "VarHandleOp":
                read = self._first_reads.get(op.name)
                if read is None:
                    name = unused(self._made, f"{op.name}/read")
                    source = [self._made.operation(op.name).output()]
                    attrs = {"T": op.attrs["dtype"]}
                    read = self._made.add(name, "Identity", source, attrs=attrs).name
                self._values[key] = self._made.operation(read).output()
            else:
                inputs = [self._value(op.inputs[0])]
                for other in op.inputs[1:]:
                    if self._vanishes(other.op):
                        inputs.append(self._stand_in(other.op)[0])
                    else:
                        inputs.append(Tensor(self._made.operation(other.op.name), other.index))
                controls = [self._control(control) for control in op.control_inputs]
                attrs = {**op.attrs, "T": self._dtype(handle)}
                name = unused(self._made, f"{op.name}/read")
                made = self._made.add(name, op.type, inputs, controls, attrs, op.device)
                for index in (0, 1):
                    self._values[Tensor(op, index)] = Tensor(made, index)
        return self._values[key]

    # What is fetched

    def _renamed(self) -> dict[str, str]:
        names: dict[str, str] = {}
        for op in self._graph:
            if op.type != "ReadVariableOp" or self._variable_of(op) is None:
                continue
            if self._is_first_read(op):
                names[f"{op.name}:0"] = f"{op.inputs[0].op.name}:0"
            elif self._vanishes(op):
                stand_in, _ = self._stand_in(op)
                names[f"{op.name}:0"] = stand_in.name
                names[op.name] = stand_in.op.name
        return names


def _key(tensor: Tensor) -> tuple[str, int]:
    return tensor.op.name, tensor.index


def _complete(op: Operation) -> Mapping[str, Any]:
    declaration = lookup(op.type)
    return op.attrs if declaration is None else declaration.complete(op.attrs)


def _private(op: Operation) -> dict[str, Any]:
    """The attributes that belong to no declaration, such as where an op is to be placed."""
    return {name: value for name, value in op.attrs.items() if name.startswith("_")}
