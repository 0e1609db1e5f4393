"""All outcomes of a run: a depth-first search over its schedules that runs equivalent ones once.

Four reductions, each of which keeps every outcome:

- An op that races with nothing is fired as soon as it is ready. Which ops race is not assumed: the
  search starts without races, watches what executions touch, and starts again when it meets a race
  that it did not know. When it ends, every race in every schedule is between ops that it treated as
  racing, and firing the others at once left out only equivalent orders.
- Of the racing ops that are ready only a stubborn set is tried (Valmari, Stubborn sets for reduced
  state space generation, 1989): whatever could interfere with a member, now or later, is a member
  or reached through one.
- Sleep sets (Godefroid, Partial-Order Methods for the Verification of Concurrent Systems, 1996):
  after a sibling was explored, moves that commute with it are not repeated below.
- A state is expanded once. With sleep sets, a state that is met again with a smaller sleep set is
  expanded for what slept then and is awake now (the same book, chapter 5).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from ..executor.plan import PlanOp
from .conflicts import Conflict, RaceGraph, conflicts
from .machine import Machine, Move
from .order import StaticOrder, bits
from .results import Effort


class Stopped(Exception):
    """The budget is spent, or somebody asked the search to stop."""


@dataclass(slots=True)
class Budget:
    """When a search gives up.

    Attributes:
        deadline: in `perf_counter()` seconds; None for none.
        should_stop: asked now and then.
    """

    deadline: float | None = None
    should_stop: Callable[[], bool] | None = None
    _next_look: int = 0

    def spend(self) -> None:
        """Raises Stopped when the search is to end."""
        self._next_look -= 1
        if self._next_look > 0:
            return
        self._next_look = 64
        if self.deadline is not None and perf_counter() > self.deadline:
            raise Stopped
        if self.should_stop is not None and self.should_stop():
            raise Stopped


@dataclass(slots=True)
class _Node:
    """A state on the path in which a choice is open."""

    depth: int
    todo: list[Move]
    sleep: frozenset[Move]


@dataclass(slots=True)
class Scope:
    """What part of a run a search is about.

    Attributes:
        ops: the bits of the ops that are executed; None for all.
        varying: the ops whose inputs differ between schedules.
        cells: the variables that do.
        fetches: the positions of the fetches that do.
        observe: makes the result of a schedule that has ended.
    """

    ops: int | None
    varying: Sequence[PlanOp]
    cells: Sequence[Any]
    fetches: Sequence[int]
    observe: Callable[[Machine], tuple[Hashable, Any]]


@dataclass(slots=True)
class Found:
    """What a search came to.

    Attributes:
        results: what distinguishes a result -> the result, and the racing moves that led to it.
        complete: whether the search ended by itself.
        frontier: how many choices were left when it was stopped.
    """

    results: dict[Hashable, tuple[Any, list[Move]]] = field(
        default_factory=dict[Hashable, tuple[Any, list[Move]]]
    )
    complete: bool = True
    frontier: int = 0
    effort: Effort = field(default_factory=Effort)


class Search:
    """A search over the schedules of one machine.

    Attributes:
        known: all races that are known; `races` are those whose orders are tried.
        at_end: called whenever a schedule has ended.
        progress: called now and then.

    Args:
        machine: what it drives.
        static: the order of its plan.
        races: the races whose orders are tried.
        scope: what is executed and observed.
        budget: when to give up.
        prefix: racing moves to make first, each followed by what is not racing: a subtree.
    """

    def __init__(
        self,
        machine: Machine,
        static: StaticOrder,
        races: RaceGraph,
        scope: Scope,
        budget: Budget,
        prefix: Sequence[Move] = (),
    ) -> None:
        self.machine = machine
        self.static = static
        self.races = races
        self.known = races
        self.at_end: Callable[[], None] | None = None
        self.progress: Callable[[Effort], None] | None = None
        self.scope = scope
        self.budget = budget
        self.prefix = prefix
        self.found = Found()
        self.states = 0
        self._began = self._steps = self._ends = self._base = 0
        self.new_races = False
        self._seen: dict[Hashable, frozenset[Move]] = {}
        self._interfering: dict[int, int] = {}

    def run(self) -> Found:
        """Explore; `new_races` is set instead if a race turned up that was not known."""
        machine = self.machine
        self._began, self._steps = perf_counter(), machine.steps
        base = self._base = len(machine.path)
        stack: list[_Node] = []
        try:
            for move in self.prefix:
                machine.settle(self._is_free, self.scope.ops)
                machine.do(move)
            node = self._enter(frozenset())
            while True:
                if node is not None:
                    stack.append(node)
                if self.new_races or not stack:
                    break
                node = self._descend(stack)
        except Stopped:
            self.found.complete = False
            self.found.frontier = sum(len(node.todo) for node in stack)
        while len(machine.path) > base:
            machine.back()
        self.found.effort = self._effort()
        return self.found

    def _effort(self) -> Effort:
        seconds = perf_counter() - self._began
        return Effort(self._ends, self.states, self.machine.steps - self._steps, seconds)

    # Going on

    def _descend(self, stack: list[_Node]) -> _Node | None:
        """Make the next move of the newest open state, or close that state."""
        node = stack[-1]
        while len(self.machine.path) > node.depth:
            self.machine.back()
        if not node.todo:
            stack.pop()
            return None
        move = node.todo.pop()
        sleep = self._still_asleep(node.sleep, move)
        node.sleep |= {move}
        self.machine.do(move)
        return self._enter(sleep)

    def _enter(self, sleep: frozenset[Move]) -> _Node | None:
        """Go on to the next state in which there is a choice; None if the schedule ends before."""
        machine = self.machine
        while True:
            self.budget.spend()
            machine.settle(self._is_free, self.scope.ops)
            moves = [m for m in machine.moves() if self._is_in_scope(m.number)]
            if not moves:
                self._end()
                return None
            choice = self._stubborn(moves)
            if len(choice) > 1:
                break
            if choice[0] in sleep:
                return None
            sleep = self._still_asleep(sleep, choice[0])
            machine.do(choice[0])
        self.states += 1
        if self.progress is not None and self.states % 256 == 0:
            self.progress(self._effort())
        state = machine.state(self.scope.varying, self.scope.cells, self.scope.fetches)
        known = self._seen.get(state)
        if known is None:
            self._seen[state] = sleep
            return _Node(len(machine.path), [m for m in choice if m not in sleep], sleep)
        if known <= sleep:
            return None
        self._seen[state] = known & sleep
        awake = [m for m in choice if m in known and m not in sleep]
        return _Node(len(machine.path), awake, known & sleep)

    def _end(self) -> None:
        """A schedule has come to its end."""
        machine, found = self.machine, self.found
        self._ends += 1
        distinction, result = self.scope.observe(machine)
        if self.at_end is not None:
            self.at_end()
        if distinction not in found.results:
            moves = machine.path[self._base :]
            racing = [move for move in moves if not self._is_free(move.number)]
            found.results[distinction] = (result, racing)
        if machine.grown or (machine.executed not in machine.runs and machine.branches):
            machine.runs.add(machine.executed)
            machine.grown = False
            self._look_for_races()

    def _look_for_races(self) -> None:
        machine = self.machine
        if machine.has_failed and not machine.failures:
            machine.failures = True
            self.new_races = True
        graph = RaceGraph.of(self.conflicts(), machine.keys)
        if not self.known.covers(graph):
            self.new_races = True

    def conflicts(self) -> list[Conflict]:
        """Every race seen so far."""
        machine = self.machine
        runs = machine.runs if machine.branches else None
        return conflicts(machine.touched, machine.order, runs)

    # Which moves matter

    def _is_free(self, number: int) -> bool:
        """Whether `number` races with nothing."""
        return not self.races.racing >> self.machine.keys[number] & 1

    def _is_in_scope(self, number: int) -> bool:
        ops = self.scope.ops
        return ops is None or bool(ops >> self.machine.order.ops[number].id & 1)

    def _still_asleep(self, sleep: Iterable[Move], move: Move) -> frozenset[Move]:
        """What of `sleep` commutes with `move`."""
        keys = self.machine.keys
        partners = self.races.partners.get(keys[move.number], 0)
        return frozenset(
            other
            for other in sleep
            if other.number != move.number and not partners >> keys[other.number] & 1
        )

    def _stubborn(self, moves: list[Move]) -> list[Move]:
        """The smallest stubborn set that a move of `moves`, all that are ready, leads to."""
        if len(moves) == 1 or self.machine.is_blocked:
            return moves
        keys = self.machine.keys
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
            partners = self.races.partners.get(op, 0)
            if self.machine.plan.is_straight:
                partners &= ~self.machine.descendants(op)
            known = 0
            for partner in bits(partners):
                known |= self.machine.ancestors(partner)
            self._interfering[op] = known
        return known
