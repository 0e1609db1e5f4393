"""An analysis as JSON: what `opscope outcomes --json` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..memory.jsonable import json_value
from .results import Analysis, Group, Outcome, Race

WRITTEN_OUT = 10_000
"""Up to how many outcomes the product of the groups is written out."""


def to_json(analysis: Analysis) -> dict[str, Any]:
    """`analysis` as values that `json.dumps` takes; `count` is that of the outcomes found.

    The groups are independent of each other: every choice of one outcome per group is an outcome.
    `outcomes` holds them all where there are at most `WRITTEN_OUT`, and is None otherwise.
    """
    writer = _Writer()
    few = analysis.count <= WRITTEN_OUT
    return {
        "level": analysis.level,
        "complete": analysis.complete,
        "unexplored": list(analysis.unexplored),
        "count": analysis.count,
        "groups": [writer.group(group) for group in analysis.groups],
        "outcomes": [writer.outcome(outcome) for outcome in analysis.outcomes()] if few else None,
        "races": [_race(race) for race in analysis.races],
        "notes": list(analysis.notes),
    }


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """One outcome; `opscope run --schedule replay:FILE` takes a file that holds it."""
    return _Writer().outcome(outcome)


class _Writer:
    """Converts each array once: the outcomes of a product share theirs."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Any, Any]] = {}

    def group(self, group: Group) -> dict[str, Any]:
        return {
            "fetches": list(group.fetches),
            "variables": list(group.variables),
            "complete": group.complete,
            "outcomes": [self.outcome(outcome) for outcome in group.outcomes],
        }

    def outcome(self, outcome: Outcome) -> dict[str, Any]:
        error = outcome.error
        return {
            "fetches": None if outcome.fetches is None else self._values(outcome.fetches),
            "variables": self._values(outcome.variables),
            "error": None
            if error is None
            else {"class": type(error).__name__, "message": error.message, "op": error.op},
            "schedule": [entry.to_json() for entry in outcome.schedule],
        }

    def _values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._value(value) for name, value in values.items()}

    def _value(self, value: Any) -> Any:
        # The value is kept beside its JSON: a number that `id` gave stays its own.
        if id(value) not in self._known:
            self._known[id(value)] = (value, json_value(value))
        return self._known[id(value)][1]


def _race(race: Race) -> dict[str, Any]:
    return {
        "variable": race.variable,
        "kind": race.kind,
        "first": race.first.name,
        "second": race.second.name,
        "tearable": race.tearable,
        "why": race.why,
        "fix": race.fix,
    }
