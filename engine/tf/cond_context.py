"""Building one branch of a conditional."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import control_flow_ops as ops
from .contexts import ControlFlowContext, is_inside, variable_read
from .convert import convert_to_tensor
from .defaults import get_default_graph
from .nest import flatten, map_structure
from .tensors import Operation, Tensor


class CondContext(ControlFlowContext):
    """One branch of a conditional.

    Args:
        pred: the predicate.
        pivot: alive only where this branch is taken.
        branch: 1 where the predicate is true, else 0.
    """

    def __init__(self, pred: Tensor, pivot: Tensor, branch: int) -> None:
        super().__init__()
        get_default_graph().unique_name("cond_text")  # TensorFlow names its contexts like nodes
        self.pred = pred
        self.pivot = pivot
        self.branch = branch
        self.values |= {pred.name, pivot.name}
        self.external[pred.name] = pred
        pivot.op.context = self

    @property
    def control_pivot(self) -> Tensor:
        return self.pivot

    def add_value(self, tensor: Tensor) -> Tensor:
        if tensor.name in self.values:
            return self.external.get(tensor.name, tensor)
        self.values.add(tensor.name)
        result = self._from_outer(tensor)
        with get_default_graph().control_dependencies(None):
            result = ops.switch_ref_or_tensor(result, self.pred)[self.branch]
        result.graph.prevent_fetching(result.op)
        result.op.context = self
        self.announce_name(result.name)
        self.external[tensor.name] = result
        return result

    def _from_outer(self, tensor: Tensor) -> Tensor:
        if self.outer is None:
            return tensor
        result = self.outer.add_value(tensor)
        self.values.add(result.name)
        self.external[result.name] = result
        return result

    def announce_name(self, name: str) -> None:
        context: ControlFlowContext | None = self
        while context is not None:
            context.values.add(name)
            context = context.outer

    def add_op(self, op: Operation) -> None:
        if not op.inputs:
            self.remove_external_controls(op)
            if not any(is_inside(control, self) for control in op.control_inputs):
                op.add_control_inputs([self.pivot.op])
        else:
            self.route_inputs(op)
            self.remove_external_controls(op)
        self.announce(op)
        if self.outer is not None or op.type not in ("Exit", "RefExit"):
            op.graph.prevent_fetching(op)

    def build_branch(self, function: Callable[[], Any]) -> tuple[Any, list[Tensor]]:
        """Build the branch; returns what the function returned and its flat tensors.

        An operation that it returned becomes the pivot after that operation.
        """
        result = function()
        if result is None:
            return None, []
        result = map_structure(variable_read, result)
        return result, [self._result(leaf) for leaf in flatten(result)]

    def _result(self, leaf: Any) -> Tensor:
        if isinstance(leaf, Operation):
            return ops.with_dependencies([leaf], self.pivot)
        tensor = convert_to_tensor(leaf)
        if tensor.name not in self.values:
            self.values.add(tensor.name)
            outside = self._from_outer(tensor)
            inside = ops.switch_ref_or_tensor(outside, self.pred)[self.branch]
            self.external[tensor.name] = inside
            return inside
        return self.external.get(tensor.name, tensor)
