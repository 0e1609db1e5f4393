"""The parts of messages about outcomes: every result that a run can give."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from .types import ErrorBody, TensorText

Level = Literal["atomic", "split"]
Holds = Literal["fetch", "ref", "resource"]
"""What a name stands for: something fetched, or a variable of one of the two kinds."""


@dataclass(frozen=True, kw_only=True)
class OutcomeColumn:
    """A fetch or a variable whose value differs between the outcomes of a group."""

    name: str
    holds: Holds


@dataclass(frozen=True, kw_only=True)
class AgreedValue:
    """A fetch or a variable that comes out the same in every outcome.

    Attributes:
        value: null for an operation, which has none, and for a variable without a value.
    """

    name: str
    holds: Holds
    value: TensorText | None


@dataclass(frozen=True, kw_only=True)
class OutcomeValue:
    """What an outcome gives for a column.

    Attributes:
        value: null for a variable without a value, and where the run failed before it was fetched.
        variant: which of the column's distinct values it is, from 0. Two large tensors may differ
            where their texts leave elements out.
    """

    value: TensorText | None
    variant: int


@dataclass(frozen=True, kw_only=True)
class OutcomeRow:
    """One outcome of a group.

    Attributes:
        values: one per column.
        error: the failure that the run ends with, if it does.
        torn: whether kernels must overlap to come to it; the steps of these are then their parts.
    """

    values: list[OutcomeValue]
    error: ErrorBody | None
    torn: bool


@dataclass(frozen=True, kw_only=True)
class OutcomeGroup:
    """Fetches and variables whose values depend on each other, and on no other group's.

    Attributes:
        agreed: what is the same in all of its outcomes, at most 200 of it.
        agreed_count: how much that is.
        count: how many outcomes it has.
        rows: the first of them; `outcomeRows` gives the others.
        races: places in `OutcomeSet.races` of the races that decide between them.
        complete: whether every outcome was found.
    """

    columns: list[OutcomeColumn]
    agreed: list[AgreedValue]
    agreed_count: int
    count: int
    rows: list[OutcomeRow]
    races: list[int]
    complete: bool


@dataclass(frozen=True, kw_only=True)
class RaceAccess:
    """What one op of a race does to the variable: `reads`, `writes` or both."""

    op: int
    name: str
    type: str
    does: str


@dataclass(frozen=True, kw_only=True)
class Race:
    """Two ops that touch a variable, at least one of them writing, and nothing orders them.

    Attributes:
        memory: the kind of the variable; null where a random generator races.
        tearable: whether TensorFlow may run the two kernels at the same time, so that one sees the
            other half done.
        tearing: what that may leave behind, a clause; empty where it is nothing that whole kernels
            do not leave.
        why: a sentence.
        fix: the control edge that removes it, in words; empty where there is none.
    """

    variable: str
    memory: Literal["ref", "resource"] | None
    kind: Literal["read-write", "write-write"]
    first: RaceAccess
    second: RaceAccess
    tearable: bool
    tearing: str
    why: str
    fix: str


@dataclass(frozen=True, kw_only=True)
class OutcomeSet:
    """Every result that a run can give.

    Attributes:
        groups: independent of each other: the set is their product. Those with one outcome each
            hold what is always the same.
        races: at most 1,000 of them.
        race_count: how many there are.
        complete: whether the set holds every outcome; else `unexplored` says what is missing.
        notes: what else a reader should know.
        executions: schedules that were run to their end.
        seconds: how long the search took.
        stopped: whether the search was ended before it had looked at everything.
    """

    level: Level
    groups: list[OutcomeGroup]
    races: list[Race]
    race_count: int
    complete: bool
    unexplored: list[str]
    notes: list[str]
    executions: int
    seconds: float
    stopped: bool


@dataclass(frozen=True, kw_only=True)
class SearchProgress:
    """A search for outcomes that is under way.

    Attributes:
        id: what `cancel` takes.
        seconds: how long it has taken so far.
        budget: after how many seconds it ends by itself.
        executions: schedules that were run to their end so far.
        states: states so far in which there was a choice.
    """

    id: int
    level: Level
    seconds: float
    budget: float
    executions: int
    states: int


@dataclass(frozen=True, kw_only=True)
class OutcomesState:
    """What is known of the outcomes of a run.

    Attributes:
        id: number of the search that found this.
        run: the latest run that the outcomes are those of; null if it has not been run.
        fetches, targets: of that run.
        found: null where the search failed.
        error: why it failed.
        quiet: whether the search was the short one that follows every run by itself.
        reached: per group, which of its outcomes the run gave; null where that is not known.
    """

    id: int
    run: int | None
    fetches: list[str]
    targets: list[str]
    found: OutcomeSet | None
    error: ErrorBody | None
    quiet: bool
    reached: list[int | None] = field(default_factory=list[int | None])


@dataclass(frozen=True, kw_only=True)
class ScheduleStep:
    """One entry of a schedule that leads to an outcome.

    Attributes:
        op: index of its node; null for what a fetch does at the end.
        frame: the loop activation, where it is in one.
        phase: `whole` where the kernel is taken for indivisible, `fail` where it fails, `drop`
            where a failure swallows it; `read` and `write` for a part of a kernel.
        element: the element of the variable that the part touches.
        races: whether it is one of the ops that race.
    """

    op: int | None
    name: str
    frame: str | None
    iteration: int | None
    phase: str
    element: int | None
    races: bool


@dataclass(frozen=True, kw_only=True)
class OutcomeSide:
    """One of two outcomes that are compared."""

    outcome: int
    steps: list[ScheduleStep]
    count: int
    error: ErrorBody | None


@dataclass(frozen=True, kw_only=True)
class DifferentValue:
    """A fetch or a variable that has another value in the second outcome than in the first."""

    name: str
    holds: Holds
    first: TensorText | None
    second: TensorText | None
