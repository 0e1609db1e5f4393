"""An analysis of the engine, as the page shows it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from ...engine import Program
from ...engine.analysis import Access, Analysis, Group, Outcome
from ...engine.analysis import Race as EngineRace
from ...engine.analysis.replay import torn
from ...engine.analysis.values import value_key
from ...engine.errors import OpError
from ..protocol.outcome_types import (
    AgreedValue,
    Holds,
    OutcomeColumn,
    OutcomeGroup,
    OutcomeRow,
    OutcomeSet,
    OutcomeValue,
    Race,
    RaceAccess,
)
from ..protocol.types import TensorText
from ..texts import tensor_text
from .describe import error_body

ROWS = 100
"""Outcomes of a group that are sent before anybody asks for more."""

_RACES = 1000
_AGREED = 200


def same_error(error: OpError | None) -> Hashable:
    return None if error is None else (type(error).__name__, error.message, error.op)


def text_of(value: Any) -> TensorText | None:
    return None if value is None else tensor_text(value)


class GroupTable:
    """A group with its columns: what differs between its outcomes, and what does not."""

    def __init__(self, group: Group, kinds: Mapping[str, str]) -> None:
        self.group = group
        self.columns: list[OutcomeColumn] = []
        self.agreed: list[AgreedValue] = []
        self.agreed_count = 0
        self._variants: list[dict[Hashable, int]] = []
        for holds, name in named_parts(group, kinds):
            if holds == "fetch" and all(outcome.error is not None for outcome in group.outcomes):
                continue  # nothing is fetched from a run that fails
            values = [_value(outcome, holds, name) for outcome in group.outcomes]
            variants: dict[Hashable, int] = {}
            if len(values) > 1:
                for value in values:
                    variants.setdefault(value_key(value), len(variants))
            if len(variants) > 1:
                self.columns.append(OutcomeColumn(name=name, holds=holds))
                self._variants.append(variants)
            elif values:
                self.agreed_count += 1
                if len(self.agreed) < _AGREED:
                    text = text_of(values[0])
                    self.agreed.append(AgreedValue(name=name, holds=holds, value=text))

    def rows(self, program: Program, first: int, count: int) -> list[OutcomeRow]:
        """Outcomes from number `first` on, at most `count`."""
        found: list[OutcomeRow] = []
        for outcome in self.group.outcomes[first : first + count]:
            values: list[OutcomeValue] = []
            for column, variants in zip(self.columns, self._variants, strict=True):
                value = _value(outcome, column.holds, column.name)
                variant = variants[value_key(value)]
                values.append(OutcomeValue(value=text_of(value), variant=variant))
            error = None if outcome.error is None else error_body(program, outcome.error)
            found.append(OutcomeRow(values=values, error=error, torn=is_torn(outcome)))
        return found

    def reached(
        self,
        fetches: Mapping[str, Any] | None,
        variables: Mapping[str, Any],
        error: OpError | None,
    ) -> int | None:
        """The outcome that a run gave; None if it is none of them."""
        if len(self.group.outcomes) == 1 and self.group.complete:
            return 0
        for number, outcome in enumerate(self.group.outcomes):
            if same_error(outcome.error) != same_error(error):
                continue
            given: Mapping[str, Any] = outcome.fetches or {}
            if all(
                value_key(variables.get(name)) == value_key(value)
                for name, value in outcome.variables.items()
            ) and all(
                value_key((fetches or {}).get(name)) == value_key(value)
                for name, value in given.items()
            ):
                return number
        return None


def is_torn(outcome: Outcome) -> bool:
    """Whether kernels are taken apart on the way to it."""
    return bool(torn(outcome.schedule))


def named_parts(group: Group, kinds: Mapping[str, str]) -> list[tuple[Holds, str]]:
    """The fetches of a group, then its variables, with what each name stands for."""
    parts: list[tuple[Holds, str]] = [("fetch", name) for name in group.fetches]
    for name in group.variables:
        parts.append((holds_of(name, kinds), name))
    return parts


def holds_of(variable: str, kinds: Mapping[str, str]) -> Holds:
    return "resource" if kinds.get(variable) == "resource" else "ref"


def _value(outcome: Outcome, holds: Holds, name: str) -> Any:
    if holds == "fetch":
        return None if outcome.fetches is None else outcome.fetches.get(name)
    return outcome.variables.get(name)


def outcome_set(program: Program, analysis: Analysis, tables: Sequence[GroupTable]) -> OutcomeSet:
    """What goes to the page; of large groups the first outcomes."""
    return OutcomeSet(
        level=analysis.level,
        groups=[
            OutcomeGroup(
                columns=table.columns,
                agreed=table.agreed,
                agreed_count=table.agreed_count,
                count=len(table.group.outcomes),
                rows=table.rows(program, 0, ROWS),
                races=[race for race in table.group.races if race < _RACES],
                complete=table.group.complete,
            )
            for table in tables
        ],
        races=[_race(race, analysis.kinds) for race in analysis.races[:_RACES]],
        race_count=len(analysis.races),
        complete=analysis.complete,
        unexplored=list(analysis.unexplored),
        notes=list(analysis.notes),
        executions=analysis.effort.executions,
        seconds=analysis.effort.seconds,
        stopped=analysis.stopped,
    )


def _race(race: EngineRace, kinds: Mapping[str, str]) -> Race:
    kind = kinds.get(race.variable)
    return Race(
        variable=race.variable,
        memory="ref" if kind == "ref" else "resource" if kind == "resource" else None,
        kind=race.kind,
        first=_access(race.first),
        second=_access(race.second),
        tearable=race.tearable,
        tearing=race.tearing,
        why=race.why,
        fix=race.fix,
    )


def _access(access: Access) -> RaceAccess:
    return RaceAccess(op=access.node, name=access.name, type=access.type, does=access.does)
