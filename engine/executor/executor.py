"""The machine: a ready set, and `step`, which fires exactly one op that the schedule picks.

`advance` does the same many times; where a plan has no control flow it takes the tight loop of
`straightline` for as long as it can. There is no third way through a plan.
"""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager
from time import perf_counter, perf_counter_ns
from typing import Any

from ..errors import GraphError, OpError
from ..memory import Memory, UndoLog
from ..ops.registry import ControlFlow
from ..ops.run_resources import end_run
from ..trace import FAILED, TOOK_TRUE, WROTE, FrameOpened, Trace
from .kernels import Evaluate, collect, dereference_fetch, execute, explained
from .plan import Plan, PlanOp
from .propagator import DEAD, Frame, Instance, Propagator
from .schedule import Fifo, Replay, Schedule
from .straightline import StraightProgram

_SLICE = 512
"""Ops that the tight loop runs between two looks at the clock."""


class Executor:
    """One execution of a plan.

    Attributes:
        steps: how many ops have executed, failed ones included.
        error: the first failure; what does not depend on the failed op runs nevertheless.
        raised: whether the op of the last step failed.

    Args:
        plan: what to execute.
        memory: the session's state.
        feeds: a value per feed of the plan.
        schedule: picks the next op.
        trace: where to record; None records nothing.
        undo: where to note changes; None if nobody will take them back.
        evaluate: executes one op; what searches over schedules give remembers results.
        program: the plan bound to this memory, if it is straight.
    """

    def __init__(
        self,
        plan: Plan,
        memory: Memory,
        feeds: list[Any],
        schedule: Schedule | None = None,
        *,
        trace: Trace | None = None,
        undo: UndoLog | None = None,
        evaluate: Evaluate = execute,
        program: StraightProgram | None = None,
    ) -> None:
        self.plan = plan
        self.memory = memory
        self.feeds = feeds
        self.schedule: Schedule = schedule or Fifo()
        self.trace = trace
        self.undo = undo
        self.steps = 0
        self.error: OpError | None = None
        self.raised = False
        self._program = program
        self._evaluate = evaluate
        self._values: list[Any] | None = None
        self._propagator: Propagator | None = None
        self._fetched: dict[int, list[Any]] = {}
        self._dereferenced: dict[int, Any] = {}
        self._results: list[Any] | None = None
        self._fetchable = {source[0].id for source in plan.fetches if isinstance(source[0], PlanOp)}
        if isinstance(self.schedule, Replay):
            self.schedule.check(plan.names)
        memory.undo = undo
        memory.written = None if trace is None else []

    @property
    def finished(self) -> bool:
        """Whether nothing is left to run."""
        if self._propagator is None and self._values is not None:
            return self.steps == len(self.plan.ops)
        return not self.propagator.ready

    @property
    def ready(self) -> list[Instance]:
        """What can fire now, in the order in which it became ready."""
        return self.propagator.ready

    @property
    def propagator(self) -> Propagator:
        """The bookkeeping now."""
        if self._propagator is None:
            values = self._values
            program = self._program
            if values is None or program is None:
                self._propagator = self._started()
            else:
                self._propagator = self._leave_tight_loop(program, values, self.steps)
        return self._propagator

    def _started(self) -> Propagator:
        propagator = Propagator(self.plan, self.undo, holds_dead=self.schedule.drops)
        propagator.start(self.feeds)
        self._propagator = propagator
        self._settle()
        return propagator

    def _leave_tight_loop(
        self, program: StraightProgram, values: list[Any], done: int
    ) -> Propagator:
        """The bookkeeping after the first `done` ops of the order; `values` has their results."""
        propagator = self._started()
        for op in program.order[:done]:
            instance = propagator.take(0)
            assert instance.op is op
            outputs = program.outputs(op, values)
            self._keep_fetched(op, outputs)
            propagator.finish(instance, outputs)
        self._values = None
        return propagator

    # Stepping

    def choose(self) -> int:
        """The index in `ready` of the op that the schedule picks next."""
        if self.undo is not None:
            self.undo.attribute(self.schedule, "position")
        return self.schedule.choose(self.ready, self.steps)

    def step(self, index: int | None = None) -> Instance:
        """Fire one op: the one at `index` of `ready`, by default the schedule's choice.

        A failing kernel does not raise: it sets `error` if it is the first.
        """
        propagator = self.propagator
        instance = propagator.take(self.choose() if index is None else index)
        op = instance.op
        tokens = propagator.inputs(instance)
        before = perf_counter_ns()
        flags = 0
        try:
            outputs = self._evaluate(op, tokens, self.memory)
        except OpError as error:
            outputs = []
            flags = FAILED
            self._set_error(error)
        after = perf_counter_ns()
        self.raised = bool(flags & FAILED)
        if self.undo is not None:
            self.undo.attribute(self, "steps")
        if self.trace is not None:
            self._record(instance, outputs, flags, before, after)
        self.steps += 1
        if self.undo is None:
            propagator.forget_inputs(instance)
        if not flags & FAILED:
            self._keep_fetched(op, outputs)
            propagator.finish(instance, outputs)
        self._settle()
        return instance

    def drop(self, index: int) -> Instance:
        """Take the op at `index` of `ready` and swallow it: nothing below it runs.

        So TensorFlow's executor treats, after a failure, a Const or NoOp that has inputs when the
        thread that failed finds it in its own queue.
        """
        return self.propagator.take(index)

    def dereference(self, position: int) -> None:
        """Execute the fetch of a reference now: it is an alias of the buffer of this moment.

        Fetches whose reference nobody dereferences are, at the end of the run.
        """
        source, output = self.plan.fetches[position]
        assert isinstance(source, PlanOp)
        if self.undo is not None:
            self.undo.new_item(self._dereferenced, position)
        token = self._fetched[source.id][output]
        try:
            self._dereferenced[position] = dereference_fetch(token, self.plan.fetch_name(position))
        except OpError as error:
            self._dereferenced[position] = DEAD
            self._set_error(error)

    def token(self, position: int) -> Any:
        """What has arrived at fetch `position`; None as long as nothing has."""
        source, output = self.plan.fetches[position]
        if position in self._dereferenced:
            return self._dereferenced[position]
        outputs = self._fetched.get(source.id) if isinstance(source, PlanOp) else None
        return outputs[output] if outputs else None

    def has_arrived(self, position: int) -> bool:
        """Whether what fetch `position` fetches has been computed and not yet dereferenced."""
        source, _ = self.plan.fetches[position]
        return (
            isinstance(source, PlanOp)
            and source.id in self._fetched
            and position not in self._dereferenced
        )

    def _settle(self) -> None:
        """Do what a replayed schedule puts between two steps: drops, and fetches of references."""
        if isinstance(self.schedule, Replay):
            self._settle_replayed(self.schedule)

    def _settle_replayed(self, schedule: Replay) -> None:
        propagator = self.propagator
        while True:
            while (index := schedule.free(propagator.dead)) is not None:
                propagator.finish_dead(propagator.take_dead(index))
            if self.undo is not None:
                self.undo.attribute(schedule, "position")
            if (index := schedule.due(propagator.dead, dropped=False)) is not None:
                propagator.finish_dead(propagator.take_dead(index))
            elif (index := schedule.due(propagator.dead, dropped=True)) is not None:
                propagator.take_dead(index)
            elif (index := schedule.due(propagator.ready, dropped=True)) is not None:
                self.drop(index)
            elif (position := schedule.due_fetch(self._waiting_fetches())) is not None:
                self.dereference(position)
            else:
                return

    def _waiting_fetches(self) -> dict[str, int]:
        """The ops that end the run for fetches that have arrived -> the fetch's position."""
        waiting: dict[str, int] = {}
        for position in range(len(self.plan.fetches)):
            if self.has_arrived(position):
                waiting[self.plan.fetch_name(position)] = position
        return waiting

    def _set_error(self, error: OpError) -> None:
        if self.error is None:
            if self.undo is not None:
                self.undo.attribute(self, "error")
            self.error = error

    def _keep_fetched(self, op: PlanOp, outputs: list[Any]) -> None:
        if op.id in self._fetchable:
            if self.undo is not None and op.id not in self._fetched:
                self.undo.new_item(self._fetched, op.id)
            elif self.undo is not None:
                self.undo.item(self._fetched, op.id)
            self._fetched[op.id] = outputs

    def _record(
        self, instance: Instance, outputs: list[Any], flags: int, before: int, after: int
    ) -> None:
        trace, written = self.trace, self.memory.written
        assert trace is not None
        if written:
            flags |= WROTE
            trace.writes += written
            trace.write_steps += [self.steps] * len(written)
            written.clear()
        if instance.op.control_flow is ControlFlow.SWITCH and outputs and outputs[-1] is not DEAD:
            flags |= TOOK_TRUE
        frame = instance.iteration.frame
        while len(trace.opened) <= frame.id:
            trace.opened.append(_opened(self.propagator.frames[len(trace.opened)]))
        trace.append(
            instance.op.node.index,
            frame.id,
            instance.iteration.number,
            before,
            after - before,
            flags,
            outputs,
        )

    # Running on

    def advance(self, limit: int | None = None, deadline: float | None = None) -> None:
        """Fire until `limit` ops have, `perf_counter()` passes `deadline`, or none is left."""
        stop = None if limit is None else self.steps + limit
        if self._may_take_tight_loop():
            self._advance_tightly(stop, deadline)
        while not self.finished:
            if stop is not None and self.steps >= stop:
                return
            if deadline is not None and perf_counter() > deadline:
                return
            self.step()

    def _may_take_tight_loop(self) -> bool:
        return (
            self._program is not None
            and self._propagator is None
            and self.undo is None
            and type(self.schedule) is Fifo
        )

    def _advance_tightly(self, stop: int | None, deadline: float | None) -> None:
        with _collection_paused():
            self._loop(stop, deadline)

    def _loop(self, stop: int | None, deadline: float | None) -> None:
        program, trace = self._program, self.trace
        assert program is not None
        total = len(program.order)
        if trace is None and self.steps == 0 and stop is None and deadline is None:
            try:
                self._values = program.run_lean(self.feeds)
                self.steps = total
            except Exception as error:
                self._fail(program, program.failed_values, error)
            return
        if trace is None:
            return
        if self._values is None:
            self._values = [None] * program.slot_count
            self._values[: len(self.feeds)] = self.feeds
        while self.steps < total:
            end = total if stop is None else min(total, stop)
            if deadline is not None:
                if perf_counter() > deadline:
                    return
                end = min(end, self.steps + _SLICE)
            if end <= self.steps:
                return
            try:
                self.steps = program.run_recorded(self._values, self.steps, end, trace)
            except Exception as error:
                self._fail(program, self._values, error)
                return

    def _fail(self, program: StraightProgram, values: list[Any], error: Exception) -> None:
        """An op of the tight loop raised: note it as a step and go on op by op."""
        self.steps = program.at
        propagator = self._leave_tight_loop(program, values, program.at)
        self._propagator = propagator
        instance = propagator.take(0)
        failure = explained(instance.op, propagator.inputs(instance), error)
        self._set_error(failure)
        if self.trace is not None:
            now = perf_counter_ns()
            self._record(instance, [], FAILED, now, now)
        self.steps += 1

    def release(self) -> None:
        """Forget the values of the tight loop that nothing ahead needs."""
        if self._values is not None and self._program is not None:
            self._program.release(self._values, self.steps)

    # Results

    @property
    def failure(self) -> OpError | None:
        """The first failure; once nothing is left to run, that of a fetch counts too."""
        if self.error is None and self.finished:
            self._collect()
        return self.error

    def results(self) -> list[Any]:
        """A value of its own per fetch of the plan, after everything has run.

        Raises:
            OpError: the run failed, or a fetch has no value.
            GraphError: something is left to run.
        """
        if self.failure is not None:
            raise self.failure
        if self._results is None:
            raise GraphError(f"the run has not finished: {self.steps} steps have executed")
        return self._results

    def fetched(self, position: int) -> Any:
        """A copy of what fetch `position` gives now.

        Raises:
            OpError: it has no value.
        """
        return collect(self._looked_at(position), position)

    def _collect(self) -> None:
        """Copy the fetches out, or note why one cannot be."""
        if self._results is not None:
            return
        positions = range(len(self.plan.fetches))
        try:
            # The ops that look at references are part of the run; what is dead is found after it.
            tokens = [self._looked_at(position) for position in positions]
            values = list(map(collect, tokens, positions))
        except OpError as error:
            self._set_error(error)
            return
        if self.undo is not None:
            self.undo.attribute(self, "_results")
        self._results = values

    def _looked_at(self, position: int) -> Any:
        """What has arrived at fetch `position`, dereferenced; DEAD or None where nothing has.

        Raises:
            FailedPreconditionError: it is a reference to an uninitialised variable.
        """
        source, output = self.plan.fetches[position]
        if position in self._dereferenced:
            return self._dereferenced[position]
        if not isinstance(source, PlanOp):
            return self.feeds[self.plan.feeds.index((source, output))]
        if self._values is not None and self._program is not None:
            outputs = self._program.outputs(source, self._values)
        else:
            outputs = self._fetched.get(source.id)
        if not outputs:
            return DEAD
        return dereference_fetch(outputs[output], self.plan.fetch_name(position))

    def close(self) -> None:
        """End the run: what lives as long as a run is dropped, changes are no longer recorded."""
        self.memory.undo = None
        self.memory.written = None
        end_run(self.memory)


@contextmanager
def _collection_paused() -> Generator[None]:
    """No garbage collection while the tight loop makes many containers, none of them cyclic."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _opened(frame: Frame) -> FrameOpened:
    parent = frame.parent
    assert parent is not None
    return FrameOpened(frame.id, frame.static.name, parent.frame.id, parent.number)


def replay_step(plan: Plan, propagator: Propagator, trace: Trace, step: int) -> None:
    """Do to `propagator` what step `step` of `trace` did."""
    op = plan.op(trace.nodes[step])
    frame, iteration = trace.frames[step], trace.iterations[step]
    index = next(
        i
        for i, instance in enumerate(propagator.ready)
        if instance.op is op
        and instance.iteration.frame.id == frame
        and instance.iteration.number == iteration
    )
    instance = propagator.take(index)
    if not trace.flags[step] & FAILED:
        propagator.finish(instance, trace.outputs[step])
