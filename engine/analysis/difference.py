"""Two analyses of one run, compared group by group: which outcomes went, stayed and came."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from .results import Analysis, Group, Outcome, joined
from .values import value_key


class Difference(NamedTuple):
    """How the outcomes of some groups changed.

    An outcome of a group is part of an outcome of the run: it holds what the group speaks of.
    """

    gone: list[Outcome]
    kept: list[Outcome]
    new: list[Outcome]


def difference(
    groups: Sequence[Group], after: Analysis, renamed: Mapping[str, str] | None = None
) -> Difference:
    """How `groups` of an analysis came out in another one, of the same run of a changed graph.

    Args:
        groups: of the analysis before.
        after: the other analysis.
        renamed: fetch -> what was fetched in its place in `after`.
    """
    found = Difference([], [], [])
    for group in groups:
        now = {outcome_key(o): o for o in observed(after, group, renamed or {})}
        earlier = {outcome_key(outcome): outcome for outcome in group.outcomes}
        found.gone.extend(o for key, o in earlier.items() if key not in now)
        found.kept.extend(o for key, o in now.items() if key in earlier)
        found.new.extend(o for key, o in now.items() if key not in earlier)
    return found


def observed(
    analysis: Analysis, group: Group, renamed: Mapping[str, str] | None = None
) -> list[Outcome]:
    """What `analysis` says of the fetches and variables of `group`, each outcome once.

    Args:
        analysis: what is looked at.
        group: of any analysis of the same run.
        renamed: name of a fetch in `group` -> its name in `analysis`.
    """
    fetches: dict[str, list[str]] = {}
    for name in group.fetches:
        fetches.setdefault((renamed or {}).get(name, name), []).append(name)
    variables = set(group.variables)
    parts: list[list[Outcome]] = []
    for other in analysis.groups:
        failed = any(outcome.error is not None for outcome in other.outcomes)
        if failed or fetches.keys() & set(other.fetches) or variables & set(other.variables):
            parts.append(_distinct([_seen(o, fetches, variables) for o in other.outcomes]))
    return _distinct([joined(choice) for choice in itertools.product(*parts)])


def _seen(outcome: Outcome, fetches: Mapping[str, Sequence[str]], variables: set[str]) -> Outcome:
    shown = outcome.fetches
    if shown is not None:
        shown = {own: value for name, value in shown.items() for own in fetches.get(name, ())}
    held = {name: value for name, value in outcome.variables.items() if name in variables}
    return replace(outcome, fetches=shown, variables=held)


def _distinct(outcomes: Sequence[Outcome]) -> list[Outcome]:
    found: dict[Hashable, Outcome] = {}
    for outcome in outcomes:
        found.setdefault(outcome_key(outcome), outcome)
    return list(found.values())


def outcome_key(outcome: Outcome) -> Hashable:
    """Equal for outcomes with the same values or the same error; witnesses may differ."""
    error = outcome.error
    fetches = outcome.fetches
    return (
        None if fetches is None else tuple((n, value_key(v)) for n, v in sorted(fetches.items())),
        tuple((name, value_key(value)) for name, value in sorted(outcome.variables.items())),
        None if error is None else (type(error).__name__, error.op),
    )
