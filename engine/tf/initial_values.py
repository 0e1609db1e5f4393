"""Initial values that use other variables: guarded, so that the order of initialisation is right.

Where the graph of an initial value reads a reference variable, TensorFlow 1 initialises from a
copy of it that takes the other variable's `initialized_value()` instead. Reads of resource
variables are left as they are.
"""

from __future__ import annotations

from ..ops import lookup
from .build import add_node
from .tensors import Operation, Tensor
from .variables import variable_named

_LEFT_ALONE = {"IsVariableInitialized", "VarIsInitializedOp", "ReadVariableOp", "If"}
_VARIABLES = {"Variable", "VariableV2", "VarHandleOp"}


def guarded(name: str, initial_value: Tensor) -> Tensor:
    """`initial_value`, or a copy that reads no uninitialised variable.

    Args:
        name: of the variable that is to be initialised, for the copies' names.
        initial_value: what it is to be initialised with.
    """
    if _has_cycle(initial_value.op):
        return initial_value
    return _safe_tensor(name, initial_value, {})


def _has_cycle(start: Operation) -> bool:
    """Whether the graph behind `start` has a loop."""
    state: dict[Operation, bool] = {}  # False while an operation's inputs are visited, then True
    stack: list[tuple[Operation, list[Operation]]] = [(start, _sources(start))]
    state[start] = False
    while stack:
        op, sources = stack[-1]
        if not sources:
            state[op] = True
            stack.pop()
            continue
        source = sources.pop()
        if state.get(source) is False:
            return True
        if source not in state:
            state[source] = False
            stack.append((source, _sources(source)))
    return False


def _sources(op: Operation) -> list[Operation]:
    return [*(tensor.op for tensor in op.inputs), *op.control_inputs]


def _safe_tensor(name: str, tensor: Tensor, done: dict[Operation, Operation]) -> Tensor:
    op = tensor.op
    if op not in done:
        done[op] = _safe_op(name, op, done)
    return done[op].outputs[tensor.value_index]


def _safe_op(name: str, op: Operation, done: dict[Operation, Operation]) -> Operation:
    if op.type in _LEFT_ALONE:
        return op
    if op.type in _VARIABLES:
        variable = variable_named(op.graph, op.name)
        return op if variable is None else variable.initialized_value().op
    inputs = [_safe_tensor(name, tensor, done) for tensor in op.inputs]
    if all(new is old for new, old in zip(inputs, op.inputs, strict=True)):
        return op
    type = "Switch" if op.type == "RefSwitch" else op.type
    declaration = lookup(type)
    if declaration is None:
        return op
    copied = f"{op.name}_{name}".replace(":", "_")
    return add_node(op.graph, declaration, inputs, op.definition.attrs, copied)
