"""Races as a person reads them: who, what, why nothing orders them, and what would."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from ..executor.plan import PlanOp
from ..ops.registry import Lock
from .access import ERROR, CellKey, Touch
from .conflicts import Conflict, is_failure
from .influence import Cluster, variable_of
from .locks import overlap
from .machine import Machine
from .results import Access, Race, RaceKind, Reach
from .rewrites import COPY, may_be_rewritten, may_read_copy
from .split.optimizers import optimizer
from .tearing import Party, tearing

Pair = tuple[str, int, int]
"""A race: the variable, and the keys of the two ops."""


@dataclass(slots=True)
class _Side:
    """One op of a race, with what all its executions do to the variable."""

    key: int
    name: str
    reads: bool
    writes: bool
    locks: set[Lock]

    @property
    def does(self) -> str:
        if self.reads and self.writes:
            return "reads and writes"
        return "writes" if self.writes else "reads"


class Explainer:
    """Turns the conflicts of one machine into sentences.

    Args:
        machine: what the search knows.
        names: the variables' keys -> their names.
        fetches: the names of the fetched tensors.
        influence: what one race alone can change.
    """

    def __init__(
        self,
        machine: Machine,
        names: dict[tuple[str, str], str],
        fetches: Sequence[str],
        influence: Any,
    ) -> None:
        self._machine = machine
        self._names = names
        self._fetches = fetches
        self._influence = influence
        self._racing: set[CellKey] = set()
        self._touched: dict[int, list[set[Touch]]] = defaultdict(list)
        for number, touches in enumerate(machine.touched):
            self._touched[machine.keys[number]].append(touches)

    def races(self, found: Sequence[Conflict]) -> dict[Pair, Race]:
        """The races of `found`, each pair of ops and variable once, in a stable order.

        Why each is one is said as far as the graph tells; what it leads to, the outcomes tell.
        """
        self._racing = {conflict.cell for conflict in found}
        grouped: dict[Pair, list[Conflict]] = {}
        for conflict in found:
            if not is_failure(conflict):
                grouped.setdefault(self.pair(conflict), []).append(conflict)
        made = {pair: self._race(pair, together) for pair, together in grouped.items()}
        return dict(
            sorted(made.items(), key=lambda i: (i[1].variable, i[1].first.name, i[1].second.name))
        )

    def pair(self, conflict: Conflict) -> Pair:
        """What race `conflict` is a case of."""
        keys = self._machine.keys
        first, second = sorted((keys[conflict.first], keys[conflict.second]), key=self.name)
        return self._variable(conflict.cell), first, second

    def failures(self, found: Sequence[Conflict]) -> list[str]:
        """Sentences about failures whose order matters."""
        keys = self._machine.keys
        pairs = {
            tuple(sorted((keys[c.first], keys[c.second]), key=self.name))
            for c in found
            if is_failure(c) and c.first_writes and c.second_writes
        }
        return [
            f"{self.name(a)} and {self.name(b)} both can fail and nothing orders them: the first "
            "one to fail decides the error."
            for a, b in sorted(pairs)
        ]

    def name(self, key: int) -> str:
        """The name of the op with `key`."""
        ops = self._machine.plan.ops
        if key < len(ops):
            return ops[key].node.name
        return self._machine.plan.fetch_name(key - len(ops))

    def _variable(self, cell: CellKey) -> str:
        key = variable_of(cell)
        if key is not None and key in self._names:
            return self._names[key]
        held = cell[1]
        return str(held[-1] if isinstance(held, tuple) else held)

    def _race(self, pair: Pair, together: list[Conflict]) -> Race:
        variable, first_key, second_key = pair
        cells = {conflict.cell for conflict in together}
        first, second = self._side(first_key, cells), self._side(second_key, cells)
        both = any(conflict.first_writes and conflict.second_writes for conflict in together)
        kind: RaceKind = "write-write" if both else "read-write"
        loop = any(self._machine.order.in_loop(c.first) for c in together)
        reach = self._reach(self._influence(together))
        tearable = self._is_tearable(first, second, cells)
        elements = max(map(self._size, cells))
        parties = self._party(first, cells), self._party(second, cells)
        return Race(
            variable,
            kind,
            self._access(first),
            self._access(second),
            tearable,
            self._why(variable, first, second, loop),
            self._fix(first, second, loop, self._weak(first, second, cells)),
            reach,
            tearing(variable, elements, *parties, reach) if tearable else "",
        )

    def _reach(self, shown: Cluster) -> Reach:
        return Reach(
            [self._fetches[position] for position in sorted(shown.fetches)],
            sorted(self._names[key] for key in shown.variables if key in self._names),
            ERROR in shown.cells,
        )

    def _party(self, side: _Side, cells: set[CellKey]) -> Party:
        again = self._looks(side.key, cells) > 1
        further = self._accesses(side.key) > 1
        return Party(self._named(side), side.reads, side.writes, again, further)

    def _side(self, key: int, cells: set[CellKey]) -> _Side:
        machine = self._machine
        held = {variable_of(cell) for cell in cells} - {None}
        reads = any(cell[0] == "generator" for cell in cells)
        writes = False
        for touches in self._touched[key]:
            for touch in touches:
                if touch.cell in cells or variable_of(touch.cell) in held:
                    writes |= touch.writes
                    reads |= not touch.writes and touch.cell[0] != "record"
        # Whoever does nothing else looks whether the variable has a value, or where.
        reads |= not writes
        locks: set[Lock] = set()
        if key < len(machine.plan.ops):
            op = machine.plan.ops[key]
            locks = {lock for cell in cells for lock in machine.locks(op, cell)}
        return _Side(key, self.name(key), reads, writes, locks or {Lock.NONE})

    def _access(self, side: _Side) -> Access:
        ops = self._machine.plan.ops
        if side.key < len(ops):
            node = ops[side.key].node
            return Access(node.index, node.name, node.type, side.does)
        source = self._machine.plan.fetches[side.key - len(ops)][0]
        assert isinstance(source, PlanOp)
        return Access(source.node.index, side.name, "_Retval", side.does)

    def _is_tearable(self, first: _Side, second: _Side, cells: set[CellKey]) -> bool:
        """Whether the kernels can overlap, and one of them looks or writes more than once."""
        kinds = {cell[0] for cell in cells}
        if not kinds & {"contents", "value"}:
            return False
        if not all(overlap(a, b) for a in first.locks for b in second.locks):
            return False
        twice = any(self._accesses(side.key) > 1 for side in (first, second))
        return twice or any(self._size(cell) > 1 for cell in cells)

    def _accesses(self, key: int) -> int:
        """How often the op with `key` looks at or writes what is raced on, in one execution."""
        if key >= len(self._machine.plan.ops):
            return 1
        touches = {
            touch
            for touched in self._touched[key]
            for touch in touched
            if touch.cell in self._racing
        }
        return max(len(touches), self._looks(key, self._racing))

    def _looks(self, key: int, cells: Collection[CellKey]) -> int:
        """How often, at least, the op with `key` takes `cells` from memory in one execution."""
        machine = self._machine
        if key not in machine.tokens:
            return 0
        op, tokens = machine.plan.ops[key], machine.tokens[key]
        taken = [at for at in op.memory_inputs if machine.cells.behind(tokens[at]) in cells]
        rule = optimizer(op.node.type, op.node.attrs)
        if rule is None:
            return len(taken)
        names = [argument.name for argument in op.declaration.inputs]
        sparse = "indices" in names
        return len(taken) + sum(rule.looks_again(names[at], sparse=sparse) for at in taken)

    def _size(self, cell: CellKey) -> int:
        key = variable_of(cell)
        value = None if key is None else self._machine.value(key)
        return 1 if value is None else value.size

    def _why(self, variable: str, first: _Side, second: _Side, loop: bool) -> str:
        if first.key == second.key:
            return (
                f"{self._named(first)} {first.does} {variable} in every turn of its loop, and no "
                "edge makes one turn wait for another"
            )
        early, late = (first, second) if first.writes else (second, first)
        turns = " of every turn of the loop" if loop else ""
        return (
            f"{self._named(early)} {early.does} {variable} and {self._named(late)} {late.does} it, "
            f"and no path of edges{turns} leads from one to the other, so either may come first"
        )

    def _named(self, side: _Side) -> str:
        return f"{side.name} ({self._access(side).type})"

    def _weak(self, first: _Side, second: _Side, cells: set[CellKey]) -> PlanOp | None:
        """The op of the two from which TensorFlow's optimizer may not respect a control edge."""
        refs, ops = self._machine.memory.ref_variables, self._machine.plan.ops
        if not any(variable_of(cell) in refs for cell in cells):
            return None
        sides = [ops[side.key] for side in (first, second) if side.key < len(ops)]
        return next((op for op in sides if may_be_rewritten(op)), None)

    def _fix(self, first: _Side, second: _Side, loop: bool, weak: PlanOp | None) -> str:
        if first.key == second.key:
            return "build the loop with parallel_iterations=1"
        count = len(self._machine.plan.ops)
        if first.key >= count or second.key >= count:
            fetch, other = (first, second) if first.key >= count else (second, first)
            source = self._machine.plan.fetches[fetch.key - count][0]
            assert isinstance(source, PlanOp)
            return (
                f"fetch, in place of {source.node.name}, a read of it with a control edge from "
                f"{other.name}"
            )
        serial = ", and the loop with parallel_iterations=1" if loop else ""
        if weak is None:
            return f"build {_after(second, first)}, or {_after(first, second)}{serial}"
        reader, other = (first, second) if first.key == weak.id else (second, first)
        copied = (
            f", or let {reader.name} read a copy (tf.raw_ops.{COPY}) and build {other.name} under "
            "tf.control_dependencies([copy])"
        )
        return (
            f"build {_after(reader, other)}{serial}{copied if may_read_copy(weak) else ''}; an "
            f"edge from {reader.name} itself may not hold: TensorFlow's optimizer may undo it"
        )


def _after(late: _Side, early: _Side) -> str:
    return f"{late.name} under tf.control_dependencies([{early.name}])"
