"""Building a node, or running it at once, from its declaration."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from .. import dtypes as engine
from ..graph import Argument
from ..ops import OpDef, lookup
from . import eager
from .convert import convert_to_tensor
from .defaults import executing_eagerly, get_default_graph
from .dtypes import DType, as_dtype, wrap
from .graphs import Graph
from .shape_inference import infer
from .tensor_shape import TensorShape
from .tensors import Operation, Tensor


@contextmanager
def name_scope(name: str | None, default: str | None = None, values: Any = None) -> Generator[str]:
    """A scope in the default graph, named `default` where `name` is None.

    Raises:
        ValueError: both names are None.
    """
    if name is None and default is None and values is not None:
        raise ValueError("At least one of name (None) and default_name (None) must be provided.")
    chosen = default if name is None else name
    if executing_eagerly():
        yield (chosen or "").rstrip("/") + "/"
        return
    with get_default_graph().name_scope(chosen) as scope:
        yield scope


def apply(type: str, inputs: Mapping[str, Any], name: str | None = None, **attrs: Any) -> Any:
    """One node of op type `type`, in the default graph; under eager execution its result.

    Args:
        type: a type that the engine declares.
        inputs: by the names of the declaration; a list where it takes several tensors.
        name: the node's name; the op type by default.
        attrs: attributes; those that the inputs' types determine may be left out.

    Returns:
        A tensor; a list where the declaration's one output is a list; a tuple of these for several
        outputs; the operation itself if there is none (None under eager execution).

    Raises:
        TypeError: an input does not have the type that it must have.
        ValueError: the inputs' shapes cannot go together.
    """
    declaration = lookup(type)
    if declaration is None:
        raise NotImplementedError(f"opscope has no op type '{type}'")
    known = {key: _attr_value(value) for key, value in attrs.items()}
    if executing_eagerly():
        tensors = _convert_inputs(declaration, inputs, known)
        complete = declaration.complete(known)
        held = [tensor for tensor in tensors if isinstance(tensor, eager.EagerTensor)]
        return _structured(declaration, complete, eager.execute(declaration, held, complete), None)
    graph = _graph_of(inputs)
    with graph.name_scope(name or type) as scope:
        tensors = _convert_inputs(declaration, inputs, known)
        for tensor in tensors:
            if tensor.graph is not graph:
                raise ValueError(f"{tensor} must be from the same graph as {tensors[0]}.")
        op = add_node(graph, declaration, tensors, known, scope)
    return _structured(declaration, op.definition.attrs, op.outputs, op)


def add_node(
    graph: Graph,
    declaration: OpDef,
    inputs: Sequence[Tensor],
    attrs: Mapping[str, Any],
    name: str,
) -> Operation:
    """Append a node whose inputs and attributes are complete but for defaults."""
    complete = declaration.complete(attrs)
    outputs = declaration.output_dtypes(complete)
    refs = [
        tensor.op
        for tensor, wanted in zip(inputs, declaration.input_dtypes(complete), strict=True)
        if wanted.is_ref
    ]
    with graph.colocate_with(refs[0]) if refs else nullcontext():
        return graph.create_op(
            declaration.type,
            inputs,
            outputs,
            complete,
            name,
            lambda full: infer(declaration, complete, inputs, full, len(outputs)),
        )


def _graph_of(inputs: Mapping[str, Any]) -> Graph:
    current = get_default_graph()
    for value in inputs.values():
        items: list[Any] = list(value) if isinstance(value, (list, tuple)) else [value]
        for item in items:
            if isinstance(item, Tensor) and not isinstance(item, eager.EagerTensor):
                if item.graph is not current:
                    raise ValueError(
                        f"{item} must be from the same graph as the current default graph; build "
                        "operations on it under its own graph's as_default()"
                    )
                return item.graph
    return current


def _attr_value(value: Any) -> Any:
    if isinstance(value, DType):
        return value.definition
    if isinstance(value, TensorShape):
        return value.as_tuple
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, (list, tuple)):
        items: Any = value
        values = [_attr_value(item) for item in items]
        return values if isinstance(value, list) else tuple(values)
    return value


def _convert_inputs(
    declaration: OpDef, inputs: Mapping[str, Any], attrs: dict[str, Any]
) -> list[Tensor]:
    """The tensors that the node takes; attributes that their types determine go into `attrs`."""
    defaults = {attr.name: attr.default for attr in declaration.attrs if attr.has_default}
    tensors: list[Tensor] = []
    for argument in declaration.inputs:
        if argument.name not in inputs:
            raise TypeError(f"No argument for input {argument.name} found in {declaration.type}")
        value = inputs[argument.name]
        if argument.number_attr or argument.type_list_attr:
            found = _convert_list(declaration, argument, value, attrs)
        else:
            found = [_convert_one(declaration, argument, value, attrs, defaults)]
        _check_references(declaration, argument, found)
        tensors += found
    return tensors


def _convert_one(
    declaration: OpDef,
    argument: Argument,
    value: Any,
    attrs: dict[str, Any],
    defaults: Mapping[str, Any],
) -> Tensor:
    wanted: engine.DType | None = argument.dtype or attrs.get(argument.type_attr)
    hint = defaults.get(argument.type_attr) if wanted is None else None
    try:
        tensor = convert_to_tensor(
            value,
            None if wanted is None else wrap(wanted),
            argument.name,
            None if hint is None else wrap(hint),
            as_ref=argument.is_ref,
        )
    except (TypeError, ValueError) as error:
        if wanted is None:
            raise
        if isinstance(value, Tensor):
            raise TypeError(_type_conflict(declaration, argument, value.dtype, wanted)) from None
        raise TypeError(
            f"Expected {wanted.name} passed to parameter '{argument.name}' of op "
            f"'{declaration.type}', got {value!r} of type '{type(value).__name__}' instead. "
            f"Error: {error}"
        ) from None
    if argument.type_attr:
        attrs.setdefault(argument.type_attr, tensor.dtype.base_dtype.definition)
    return tensor


def _type_conflict(
    declaration: OpDef, argument: Argument, found: DType, wanted: engine.DType
) -> str:
    prefix = (
        f"Input '{argument.name}' of '{declaration.type}' Op has type {found.base_dtype.name} "
        "that does not match"
    )
    for other in declaration.inputs:
        if argument.type_attr and other.type_attr == argument.type_attr and other is not argument:
            return f"{prefix} type {wanted.name} of argument '{other.name}'."
    return f"{prefix} expected type of {wanted.name}."


def _convert_list(
    declaration: OpDef, argument: Argument, value: Any, attrs: dict[str, Any]
) -> list[Tensor]:
    if not isinstance(value, (list, tuple)):
        raise TypeError(
            f"Expected list for '{argument.name}' argument to '{declaration.type}' Op, not {value}."
        )
    values: list[Any] = list(value)  # pyright: ignore[reportUnknownArgumentType]
    wanted: engine.DType | None = argument.dtype or attrs.get(argument.type_attr)
    if argument.number_attr and wanted is None:
        typed = next((item for item in values if isinstance(item, Tensor)), None)
        wanted = None if typed is None else typed.dtype.base_dtype.definition
    tensors: list[Tensor] = []
    for index, item in enumerate(values):
        dtype = None if wanted is None else wrap(wanted)
        tensors.append(
            convert_to_tensor(item, dtype, f"{argument.name}_{index}", as_ref=argument.is_ref)
        )
        if argument.number_attr:
            wanted = wanted or tensors[0].dtype.base_dtype.definition
    types = [tensor.dtype.base_dtype.definition for tensor in tensors]
    if argument.number_attr:
        attrs.setdefault(argument.number_attr, len(tensors))
        if argument.type_attr and types:
            attrs.setdefault(argument.type_attr, types[0])
    else:
        attrs.setdefault(argument.type_list_attr, types)
    return tensors


def _check_references(declaration: OpDef, argument: Argument, tensors: Sequence[Tensor]) -> None:
    if argument.is_ref and not all(tensor.dtype.is_ref for tensor in tensors):
        raise TypeError(
            f"'{declaration.type}' Op requires that input '{argument.name}' be a mutable tensor "
            "(e.g.: a tf.Variable)"
        )


def _structured(
    declaration: OpDef, attrs: Mapping[str, Any], tensors: Sequence[Tensor], op: Operation | None
) -> Any:
    if not declaration.outputs:
        return op
    ranges = declaration.output_ranges(attrs)
    parts: list[Any] = []
    for output in declaration.outputs:
        own = [tensors[i] for i in ranges[output.name]]
        is_list = bool(output.number_attr or output.type_list_attr)
        parts.append(own if is_list else own[0])
    return parts[0] if len(parts) == 1 else tuple(parts)


def typed(value: Any) -> DType | None:
    """`value` as an element type, None for None."""
    return None if value is None else as_dtype(value)
