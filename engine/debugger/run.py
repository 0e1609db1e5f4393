"""One run under the debugger: a cursor over its trace, and execution at the trace's end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..errors import GraphError, OpError
from ..executor.executor import Executor
from ..executor.flat import FlatNode
from ..executor.plan import Plan, PlanOp
from ..executor.propagator import DEAD, Instance
from ..executor.request import Request
from ..executor.schedule import Schedule, ScheduleLike, make_schedule
from ..memory import Alias, Array, Memory, MemorySnapshot, variable_behind
from ..trace import NOT_KEPT, Trace
from .follower import Follower


class StepInstance(NamedTuple):
    """What a step executes: a flat node in one loop activation and turn."""

    node: int
    frame: int
    iteration: int


class TensorAt(NamedTuple):
    """A tensor as it is at the cursor.

    Attributes:
        step: the step that computed it, -1 for a fed one.
        value: an array, a `Handle` or a `RefVariable`; None where it is not kept or dead.
    """

    step: int
    value: Any
    kept: bool


class VersionAt(NamedTuple):
    """A value that a variable had.

    Attributes:
        step: the step that wrote it; -1 for the value that the run found.
        number: how many writes of the session there were up to it.
        node: the flat node that wrote it, -1 for the value that the run found.
    """

    step: int
    number: int
    value: Array | None
    node: int


class Run:
    """A `Session.run` that can be stepped both ways.

    The cursor stands before a step; below the newest step moving it executes nothing.

    Attributes:
        cursor: the step before which the run stands.
        trace: all that has happened.
        schedule: what picks the next op at the end of the trace.
        budget: bytes that the trace's tensors may take; the oldest are forgotten beyond it. None
            keeps all.
    """

    def __init__(
        self,
        memory: Memory,
        request: Request,
        schedule: ScheduleLike = "fifo",
        budget: int | None = None,
    ) -> None:
        self.memory = memory
        self.budget = budget
        self.request = request
        self.plan: Plan = request.plan
        self.schedule: Schedule = make_schedule(schedule)
        self.trace = Trace()
        self.cursor = 0
        self._snapshot = memory.snapshot()
        self._executor = Executor(
            self.plan,
            memory,
            request.feeds,
            self.schedule,
            trace=self.trace,
            program=request.program,
        )
        self._follower: Follower | None = None

    # Where it stands

    @property
    def steps(self) -> int:
        """How many steps have executed."""
        return self._executor.steps

    @property
    def start(self) -> MemorySnapshot:
        """The variables as they were when the run began."""
        return self._snapshot

    @property
    def seeds(self) -> Mapping[str, tuple[int, int]]:
        """Node name -> what a random op without a seed has drawn, in this run or before."""
        return self._executor.memory.seeds

    @property
    def finished(self) -> bool:
        """Whether nothing is left to execute."""
        return self._executor.finished

    @property
    def error(self) -> OpError | None:
        """The first failure so far, wherever the cursor is; that of a fetch comes at the end."""
        return self._executor.failure

    @property
    def ready(self) -> list[StepInstance]:
        """What could fire at the cursor, in the order in which it became ready."""
        return [_public(instance) for instance in self._ready()]

    def ready_numbers(self, most: int) -> list[int]:
        """Node, frame and iteration, one after another, of the first `most` of what is ready."""
        numbers: list[int] = []
        for instance in self._ready()[:most]:
            iteration = instance.iteration
            numbers += (instance.op.node.index, iteration.frame.id, iteration.number)
        return numbers

    @property
    def next_instance(self) -> StepInstance | None:
        """What the next step executes: what the trace says, else what the schedule picks."""
        if self.cursor < self.steps:
            return self._recorded(self.cursor)
        ready = self._executor.ready
        if not ready:
            return None
        position = self.schedule.position
        index = self.schedule.choose(ready, self.steps)
        self.schedule.position = position
        return _public(ready[index])

    def _ready(self) -> list[Instance]:
        if self.cursor == self.steps:
            return self._executor.ready
        if self._follower is None:
            self._follower = Follower(self.plan, self.trace, self.request.feeds)
        return self._follower.move(self.cursor).ready

    def _recorded(self, step: int) -> StepInstance:
        trace = self.trace
        return StepInstance(trace.nodes[step], trace.frames[step], trace.iterations[step])

    # Moving

    def next(self, instance: StepInstance | None = None) -> None:
        """One step on: along the trace, or by executing `instance`, by default what is scheduled.

        Raises:
            GraphError: `instance` is not ready, or the trace goes on with another (then `fork`).
        """
        if self.cursor < self.steps:
            if self.fork_needed(instance):
                raise GraphError("the run went on with another op here; fork it to choose anew")
            self.cursor += 1
            return
        if self.finished:
            return
        index = None if instance is None else self._index(instance)
        with np.errstate(all="ignore"):
            self._executor.step(index)
        self.cursor = self.steps
        self._keep_within_budget()

    def _index(self, wanted: StepInstance) -> int:
        for index, instance in enumerate(self._ready()):
            if _public(instance) == wanted:
                return index
        name = self.plan.flat.nodes[wanted.node].name
        raise GraphError(f"'{name}' is not ready at step {self.cursor}")

    def step_back(self) -> None:
        """One step back; nothing at the beginning."""
        self.cursor = max(0, self.cursor - 1)

    def goto(self, step: int) -> None:
        """Stand before step `step` of those that have executed.

        Raises:
            GraphError: there is no such step.
        """
        if not 0 <= step <= self.steps:
            raise GraphError(f"step {step} has not executed; there are {self.steps} steps")
        self.cursor = step

    def advance(self, limit: int | None = None, deadline: float | None = None) -> None:
        """Move on as fast as the engine runs, until `limit` steps, `perf_counter()` passes
        `deadline`, or the end.
        """
        if self.cursor < self.steps:
            ahead = self.steps - self.cursor
            move = ahead if limit is None else min(limit, ahead)
            self.cursor += move
            if limit is not None:
                limit -= move
                if not limit:
                    return
        with np.errstate(all="ignore"):
            self._executor.advance(limit, deadline)
        self.cursor = self.steps
        self._keep_within_budget()

    def _keep_within_budget(self) -> None:
        if self.budget is not None:
            self.trace.keep_within(self.budget)
            if self.trace.bytes > self.budget // 2:
                self._executor.release()

    def resume(self) -> None:
        """Run to the end."""
        self.advance()

    # Other runs from this one

    def fork_needed(self, instance: StepInstance | None) -> bool:
        """Whether executing `instance` at the cursor would differ from what has happened."""
        return (
            instance is not None
            and self.cursor < self.steps
            and self._recorded(self.cursor) != instance
        )

    def fork(self, schedule: ScheduleLike | None = None) -> Run:
        """A new run that shares the steps before the cursor and goes its own way from there.

        The session's variables become what they were at the cursor. The shared steps are executed
        again, in the recorded order and from the recorded random positions.
        """
        chosen = self.schedule.name if schedule is None else schedule
        self.close()
        self.memory.restore(self._snapshot)
        fork = Run(self.memory, self.request, chosen, self.budget)
        for step in range(self.cursor):
            fork.next(self._recorded(step))
        return fork

    def restart(self, schedule: ScheduleLike | None = None) -> Run:
        """The same run anew, from the variables as they were when this one began."""
        chosen = self.schedule.name if schedule is None else schedule
        self.close()
        self.memory.restore(self._snapshot)
        return Run(self.memory, self.request, chosen, self.budget)

    def close(self) -> None:
        """End the run where it is; what it wrote stays written. The trace can still be read."""
        self._executor.close()

    def results(self) -> Any:
        """The structure of the fetches with their values.

        Raises:
            OpError: the run failed.
        """
        return self.request.restore(self._executor.results())

    # Looking

    @property
    def variables(self) -> dict[str, Array]:
        """The value of every initialised variable at the cursor, by the name of its node."""
        values: dict[str, Array] = {}
        names = {name for name, _ in self.memory.variables()} | set(self._snapshot.variables)
        names |= self.plan.flat.sharing.keys()
        for name in names:
            value = self.versions(name, self.cursor, last=1)[-1].value
            if value is not None:
                values[name] = np.asarray(value)
        return values

    def versions(self, variable: str, before: int, last: int | None = None) -> list[VersionAt]:
        """The values that `variable` had before step `before`, oldest first.

        The first is what the run found; with `last` only so many of the latest are given.
        """
        variable = self._record_name(variable)
        writes = self.trace.writes_of(variable, before, last)
        versions: list[VersionAt] = []
        if last is None or len(writes) < last:
            held, number = self._snapshot.variables.get(variable, (None, 0))
            versions.append(VersionAt(-1, number, self._shown(held, before), -1))
        for write in writes:
            value = self._shown(write.value, before)
            node = self.trace.nodes[write.step]
            versions.append(VersionAt(write.step, write.number, value, node))
        return versions

    def nodes_of(self, variable: str) -> list[str]:
        """Every node that declares the variable which the node `variable` declares."""
        sharing = self.plan.flat.sharing
        key = sharing.get(variable)
        return [variable] if key is None else [n for n, other in sharing.items() if other == key]

    def _record_name(self, variable: str) -> str:
        """What snapshots and traces call the variable: after the node that came to it first."""
        key = self.plan.flat.sharing.get(variable)
        record = None if key is None else self.memory.record(*key)
        return variable if record is None else record.name

    def _shown(self, held: Array | Alias | None, before: int) -> Array | None:
        """What `held` shows before step `before`; an adopted buffer shows later writes."""
        value = self.trace.value_at(held, before, self._snapshot.buffers)
        return None if value is NOT_KEPT else value

    def tensor(self, node: int, output: int = 0, before: int | None = None) -> TensorAt | None:
        """Output `output` of `node` as last computed before step `before` (the cursor).

        None if it has not been computed by then.
        """
        before = self.cursor if before is None else before
        flat: FlatNode = self.plan.flat.nodes[node]
        if flat.expansion is not None:
            node, output = flat.expansion.outputs[output]
        if (node, output) in self.plan.feeds:
            return TensorAt(-1, self.request.feeds[self.plan.feeds.index((node, output))], True)
        step = self.trace.last_step_of(node, before)
        if step is None:
            return None
        outputs = self.trace.outputs[step]
        if output >= len(outputs) or outputs[output] is DEAD:
            return TensorAt(step, None, True)
        value = self.trace.value_at(outputs[output], before, self._snapshot.buffers)
        return TensorAt(step, None if value is NOT_KEPT else value, value is not NOT_KEPT)

    def reads(self, step: int) -> list[tuple[str, VersionAt]]:
        """The variables that step `step` read, each with the version that it saw."""
        op = self.plan.op(self.trace.nodes[step])
        assert op is not None
        if op.control_flow is not None:
            return []
        seen: dict[str, VersionAt] = {}
        for producer, output in op.sources:
            if not isinstance(producer, PlanOp):
                continue
            made = self.trace.last_step_of(producer.node.index, step)
            outputs: list[Any] = [] if made is None else self.trace.outputs[made]
            name = variable_behind(outputs[output]) if output < len(outputs) else None
            if name is not None:
                seen[name] = self.versions(name, step, last=1)[-1]
        if not any(effect.reads for effect in op.declaration.effects) and op.writes:
            return []
        return list(seen.items())


def _public(instance: Instance) -> StepInstance:
    iteration = instance.iteration
    return StepInstance(instance.op.node.index, iteration.frame.id, iteration.number)
