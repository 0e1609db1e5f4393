"""Schedules: which of the ready ops fires next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple, Protocol

from ..errors import GraphError
from .propagator import Frame, Instance


class Schedule(Protocol):
    """Picks from the ready ops. `position` is all that it remembers: it can be taken back.

    Attributes:
        drops: whether it also says what is swallowed after a failure, when dead ops go on, and when
            a fetched reference is looked at; then it is a `Replay`.
    """

    name: str
    position: int
    drops: bool

    def choose(self, ready: list[Instance], step: int) -> int:
        """The index in `ready` of the op to fire as step `step`."""
        ...


class Fifo:
    """The op that became ready first."""

    name = "fifo"
    position = 0
    drops = False

    def choose(self, ready: list[Instance], step: int) -> int:
        return 0


class Manual(Fifo):
    """The user picks; what nobody picked runs first come, first served."""

    name = "manual"


class Lifo:
    """The op that became ready last."""

    name = "lifo"
    position = 0
    drops = False

    def choose(self, ready: list[Instance], step: int) -> int:
        return len(ready) - 1


class Random:
    """Any op, decided by the seed and the number of the step alone."""

    position = 0
    drops = False

    def __init__(self, seed: int) -> None:
        self.name = f"random:{seed}"
        self._seed = seed

    def choose(self, ready: list[Instance], step: int) -> int:
        # SplitMix64 (Steele, Lea, Flood 2014): a function of seed and step, so that going back and
        # forth makes the same choices.
        mask = (1 << 64) - 1
        x = (self._seed * 0x9E3779B97F4A7C15 + (step + 1) * 0xBF58476D1CE4E5B9) & mask
        x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & mask
        x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & mask
        return (x ^ (x >> 31)) % len(ready)


class Entry(NamedTuple):
    """One entry of a schedule that is replayed: an op, and in loops which execution of it.

    Attributes:
        frame: the text of the loop activation (`frame_text`); None for any.
        phase: `whole` or `fail` for an execution, `drop` for an op that is swallowed; `read` and
            `write` for a part of one.
        element: which element of the variable a part touches; None for its beginning and end.
        input: through which input.
        part: which of the parts that agree in all else; None for the first.
    """

    op: str
    frame: str | None = None
    iteration: int | None = None
    phase: str = "whole"
    element: int | None = None
    input: int | None = None
    part: int | None = None

    def names(self, instance: Instance) -> bool:
        """Whether `instance` is the execution that the entry means."""
        return (
            instance.op.node.name == self.op
            and self.iteration in (None, instance.iteration.number)
            and (self.frame is None or self.frame == frame_text(instance.iteration.frame))
        )

    def to_json(self) -> str | dict[str, Any]:
        """As an outcome's schedule lists it: the name alone where that is enough."""
        if self == Entry(self.op):
            return self.op
        return {key: value for key, value in self._asdict().items() if value is not None}


def frame_text(frame: Frame) -> str | None:
    """Which activation of which loop, from the outside in: `outer[2]>inner`."""
    if frame.parent is None:
        return None
    outside = frame_text(frame.parent.frame)
    name = frame.static.name
    return name if outside is None else f"{outside}[{frame.parent.number}]>{name}"


class Replay:
    """The order of a recorded schedule.

    Entries are op names, or mappings with `op` and, for loops, `frame` and `iteration`, and a
    `phase`. Ops that the schedule does not name run as soon as they are ready: a witness lists only
    what its outcome depends on.

    Raises:
        GraphError: an entry is malformed, or what it names cannot run when its turn comes.
    """

    drops = True

    def __init__(self, entries: Iterable[EntryLike], name: str = "replay") -> None:
        self.name = name
        self.position = 0
        self._entries = [read_entry(entry) for entry in entries]
        parts = next((e.op for e in self._entries if e.phase in ("read", "write")), None)
        if parts is not None:
            raise GraphError(
                f"the schedule takes the kernel of '{parts}' apart: opscope.engine.replay does that"
            )
        self._remaining = Counter(entry.op for entry in self._entries)
        self._counted = 0

    def choose(self, ready: list[Instance], step: int) -> int:
        free = self.free(ready)
        if free is not None:
            return free
        if self.position < len(self._entries):
            wanted = self._entries[self.position]
            index = self.due(ready, dropped=False)
            if index is not None:
                return index
            names = ", ".join(sorted({instance.op.node.name for instance in ready})[:5])
            raise GraphError(
                f"the schedule cannot be replayed: its entry {self.position} is '{wanted.op}', "
                f"which is not ready; ready are {names}"
            )
        return 0

    def check(self, names: Collection[str]) -> None:
        """Raise GraphError if an entry names an op that is not among `names`, those of the run."""
        for position, entry in enumerate(self._entries):
            if entry.op not in names:
                raise GraphError(
                    f"the schedule does not fit this run: its entry {position} is '{entry.op}', "
                    "which the run does not execute"
                )

    @property
    def leftover(self) -> str:
        """The op of the entry whose turn has not come; empty when all are over."""
        if self.position == len(self._entries):
            return ""
        return self._entries[self.position].op

    def free(self, instances: list[Instance]) -> int | None:
        """The index of the first instance that no entry to come names."""
        remaining = self._left()
        for index, instance in enumerate(instances):
            if not remaining[instance.op.node.name]:
                return index
        return None

    def due(self, instances: list[Instance], *, dropped: bool) -> int | None:
        """The index of the instance that the next entry means; then that entry is over."""
        if self.position == len(self._entries):
            return None
        entry = self._entries[self.position]
        if (entry.phase == "drop") is not dropped:
            return None
        for index, instance in enumerate(instances):
            if entry.names(instance):
                self.position += 1
                return index
        return None

    def due_fetch(self, waiting: Mapping[str, int]) -> int | None:
        """The value in `waiting` under the name that the next entry has; then it is over."""
        if self.position == len(self._entries):
            return None
        found = waiting.get(self._entries[self.position].op)
        if found is not None:
            self.position += 1
        return found

    def _left(self) -> Counter[str]:
        while self._counted < self.position:
            self._remaining[self._entries[self._counted].op] -= 1
            self._counted += 1
        while self._counted > self.position:
            self._counted -= 1
            self._remaining[self._entries[self._counted].op] += 1
        return self._remaining


_PHASES = ("whole", "read", "write", "fail", "drop")


EntryLike = str | Mapping[str, Any] | Entry
"""An entry, or what a schedule writes for it."""


def read_entry(entry: EntryLike) -> Entry:
    """The entry that a schedule writes as `entry`.

    Raises:
        GraphError: it is malformed.
    """
    if isinstance(entry, Entry):
        return entry
    if isinstance(entry, str):
        return Entry(entry)
    if not isinstance(entry.get("op"), str):
        raise GraphError(f"a schedule entry must be an op's name or have 'op', not {entry!r}")
    phase = entry.get("phase", "whole")
    if phase not in _PHASES:
        raise GraphError(
            f"the phase of a schedule entry must be one of {', '.join(_PHASES)}, not {phase!r}"
        )
    return Entry(
        entry["op"],
        entry.get("frame"),
        entry.get("iteration"),
        phase,
        entry.get("element"),
        entry.get("input"),
        entry.get("part"),
    )


ScheduleLike = str | Schedule | Iterable[EntryLike]
"""A schedule, its name, or the entries to replay."""


def make_schedule(value: ScheduleLike) -> Schedule:
    """The schedule `fifo`, `lifo`, `random:SEED` or `manual`, or the replay of entries.

    Raises:
        GraphError: there is no such schedule.
    """
    if not isinstance(value, str):
        return value if hasattr(value, "choose") else Replay(value)  # type: ignore[return-value, arg-type]
    simple = {"fifo": Fifo, "lifo": Lifo, "manual": Manual}
    if value in simple:
        return simple[value]()
    kind, _, seed = value.partition(":")
    if kind == "random" and seed.lstrip("-").isdigit():
        return Random(int(seed))
    raise GraphError(
        f"'{value}' is not a schedule; use fifo, lifo, manual, or random:SEED with a whole number"
    )


def refuse_leftover(schedule: Schedule) -> None:
    """Raise GraphError if a run has ended and `schedule`, which it replayed, has entries left."""
    if isinstance(schedule, Replay) and schedule.leftover:
        raise GraphError(
            f"the schedule does not fit this run: it waits for '{schedule.leftover}' at entry "
            f"{schedule.position}, and the run ended without it"
        )
