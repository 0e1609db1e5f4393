"""Asking for outcomes, and what is said about them. A search runs beside everything else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .declare import event, request
from .outcome_types import DifferentValue, Level, OutcomeRow, OutcomeSide, OutcomesState
from .requests import LaunchResponse, Nothing


@dataclass(frozen=True, kw_only=True)
class OutcomesResponse:
    """The search has begun; `progressStart` tells, and `outcomes` gives what it found."""

    id: int


@request("outcomes", OutcomesResponse)
@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """Search for every result that a run can give. Ends the search before it, if there is one.

    Attributes:
        level: `atomic` takes every kernel for indivisible; `split` lets kernels overlap that
            TensorFlow does not keep apart.
        budget: seconds after which the search gives up.
        fetches, targets: of a run from the variables as they are now; without both the session's
            run is meant, from its beginning.
        feeds: as of `launch`.
    """

    level: Level = "atomic"
    budget: float = 30.0
    fetches: list[str] = field(default_factory=list[str])
    targets: list[str] = field(default_factory=list[str])
    feeds: dict[str, Any] = field(default_factory=dict[str, Any])


@request("cancel", Nothing)
@dataclass(frozen=True, kw_only=True)
class Cancel:
    """Stop a search; what it found so far is told. Nothing if it has ended."""

    id: int


@dataclass(frozen=True, kw_only=True)
class OutcomeRowsResponse:
    rows: list[OutcomeRow]


@request("outcomeRows", OutcomeRowsResponse)
@dataclass(frozen=True, kw_only=True)
class OutcomeRows:
    """Outcomes of group `group` from number `first` on, at most 200 at a time."""

    group: int
    first: int


@request("replay", LaunchResponse)
@dataclass(frozen=True, kw_only=True)
class Replay:
    """The run again, on a schedule that leads to outcome `outcome` of group `group`. It stops
    before the first op that races.
    """

    group: int
    outcome: int


@dataclass(frozen=True, kw_only=True)
class DiffResponse:
    """Two schedules side by side.

    Attributes:
        parts: the first step in which they differ; null if they do not.
        values: what comes out differently.
        reversed: places in `OutcomeSet.races` of the races that come out the other way round.
    """

    first: OutcomeSide
    second: OutcomeSide
    parts: int | None
    values: list[DifferentValue]
    reversed: list[int]


@request("diff", DiffResponse)
@dataclass(frozen=True, kw_only=True)
class Diff:
    """Compare outcomes `first` and `second` of group `group`."""

    group: int
    first: int
    second: int


@event("progressStart")
@dataclass(frozen=True, kw_only=True)
class ProgressStart:
    """A search for outcomes has begun.

    Attributes:
        id: what `cancel` takes.
        budget: after how many seconds it ends by itself.
    """

    id: int
    level: Level
    budget: float


@event("progressUpdate")
@dataclass(frozen=True, kw_only=True)
class ProgressUpdate:
    """How far the search is: schedules run to their end, and states in which there was a choice."""

    id: int
    seconds: float
    executions: int
    states: int


@event("progressEnd")
@dataclass(frozen=True, kw_only=True)
class ProgressEnd:
    """The search is over; `outcomes` came before, unless it was given up for another run."""

    id: int


@event("outcomes")
@dataclass(frozen=True, kw_only=True)
class OutcomesFound:
    """What is known of the outcomes; null: nothing any more, because another run has begun."""

    state: OutcomesState | None


@event("reached")
@dataclass(frozen=True, kw_only=True)
class Reached:
    """Run `run`, one of those that the outcomes are of, has ended.

    Attributes:
        reached: per group, which of its outcomes it gave; null where that is not known.
    """

    run: int
    reached: list[int | None]
