"""Changes of the graph that order what races."""

from __future__ import annotations

from dataclasses import dataclass

from .declare import event, request
from .outcome_types import OutcomeColumn, OutcomeRow
from .requests import Nothing
from .types import ErrorBody


@dataclass(frozen=True, kw_only=True)
class RepairEdge:
    """A control edge: `after` waits for `before`."""

    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Repair:
    """A change of the graph, proven by a search through the changed graph.

    Attributes:
        edges: what it adds; empty where nothing can be done, which `warning` then explains.
        meaning: what the run gives then, in a sentence.
        python: lines that make the change in TensorFlow's default graph as it is.
        build: lines that build the graph so in the first place.
        removes: whether the race is gone.
        warning: what may undo it, or why there is none; else empty.
        columns: what `gone`, `kept` and `new` have values of.
        gone: outcomes that the run cannot give any more, at most 50.
        kept: outcomes that it gives still.
        new: outcomes that it did not give before.
        before: how many outcomes there were.
        after: how many there are.
    """

    edges: list[RepairEdge]
    meaning: str
    python: str
    build: str
    removes: bool
    warning: str
    columns: list[OutcomeColumn]
    gone: list[OutcomeRow]
    kept: list[OutcomeRow]
    new: list[OutcomeRow]
    before: int
    after: int


@request("repairs", Nothing)
@dataclass(frozen=True, kw_only=True)
class FindRepairs:
    """Find what orders race number `race`; the event `repairs` tells."""

    race: int


@dataclass(frozen=True, kw_only=True)
class SavedFile:
    name: str
    data: bytes


@dataclass(frozen=True, kw_only=True)
class RepairedGraphResponse:
    """The repaired program as files that belong together, and the run that was repaired.

    Attributes:
        files: to upload, or to keep.
        fetches: as the repaired graph names them.
        feeds: tensor name, without `:0`, to what was fed; null where the text would be shortened.
    """

    files: list[SavedFile]
    fetches: list[str]
    targets: list[str]
    feeds: dict[str, str | None]


@request("repairedGraph", RepairedGraphResponse)
@dataclass(frozen=True, kw_only=True)
class RepairedGraph:
    """The program with repair number `repair` of those that were last found."""

    repair: int


@event("repairs")
@dataclass(frozen=True, kw_only=True)
class RepairsFound:
    """What orders race number `race`, what most want first."""

    race: int
    repairs: list[Repair]
    error: ErrorBody | None
