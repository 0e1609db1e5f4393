"""Which executions race: they touch one cell, one of them writes, and nothing orders them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from .access import ERROR, CellKey, Touch
from .order import HappensBefore


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two executions that race on `cell`; `first` has the smaller number."""

    first: int
    second: int
    cell: CellKey
    first_writes: bool
    second_writes: bool


def conflicts(
    touched: list[set[Touch]], order: HappensBefore, together: Iterable[int] | None
) -> list[Conflict]:
    """Every race between executions that happen in one run.

    Args:
        touched: execution -> all that it has been seen to touch.
        order: what the graph orders.
        together: the bits of executions that happened in one run, for some of the runs; None
            where each run has all of them.
    """
    by_cell: dict[CellKey, dict[int, bool]] = defaultdict(dict)
    for number, touches in enumerate(touched):
        for cell, writes in touches:
            accesses = by_cell[cell]
            accesses[number] = accesses.get(number, False) or writes
    runs = None if together is None else list(together)
    found: list[Conflict] = []
    for cell, accesses in by_cell.items():
        writers = [number for number, writes in accesses.items() if writes]
        for writer in writers:
            for other, writes in accesses.items():
                if writes and other <= writer:
                    continue  # Seen from the other side.
                if order.ordered(writer, other, runs) or not _meet(writer, other, runs):
                    continue
                first, second = min(writer, other), max(writer, other)
                found.append(
                    Conflict(
                        first,
                        second,
                        cell,
                        first == writer or writes,
                        second == writer or writes,
                    )
                )
    return found


def _meet(a: int, b: int, runs: list[int] | None) -> bool:
    if runs is None:
        return True
    pair = 1 << a | 1 << b
    return any(run & pair == pair for run in runs)


@dataclass(slots=True)
class RaceGraph:
    """The ops that race, with whom.

    Attributes:
        partners: op -> the bits of the ops that it races with.
        racing: the bits of all of them.
    """

    partners: dict[int, int]
    racing: int

    @classmethod
    def of(cls, found: Iterable[Conflict], key: list[int]) -> RaceGraph:
        """The graph of `found`; `key` maps an execution to the key of its op."""
        partners: dict[int, int] = defaultdict(int)
        racing = 0
        for conflict in found:
            first, second = key[conflict.first], key[conflict.second]
            partners[first] |= 1 << second
            partners[second] |= 1 << first
            racing |= 1 << first | 1 << second
        return cls(dict(partners), racing)

    def union(self, other: RaceGraph) -> RaceGraph:
        """The races of both."""
        partners = dict(self.partners)
        for op, mask in other.partners.items():
            partners[op] = partners.get(op, 0) | mask
        return RaceGraph(partners, self.racing | other.racing)

    def covers(self, other: RaceGraph) -> bool:
        """Whether every race of `other` is one of these."""
        return all(
            not partners & ~self.partners.get(op, 0) for op, partners in other.partners.items()
        )


def is_failure(conflict: Conflict) -> bool:
    """Whether it is about which failure comes first, or what a failure swallows."""
    return conflict.cell == ERROR
