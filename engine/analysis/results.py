"""What an analysis of a run found: outcomes, their groups, races, and what is not known.

These are plain values: they travel between processes and are written as JSON by `to_json`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ..errors import OpError
from ..executor.schedule import Entry
from ..memory import Array

Level = Literal["atomic", "split"]
RaceKind = Literal["read-write", "write-write"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One possible result of a run.

    Attributes:
        fetches: tensor name -> its value; None where the run failed.
        variables: node name -> final value; None for one that is uninitialised.
        error: the failure that `Session.run` raises.
        schedule: a witness: replaying it gives this outcome.
    """

    fetches: Mapping[str, Any] | None
    variables: Mapping[str, Array | None]
    error: OpError | None
    schedule: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Group:
    """Fetches and variables whose values depend on each other, and on no other group's.

    Attributes:
        races: positions in `Analysis.races` of the races that decide between the outcomes.
        complete: whether every outcome of the group was found.
    """

    fetches: Sequence[str]
    variables: Sequence[str]
    outcomes: Sequence[Outcome]
    races: Sequence[int] = ()
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Access:
    """What one op of a race does to the variable, as a person says it.

    Attributes:
        node: the op's number in the program.
        does: `reads` or `writes`, or `reads and writes`.
    """

    node: int
    name: str
    type: str
    does: str


@dataclass(frozen=True, slots=True)
class Reach:
    """What one race alone can change of what a user sees.

    Attributes:
        fetches: tensor names.
        variables: node names, of their final values.
        failure: whether it changes what an op is given that has failed.
    """

    fetches: Sequence[str] = ()
    variables: Sequence[str] = ()
    failure: bool = False


@dataclass(frozen=True, slots=True)
class Race:
    """Two ops that touch a variable, at least one of them writing, and nothing orders them.

    Attributes:
        variable: the node name of the variable; of the op, where its random generator races.
        first, second: in the order of their names.
        tearable: whether the two kernels may overlap in TensorFlow.
        why: a sentence: who writes, who reads, why no path orders them, which fetches show it.
        fix: the control edge that removes the race, in words; empty where there is none.
        reach: what depends on it.
        tearing: what kernels that overlap may leave behind, in words; empty where that is nothing
            that whole kernels do not.
    """

    variable: str
    kind: RaceKind
    first: Access
    second: Access
    tearable: bool
    why: str
    fix: str = ""
    reach: Reach = Reach()
    tearing: str = ""


@dataclass(frozen=True, slots=True)
class Effort:
    """What the search cost.

    Attributes:
        executions: complete schedules that were run to their end.
        states: states in which it had to choose.
        steps: ops that were executed, or answered from memory.
        seconds: how long it took.
    """

    executions: int = 0
    states: int = 0
    steps: int = 0
    seconds: float = 0.0

    def __add__(self, other: Effort) -> Effort:
        return Effort(
            self.executions + other.executions,
            self.states + other.states,
            self.steps + other.steps,
            self.seconds + other.seconds,
        )

    def __sub__(self, other: Effort) -> Effort:
        return Effort(
            self.executions - other.executions,
            self.states - other.states,
            self.steps - other.steps,
            self.seconds - other.seconds,
        )


@dataclass(frozen=True, slots=True)
class Analysis:
    """Every result that a run can give.

    Attributes:
        groups: independent of each other: the set of outcomes is their product.
        complete: whether the set holds every outcome; else `unexplored` says what is missing.
        kinds: variable -> `ref` or `resource`.
        notes: what a reader should know besides, a sentence each.
        stopped: whether the search was ended before it had looked at everything.
    """

    level: Level
    groups: Sequence[Group]
    races: Sequence[Race]
    complete: bool
    unexplored: Sequence[str] = ()
    kinds: Mapping[str, str] = field(default_factory=dict[str, str])
    notes: Sequence[str] = ()
    effort: Effort = Effort()
    stopped: bool = False

    @property
    def count(self) -> int:
        """How many distinct outcomes there are, of those found."""
        return math.prod(len(group.outcomes) for group in self.groups) if self.groups else 0

    @property
    def depends_on_schedule(self) -> bool:
        """Whether the result of the run depends on the order of its ops."""
        return self.count > 1

    def outcomes(self) -> Iterator[Outcome]:
        """The product of the groups, each outcome whole."""
        for parts in itertools.product(*(group.outcomes for group in self.groups)):
            yield joined(parts)


def joined(parts: Sequence[Outcome]) -> Outcome:
    """The outcome of a run in which each group came out as in `parts`."""
    error = next((part.error for part in parts if part.error is not None), None)
    fetches: dict[str, Any] = {}
    variables: dict[str, Array | None] = {}
    schedule: list[Entry] = []
    for part in parts:
        fetches.update(part.fetches or {})
        variables.update(part.variables)
        schedule += part.schedule
    return Outcome(None if error is not None else fetches, variables, error, schedule)
