"""What ends many races at once, in a sentence: the edges that leave a run one result."""

from __future__ import annotations

from collections.abc import Sequence

from ...engine.analysis import Repair, repairs
from .search import Searched

_RACES = 3
"""From how many races on it is said: of fewer, each race's own fix says enough."""
_SECONDS = 2.0
"""How long it may take to find and prove the edges."""
_LISTED = 8
"""How many edges a sentence names."""


def together(searched: Searched) -> str:
    """A sentence about the edges that leave the run one result.

    Empty where there are few races, or where no such edges were found in the time that this gets.
    """
    analysis, asked = searched.analysis, searched.asked
    deciding = {n for group in analysis.groups if len(group.outcomes) > 1 for n in group.races}
    if len(deciding) < _RACES or not analysis.complete:
        return ""
    found = repairs(
        searched.session,
        asked.fetches,
        asked.feeds,
        analysis,
        targets=asked.targets,
        budget=_SECONDS,
    )
    whole = (r for r in found if r.removes_race and not r.after.depends_on_schedule)
    # Edges that TensorFlow's optimizer may undo are the last choice.
    best = min(whole, key=lambda repair: (bool(repair.warning), bool(repair.new)), default=None)
    return "" if best is None else _sentence(best)


def _sentence(repair: Repair) -> str:
    parts = [f"{before} -> {after}" for before, after in repair.edges[:_LISTED]]
    if len(repair.edges) > _LISTED:
        parts.append(f"{len(repair.edges) - _LISTED} more, which the page shows")
    changes = [f"the control edge{'s' if len(parts) > 1 else ''} {_joined(parts)}"] if parts else []
    if repair.copies:
        changes.append(
            f"{_joined(repair.copies)} being copies of what is read (tf.raw_ops.DeepCopy)"
        )
    changes += [f"parallel_iterations=1 for the loop {loop}" for loop in repair.loops]
    changes += [
        f"a new read {new.partition(':')[0]} (tf.identity) fetched in place of {old}"
        for old, new in repair.fetches.items()
    ]
    warning = f" {repair.warning}" if repair.warning else ""
    return f"One result is left with {', '.join(changes)}.{warning}"


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
