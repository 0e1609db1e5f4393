"""FunctionDef messages to functions and back."""

from __future__ import annotations

from collections.abc import Iterable

from .. import dtypes
from ..errors import FormatError, GraphError
from ..graph import Argument, Function, FunctionNode, FunctionSignature
from .attributes import FileAttrs, attr_from_proto, attr_to_proto, attrs_to_proto, check_constant
from .proto.opscope_graph_pb2 import AttrValue, FunctionDef, NodeDef, OpDef
from .tensor_proto import dtype_from_number


def function_from_def(function_def: FunctionDef) -> Function:
    """The function that `function_def` describes.

    Raises:
        FormatError: it, or one of its nodes, has no name, or a type that does not exist.
        GraphError: an input or a result that does not exist; the message names function, node
            and input.
    """
    signature_def = function_def.signature
    name = signature_def.name
    if not name:
        raise FormatError("the graph's library has a function without a name")
    try:
        signature = _signature_from_def(signature_def)
    except FormatError as error:
        raise FormatError(f"function '{name}': {error}") from None
    function = Function(
        signature=signature,
        nodes=[_node_from_def(name, node) for node in function_def.node_def],
        returns=dict(function_def.ret),
        control_returns=dict(function_def.control_ret),
        attrs=FileAttrs(function_def.attr, name),
    )
    _check_references(function)
    return function


def _signature_from_def(op_def: OpDef) -> FunctionSignature:
    return FunctionSignature(
        name=op_def.name,
        inputs=[_argument_from_def(argument) for argument in op_def.input_arg],
        outputs=[_argument_from_def(argument) for argument in op_def.output_arg],
        control_outputs=list(op_def.control_output),
        attr_defaults={
            attr.name: attr_from_proto(attr.default_value)
            for attr in op_def.attr
            if attr.HasField("default_value")
        },
        is_stateful=op_def.is_stateful,
    )


def _argument_from_def(argument: OpDef.ArgDef) -> Argument:
    return Argument(
        name=argument.name,
        dtype=dtype_from_number(argument.type) if argument.type else None,
        type_attr=argument.type_attr,
        number_attr=argument.number_attr,
        type_list_attr=argument.type_list_attr,
        is_ref=argument.is_ref,
    )


def _node_from_def(function: str, node: NodeDef) -> FunctionNode:
    if not node.name or not node.op:
        missing = "name" if not node.name else "op type"
        raise FormatError(f"function '{function}' has a node '{node.name}' without {missing}")
    attrs = FileAttrs(node.attr, f"{function}/{node.name}")
    if node.op == "Const":
        check_constant(attrs)
    return FunctionNode(
        name=node.name,
        type=node.op,
        inputs=tuple(node.input),
        attrs=attrs,
        device=node.device,
    )


def _check_references(function: Function) -> None:
    """Every input and result must be an argument or a node of the body."""
    known = {argument.name for argument in function.signature.inputs}
    for node in function.nodes:
        if node.name in known:
            raise GraphError(f"function '{function.name}' has two nodes named '{node.name}'")
        known.add(node.name)
    for node in function.nodes:
        _require(known, node.inputs, f"node '{node.name}' of function '{function.name}'", "input")
    where = f"function '{function.name}'"
    _require(known, function.returns.values(), where, "result")
    _require(known, function.control_returns.values(), where, "control result")


def _require(known: set[str], references: Iterable[str], where: str, role: str) -> None:
    for text in references:
        name = text.removeprefix("^").partition(":")[0]
        if name not in known:
            raise GraphError(f"{where} has the {role} '{text}', but there is no node '{name}'")


def function_to_def(function: Function, target: FunctionDef) -> None:
    """Write `function` into `target`.

    Raises:
        TypeError: an attribute has a value that no file can hold.
    """
    signature = target.signature
    signature.name = function.name
    signature.is_stateful = function.signature.is_stateful
    signature.control_output.extend(function.signature.control_outputs)
    for argument in function.signature.inputs:
        _argument_to_def(argument, signature.input_arg.add())
    for argument in function.signature.outputs:
        _argument_to_def(argument, signature.output_arg.add())
    _attrs_to_def(function, signature)
    for node in function.nodes:
        node_def = target.node_def.add(name=node.name, op=node.type, device=node.device)
        node_def.input.extend(node.inputs)
        attrs_to_proto(node.attrs, node_def.attr)
    target.ret.update(function.returns)
    target.control_ret.update(function.control_returns)
    attrs_to_proto(function.attrs, target.attr)


def _argument_to_def(argument: Argument, target: OpDef.ArgDef) -> None:
    target.name = argument.name
    if argument.dtype is not None:
        target.type = dtypes.to_enum(argument.dtype)  # pyright: ignore[reportAttributeAccessIssue]
    target.type_attr = argument.type_attr
    target.number_attr = argument.number_attr
    target.type_list_attr = argument.type_list_attr
    target.is_ref = argument.is_ref


def _attrs_to_def(function: Function, target: OpDef) -> None:
    """Declare the attributes that the arguments name, and those that have a default."""
    kinds: dict[str, str] = {}
    for argument in (*function.signature.inputs, *function.signature.outputs):
        kinds |= {argument.type_attr: "type", argument.number_attr: "int"}
        kinds |= {argument.type_list_attr: "list(type)"}
    kinds.pop("", None)
    defaults = function.signature.attr_defaults
    for name in (*kinds, *(name for name in defaults if name not in kinds)):
        attr = target.attr.add(name=name)
        if name in defaults:
            attr_to_proto(defaults[name], attr.default_value)
        attr.type = kinds.get(name) or _kind(attr.default_value)


_KINDS = {"s": "string", "i": "int", "f": "float", "b": "bool"}


def _kind(value: AttrValue) -> str:
    """The kind of attribute that holds `value`, as op declarations write it."""
    field = value.WhichOneof("value") or ""
    if field != "list":
        return _KINDS.get(field, field)
    fields = value.list.ListFields()
    inner = fields[0][0].name if fields else "type"
    return f"list({_KINDS.get(inner, inner)})"
