"""Happens-before: which executions of ops the graph orders, whatever the schedule.

An execution is an op in one turn of one activation of a loop. Executions have numbers, the same in
every schedule, so that sets of them are the bits of an integer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from ..executor.plan import Plan, PlanOp
from ..executor.propagator import Frame, Instance, Iteration
from ..ops.registry import ControlFlow


class Turn(NamedTuple):
    """A turn of an activation of a loop: the activation's number, and the turn's."""

    activation: int
    number: int


_ROOT = Turn(0, 0)


def bits(mask: int) -> Iterator[int]:
    """The positions of the bits that are set, ascending."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


class StaticOrder:
    """What the edges of a plan say about its ops, loops seen as one.

    Attributes:
        ancestors: op -> the ops that a path leads from to it, itself included; edges back to the
            next turn of a loop count.
        descendants: the same the other way.
    """

    def __init__(self, plan: Plan) -> None:
        producers: list[set[int]] = [set() for _ in plan.ops]
        for op in plan.ops:
            for follower in op.followers():
                producers[follower.id].add(op.id)
        self.producers = producers
        self.ancestors = _closure(producers)
        consumers: list[set[int]] = [set() for _ in plan.ops]
        for op, sources in enumerate(producers):
            for source in sources:
                consumers[source].add(op)
        self.descendants = _closure(consumers)


def _closure(edges: list[set[int]]) -> list[int]:
    """Node -> the bits of all nodes that `edges` lead to from it, itself included."""
    reach = [1 << node for node in range(len(edges))]
    # Kahn's order first: one pass does all that is acyclic; loops repeat until nothing changes.
    order = _order(edges)
    changed = True
    while changed:
        changed = False
        for node in order:
            mask = reach[node]
            for other in edges[node]:
                mask |= reach[other]
            if mask != reach[node]:
                reach[node] = mask
                changed = True
    return reach


def _order(edges: list[set[int]]) -> list[int]:
    """The nodes, those that `edges` lead to first as far as there are no cycles."""
    seen = [False] * len(edges)
    order: list[int] = []
    for start in range(len(edges)):
        if seen[start]:
            continue
        seen[start] = True
        stack = [(start, iter(edges[start]))]
        while stack:
            node, others = stack[-1]
            for other in others:
                if not seen[other]:
                    seen[other] = True
                    stack.append((other, iter(edges[other])))
                    break
            else:
                stack.pop()
                order.append(node)
    return order


class HappensBefore:
    """The order of executions, learnt as they first happen.

    Attributes:
        ops: execution -> its op; of a fetch, the op that computes what is fetched.
        fetches: execution that ends the run for a fetch -> the fetch's position.
        keys: execution -> the number of its op in the plan; of a fetch, the number of ops plus the
            fetch's position. Races are between keys.
        turns: execution -> where it is.
        before: execution -> the bits of those that precede it in the present schedule. Which these
            are may depend on branches taken; `pasts` has all that have been seen.
    """

    def __init__(self, plan: Plan, static: StaticOrder) -> None:
        self._plan = plan
        self._static = static
        self._straight = plan.is_straight
        self._activations: dict[tuple[int, int, str], int] = {}
        self._parents: list[Turn | None] = [None]
        self._names = [""]
        self._parallel = [1]
        self._numbers: dict[tuple[int, Turn, bool], int] = {}
        self._members: dict[Turn, int] = {}
        self._exits: dict[tuple[int, Turn], int] = {}
        self.fetches: dict[int, int] = {}
        self.ops: list[PlanOp] = []
        self.keys: list[int] = []
        self.turns: list[Turn] = []
        self.before: list[int] = []
        self.pasts: list[set[int]] = []
        if self._straight:
            for op in plan.ops:
                self._numbers[op.id, _ROOT, False] = op.id
                self.ops.append(op)
                self.keys.append(op.id)
                self.turns.append(_ROOT)
                self.before.append(static.ancestors[op.id] & ~(1 << op.id))
                self.pasts.append({self.before[-1]})

    def number(self, instance: Instance, *, dead: bool = False) -> int:
        """The number of the execution `instance`; one that is dead has a number of its own."""
        if self._straight:
            return instance.op.id
        key = (instance.op.id, self._turn(instance.iteration), dead)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.ops)
            self.ops.append(instance.op)
            self.keys.append(instance.op.id)
            self.turns.append(key[1])
            self.before.append(-1)
            self.pasts.append(set())
        return number

    def learn(self, instance: Instance, executed: int, *, dead: bool = False) -> int:
        """Note what precedes `instance`, which is about to execute after `executed`."""
        if self._straight:
            return instance.op.id
        number = self.number(instance, dead=dead)
        turn = self.turns[number]
        first = self.before[number] < 0
        self.before[number] = self._before(instance, turn, executed)
        self.pasts[number].add(self.before[number])
        if first:
            self._join(turn, number)
        if instance.op.control_flow is ControlFlow.EXIT and not dead:
            parent = self._parents[turn.activation]
            assert parent is not None
            self._exits[instance.op.id, parent] = number
        return number

    def fetch(self, position: int, source: int) -> int:
        """The number of the op that ends the run for fetch `position`, which `source` computed."""
        key = (-1 - position, _ROOT, False)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.ops)
            self.ops.append(self.ops[source])
            self.keys.append(len(self._plan.ops) + position)
            self.turns.append(_ROOT)
            self.before.append(-1)
            self.pasts.append(set())
            self.fetches[number] = position
        self.before[number] = self.before[source] | 1 << source
        self.pasts[number].add(self.before[number])
        return number

    def ordered(self, a: int, b: int, runs: Collection[int] | None) -> bool:
        """Whether `a` precedes `b`, or `b` precedes `a`, in every schedule in which both happen.

        Args:
            a: an execution.
            b: another.
            runs: the bits of the executions of each schedule; None where all have the same.
        """
        return self._precedes(a, b, runs) or self._precedes(b, a, runs)

    def _precedes(self, a: int, b: int, runs: Collection[int] | None) -> bool:
        if self._straight and b < len(self._plan.ops):
            return bool(self.before[b] >> a & 1)
        for past in self.pasts[b]:
            if past >> a & 1:
                continue
            # With this past, `a` did not come before `b`; but did it come at all?
            both = past | 1 << a | 1 << b
            if runs is None or any(run & both == both for run in runs):
                return False
        return True

    def in_loop(self, number: int) -> bool:
        return self.turns[number].activation != 0

    def place(self, number: int) -> tuple[str | None, int]:
        """The loop activation that `number` is in, as `frame_text` writes it, and its turn."""
        turn = self.turns[number]
        return self._frame_text(turn.activation), turn.number

    def _frame_text(self, activation: int) -> str | None:
        parent = self._parents[activation]
        if parent is None:
            return None
        outside = self._frame_text(parent.activation)
        name = self._names[activation]
        return name if outside is None else f"{outside}[{parent.number}]>{name}"

    def _turn(self, iteration: Iteration) -> Turn:
        frame = iteration.frame
        if frame.parent is None:
            return _ROOT
        return Turn(self._activation(frame), iteration.number)

    def _activation(self, frame: Frame) -> int:
        if frame.parent is None:
            return 0
        parent = self._turn(frame.parent)
        key = (parent.activation, parent.number, frame.static.name)
        number = self._activations.get(key)
        if number is None:
            number = self._activations[key] = len(self._parents)
            self._parents.append(parent)
            self._names.append(frame.static.name)
            self._parallel.append(frame.static.parallel_iterations)
        return number

    def _join(self, turn: Turn | None, number: int) -> None:
        while turn is not None:
            self._members[turn] = self._members.get(turn, 0) | 1 << number
            turn = self._parents[turn.activation]

    def _before(self, instance: Instance, turn: Turn, executed: int) -> int:
        op = instance.op
        mask = 0
        for source in self._plan_sources(op):
            mask |= self._arrival(source, op, turn, executed, set())
        # A turn starts when the turn `parallel_iterations` before it is over.
        where: Turn | None = turn
        while where is not None:
            last = where.number - self._parallel[where.activation]
            if where.activation and last >= 0:
                for finished in range(last + 1):
                    mask |= self._members.get(Turn(where.activation, finished), 0) & executed
            where = self._parents[where.activation]
        return mask

    def _plan_sources(self, op: PlanOp) -> Iterator[PlanOp]:
        for number in self._static.producers[op.id]:
            yield self._plan.ops[number]

    def _arrival(
        self, source: PlanOp, op: PlanOp, turn: Turn, executed: int, seen: set[tuple[int, Turn]]
    ) -> int:
        """The executions behind what came, or will never come, from `source` to `op` in `turn`."""
        kind = source.control_flow
        if kind is ControlFlow.EXIT:
            number = self._exits.get((source.id, turn))
            return 0 if number is None else self._with_past(number, executed)
        if kind is ControlFlow.ENTER:
            parent = self._parents[turn.activation]
            assert parent is not None
            at = parent
            if not source.is_constant_enter and turn.number:
                return 0
        elif kind is ControlFlow.NEXT_ITERATION:
            if not turn.number:
                return 0
            at = Turn(turn.activation, turn.number - 1)
        else:
            at = turn
        key = (source.id, at)
        number = self._numbers.get((source.id, at, False))
        if number is not None and executed >> number & 1:
            return self._with_past(number, executed)
        if key in seen:
            return 0
        seen.add(key)
        # Dead, or a value that Merge did not wait for: what made it so came before.
        if op.control_flow is ControlFlow.MERGE:
            return 0
        mask = 0
        for further in self._plan_sources(source):
            mask |= self._arrival(further, source, at, executed, seen)
        return mask

    def _with_past(self, number: int, executed: int) -> int:
        return 1 << number | (self.before[number] & executed)
