"""Grouping and ordering, and the ops that conditionals and loops are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from .build import apply, name_scope
from .convert import convert_to_tensor
from .defaults import executing_eagerly, get_default_graph
from .nest import flatten
from .tensors import Operation, Tensor


def control_dependencies(control_inputs: Iterable[Any] | None) -> AbstractContextManager[None]:
    """What is built inside waits for `control_inputs`; None forgets the blocks around it.

    Under eager execution the program's order is the order; functions among the inputs are called.
    """
    if not executing_eagerly():
        return get_default_graph().control_dependencies(control_inputs)
    for item in control_inputs or ():
        if callable(item):
            item()
    return nullcontext()


def no_op(name: str | None = None) -> Any:
    """An operation that does nothing but wait."""
    return apply("NoOp", {}, name)


def group(*inputs: Any, name: str | None = None) -> Any:
    """One operation that has run when all of `inputs` have. None under eager execution.

    Raises:
        TypeError: an input is neither tensor nor operation.
    """
    if executing_eagerly():
        return None
    with name_scope(name, "group_deps", inputs) as scope:
        by_device: dict[str, list[Any]] = {}
        for item in flatten(list(inputs)):
            if not hasattr(item, "device"):
                raise TypeError(
                    "'inputs' should be zero or more (nested) Tensors. "
                    f"Received '{item}' with type '{type(item)}'."
                )
            by_device.setdefault(item.device, []).append(item)
        if not by_device:
            return no_op(scope)
        if len(by_device) == 1:
            ((device, items),) = by_device.items()
            return _grouped(device, items, scope)
        parts = [_grouped(device, by_device[device], None) for device in sorted(by_device)]
        with control_dependencies(parts):
            return no_op(scope)


def _grouped(device: str, items: list[Any], name: str | None) -> Any:
    graph = get_default_graph()
    with graph.control_dependencies(items), graph.device(device) if device else nullcontext():
        return no_op(name)


def tuple_(tensors: Any, name: str | None = None, control_inputs: Any = None) -> Any:
    """The tensors again, none of which is there before all of them are.

    Raises:
        ValueError: nothing but None among them.
    """
    if executing_eagerly():
        return tensors
    with name_scope(name, "tuple", tensors):
        found = [item for item in tensors if item is not None]
        if all(isinstance(item, Operation) for item in found):
            raise ValueError(f"'tensors' must have at least one Tensor. Received: {tensors}.")
        owners = [item if isinstance(item, Operation) else item.op for item in found]
        gate = group(*owners, *(control_inputs or []))
        return [
            item if item is None or isinstance(item, Operation) else with_dependencies([gate], item)
            for item in tensors
        ]


def with_dependencies(dependencies: list[Any], output: Any, name: str | None = None) -> Tensor:
    """`output`, a tensor or variable, once `dependencies` have run."""
    graph = get_default_graph()
    owner = output.handle.op if hasattr(output, "handle") else output.op
    with (
        name_scope(name, "control_dependency", [*dependencies, output]) as scope,
        graph.colocate_with(owner),
        graph.control_dependencies(dependencies),
    ):
        tensor = convert_to_tensor(output)
        return _ref_or(tensor, "RefIdentity", "Identity", "input", scope)


def _ref_or(tensor: Tensor, ref: str, plain: str, key: str, name: str | None, **attrs: Any) -> Any:
    return apply(ref if tensor.dtype.is_ref else plain, {key: tensor}, name, **attrs)


def ref_identity(tensor: Tensor, name: str | None = None) -> Tensor:
    """The same tensor; of a reference the reference."""
    return _ref_or(tensor, "RefIdentity", "Identity", "input", name)


def enter(tensor: Tensor, frame_name: str, is_constant: bool, parallel_iterations: int) -> Tensor:
    """The tensor inside a loop."""
    attrs: dict[str, Any] = {
        "frame_name": frame_name,
        "is_constant": is_constant,
        "parallel_iterations": parallel_iterations,
    }
    return _ref_or(tensor, "RefEnter", "Enter", "data", None, **attrs)


def exit_(tensor: Tensor) -> Tensor:
    """The tensor after a loop."""
    return _ref_or(tensor, "RefExit", "Exit", "data", None)


def next_iteration(tensor: Tensor) -> Tensor:
    """The tensor in the next turn of a loop."""
    return _ref_or(tensor, "RefNextIteration", "NextIteration", "data", None)


def switch(data: Any, pred: Any, name: str | None = None) -> tuple[Tensor, Tensor]:
    """(data if not pred, data if pred)."""
    with name_scope(name, "Switch", [data, pred]) as scope:
        tensor = convert_to_tensor(data, name="data", as_ref=True)
        return apply("Switch", {"data": tensor, "pred": pred}, scope)


def switch_ref_or_tensor(data: Tensor, pred: Tensor) -> tuple[Tensor, Tensor]:
    """(data if not pred, data if pred); of a reference references. On the device of `data`."""
    with get_default_graph().colocate_with(data.op, ignore_existing=True):
        if data.dtype.is_ref:
            return apply("RefSwitch", {"data": data, "pred": pred}, "Switch")
        return switch(data, pred)


def merge(inputs: list[Tensor], name: str | None = None) -> Tensor:
    """The one of `inputs` that is there."""
    with name_scope(name, "Merge", inputs) as scope:
        every_ref = all(tensor.dtype.is_ref for tensor in inputs)
        return apply("RefMerge" if every_ref else "Merge", {"inputs": inputs}, scope)[0]


def loop_cond(pred: Tensor) -> Tensor:
    """Whether a loop takes another turn."""
    return apply("LoopCond", {"input": pred}, "LoopCond")


def call_or_value(item: Any) -> Any:
    """What `item` returns, if it is a function, else `item`."""
    function: Callable[[], Any] | None = item if callable(item) else None
    return item if function is None else function()
