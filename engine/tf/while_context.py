"""Building a loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from . import control_flow_ops as ops
from .array_ops import identity
from .contexts import ControlFlowContext, output_context, variable_read
from .convert import convert_to_tensor
from .defaults import get_default_graph
from .nest import flatten, is_nested, map_structure, pack, same_structure
from .tensor_shape import TensorShape, compatible
from .tensors import Operation, Tensor


class WhileContext(ControlFlowContext):
    """A loop."""

    def __init__(self, parallel_iterations: int) -> None:
        super().__init__()
        self.name = get_default_graph().unique_name("while_context")
        self.parallel_iterations = parallel_iterations
        self._pivot_for_pred: Tensor | None = None
        self._pivot_for_body: Tensor | None = None

    @property
    def enclosing_loop(self) -> WhileContext | None:
        return self

    @property
    def control_pivot(self) -> Tensor | None:
        return self._pivot_for_body if self._pivot_for_body is not None else self._pivot_for_pred

    def add_value(self, tensor: Tensor) -> Tensor:
        if tensor.name in self.values or tensor.op.context is self:
            return self.external.get(tensor.name, tensor)
        self.values.add(tensor.name)
        outside = tensor if self.outer is None else self.outer.add_value(tensor)
        with get_default_graph().control_dependencies(None):
            inside = ops.enter(outside, self.name, True, self.parallel_iterations)
            inside.graph.prevent_feeding(inside)
        self._adopt_enters([inside])
        self.values.add(inside.name)
        self.external[tensor.name] = inside
        return inside

    def add_op(self, op: Operation) -> None:
        pivot = self.control_pivot
        if not op.inputs:
            outside = self.remove_external_controls(op)
            if not op.control_inputs and pivot is not None:
                op.add_control_inputs([pivot.op])
        else:
            self.route_inputs(op)
            outside = self.remove_external_controls(op)
            free = not op.control_inputs and all(_is_constant_enter(x.op) for x in op.inputs)
            if free and pivot is not None:
                op.add_control_inputs([pivot.op])
        self.values.update(tensor.name for tensor in op.outputs)
        if outside:
            self._wait_for(op, outside)
        if self.outer is not None or op.type not in ("Exit", "RefExit"):
            op.graph.prevent_fetching(op)
            for tensor in op.outputs:
                op.graph.prevent_feeding(tensor)

    def _wait_for(self, op: Operation, outside: Sequence[Operation]) -> None:
        """Wait for operations outside, through values that enter the loop."""
        with get_default_graph().control_dependencies(None):
            self.enter()
            gates = [identity(other.outputs[0]).op for other in outside if other.outputs]
            self.exit()
        op.add_control_inputs(gates)

    def _adopt_enters(self, enters: Sequence[Tensor]) -> None:
        """Put Enters into this loop; they keep the control inputs that lie outside of it."""
        graph = get_default_graph()
        for tensor in enters:
            kept = [
                control
                for control in graph.controls_for([tensor.op.inputs[0].op])
                if self._is_reachable(control)
            ]
            tensor.op.context = self
            tensor.op.add_control_inputs(kept)
            graph.record_seen(tensor.op)

    def _is_reachable(self, control: Operation) -> bool:
        wanted = output_context(control)
        outer = self.outer
        barrier = None if outer is None else outer.enclosing_loop
        while outer is not wanted:
            if outer is None or outer is barrier:
                return False
            outer = outer.outer
        return True

    def build(
        self,
        cond: Callable[..., Any],
        body: Callable[..., Any],
        loop_vars: Sequence[Any],
        shape_invariants: Any,
    ) -> tuple[Any, list[Tensor]]:
        """Build the loop; returns what the body returned and the loop's results, flat.

        Raises:
            TypeError, ValueError: the body does not return what it takes.
        """
        variables = map_structure(convert_to_tensor, list(loop_vars))
        flat = flatten(variables)
        invariants = (
            [tensor.shape for tensor in flat]
            if shape_invariants is None
            else [TensorShape(shape) for shape in _flatten_shapes(shape_invariants)]
        )
        self.enter()
        try:
            return self._build(cond, body, variables, flat, invariants)
        finally:
            self.exit()

    def _build(
        self,
        cond: Callable[..., Any],
        body: Callable[..., Any],
        variables: Any,
        flat: Sequence[Tensor],
        invariants: Sequence[TensorShape],
    ) -> tuple[Any, list[Tensor]]:
        enters = self._enter_all(flat, invariants)
        merges = [ops.merge([tensor, tensor]) for tensor in enters]
        self._pivot_for_pred = merges[0]
        pivot = ops.loop_cond(convert_to_tensor(cond(*pack(variables, iter(merges)))))
        switches = [ops.switch_ref_or_tensor(tensor, pivot) for tensor in merges]
        inside = [ops.ref_identity(switched[1]) for switched in switches]
        self._pivot_for_body = inside[0]
        result = body(*pack(variables, iter(inside)))
        if not is_nested(result):
            result = [result]
        result = map_structure(variable_read, result)
        if not same_structure(variables, list(result)):
            raise ValueError(
                "The two structures don't have the same nested structure: the loop takes "
                f"{variables}, its body returns {result}"
            )
        for merged, value in zip(merges, flatten(result), strict=True):
            self._close(merged, convert_to_tensor(value))
        exits = [ops.exit_(switched[0]) for switched in switches]
        self.exit_results(exits)
        return result, exits

    def _enter_all(self, flat: Sequence[Tensor], invariants: Sequence[TensorShape]) -> list[Tensor]:
        self.values = {tensor.name for tensor in flat}
        outer = self.outer
        real = [tensor if outer is None else outer.add_value(tensor) for tensor in flat]
        enters: list[Tensor] = []
        with get_default_graph().control_dependencies(None):
            for tensor, invariant in zip(real, invariants, strict=True):
                entered = ops.enter(tensor, self.name, False, self.parallel_iterations)
                if not compatible(tensor.static_shape, invariant.as_tuple):
                    raise ValueError(
                        f"The shape invariant specified for {tensor.name} is not compatible with "
                        "the initial shape of the loop variable. It enters the loop with shape "
                        f"{tensor.shape}, but the specified shape invariant is {invariant}."
                    )
                entered.replace_shape(invariant.as_tuple)
                entered.graph.prevent_feeding(entered)
                enters.append(entered)
        pivot = _enclosing_pivot(outer)
        if pivot is not None:
            for entered in enters:
                if _is_constant_enter(entered.op.inputs[0].op):
                    entered.op.add_control_inputs([pivot.op])
        self._adopt_enters(enters)
        self.values = {tensor.name for tensor in enters}
        return enters

    def _close(self, merged: Tensor, value: Tensor) -> None:
        """Connect what the body returned to the next turn."""
        if value.dtype.base_dtype != merged.dtype.base_dtype:
            raise TypeError(
                f"Input tensor '{merged.op.inputs[0].op.inputs[0].name}' enters the loop with type "
                f"{merged.dtype.base_dtype.name}, but has type {value.dtype.base_dtype.name} after "
                "one iteration."
            )
        after = value.static_shape
        before = merged.static_shape
        if not _at_least_as_known(after, before):
            raise ValueError(
                f"Input tensor '{merged.op.inputs[0].op.inputs[0].name}' enters the loop with "
                "shape "
                f"{merged.shape}, but has shape {value.shape} after one iteration. To allow the "
                "shape to vary across iterations, use the `shape_invariants` argument of "
                "tf.while_loop to specify a less-specific shape."
            )
        merged.op.update_input(1, ops.next_iteration(value))


def _at_least_as_known(shape: Any, model: Any) -> bool:
    if model is None:
        return True
    if shape is None or len(shape) != len(model):
        return False
    return all(n is None or m == n for m, n in zip(shape, model, strict=True))


def _flatten_shapes(shapes: Any) -> list[Any]:
    if isinstance(shapes, TensorShape) or shapes is None:
        return [shapes]
    items: list[Any] = list(shapes)
    if all(item is None or isinstance(item, int) for item in items):
        return [items]
    return [shape for item in items for shape in _flatten_shapes(item)]


def _is_constant_enter(op: Operation) -> bool:
    return op.type in ("Enter", "RefEnter") and bool(op.definition.attrs["is_constant"])


def _enclosing_pivot(context: ControlFlowContext | None) -> Tensor | None:
    while context is not None:
        if context.control_pivot is not None:
            return context.control_pivot
        context = context.outer
    return None
