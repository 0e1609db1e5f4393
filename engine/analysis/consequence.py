"""What races do to the result of a run, as the end of the sentence that explains each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum

from .results import Group, Race, Reach
from .values import value_key

_LISTED = 3
"""How many fetches or variables a sentence names."""


class Ending(Enum):
    """How the outcomes of a run end."""

    SUCCEEDS = "every one succeeds"
    MAY_FAIL = "some fail"
    FAILS = "every one fails with the same error"
    FAILS_VARIOUSLY = "every one fails, not all with the same error"


def ending(groups: Sequence[Group]) -> Ending:
    """How the run ends whose outcomes `groups` hold: one that fails fails the run."""
    errors = [[outcome.error for outcome in group.outcomes] for group in groups]
    if not any(error for group in errors for error in group):
        return Ending.SUCCEEDS
    if not any(group and all(group) for group in errors):
        return Ending.MAY_FAIL
    ways = {(type(e), e.op, e.message) for group in errors for e in group if e is not None}
    return Ending.FAILS if len(ways) == 1 else Ending.FAILS_VARIOUSLY


def with_consequences(races: Sequence[Race], groups: Sequence[Group]) -> list[Race]:
    """`races`, each `why` completed by what depends on it in the run that `groups` describe."""
    how = ending(groups)
    seen = races
    if all(group.complete for group in groups):
        same = _unchanging(groups)
        seen = [replace(race, reach=_without(race.reach, same)) for race in races]
    return [replace(race, why=f"{race.why}: {consequence(race.reach, how)}.") for race in seen]


def _unchanging(groups: Sequence[Group]) -> set[tuple[str, str]]:
    """The fetches and variables that come out the same in all outcomes: kind, name."""
    same: set[tuple[str, str]] = set()
    for group in groups:
        given = [outcome.fetches for outcome in group.outcomes if outcome.fetches is not None]
        for name in group.fetches:
            if len({value_key(fetches[name]) for fetches in given}) <= 1:
                same.add(("fetch", name))
        for name in group.variables:
            if len({value_key(outcome.variables[name]) for outcome in group.outcomes}) <= 1:
                same.add(("variable", name))
    return same


def _without(reach: Reach, same: set[tuple[str, str]]) -> Reach:
    return replace(
        reach,
        fetches=[name for name in reach.fetches if ("fetch", name) not in same],
        variables=[name for name in reach.variables if ("variable", name) not in same],
    )


def consequence(reach: Reach, how: Ending) -> str:
    """What depends on a race of a run that ends like `how`: a clause without its full stop."""
    parts: list[str] = []
    if reach.fetches and how in (Ending.SUCCEEDS, Ending.MAY_FAIL):
        parts.append(f"what is fetched as {listed(reach.fetches)}")
    if reach.failure and how is Ending.MAY_FAIL:
        parts.append("whether the run fails")
    if reach.failure and how is Ending.FAILS_VARIOUSLY:
        parts.append("which error the run raises")
    if reach.variables:
        parts.append(f"the final value of {listed(reach.variables)}")
    if not parts:
        return "nothing that is fetched or kept depends on it"
    several = len(parts) > 1 or len(reach.variables) > 1
    return f"{_joined(parts)} {'depend' if several else 'depends'} on it"


def listed(names: Sequence[str]) -> str:
    """`a, b and c`; of many names the first few, and how many more there are."""
    shown = list(names[:_LISTED])
    if len(names) > _LISTED:
        shown.append(f"{len(names) - _LISTED} more")
    return _joined(shown)


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
