"""The same program with resource variables in place of reference variables.

The graph of reference variables does not say everything that Python did: `v.value()` makes no op
there. So a use of `v/read` is taken for a use of the variable at the place of the op that uses it,
which is what an expression is; as TensorFlow's Python layer does for resource variables, each such
use becomes a `ReadVariableOp` under the control inputs of that op.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ... import dtypes
from ...errors import GraphError
from ...graph import Graph, Operation, Tensor
from ...ops import lookup
from .conversion import VARIABLES, Conversion, constant, control_dependencies, unused

_TYPES = {
    "Assign": "AssignVariableOp",
    "AssignAdd": "AssignAddVariableOp",
    "AssignSub": "AssignSubVariableOp",
    "IsVariableInitialized": "VarIsInitializedOp",
    "RefEnter": "Enter",
    "RefIdentity": "Identity",
    "RefSwitch": "Switch",
}
_ROUTES = ("RefEnter", "RefIdentity", "RefSwitch")
_GATHERS = ("Gather", "GatherV2")
_GRADIENT = re.compile(r"(?:^|/)gradients(?:_\d+)?/(.+)_grad/")
"""The name of an op in the gradient of another, which is the group."""


def to_resource(graph: Graph) -> Conversion:
    """`graph` with resource variables only.

    Raises:
        GraphError: an op has no counterpart for resource variables; the message names it.
    """
    return _ToResource(graph).convert()


class _ToResource:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._made = Graph()
        self._made.versions = graph.versions
        self._made.functions = dict(graph.functions)
        self._made.gradients = dict(graph.gradients)
        self._reads: dict[str, str] = {}
        """Variable -> the read that was made with it."""
        self._own_reads: dict[tuple[str, int], Tensor] = {}
        """Op and position of its input -> the read that gives it."""
        self._in_force = control_dependencies(graph)

    def convert(self) -> Conversion:
        self._refuse_functions()
        for op in self._graph:
            if op.type == "Identity" and op.inputs and _is_variable(op.inputs[0].op):
                variable = op.inputs[0].op.name
                named = op.name in (f"{variable}/read", f"{variable}/Read/ReadVariableOp")
                if named and not op.control_inputs:
                    self._reads[variable] = op.name
        for op in self._graph:
            type, attrs = self._translated(op)
            self._made.declare(op.name, type, attrs, op.device)
        # Gradients come last: they take what the ops that they are of have read.
        for op in sorted(self._graph, key=lambda op: self._forward(op) is not None):
            self._connect(op)
        return Conversion(self._made, self._renamed())

    def _refuse_functions(self) -> None:
        for function in self._graph.functions.values():
            for node in function.nodes:
                declaration = lookup(node.type)
                refs = declaration is not None and any(a.is_ref for a in declaration.inputs)
                if refs or node.type in VARIABLES:
                    raise GraphError(
                        f"'{node.name}' ({node.type}) uses a reference variable inside the "
                        f"function '{function.name}', where there is no way to convert it"
                    )

    # Types and attributes

    def _translated(self, op: Operation) -> tuple[str, Mapping[str, Any]]:
        if _is_variable(op):
            attrs = _complete(op)
            wanted = {name: attrs[name] for name in ("dtype", "shape", "container")}
            wanted["shared_name"] = attrs["shared_name"] or op.name.encode()
            return "VarHandleOp", {**_private(op), **wanted}
        if self._is_read(op):
            return "ReadVariableOp", {**_private(op), "dtype": _complete(op)["T"]}
        if self._standing_in(op):
            return op.type, {**op.attrs, "T": dtypes.resource}
        if self._gathers(op):
            attrs = {"dtype": op.attrs["Tparams"], "Tindices": op.attrs["Tindices"]}
            return "ResourceGather", {**_private(op), **attrs}
        if op.type == "RefMerge":
            return "Merge", op.attrs
        if not _ref_inputs(op):
            return op.type, op.attrs
        attrs = _complete(op)
        type = _TYPES.get(op.type, f"Resource{op.type}")
        if type == "AssignVariableOp" and not attrs["validate_shape"]:
            raise GraphError(
                f"'{op.name}' (Assign) may change the shape of its variable, which the assignment "
                "of a resource variable does not do"
            )
        declaration = lookup(type)
        if declaration is None:
            raise GraphError(f"'{op.name}' ({op.type}) has no counterpart for resource variables")
        given: dict[str, Any] = {**attrs, "dtype": attrs.get("T")}
        if op.type in _ROUTES:
            given["T"] = dtypes.resource
        known = [attr.name for attr in declaration.attrs]
        return type, {**_private(op), **{name: given[name] for name in known if name in given}}

    def _is_read(self, op: Operation) -> bool:
        return op.type == "Identity" and _is_ref(op.inputs[0])

    def _is_standing_in(self, tensor: Tensor) -> bool:
        """Whether `tensor` is what a use of the variable takes: its read, or that in a branch."""
        return tensor.op.name in self._reads.values() or self._standing_in(tensor.op)

    def _standing_in(self, op: Operation) -> bool:
        """Whether `op` carries a variable's read into a branch or a loop."""
        captures = op.type == "Switch" or (op.type == "Enter" and _complete(op)["is_constant"])
        return captures and self._is_standing_in(op.inputs[0])

    def _gathers(self, op: Operation) -> bool:
        """Whether `op` takes rows of a variable, which is an op of its own for resources."""
        if op.type not in _GATHERS or not self._is_standing_in(op.inputs[0]):
            return False
        attrs = _complete(op)
        axis = 0 if op.type == "Gather" else constant(op.inputs[2])
        return axis == 0 and not attrs.get("batch_dims")

    # Edges

    def _connect(self, op: Operation) -> None:
        made = self._made.operation(op.name)
        controls = [self._made.operation(control.name) for control in op.control_inputs]
        handles = set(_ref_inputs(op))
        if self._is_read(op) or self._standing_in(op) or self._gathers(op):
            handles.add(0)
        inputs: list[Tensor] = []
        taken = op.inputs[:2] if self._gathers(op) else op.inputs
        waits = list(controls)
        for position, tensor in enumerate(taken):
            if position in handles:
                handle, writes = self._handle(tensor)
                inputs.append(handle)
                waits += writes
            elif _is_ref(tensor) or self._is_standing_in(tensor):
                inputs.append(self._read(op, position, tensor))
            else:
                inputs.append(Tensor(self._made.operation(tensor.op.name), tensor.index))
        made.inputs = tuple(inputs)
        made.control_inputs = tuple(dict.fromkeys(waits))

    def _handle(self, tensor: Tensor) -> tuple[Tensor, list[Operation]]:
        """The handle that `tensor` becomes, and the write that it comes after."""
        op = tensor.op
        made = self._made.operation(op.name)
        if _is_variable(op):
            return made.output(), []
        if op.type in _ROUTES or self._standing_in(op):
            return Tensor(made, tensor.index), []
        if op.name in self._reads.values():
            return self._handle(op.inputs[0])
        if _is_ref(tensor) and _ref_inputs(op):
            handle, _ = self._handle(op.inputs[0])
            return handle, [made]
        raise GraphError(
            f"'{op.name}' ({op.type}) passes a reference on in a way that handles lack"
        )

    def _read(self, reader: Operation, position: int, tensor: Tensor) -> Tensor:
        """The read of a variable that gives an input of `reader`."""
        handle, writes = self._handle(tensor)
        forward = self._forward(reader)
        if forward is not None:
            # Of a product, `Mul` takes the second factor and `Mul_1` the first; so does `MatMul`.
            order = (0, 1) if reader.name.endswith("_1") else (1, 0)
            for at in (*order, *range(2, len(forward.inputs))):
                known = self._own_reads.get((forward.name, at))
                if known is not None and known.op.inputs[0] == handle:
                    return known
        controls = [self._made.operation(op.name) for op in self._in_force[reader.index]]
        made = self._new_read(f"{reader.name}/ReadVariableOp", handle, [*controls, *writes])
        self._own_reads[reader.name, position] = made
        return made

    def _forward(self, op: Operation) -> Operation | None:
        """The op whose gradient `op` is a part of."""
        found = _GRADIENT.search(op.name)
        return self._graph.get(found[1]) if found else None

    def _new_read(self, name: str, handle: Tensor, controls: Sequence[Operation]) -> Tensor:
        origin = handle.op
        while origin.type != "VarHandleOp":
            origin = self._graph.operation(origin.name).inputs[0].op
            origin = self._made.operation(origin.name)
            if origin.type == "ReadVariableOp":
                origin = self._made.operation(self._graph.operation(origin.name).inputs[0].op.name)
        attrs = {"dtype": origin.attrs["dtype"]}
        return self._made.add(
            unused(self._made, name), "ReadVariableOp", [handle], dict.fromkeys(controls), attrs
        ).output()

    # What is fetched

    def _renamed(self) -> dict[str, str]:
        """Tensor that is a reference -> the read to fetch in its place."""
        names: dict[str, str] = {}
        for op in self._graph:
            made = self._made.operation(op.name)
            if _is_variable(op):
                read = self._reads.get(op.name)
                if read is None:
                    read = self._new_read(
                        f"{op.name}/Read/ReadVariableOp", made.output(), []
                    ).op.name
                names[f"{op.name}:0"] = f"{read}:0"
            elif op.type not in _ROUTES and _ref_inputs(op) and _is_ref(op.output()):
                handle, controls = self._handle(op.output())
                read = self._new_read(f"{op.name}/ReadVariableOp", handle, controls)
                names[f"{op.name}:0"] = read.name
        return names


def _is_variable(op: Operation) -> bool:
    return op.type in ("VariableV2", "Variable")


def _complete(op: Operation) -> Mapping[str, Any]:
    declaration = lookup(op.type)
    return op.attrs if declaration is None else declaration.complete(op.attrs)


def _private(op: Operation) -> dict[str, Any]:
    """The attributes that belong to no declaration, such as where an op is to be placed."""
    return {name: value for name, value in op.attrs.items() if name.startswith("_")}


def _ref_inputs(op: Operation) -> list[int]:
    """The inputs that take the reference itself."""
    declaration = lookup(op.type)
    if declaration is None or op.type == "RefMerge":
        return []
    return [i for i, t in enumerate(declaration.input_dtypes(_complete(op))) if t.is_ref]


def _is_ref(tensor: Tensor) -> bool:
    declaration = lookup(tensor.op.type)
    if declaration is None or tensor.op.type == "RefMerge":
        return False
    outputs = declaration.output_dtypes(_complete(tensor.op))
    return tensor.index < len(outputs) and outputs[tensor.index].is_ref
