"""One session: answers the page's requests with the engine."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from typing import Any

from ...engine import Program, Session
from ...engine.analysis.replay import scheduled
from ...engine.debugger import Run, StepInstance, VersionAt
from ...engine.executor.request import Request
from ...engine.executor.schedule import Schedule, read_entry
from ...engine.memory import RefVariable
from ...engine.trace.file import open_trace
from ..protocol import REQUESTS, events, outcome_messages, requests, types
from ..protocol.requests import Nothing
from ..protocol.wire import BadRequest, from_wire
from .checks import check_speed, checked_request, checked_schedule, schedule_after, startable
from .control import Budget, Open
from .debugged import CHUNK, DebuggedRun
from .describe import call_stack, frames, next_op, ready_ops
from .driver import Driver, is_over
from .needs import plan_response
from .outbox import Outbox
from .outcomes import OutcomesDesk, Subject
from .parts import op_node, told_steps, versions_read
from .recorder import Recorder
from .rows import VariableRows
from .tensors import tensor_response

_REPLAY_SECONDS = 2.0
"""How long to look for the first op that races, at most."""


class Workbench:
    """Program, session, runs. Requests are handled by the method `on_<request>`."""

    def __init__(self, program: Program, session: Session, opened: Open, outbox: Outbox) -> None:
        self._program = program
        self._session = session
        self._opened = opened
        self._outbox = outbox
        self._memory = opened.memory
        self._rows = VariableRows(program, session, told=opened.values_from is None)
        self._driver = Driver()
        self._outcomes = OutcomesDesk(program, session, outbox)
        self._current: DebuggedRun | None = None
        self._past: list[types.RunInfo] = []
        self._number = opened.first_run
        self._handlers: dict[str, Callable[[Any], Any]] = {
            name: handler
            for name in REQUESTS
            if (handler := self._handler(f"on_{_snake(name)}")) is not None
        }

    def _handler(self, name: str) -> Callable[[Any], Any] | None:
        return getattr(self, name, None) or getattr(self._outcomes, name, None)

    @property
    def program(self) -> Program:
        return self._program

    def handle(self, name: str, body: Any) -> Any:
        """The response to request `name`.

        Raises:
            BadRequest: it is unknown or not as declared, or makes no sense now.
            OpscopeError: the engine refuses it.
        """
        handler = self._handlers.get(name)
        if handler is None:
            raise BadRequest(f"there is no request '{name}'")
        return handler(from_wire(REQUESTS[name].body, body, name))

    def limit_memory(self, budget: Budget) -> Nothing:
        """The server shares out its memory anew: sessions have come or gone."""
        self._memory = budget.memory
        if self._current is not None:
            self._current.run.budget = budget.memory
        return Nothing()

    @property
    def wake(self) -> Connection:
        """Readable when `work` has something to do before it is due."""
        return self._outcomes.wake

    def due(self) -> float | None:
        """Seconds until `work` has something to do; None if it waits for a request."""
        return self._driver.due()

    def work(self) -> None:
        """A slice of a run that goes on by itself; news of a search for outcomes."""
        self._outcomes.tell()
        if not self._driver.active:
            return
        current = self._running()
        self._driver.advance()
        if is_over(current.run):
            self._stop("exception" if current.error is not None else "finished")
        elif self._driver.should_tell():
            self._tell()

    def fail(self, error: Exception) -> None:
        """An error that no run should have: the run stands still, and the console says why."""
        self._outbox.put(
            events.Output(
                category="important", text=f"Internal error: {type(error).__name__}: {error}"
            )
        )
        self._stop("pause")

    def close(self) -> None:
        """The session ends: finish the trace of its run."""
        self._outcomes.close()
        if self._current is not None:
            self._current.close()

    # -- asking --------------------------------------------------------------------------------

    def on_attach(self, _: requests.Attach) -> requests.AttachResponse:
        current = self._current
        answer: dict[str, Any] = {}
        if current is not None:
            answer = {
                "run": current.info(),
                "plan": current.plan_table(),
                "next": next_op(current.run),
                "ready": ready_ops(current.run),
            }
        return requests.AttachResponse(
            resumed=False,
            seq=0,
            program=self._opened.program,
            name=self._opened.name,
            variables=self._all_rows(),
            outcomes=self._outcomes.state,
            search=self._outcomes.progress,
            **answer,
        )

    def on_plan(self, body: requests.Plan) -> requests.PlanResponse:
        return plan_response(self._program, self._session, body)

    def on_stack_trace(self, body: requests.StackTrace) -> requests.StackTraceResponse:
        run = self._need_run().run
        if body.op is None:
            instance = run.next_instance
        else:
            instance = StepInstance(self._node(body.op), body.frame, body.iteration)
        stack = [] if instance is None else call_stack(self._program, run, instance)
        return requests.StackTraceResponse(frames=stack)

    def on_variables(self, _: requests.Variables) -> requests.VariablesResponse:
        return requests.VariablesResponse(rows=self._all_rows())

    def on_tensor(self, body: requests.TensorOf) -> requests.TensorResponse:
        run = self._need_run().run
        found = run.tensor(self._node(body.op), body.output, run.cursor)
        if found is None:
            return requests.TensorResponse(step=None, kept=False)
        reads = versions_read(run, found.step) if found.step >= 0 else []
        reads = [_seen(run, name, version) for name, version in reads]
        if not found.kept:
            return requests.TensorResponse(step=found.step, kept=False, reads=reads)
        value = found.value
        if isinstance(value, RefVariable):  # shown as what it refers to has at the cursor
            value = run.versions(value.name, run.cursor)[-1].value
            if value is None:
                return requests.TensorResponse(
                    step=found.step, kept=True, text="uninitialised", reads=reads
                )
        return tensor_response(found.step, value, reads)

    def on_steps(self, body: requests.StepsOf) -> requests.StepsResponse:
        current = self._need_run()
        if body.run != current.number:
            raise BadRequest(
                f"run {body.run} is over; the session's run is number {current.number}"
            )
        trace = current.run.trace
        count = max(0, min(CHUNK, current.run.steps - body.first)) if body.first >= 0 else 0
        return requests.StepsResponse(
            first=body.first,
            count=count,
            frames=frames(trace.opened[1:]),
            data=told_steps(current.run, body.first, count) if count else b"",
        )

    def on_runs(self, _: requests.Runs) -> requests.RunsResponse:
        current = [] if self._current is None else [self._current.info()]
        return requests.RunsResponse(runs=[*self._past, *current])

    # -- running -------------------------------------------------------------------------------

    def on_launch(self, body: requests.Launch) -> requests.LaunchResponse:
        check_speed(body.speed)
        schedule = checked_schedule(body.schedule)
        request = checked_request(self._session, body)
        self._end_current()
        run = Run(self._session.memory, request, schedule, budget=self._memory)
        current = self._begin(run, body.fetches, body.targets)
        if body.stop_on_entry:
            self._stopped("entry")
        else:
            self._go(current, body.speed)
        return requests.LaunchResponse(run=current.info())

    def execute_again(self, path: Path) -> None:
        """Execute what a trace has recorded, in its order, and stand where it ends.

        The session must be where the recorded run found it.

        Raises:
            FormatError: `path` is no trace.
            GraphError: it does not fit this program.
        """
        session = self._session
        with open_trace(path) as trace:
            feeds = {name: value for name, value in trace.feeds().items() if value is not None}
            request = session.request(trace.fetches, feeds, trace.targets)
            entries = [read_entry(entry) for entry in trace.schedule_entries()]
            request, schedule = scheduled(request, session.memory, entries)
            run = Run(session.memory, request, schedule, budget=self._memory)
            current = self._begin(run, trace.fetches, trace.targets)
            run.advance(trace.count)
        if is_over(run):
            self._stopped("finished" if current.error is None else "exception")
        else:
            self._stopped("entry")

    def on_restart(self, body: requests.Restart) -> requests.LaunchResponse:
        old = self._need_run()
        schedule = None if body.schedule is None else checked_schedule(body.schedule)
        subject = self._outcomes.subject
        assert subject is not None
        run = self._run_again(subject, subject.request, schedule or schedule_after(old.run))
        current = self._begin(run, old.fetches, old.targets, subject)
        self._stopped("entry")
        return requests.LaunchResponse(run=current.info())

    def on_outcomes(self, body: outcome_messages.Outcomes) -> outcome_messages.OutcomesResponse:
        described = body.fetches or body.targets
        return self._outcomes.on_outcomes(
            body, checked_request(self._session, body) if described else None
        )

    def on_replay(self, body: outcome_messages.Replay) -> requests.LaunchResponse:
        subject, entries, racing = self._outcomes.witness(body)
        if subject is not self._outcomes.subject:
            self._end_current()
        start = subject.start.materialize(self._session.memory)
        request, schedule = scheduled(subject.request, start, entries)
        run = self._run_again(subject, request, schedule)
        current = self._begin(run, subject.fetches, subject.targets, subject)
        deadline = perf_counter() + _REPLAY_SECONDS
        while (at := run.next_instance) and op_node(run, at.node).index not in racing:
            run.next()
            if perf_counter() > deadline:
                break
        self._stopped("entry")
        return requests.LaunchResponse(run=current.info())

    def on_continue(self, body: requests.Continue) -> Nothing:
        check_speed(body.speed)
        current = self._live_run()
        if is_over(current.run):
            raise BadRequest("the run is at its end: there is nothing to continue")
        self._go(current, body.speed)
        return Nothing()

    def on_pause(self, _: requests.Pause) -> Nothing:
        if self._need_run().running:
            self._stop("pause")
        return Nothing()

    def on_next(self, body: requests.Next) -> Nothing:
        current = self._live_run()
        self._halt()
        run = current.run
        instance = None
        if body.op is not None:
            instance = StepInstance(self._node(body.op), body.frame, body.iteration)
            instance = startable(run, instance)
            if run.fork_needed(instance):
                run = run.fork(schedule_after(run))
                current = self._begin(run, current.fetches, current.targets, self._outcomes.subject)
        if is_over(run):
            raise BadRequest("the run is at its end: there is no next step")
        before = run.error
        run.next(instance)
        if run.error is not before:
            self._stopped("exception")
        elif is_over(run):
            self._stopped("finished" if current.error is None else "exception")
        else:
            self._stopped("step")
        return Nothing()

    def on_step_back(self, _: requests.StepBack) -> Nothing:
        current = self._need_run()
        self._halt()
        if current.run.cursor == 0:
            raise BadRequest("the run is at its beginning: there is no step to take back")
        current.run.step_back()
        self._stopped("step")
        return Nothing()

    def on_goto(self, body: requests.Goto) -> Nothing:
        current = self._need_run()
        self._halt()
        if not 0 <= body.step <= current.run.steps:
            raise BadRequest(f"step {body.step} is not between 0 and {current.run.steps}")
        current.run.goto(body.step)
        self._stopped("goto")
        return Nothing()

    def on_terminate(self, _: requests.Terminate) -> Nothing:
        current = self._need_run()
        self._halt()
        if not current.terminated:
            current.terminated = not current.run.finished
            self._stopped("pause")
            self._outbox.put(events.Terminated(run=current.number, error=None))
        return Nothing()

    # -- inside --------------------------------------------------------------------------------

    def _end_current(self) -> None:
        """The session's run gives way to another that starts where this one ended."""
        self._halt()
        old = self._current
        if old is not None:
            self._rows.begin(old.run, old.number)
            old.run.close()

    def _run_again(self, subject: Subject, request: Request, schedule: str | Schedule) -> Run:
        """`request` from where the runs of `subject` begin, in place of the session's run."""
        self._halt()
        if self._current is not None:
            self._current.run.close()
        memory = self._session.memory
        memory.restore(subject.start)
        return Run(memory, request, schedule, budget=self._memory)

    def _begin(
        self, run: Run, fetches: list[str], targets: list[str], subject: Subject | None = None
    ) -> DebuggedRun:
        """Make `run` the session's run. A fork has steps already; they are sent with it.

        `subject` is that of an earlier run of which this is another.
        """
        old = self._current
        if old is not None:
            old.close()
            self._past.append(old.info())
        path = Path(self._opened.traces) / f"{self._number}.trace"
        recorder = Recorder(self._program, self._opened.path, run, path)
        current = DebuggedRun(self._program, run, self._number, fetches, targets, recorder)
        self._current = current
        self._number += 1
        self._outbox.put(events.Launched(run=current.info(), plan=current.plan_table()))
        self._outcomes.begin(current, subject or Subject.of(run, fetches, targets))
        rows = self._rows.show(run, current.number)
        if rows:
            self._outbox.put(
                events.VariablesChanged(run=current.number, cursor=run.cursor, rows=rows)
            )
        return current

    def _go(self, current: DebuggedRun, speed: float | None) -> None:
        current.running = True
        self._driver.start(current.run, speed)
        self._outbox.put(events.Continued(run=current.number, speed=speed))

    def _halt(self) -> None:
        """No longer going on by itself; the caller says what comes instead."""
        self._driver.stop()
        if self._current is not None:
            self._current.running = False

    def _stop(self, reason: events.StopReason) -> None:
        self._halt()
        self._stopped(reason)

    def _stopped(self, reason: events.StopReason) -> None:
        current = self._need_run()
        self._tell()
        self._outbox.put(
            events.Stopped(
                reason=reason,
                run=current.info(),
                next=next_op(current.run),
                ready=ready_ops(current.run),
            )
        )
        if is_over(current.run):
            self._outcomes.ended()

    def _tell(self) -> None:
        """What happened since the last time: steps, and variables that changed."""
        current = self._need_run()
        for chunk in current.new_steps():
            self._outbox.put(chunk)
        rows = self._rows.move(current.run.cursor)
        if rows or current.run.cursor < current.run.steps:
            self._outbox.put(
                events.VariablesChanged(run=current.number, cursor=current.run.cursor, rows=rows)
            )
        current.recorder.record()

    def _all_rows(self) -> list[types.VariableRow]:
        current = self._current
        if current is None:
            return self._rows.at(None, 0, 0)
        return self._rows.at(current.run, current.number, current.run.cursor)

    def _need_run(self) -> DebuggedRun:
        if self._current is None:
            raise BadRequest("no run has been launched in this session")
        return self._current

    def _live_run(self) -> DebuggedRun:
        current = self._need_run()
        if current.terminated and current.run.cursor >= current.run.steps:
            raise BadRequest("the run was terminated; restart it or launch another")
        return current

    def _running(self) -> DebuggedRun:
        current = self._need_run()
        assert current.running
        return current

    def _node(self, index: int) -> int:
        if not 0 <= index < len(self._program.flat.nodes):
            raise BadRequest(f"the graph has no node number {index}")
        return index


def _seen(run: Run, variable: str, version: VersionAt) -> requests.VersionSeen:
    written = version.step >= 0
    return requests.VersionSeen(
        variable=variable,
        version=version.number,
        writer_step=version.step if written else None,
        writer_op=op_node(run, version.node).name if written else None,
    )


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
