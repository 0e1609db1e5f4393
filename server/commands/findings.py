"""Why a result depends on the schedule, as a linter says it: a finding per race or failure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...engine.analysis import Access, Analysis, Group, Race
from .request import sentence

READ_WRITE = "read-write-race"
WRITE_WRITE = "write-write-race"
FAILURE_ORDER = "failure-order"


@dataclass(frozen=True)
class Finding:
    """One reason.

    Attributes:
        rule: one of the constants of this module.
        line: what a linter prints.
        why: the same in sentences.
        fix: what removes it, in words; empty where that is not known.
        ops: the operations at fault.
        variable: what they fight about, if it is one.
    """

    rule: str
    line: str
    why: str
    fix: str
    ops: Sequence[str]
    variable: str | None = None


def findings(analysis: Analysis) -> list[Finding]:
    """Every reason, those of one group together."""
    found: list[Finding] = []
    for group in analysis.groups:
        if len(group.outcomes) > 1:
            races = [_race(analysis.races[number], analysis) for number in group.races]
            found += races + _failures(group, alone=not races)
    return found


def _race(race: Race, analysis: Analysis) -> Finding:
    kind = "variable" if race.variable in analysis.kinds else "random generator"
    first, second = race.first, race.second
    if first == second:
        what = f"{_access(first)} in each turn of its loop, nothing orders the turns"
    else:
        what = f"{_access(first)}, {_access(second)}, nothing orders them"
    fix = f" [{race.fix}]" if race.fix else ""
    return Finding(
        rule=WRITE_WRITE if race.kind == "write-write" else READ_WRITE,
        line=f"{kind} {race.variable}: {what}{fix}",
        why=race.why,
        fix=race.fix,
        ops=list(dict.fromkeys((first.name, second.name))),
        variable=race.variable,
    )


def _access(access: Access) -> str:
    return f"op {access.name} ({access.type}) {access.does}"


def _failures(group: Group, *, alone: bool) -> list[Finding]:
    """What the order of failures decides: a finding, or none.

    `alone` says that no race explains why the run may fail.
    """
    errors = [outcome.error for outcome in group.outcomes if outcome.error is not None]
    if len(errors) < (1 if alone else 2):
        return []
    texts = list(dict.fromkeys(map(sentence, errors)))
    if len(texts) > 1:
        why = f"the run fails in {len(texts)} ways, and the order decides which: {'; '.join(texts)}"
    elif len(errors) > 1:
        why = f"what has been written when the run fails depends on the order: {texts[0]}"
    else:
        why = f"whether the run fails depends on the order: {texts[0]}"
    ops = list(dict.fromkeys(error.op for error in errors if error.op))
    return [Finding(FAILURE_ORDER, f"failure: {why}", f"{why[0].upper()}{why[1:]}.", "", ops)]
