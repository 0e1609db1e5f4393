"""What the server tells the page without being asked. Events of a session are numbered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .declare import event
from .types import ErrorBody, Frame, OpInstance, PlanTable, RunInfo, VariableRow

StopReason = Literal["entry", "step", "pause", "goto", "exception", "finished"]


@event("launched")
@dataclass(frozen=True, kw_only=True)
class Launched:
    """A run has begun: every browser on the session shows it. Where it shares steps with the run
    before (`next` with another op in the past), `steps` with all of them follow.
    """

    run: RunInfo
    plan: PlanTable


@event("stopped")
@dataclass(frozen=True, kw_only=True)
class Stopped:
    """The run stands still at `run.cursor`; tensors and variables may be read.

    Attributes:
        reason: why. `finished`: nothing is left to run.
        next: the op that runs next; null at the end.
        ready: the ops that could run next (at most 2,000), three little-endian int32 each: the
            node, the frame, the iteration. Binary, because there may be many at every step.
    """

    reason: StopReason
    run: RunInfo
    next: OpInstance | None
    ready: bytes


@event("continued")
@dataclass(frozen=True, kw_only=True)
class Continued:
    """The run goes on by itself.

    Attributes:
        speed: ops a second; null is as fast as the engine runs.
    """

    run: int
    speed: float | None


@event("steps")
@dataclass(frozen=True, kw_only=True)
class Steps:
    """Steps `first` to `first + count - 1` have executed. The cursor follows them.

    Attributes:
        frames: frames that these steps opened.
        data: the columns one after another, little-endian, `count` elements each: start
            (int64, ns since the run began), duration (uint32, ns), op (uint32, index of the
            node), frame (uint32), iteration (uint32), flags (uint32: 1 failed, 2 wrote a
            variable, 4 took the true side of a switch, 8 is a part of a kernel that goes on,
            16 is the first part of a kernel).
    """

    run: int
    first: int
    count: int
    frames: list[Frame]
    data: bytes


@event("variables")
@dataclass(frozen=True, kw_only=True)
class VariablesChanged:
    """The cursor is before step `cursor`; `rows` are different there than they were when last
    sent. Sent as well while a run goes on through steps that it executed before.
    """

    run: int
    cursor: int
    rows: list[VariableRow]


@event("output")
@dataclass(frozen=True, kw_only=True)
class Output:
    """A line for the console."""

    category: Literal["console", "stdout", "important"]
    text: str


@event("terminated")
@dataclass(frozen=True, kw_only=True)
class Terminated:
    """The run is over for good. With an error of code `WorkerDied` so is the worker process:
    `restart` starts a new one.
    """

    run: int
    error: ErrorBody | None
