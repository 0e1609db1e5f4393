"""Building inside a conditional branch or a loop: what is outside is routed in as it is used.

As TensorFlow 1 does (`CondContext` and `WhileContext` of its control flow): a branch takes what it
uses through Switches, a loop through Enters; what has no inputs waits for the branch's or loop's
pivot, so that it runs only where it should.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from .convert import convert_to_tensor
from .defaults import get_default_graph
from .tensors import Operation, Tensor

if TYPE_CHECKING:
    from .while_context import WhileContext


class ControlFlowContext:
    """What is being built: a branch or a loop.

    Attributes:
        outer: the branch or loop around it.
        values: the tensors that it may use as they are, by name.
        external: tensor of the outside -> what stands for it inside.
    """

    def __init__(self) -> None:
        self.outer: ControlFlowContext | None = get_default_graph().context
        self.values: set[str] = set()
        self.external: dict[str, Tensor] = {}
        self._stack: list[ControlFlowContext | None] = []

    def enter(self) -> None:
        graph = get_default_graph()
        self._stack.append(graph.context)
        graph.context = self

    def exit(self) -> None:
        get_default_graph().context = self._stack.pop()

    @property
    def control_pivot(self) -> Tensor | None:
        """What an operation without inputs waits for."""
        return None

    @property
    def enclosing_loop(self) -> WhileContext | None:
        """The innermost loop that this is, or is in."""
        return None if self.outer is None else self.outer.enclosing_loop

    def add_value(self, tensor: Tensor) -> Tensor:
        """What stands for `tensor` here."""
        raise NotImplementedError

    def add_op(self, op: Operation) -> None:
        """Route the inputs of `op`, which was just built here."""
        raise NotImplementedError

    def exit_results(self, tensors: Iterable[Tensor]) -> None:
        """Make results known to what is around."""
        if self.outer is not None:
            self.outer.values.update(tensor.name for tensor in tensors)

    def route_inputs(self, op: Operation) -> None:
        """Connect the inputs of `op` to what stands for them here."""
        for index, tensor in enumerate(op.inputs):
            inside = self.add_value(tensor)
            if inside is not tensor:
                op.update_input(index, inside)

    def remove_external_controls(self, op: Operation) -> list[Operation]:
        """Take away the control inputs of `op` that come from outside the loop; returns them."""
        loop = self.enclosing_loop
        if loop is None:
            return []
        inside: list[Operation] = []
        outside: list[Operation] = []
        for control in op.control_inputs:
            context = output_context(control)
            within = context is not None and context.enclosing_loop is loop
            (inside if within else outside).append(control)
        if outside:
            op.set_control_inputs(inside)
        return outside

    def announce(self, op: Operation) -> None:
        """Make the outputs of `op` known here and around, and the op itself unfetchable."""
        names = [tensor.name for tensor in op.outputs]
        context: ControlFlowContext | None = self
        while context is not None:
            context.values.update(names)
            context = context.outer


def output_context(op: Operation) -> ControlFlowContext | None:
    """Where the outputs of `op` are: outside of the loop that it leaves, if it leaves one."""
    context = op.context
    if context is not None and op.type in ("Exit", "RefExit"):
        return context.outer
    return context


def is_inside(op: Operation, context: ControlFlowContext) -> bool:
    """Whether the outputs of `op` are in `context` or in something inside it."""
    found = output_context(op)
    while found is not None:
        if found is context:
            return True
        found = found.outer
    return False


def variable_read(leaf: Any) -> Any:
    """`leaf`, a read of it if it is a variable."""
    return convert_to_tensor(leaf) if hasattr(leaf, "to_tensor") else leaf
