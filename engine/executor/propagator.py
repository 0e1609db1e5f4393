"""Which ops are ready: arrival counts, loop frames, dead values.

The rules are those of TensorFlow's executor (`propagator_state.cc`): an op is ready when all its
inputs have arrived and dead when one of them is; Merge waits for its control inputs and its first
live value; Enter opens an activation of a loop, NextIteration the next turn as far as
`parallel_iterations` allows, dead Exits are delivered when the activation ends.

Tokens are opaque here, so that the same code executes a run (with real tokens) and follows a
recorded one (with placeholders). All changes go through the undo log, if there is one.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from ..memory import UndoLog
from ..ops.registry import ControlFlow
from .plan import Plan, PlanOp, StaticFrame


class _Dead:
    __slots__ = ()

    def __repr__(self) -> str:
        return "DEAD"


DEAD: Final = _Dead()
"""What arrives from a branch that was not taken."""


class Iteration:
    """One turn of a loop activation, or the one turn of the root frame."""

    __slots__ = (
        "dead",
        "frame",
        "inputs",
        "number",
        "outstanding",
        "outstanding_frames",
        "pending",
    )

    def __init__(self, frame: Frame, number: int) -> None:
        self.frame = frame
        self.number = number
        self.pending = frame.static.pending.copy()
        self.dead: dict[int, int] = {}
        """Op's position in the frame -> how many of its inputs are dead."""
        self.inputs: list[Any] = [None] * frame.static.inputs
        self.outstanding = 0
        self.outstanding_frames = 0


class Frame:
    """One activation of a loop."""

    __slots__ = (
        "count",
        "dead_exits",
        "deferred",
        "id",
        "invariants",
        "iterations",
        "open_iterations",
        "parent",
        "pending_enters",
        "static",
    )

    def __init__(self, id: int, static: StaticFrame, parent: Iteration | None) -> None:
        self.id = id
        self.static = static
        self.parent = parent
        self.pending_enters = static.enters
        self.iterations: dict[int, Iteration] = {0: Iteration(self, 0)}
        self.count = 0
        """Number of the newest turn."""
        self.open_iterations = 1
        self.deferred: list[tuple[PlanOp, Any]] = []
        self.invariants: list[tuple[PlanOp, Any]] = []
        self.dead_exits: list[PlanOp] = []


class Instance(NamedTuple):
    """A ready op: a plan op in one turn of one activation."""

    op: PlanOp
    iteration: Iteration


class Propagator:
    """The executor's bookkeeping.

    Attributes:
        ready: what can run now, in the order in which it became ready.
        dead: dead instances that wait to be propagated, where `holds_dead`.
        holds_dead: whether a dead instance waits for `finish_dead` instead of going on at once.
        frames: every activation ever opened; its `id` is the index.
    """

    def __init__(
        self, plan: Plan, undo: UndoLog | None = None, *, holds_dead: bool = False
    ) -> None:
        self.plan = plan
        self.undo = undo
        self.holds_dead = holds_dead
        self.dead: list[Instance] = []
        root = Frame(0, plan.root_frame, None)
        self.frames: list[Frame] = [root]
        self.root = root.iterations[0]
        self.ready: list[Instance] = []
        self._children: dict[tuple[int, int, str], Frame] = {}
        self._work: list[tuple[PlanOp, Iteration]] = []

    def start(self, feeds: list[Any]) -> None:
        """Deliver the fed tokens, one per feed of the plan, and activate the roots."""
        for token, consumers in zip(feeds, self.plan.fed, strict=True):
            for op, position in consumers:
                self.root.inputs[op.first_input + position] = token
        self._adjust(self.root, "outstanding", len(self.plan.roots))
        for op in self.plan.roots:
            self._push(Instance(op, self.root))

    def take(self, index: int) -> Instance:
        """Remove and return the ready instance at `index`."""
        if self.undo is not None:
            self.undo.popped(self.ready, index)
        return self.ready.pop(index)

    def inputs(self, instance: Instance) -> list[Any]:
        """The tokens that have arrived for `instance`; None for a Merge input that has not."""
        op = instance.op
        return instance.iteration.inputs[op.first_input : op.first_input + op.input_count]

    def forget_inputs(self, instance: Instance) -> None:
        """`instance` has taken its inputs and nobody will take its execution back."""
        op, inputs = instance.op, instance.iteration.inputs
        for slot in range(op.first_input, op.first_input + op.input_count):
            inputs[slot] = None

    def finish(self, instance: Instance, outputs: list[Any]) -> None:
        """`instance` has executed and gave `outputs` (tokens, or DEAD)."""
        self._propagate(instance.op, instance.iteration, outputs, dead=False)
        while self._work:
            op, iteration = self._work.pop()
            self._propagate(op, iteration, [DEAD] * op.output_count, dead=True)

    def finish_dead(self, instance: Instance) -> None:
        """`instance`, taken from `dead`, tells its consumers that nothing will come."""
        op = instance.op
        self._propagate(op, instance.iteration, [DEAD] * op.output_count, dead=True)

    def take_dead(self, index: int) -> Instance:
        """Remove and return the dead instance at `index`."""
        if self.undo is not None:
            self.undo.popped(self.dead, index)
        return self.dead.pop(index)

    # Internals

    def _bury(self, op: PlanOp, iteration: Iteration) -> None:
        if not self.holds_dead:
            self._work.append((op, iteration))
            return
        if self.undo is not None:
            self.undo.appended(self.dead)
        self.dead.append(Instance(op, iteration))

    def _push(self, instance: Instance) -> None:
        if self.undo is not None:
            self.undo.appended(self.ready)
        self.ready.append(instance)

    def _adjust(self, owner: Any, name: str, delta: int) -> None:
        if self.undo is not None:
            self.undo.attribute(owner, name)
        setattr(owner, name, getattr(owner, name) + delta)

    def _propagate(self, op: PlanOp, iteration: Iteration, outputs: list[Any], dead: bool) -> None:
        kind = op.control_flow
        if kind is ControlFlow.ENTER:
            self._enter(op, iteration, outputs, dead)
        elif kind is ControlFlow.EXIT:
            self._exit(op, iteration, outputs, dead)
        elif kind is ControlFlow.NEXT_ITERATION:
            self._next(op, iteration, outputs, dead)
        else:
            self._activate(op, iteration, outputs, dead)
        self._adjust(iteration, "outstanding", -1)
        self._clean_up(iteration)

    def _activate(self, op: PlanOp, iteration: Iteration, outputs: list[Any], dead: bool) -> None:
        """Deliver `outputs` to the consumers of `op` in `iteration`."""
        undo = self.undo
        pending = iteration.pending
        inputs = iteration.inputs
        for output, consumer, position in op.consumers:
            token = outputs[output]
            local = consumer.local
            if consumer.control_flow is ControlFlow.MERGE:
                self._arrive_at_merge(op, consumer, position, token, iteration)
                continue
            slot = consumer.first_input + position
            if undo is not None:
                undo.item(inputs, slot)
                undo.item(pending, local)
            inputs[slot] = token
            pending[local] -= 1
            if token is DEAD:
                self._count_dead(iteration, local)
            if pending[local] == 0:
                self._release(consumer, iteration)
        for consumer in op.control_consumers:
            local = consumer.local
            if undo is not None:
                undo.item(pending, local)
            if consumer.control_flow is ControlFlow.MERGE:
                pending[local] -= 2
                all_dead = iteration.dead.get(local, 0) == consumer.input_count
                if pending[local] == 0 or (pending[local] == 1 and all_dead):
                    self._release_merge(consumer, iteration, all_dead)
                continue
            pending[local] -= 1
            if dead:
                self._count_dead(iteration, local)
            if pending[local] == 0:
                self._release(consumer, iteration)

    def _arrive_at_merge(
        self, source: PlanOp, merge: PlanOp, position: int, token: Any, iteration: Iteration
    ) -> None:
        pending, local = iteration.pending, merge.local
        if token is not DEAD:
            if not pending[local] & 1:
                return  # An earlier live value has won.
            slot = merge.first_input + position
            if self.undo is not None:
                self.undo.item(iteration.inputs, slot)
                self.undo.item(pending, local)
            iteration.inputs[slot] = token
            pending[local] &= ~1
            if pending[local] == 0:
                self._release_merge(merge, iteration, dead=False)
            return
        self._count_dead(iteration, local)
        all_dead = iteration.dead[local] == merge.input_count
        # The merge of a loop on an untaken branch never hears from its NextIteration.
        if (all_dead or source.control_flow is ControlFlow.ENTER) and pending[local] == 1:
            self._release_merge(merge, iteration, dead=True)

    def _count_dead(self, iteration: Iteration, local: int) -> None:
        dead = iteration.dead
        if self.undo is not None:
            if local in dead:
                self.undo.item(dead, local)
            else:
                self.undo.new_item(dead, local)
        dead[local] = dead.get(local, 0) + 1

    def _release(self, op: PlanOp, iteration: Iteration) -> None:
        self._adjust(iteration, "outstanding", 1)
        is_dead = op.local in iteration.dead
        if is_dead and op.control_flow is not ControlFlow.CONTROL_TRIGGER:
            self._bury(op, iteration)
        else:
            self._push(Instance(op, iteration))

    def _release_merge(self, op: PlanOp, iteration: Iteration, dead: bool) -> None:
        self._adjust(iteration, "outstanding", 1)
        if dead:
            self._bury(op, iteration)
        else:
            self._push(Instance(op, iteration))

    # Loops

    def _enter(self, op: PlanOp, iteration: Iteration, outputs: list[Any], dead: bool) -> None:
        frame = self._child(op, iteration)
        if op.is_constant_enter:
            if self.undo is not None:
                self.undo.appended(frame.invariants)
            frame.invariants.append((op, outputs[0]))
            for number in range(frame.count + 1):
                turn = frame.iterations.get(number)
                if turn is not None:
                    self._activate(op, turn, outputs, dead)
        else:
            self._activate(op, frame.iterations[0], outputs, dead)
        self._adjust(frame, "pending_enters", -1)
        if frame.pending_enters == 0:
            self._clean_up(frame.iterations[0])

    def _child(self, op: PlanOp, iteration: Iteration) -> Frame:
        static = op.child
        assert static is not None
        key = (iteration.frame.id, iteration.number, static.name)
        frame = self._children.get(key)
        if frame is None:
            frame = Frame(len(self.frames), static, iteration)
            if self.undo is not None:
                self.undo.new_item(self._children, key)
                self.undo.appended(self.frames)
            self._children[key] = frame
            self.frames.append(frame)
            self._adjust(iteration, "outstanding_frames", 1)
        return frame

    def _exit(self, op: PlanOp, iteration: Iteration, outputs: list[Any], dead: bool) -> None:
        frame = iteration.frame
        if not dead:
            assert frame.parent is not None
            self._activate(op, frame.parent, outputs, dead=False)
        elif iteration.number == frame.count:
            if self.undo is not None:
                self.undo.appended(frame.dead_exits)
            frame.dead_exits.append(op)

    def _next(self, op: PlanOp, iteration: Iteration, outputs: list[Any], dead: bool) -> None:
        if dead:
            return
        frame = iteration.frame
        if iteration.number == frame.count:
            if frame.open_iterations == frame.static.parallel_iterations:
                if self.undo is not None:
                    self.undo.appended(frame.deferred)
                frame.deferred.append((op, outputs[0]))
                return
            self._open_iteration(frame)
        self._activate(op, frame.iterations[iteration.number + 1], outputs, dead=False)

    def _open_iteration(self, frame: Frame) -> None:
        self._adjust(frame, "count", 1)
        turn = Iteration(frame, frame.count)
        if self.undo is not None:
            self.undo.new_item(frame.iterations, frame.count)
            self.undo.attribute(frame, "dead_exits")
            self.undo.attribute(frame, "deferred")
        frame.iterations[frame.count] = turn
        self._adjust(frame, "open_iterations", 1)
        frame.dead_exits = []
        deferred, frame.deferred = frame.deferred, []
        for op, token in deferred:
            self._activate(op, turn, [token], token is DEAD)
        for op, token in frame.invariants:
            self._activate(op, turn, [token], token is DEAD)

    def _clean_up(self, iteration: Iteration) -> None:
        """Close the turns that are done, and with the last one the activation."""
        frame = iteration.frame
        if frame.parent is None:
            return
        number = iteration.number
        while number <= frame.count:
            turn = frame.iterations.get(number)
            if turn is None or not self._is_done(turn):
                break
            if self.undo is not None:
                self.undo.removed_item(frame.iterations, number)
            del frame.iterations[number]
            self._adjust(frame, "open_iterations", -1)
            number += 1
            if frame.deferred:
                self._open_iteration(frame)
        if frame.open_iterations == 0 and frame.pending_enters == 0:
            self._close(frame)

    def _is_done(self, turn: Iteration) -> bool:
        if turn.outstanding or turn.outstanding_frames:
            return False
        if turn.number == 0:
            return turn.frame.pending_enters == 0
        return turn.number - 1 not in turn.frame.iterations

    def _close(self, frame: Frame) -> None:
        parent = frame.parent
        assert parent is not None
        key = (parent.frame.id, parent.number, frame.static.name)
        if self._children.get(key) is not frame:
            return
        if self.undo is not None:
            self.undo.removed_item(self._children, key)
        del self._children[key]
        for op in frame.dead_exits:
            self._activate(op, parent, [DEAD] * op.output_count, dead=True)
        self._adjust(parent, "outstanding_frames", -1)
        self._clean_up(parent)
