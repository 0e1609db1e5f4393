"""Schedules: which of the ready ops fires next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from ..errors import GraphError
from .propagator import Instance


class Schedule(Protocol):
    """Picks from the ready ops. `position` is all that it remembers: it can be taken back."""

    name: str
    position: int

    def choose(self, ready: list[Instance], step: int) -> int:
        """The index in `ready` of the op to fire as step `step`."""
        ...


class Fifo:
    """The op that became ready first."""

    name = "fifo"
    position = 0

    def choose(self, ready: list[Instance], step: int) -> int:
        return 0


class Manual(Fifo):
    """The user picks; what nobody picked runs first come, first served."""

    name = "manual"


class Lifo:
    """The op that became ready last."""

    name = "lifo"
    position = 0

    def choose(self, ready: list[Instance], step: int) -> int:
        return len(ready) - 1


class Random:
    """Any op, decided by the seed and the number of the step alone."""

    position = 0

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


class Replay:
    """The order of a recorded schedule.

    Entries are op names, or mappings with `op` and, for loops, `iteration`. Ops that the schedule
    does not name run as soon as they are ready: a witness lists only what its outcome depends on.

    Raises:
        GraphError: an entry is malformed, or what it names cannot run when its turn comes.
    """

    def __init__(self, entries: Iterable[str | Mapping[str, Any]], name: str = "replay") -> None:
        self.name = name
        self.position = 0
        self._entries = [_entry(entry) for entry in entries]
        self._remaining = Counter(op for op, _ in self._entries)
        self._counted = 0

    def choose(self, ready: list[Instance], step: int) -> int:
        remaining = self._left()
        for index, instance in enumerate(ready):
            if not remaining[instance.op.node.name]:
                return index
        if self.position < len(self._entries):
            wanted, iteration = self._entries[self.position]
            for index, instance in enumerate(ready):
                if instance.op.node.name == wanted and iteration in (
                    None,
                    instance.iteration.number,
                ):
                    self.position += 1
                    return index
            names = ", ".join(sorted({instance.op.node.name for instance in ready})[:5])
            raise GraphError(
                f"the schedule cannot be replayed: its entry {self.position} is '{wanted}', which "
                f"is not ready; ready are {names}"
            )
        return 0

    def _left(self) -> Counter[str]:
        while self._counted < self.position:
            self._remaining[self._entries[self._counted][0]] -= 1
            self._counted += 1
        while self._counted > self.position:
            self._counted -= 1
            self._remaining[self._entries[self._counted][0]] += 1
        return self._remaining


def _entry(entry: str | Mapping[str, Any]) -> tuple[str, int | None]:
    if isinstance(entry, str):
        return entry, None
    if not isinstance(entry.get("op"), str):
        raise GraphError(f"a schedule entry must be an op's name or have 'op', not {entry!r}")
    return entry["op"], entry.get("iteration")


ScheduleLike = str | Schedule | Iterable[str | Mapping[str, Any]]
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
