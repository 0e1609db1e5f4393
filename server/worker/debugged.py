"""One run under the debugger, as the page knows it."""

from __future__ import annotations

from collections.abc import Iterator

from ...engine import Program
from ...engine.debugger import Run
from ...engine.errors import OpError
from ..protocol.events import Steps
from ..protocol.types import FeedText, PlanTable, Result, RunInfo, RunState
from ..texts import tensor_text
from .describe import error_body, frames
from .parts import plan_nodes, told_steps
from .recorder import Recorder

CHUNK = 100_000
"""Most steps in one message."""


class DebuggedRun:
    """An engine run with its number, its state, and how much of it was sent.

    Attributes:
        fetches, targets: as they were asked for; a restart has the same.
    """

    def __init__(
        self,
        program: Program,
        run: Run,
        number: int,
        fetches: list[str],
        targets: list[str],
        recorder: Recorder,
    ) -> None:
        self.run = run
        self.number = number
        self.fetches = fetches
        self.targets = targets
        self.recorder = recorder
        self.running = False
        self.terminated = False
        self._program = program
        self._feeds = [
            FeedText(name=name, value=tensor_text(value))
            for name, value in zip(run.request.feed_names, run.request.feeds, strict=True)
        ]
        self._sent_steps = 0
        self._sent_frames = 1  # the root is there from the start
        self._fetched = False
        self._results: list[Result] | None = None
        self._error: OpError | None = None

    @property
    def error(self) -> OpError | None:
        """Why the run failed, if it did."""
        self._fetch()
        error = self.run.error or self._error
        if error is not None:
            error.op = self.run.request.op_name(error.op)
        return error

    @property
    def state(self) -> RunState:
        if self.terminated:
            return "terminated"
        if self.running:
            return "running"
        if not self.run.finished:
            return "paused"
        return "finished" if self.error is None else "failed"

    def info(self) -> RunInfo:
        run, error = self.run, self.error
        return RunInfo(
            id=self.number,
            fetches=self.fetches,
            targets=self.targets,
            feeds=self._feeds,
            schedule=run.schedule.name,
            state=self.state,
            cursor=run.cursor,
            steps=run.steps,
            total=run.plan.steps,
            results=self._results,
            error=None if error is None else error_body(self._program, error),
        )

    def plan_table(self) -> PlanTable:
        return PlanTable(nodes=plan_nodes(self.run).tobytes())

    def new_steps(self) -> Iterator[Steps]:
        """What was executed since the last call, in messages of at most `CHUNK` steps."""
        trace, end = self.run.trace, self.run.steps
        while self._sent_steps < end:
            count = min(CHUNK, end - self._sent_steps)
            opened = trace.opened[self._sent_frames :]
            self._sent_frames += len(opened)
            yield Steps(
                run=self.number,
                first=self._sent_steps,
                count=count,
                frames=frames(opened),
                data=told_steps(self.run, self._sent_steps, count),
            )
            self._sent_steps += count

    def close(self) -> None:
        """Another run takes its place: what was not finished will never be."""
        self.terminated = not self.run.finished
        self.recorder.close(self.state)

    def _fetch(self) -> None:
        """Take the results of a run that has just finished; fetching a dead tensor fails it."""
        if self._fetched or self.terminated or not self.run.finished:
            return
        self._fetched = True
        try:
            values = self.run.results()
        except OpError as error:
            self._error = error
            return
        self._results = [
            Result(name=name, value=None if value is None else tensor_text(value))
            for name, value in zip(self.fetches, values, strict=True)
        ]
