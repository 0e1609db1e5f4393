"""Two outcomes side by side: their schedules, where those part, and what comes out differently."""

from __future__ import annotations

from collections.abc import Container, Sequence
from itertools import zip_longest

from ...engine import Program
from ...engine.analysis import Analysis, Group, Outcome
from ...engine.analysis.values import value_key
from ...engine.executor.schedule import Entry
from ..protocol.outcome_messages import DiffResponse
from ..protocol.outcome_types import DifferentValue, OutcomeSide, ScheduleStep
from .describe import error_body
from .outcome_set import named_parts, text_of

_MOST_STEPS = 5000


def diff(program: Program, analysis: Analysis, group: Group, a: int, b: int) -> DiffResponse:
    """Compare outcomes `a` and `b` of `group`."""
    one, other = group.outcomes[a], group.outcomes[b]
    races = [analysis.races[number] for number in group.races] or analysis.races
    racing = {access.name for race in races for access in (race.first, race.second)}
    pairs = zip_longest(one.schedule, other.schedule)
    parts = next((step for step, (left, right) in enumerate(pairs) if left != right), None)
    return DiffResponse(
        first=_side(program, a, one, racing),
        second=_side(program, b, other, racing),
        parts=parts,
        values=_values(analysis, group, one, other),
        reversed=[
            number
            for number, race in enumerate(analysis.races)
            if _is_reversed(race.first.name, race.second.name, one.schedule, other.schedule)
        ],
    )


def _side(program: Program, number: int, outcome: Outcome, racing: Container[str]) -> OutcomeSide:
    return OutcomeSide(
        outcome=number,
        steps=[
            ScheduleStep(
                op=program.flat.index(entry.op),
                name=entry.op,
                frame=entry.frame,
                iteration=entry.iteration,
                phase=entry.phase,
                element=entry.element,
                races=entry.op in racing,
            )
            for entry in outcome.schedule[:_MOST_STEPS]
        ],
        count=len(outcome.schedule),
        error=None if outcome.error is None else error_body(program, outcome.error),
    )


def _values(analysis: Analysis, group: Group, one: Outcome, other: Outcome) -> list[DifferentValue]:
    found: list[DifferentValue] = []
    for holds, name in named_parts(group, analysis.kinds):
        if holds == "fetch":
            left = (one.fetches or {}).get(name)
            right = (other.fetches or {}).get(name)
        else:
            left, right = one.variables.get(name), other.variables.get(name)
        if value_key(left) != value_key(right):
            found.append(
                DifferentValue(name=name, holds=holds, first=text_of(left), second=text_of(right))
            )
    return found


def _is_reversed(a: str, b: str, one: Sequence[Entry], other: Sequence[Entry]) -> bool:
    """Whether `a` comes before `b` in one schedule and after it in the other."""
    here, there = _order(a, b, one), _order(a, b, other)
    return here is not None and there is not None and here != there


def _order(a: str, b: str, schedule: Sequence[Entry]) -> bool | None:
    """Whether `a` comes before `b`; None where one of them does not come."""
    first = next((at for at, entry in enumerate(schedule) if entry.op == a), None)
    second = next((at for at, entry in enumerate(schedule) if entry.op == b), None)
    return None if first is None or second is None else first < second
