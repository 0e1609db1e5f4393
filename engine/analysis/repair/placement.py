"""Where a control edge between two executed ops can stand in the graph that was saved.

An edge must stay within one function body and one loop, and must not lead from what may be dead to
what must run. So an op in a function is represented outside by the call, an op in a loop by what
leaves or enters the loop, an op in a branch by the Merge that ends it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ...executor.flat import FlatNode
from ...executor.plan import Plan, PlanOp, StaticFrame
from ...ops.registry import ControlFlow
from ..guards import Guard, guards
from ..order import StaticOrder
from .edits import Edge, Serial


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no such edge, in a sentence."""

    why: str


class Placement:
    """Finds edges in one plan.

    Args:
        plan: what runs.
        order: the order that its edges give.
    """

    def __init__(self, plan: Plan, order: StaticOrder) -> None:
        self._plan = plan
        self._order = order
        self._nodes = plan.flat.nodes
        self._guards = guards(plan)

    def edge(self, before: PlanOp, after: PlanOp) -> Edge | Refusal:
        """The edge that lets `after` wait for `before`."""
        calls_before, calls_after = self._chain(before.node), self._chain(after.node)
        depth = 0
        shared = zip(calls_before[:-1], calls_after[:-1], strict=False)
        for first, second in shared:
            if first is not second:
                break
            depth += 1
        source, target = calls_before[depth], calls_after[depth]
        if source is target:
            return Refusal(f"{before.node.name} and {after.node.name} are parts of one call")
        if source is before.node and target is after.node:
            lifted = self._lifted(before, after)
            if isinstance(lifted, Refusal):
                return lifted
            source, target = lifted
        elif source is not before.node and not self._waits(source, before.node):
            user = self._user(before, source, target)
            if isinstance(user, Refusal):
                return user
            source = user
        if self._leads(target, source):
            return Refusal(
                f"an edge from {source.name} to {target.name} would make a cycle: a path leads "
                f"from {target.name} to {source.name}"
            )
        return self._within(source, target)

    def serial(self, op: PlanOp) -> Serial | None:
        """What makes the loop around `op` run one turn after the other; None outside of loops."""
        frame = op.frame
        if frame.parent is None:
            return None
        enters = [enter.node for enter in self._plan.ops if enter.child is frame]
        call = self._nodes[enters[0].call] if enters[0].call >= 0 else None
        if call is not None and call.expansion is not None and call.expansion.kind == "while":
            place = self._place(call)
            return None if place is None else Serial((place[1],), call.name, place[0])
        places = [place for place in map(self._place, enters) if place is not None]
        if not places:
            return None
        return Serial(tuple(sorted({n for _, n in places})), frame.name, places[0][0])

    def common_loop(self, a: PlanOp, b: PlanOp) -> PlanOp | None:
        """`a` if both are in one loop."""
        return a if a.frame is b.frame and a.frame.parent is not None else None

    def _chain(self, node: FlatNode) -> list[FlatNode]:
        """The calls around `node`, outermost first, and `node`."""
        chain = [node]
        while chain[0].call >= 0:
            chain.insert(0, self._nodes[chain[0].call])
        return chain

    def _place(self, node: FlatNode) -> tuple[str, str] | None:
        """The function that `node` is written in, and its name there; None if it is not written."""
        if node.call < 0:
            return "", node.name
        call = self._nodes[node.call]
        assert call.expansion is not None
        functions = call.expansion.functions
        local = node.name[len(call.name) + 1 :]
        prefixes = {
            "call": [""],
            "if": ["then/", "else/"],
            "while": ["cond/", "body/"],
            "case": [f"branch{i}/" for i in range(len(functions))],
        }[call.expansion.kind]
        for prefix, name in zip(prefixes, functions, strict=True):
            written = {inner.name for inner in self._plan.flat.graph.functions[name].nodes}
            if local.startswith(prefix) and local[len(prefix) :] in written:
                return name, local[len(prefix) :]
        return None

    def _waits(self, call: FlatNode, node: FlatNode) -> bool:
        """Whether what waits for `call` waits for `node` in its body."""
        assert call.expansion is not None
        waiting, seen = [call.expansion.done], {call.expansion.done}
        for index in waiting:
            found = self._nodes[index]
            if index == node.index:
                return True
            for other in (*found.control_inputs, *(source for source, _ in found.inputs)):
                if other not in seen and call in self._chain(self._nodes[other]):
                    seen.add(other)
                    waiting.append(other)
        return False

    def _user(self, before: PlanOp, call: FlatNode, target: FlatNode) -> FlatNode | Refusal:
        """An op beside `call` that takes what `before`, in the body of `call`, gives.

        A conditional is over once its branch is chosen and its control outputs have run: what it
        returns may still be computed then.
        """
        members = list(self._members(target))
        wanted = frozenset[Guard].intersection(*(self._guards[op.id] for op in members))
        frame = members[0].frame
        for op in members:
            frame = _common_frame(op.frame, frame)
        for op in _breadth_first(before, PlanOp.followers):
            fits = _frame_behind(op) is frame and self._guards[op.id] <= wanted
            if fits and op.node.call == call.call and not self._leads(target, op.node):
                return op.node
        return Refusal(
            f"what waits for {call.name} does not wait for {before.node.name} in it, and nothing "
            f"that does comes before {target.name} without coming after it"
        )

    def _within(self, source: FlatNode, target: FlatNode) -> Edge | Refusal:
        first, second = self._place(source), self._place(target)
        if first is None or second is None:
            made = source if first is None else target
            return Refusal(f"{made.name} is made by its call and is in no function body")
        if first[0] != second[0]:
            return Refusal(
                f"{source.name} and {target.name} are in the functions {first[0]} and {second[0]} "
                "of one call, and no edge leads from one function to another"
            )
        return Edge(first[1], second[1], first[0])

    def _leads(self, first: FlatNode, second: FlatNode) -> bool:
        """Whether a path leads from `first` to `second`, loops seen as one."""
        into = {op.id for op in self._members(second)}
        return any(
            self._order.descendants[op.id] >> other & 1
            for op in self._members(first)
            for other in into
        )

    def _members(self, node: FlatNode) -> Iterator[PlanOp]:
        """The executed ops of a call, or the op itself."""
        if not node.is_call:
            op = self._plan.op(node.index)
            if op is not None:
                yield op
            return
        for op in self._plan.ops:
            if node in self._chain(op.node):
                yield op

    # Loops and branches that the graph spells out

    def _lifted(self, before: PlanOp, after: PlanOp) -> tuple[FlatNode, FlatNode] | Refusal:
        frame = _common_frame(_frame_behind(before), after.frame)
        target = after
        if after.frame is not frame:
            found = self._entrance(after, frame)
            if found is None:
                return Refusal(f"no op leads from outside into the loop of {after.node.name}")
            target = found
        wanted = self._guards[target.id]
        if _frame_behind(before) is frame and self._guards[before.id] <= wanted:
            return before.node, target.node
        for op in _breadth_first(before, PlanOp.followers):
            fits = _frame_behind(op) is frame and self._guards[op.id] <= wanted
            later = self._order.descendants[target.id] >> op.id & 1
            if fits and op.node.call == before.node.call and not later:
                return op.node, target.node
        kind = "loop" if _frame_behind(before) is not frame else "branch"
        return Refusal(
            f"{before.node.name} is in a {kind} that may not run it, and nothing that ends the "
            f"{kind} comes before {after.node.name} without coming after it"
        )

    def _entrance(self, op: PlanOp, frame: StaticFrame) -> PlanOp | None:
        """The op in `frame` that opens the loop around `op`."""
        for found in _breadth_first(op, self._producers):
            enters = found.frame is frame and found.control_flow is ControlFlow.ENTER
            if enters and found.node.call == op.node.call:
                return found
        return None

    def _producers(self, op: PlanOp) -> list[PlanOp]:
        return [self._plan.ops[number] for number in sorted(self._order.producers[op.id])]


def _breadth_first(start: PlanOp, step: Callable[[PlanOp], Iterable[PlanOp]]) -> Iterator[PlanOp]:
    """What `step` leads to from `start`, the nearest first."""
    seen = {start.id}
    waiting = [start]
    for op in waiting:
        for other in step(op):
            if other.id not in seen:
                seen.add(other.id)
                waiting.append(other)
                yield other


def _frame_behind(op: PlanOp) -> StaticFrame:
    """The loop that what waits for `op` is in."""
    if op.control_flow is ControlFlow.EXIT:
        assert op.frame.parent is not None
        return op.frame.parent
    return op.child or op.frame


def _common_frame(a: StaticFrame, b: StaticFrame) -> StaticFrame:
    around: set[int] = set()
    frame: StaticFrame | None = a
    while frame is not None:
        around.add(id(frame))
        frame = frame.parent
    while id(b) not in around:
        assert b.parent is not None
        b = b.parent
    return b
