"""Stubborn sets: which of the ready moves must be tried, and which can wait.

Valmari, Stubborn sets for reduced state space generation, 1989: whatever could interfere with a
member, now or later, is a member or reached through one. What can wait commutes with all that is
tried before it.
"""

from __future__ import annotations

from .conflicts import RaceGraph
from .machine import Machine, Move
from .order import bits


class StubbornSets:
    """Chooses moves of one machine.

    Args:
        machine: what the moves are made on.
        races: what interferes with what.
    """

    def __init__(self, machine: Machine, races: RaceGraph) -> None:
        self._machine = machine
        self._races = races
        self._interfering: dict[int, int] = {}

    def choose(self, moves: list[Move]) -> list[Move]:
        """The smallest stubborn set that a move of `moves`, all that are ready, leads to."""
        if len(moves) == 1 or self._machine.is_blocked:
            return moves
        keys = self._machine.keys
        ready = 0
        for move in moves:
            ready |= 1 << keys[move.number]
        best = ready
        for start in bits(ready):
            mask = self._closure(start, ready)
            if mask.bit_count() < best.bit_count():
                best = mask
                if not mask & (mask - 1):
                    break
        return [move for move in moves if best >> keys[move.number] & 1]

    def _closure(self, start: int, ready: int) -> int:
        """The ready ops that must be tried if `start` is."""
        members, waiting = 1 << start, [start]
        while waiting:
            leading = self._interference(waiting.pop()) & ready & ~members
            if leading:
                members |= leading
                waiting += bits(leading)
        return members

    def _interference(self, op: int) -> int:
        """Whatever may lead to an op that races with `op`."""
        known = self._interfering.get(op)
        if known is None:
            machine = self._machine
            partners = self._races.partners.get(op, 0)
            if machine.plan.is_straight:
                partners &= ~machine.descendants(op)
            known = 0
            for partner in bits(partners):
                known |= machine.ancestors(partner)
            self._interfering[op] = known
        return known
