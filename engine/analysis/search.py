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

A search can be interrupted: what is open then is a list of subtrees, which this search or others,
in other processes, go on with. None of the reductions depends on the order in which states are
expanded, because no execution leads back to a state that it came through.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, NamedTuple

from ..executor.plan import PlanOp
from ..executor.schedule import Entry
from .conflicts import Conflict, RaceGraph, conflicts
from .machine import Choice, Machine, Move
from .order import StaticOrder, bits
from .results import Effort
from .states import state_of
from .stubborn import StubbornSets


class Stopped(Exception):
    """The budget is spent, or somebody asked the search to stop."""


def after(seconds: float) -> Callable[[], bool]:
    """Whether it is that much later."""
    end = perf_counter() + seconds
    return lambda: perf_counter() > end


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
    _over: bool = False

    def spend(self) -> None:
        """Raises Stopped when the search is to end."""
        self._next_look -= 1
        if self._next_look > 0 and not self._over:
            return
        self._next_look = 16
        if self.is_over():
            raise Stopped

    def is_over(self) -> bool:
        """Whether the time is up, or somebody asked for the end; once it is, it stays so."""
        late = self.deadline is not None and perf_counter() > self.deadline
        if late or (self.should_stop is not None and self.should_stop()):
            self._over = True
        return self._over


@dataclass(slots=True)
class _Node:
    """A state on the path in which a choice is open."""

    depth: int
    todo: list[Move]
    sleep: frozenset[Move]


class Subtree(NamedTuple):
    """A state in which a choice is open, for any machine of the same run.

    Attributes:
        prefix: the racing moves that lead to it, each after what is not racing.
        todo: the moves to try, the last first.
        sleep: the moves that are asleep.
    """

    prefix: tuple[Choice, ...]
    todo: tuple[Choice, ...]
    sleep: frozenset[Choice]


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
        results: what distinguishes a result -> the result, and a schedule that leads to it.
        complete: whether the search ended by itself.
        frontier: how many choices were left when it was stopped.
    """

    results: dict[Hashable, tuple[Any, list[Entry]]] = field(
        default_factory=dict[Hashable, tuple[Any, list[Entry]]]
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
        left: what was open when the search was interrupted.
        lessons: the racing moves of the schedules that showed what no earlier one had: an access,
            or two executions in one run. Whoever makes them learns all that this search did.

    Args:
        machine: what it drives.
        static: the order of its plan.
        races: the races whose orders are tried.
        scope: what is executed and observed.
        budget: when to give up.
    """

    def __init__(
        self,
        machine: Machine,
        static: StaticOrder,
        races: RaceGraph,
        scope: Scope,
        budget: Budget,
    ) -> None:
        self.machine = machine
        self.static = static
        self.races = races
        self.known = races
        self.at_end: Callable[[], None] | None = None
        self.progress: Callable[[Effort], None] | None = None
        self.scope = scope
        self.budget = budget
        self.left: list[Subtree] = []
        self.lessons: list[tuple[Choice, ...]] = []
        self.found = Found()
        self.states = 0
        self._met: dict[int, int] = {}
        self._began = self._steps = self._ends = self._base = 0
        self.new_races = False
        self._seen: dict[Hashable, frozenset[Move]] = {}
        self._stubborn = StubbornSets(machine, races)

    def run(self, should_pause: Callable[[], bool] = lambda: False) -> Found:
        """Explore; `new_races` is set instead if a race turned up that was not known.

        Args:
            should_pause: asked in every state whether to leave the rest to `left`.
        """
        return self._explore(None, should_pause)

    def resume(
        self, subtrees: Sequence[Subtree], should_pause: Callable[[], bool] = lambda: False
    ) -> Found:
        """Explore `subtrees`, and add to what was found."""
        return self._explore(subtrees, should_pause)

    def divide(self, subtrees: Sequence[Subtree], count: int) -> Found:
        """Expand the topmost states of `subtrees` until about `count` are open: `left`."""
        waiting = deque(sorted(subtrees, key=lambda subtree: len(subtree.prefix)))
        self._start()
        # Where every state has one child, more would be the search itself.
        most = 4 * count
        try:
            while waiting and len(waiting) < count and most and not self.new_races:
                most -= 1
                node = self._at(waiting[0])
                while node.todo:
                    child = self._descend(node)
                    if child is not None and child.todo:
                        waiting.append(self._subtree(child))
                self._back_to(self._base)
                waiting.popleft()
        except Stopped:
            self.found.complete = False
        self._back_to(self._base)
        self._leave(list(waiting))
        return self.found

    def learn_from(self, lesson: Sequence[Choice]) -> None:
        """Make the racing moves `lesson`, which another search has learnt from.

        Raises:
            Stopped: the budget is spent.
        """
        machine = self.machine
        self._start()
        try:
            self._go(lesson)
            machine.settle(self._is_free, self.scope.ops)
            if not any(self._is_in_scope(move.number) for move in machine.moves()):
                self.scope.observe(machine)
            machine.runs.add(machine.executed)
        finally:
            machine.back_to(self._base)
        self._look_for_races()

    def _explore(
        self, subtrees: Sequence[Subtree] | None, should_pause: Callable[[], bool]
    ) -> Found:
        self._start()
        waiting = list(subtrees or ())
        stack: list[_Node] = []
        has_moved = False
        try:
            node = self._enter(frozenset()) if subtrees is None else None
            while True:
                if node is not None:
                    stack.append(node)
                if not stack and waiting:
                    self._back_to(self._base)
                    stack.append(self._at(waiting.pop()))
                # However short the time, each turn gets further.
                if self.new_races or not stack or (has_moved and should_pause()):
                    break
                node = self._descend_or_close(stack)
                has_moved = True
        except Stopped:
            self.found.complete = False
        left = [*waiting, *(self._subtree(node) for node in stack if node.todo)]
        self._back_to(self._base)
        self._leave(left)
        return self.found

    def _start(self) -> None:
        self._base = len(self.machine.path)
        self._began, self._steps = perf_counter(), self.machine.steps

    def _leave(self, left: list[Subtree]) -> None:
        self.left = left
        self.found.frontier = sum(len(subtree.todo) for subtree in left)
        self.found.effort = self._effort()

    def _back_to(self, depth: int) -> None:
        if self.machine.grown:  # What a schedule showed that did not come to its end.
            self._teach()
            self._look_for_races()
        self.machine.back_to(depth)

    # Subtrees

    def _subtree(self, node: _Node) -> Subtree:
        choice = self.machine.choice
        prefix = map(choice, self._racing(node.depth))
        todo, sleep = map(choice, node.todo), map(choice, node.sleep)
        return Subtree(tuple(prefix), tuple(todo), frozenset(sleep))

    def _racing(self, depth: int | None = None) -> list[Move]:
        """The racing moves of the present path, up to `depth`."""
        moves = self.machine.path[self._base : depth]
        return [move for move in moves if not self._is_free(move.number)]

    def _go(self, prefix: Iterable[Choice]) -> None:
        machine = self.machine
        for choice in prefix:
            machine.settle(self._is_free, self.scope.ops)
            machine.do(machine.moves_by_choice()[choice])

    def _at(self, subtree: Subtree) -> _Node:
        """Go to the root of `subtree`."""
        machine = self.machine
        self._go(subtree.prefix)
        machine.settle(self._is_free, self.scope.ops)
        moves = machine.moves_by_choice()
        # What sleeps can happen, or need not be remembered.
        sleep = frozenset(moves[choice] for choice in subtree.sleep if choice in moves)
        return _Node(len(machine.path), [moves[choice] for choice in subtree.todo], sleep)

    def _effort(self) -> Effort:
        done = self.found.effort
        seconds = perf_counter() - self._began
        steps = self.machine.steps - self._steps
        return Effort(self._ends, self.states, done.steps + steps, done.seconds + seconds)

    # Going on

    def _descend_or_close(self, stack: list[_Node]) -> _Node | None:
        """Make the next move of the newest open state, or close that state."""
        if stack[-1].todo:
            return self._descend(stack[-1])
        stack.pop()
        return None

    def _descend(self, node: _Node) -> _Node | None:
        """Make the next move of `node`, and go on to the next choice."""
        self._back_to(node.depth)
        move = node.todo[-1]
        sleep = self._still_asleep(node.sleep, move)
        self.machine.do(move)
        child = self._enter(sleep)
        # Only now: the move is left to do if the search was stopped.
        node.todo.pop()
        node.sleep |= {move}
        return child

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
            choice = self._stubborn.choose(moves)
            if len(choice) > 1:
                break
            if choice[0] in sleep:
                return None
            sleep = self._still_asleep(sleep, choice[0])
            machine.do(choice[0])
        self.states += 1
        if self.progress is not None and self.states % 256 == 0:
            self.progress(self._effort())
        state = state_of(machine, self.scope.varying, self.scope.cells, self.scope.fetches)
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
            found.results[distinction] = (result, machine.witness(self._racing()))
        unknown = machine.has_failed and not machine.failures
        if unknown or machine.grown or self._is_new_run():
            self._teach()
            machine.runs.add(machine.executed)
            self._look_for_races()

    def _is_new_run(self) -> bool:
        machine = self.machine
        return machine.branches and machine.executed not in machine.runs

    def _teach(self) -> None:
        """Keep the present schedule as a lesson if it showed something new."""
        machine, executed = self.machine, self.machine.executed
        new = machine.grown or (machine.has_failed and not machine.failures)
        if machine.branches:
            for one in bits(executed):
                met = self._met.get(one, 0)
                if executed & ~met:
                    self._met[one] = met | executed
                    new = True
        if new:
            self.lessons.append(tuple(map(machine.choice, self._racing())))

    def _look_for_races(self) -> None:
        machine = self.machine
        machine.grown = False
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
