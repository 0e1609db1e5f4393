"""Puts a run into its trace file as it goes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ...engine import Program
from ...engine.analysis.replay import OverlapReplay
from ...engine.debugger import Run
from ...engine.memory import Alias
from ...engine.trace.file import FrameRow, RunDescription, TraceFile, VersionRow

_CHUNK = 100_000


class Recorder:
    """Writes what is new in a run since the last `record`.

    Args:
        source: the path of the program, to find it again.
    """

    def __init__(self, program: Program, source: str, run: Run, path: Path) -> None:
        request = run.request
        schedule = run.schedule
        self._flat = run.plan.flat
        self._run = run
        self._steps = 0
        self._frames = 1  # the root is there from the start
        self._writes = 0
        self._seeds = 0
        self._file = TraceFile(
            path,
            RunDescription(
                program=source,
                fetches=[leaf.name for leaf in request.leaves if not leaf.is_operation],
                targets=request.targets,
                schedule=run.schedule.name,
                feeds={
                    name: np.asarray(value)
                    for name, value in zip(request.feed_names, request.feeds, strict=True)
                },
                nodes={op.node.index: (op.node.name, op.node.type) for op in run.plan.ops},
                found=[
                    VersionRow(variable.name, found.number, -1, None, found.value)
                    for variable in program.variables
                    for found in run.versions(variable.name, 0)[:1]
                ],
                positions=run.start.positions,
                witness=schedule.witness if isinstance(schedule, OverlapReplay) else (),
            ),
        )
        self.record()

    @property
    def path(self) -> Path:
        return self._file.path

    def record(self) -> None:
        """Add the steps, frames and variable versions since the last time."""
        trace, end = self._run.trace, self._run.steps
        if end == self._steps:
            return
        frames = trace.opened[self._frames :]
        self._frames += len(frames)
        if frames:
            self._file.add_frames(
                FrameRow(frame.id, frame.name, frame.parent, frame.parent_iteration)
                for frame in frames
            )
        first = self._steps
        while first < end:
            count = min(_CHUNK, end - first)
            self._file.add_steps(first, count, trace.columns(first, count))
            first += count
        new = slice(self._writes, len(trace.writes))
        self._writes = new.stop
        if new.start < new.stop:
            self._file.add_versions(
                VersionRow(
                    name,
                    number,
                    step,
                    self._run.request.op_name(self._flat.nodes[trace.nodes[step]].name),
                    value.read() if isinstance(value, Alias) else value,
                )
                for step, (name, number, value, _) in zip(
                    trace.write_steps[new], trace.writes[new], strict=True
                )
            )
        self._steps = end
        seeds = self._run.seeds
        if len(seeds) > self._seeds:
            self._seeds = len(seeds)
            self._file.set_seeds(seeds)

    def close(self, state: str) -> None:
        """Write the rest; `state` is how the run ended."""
        self.record()
        self._file.set_meta("state", state)
        self._file.close()
