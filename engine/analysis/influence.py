"""What the races of a run can change: ops, cells, and the fetches and variables behind them.

A race is a source: an op that reads what another may or may not have written has results that
differ between schedules, and so has whatever takes them, directly or through a variable. Two races
that no fetch and no variable both depend on are independent, and are searched apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..executor.plan import PlanOp, StaticFrame
from ..memory import Alias, RefVariable
from .access import CellKey, Touch
from .conflicts import Conflict, RaceGraph
from .machine import Machine
from .order import bits

VariableKey = tuple[str, str]
"""A variable: its container and name; the key of its record."""


@dataclass(slots=True)
class Cluster:
    """Races that are searched together.

    Attributes:
        conflicts: the races, between executions.
        racing: the bits of their keys.
        ops: the bits of the ops whose results they can change.
        cells: what they can change in the memory.
        fetches, variables: what a user sees of that.
    """

    conflicts: list[Conflict]
    racing: int = 0
    ops: int = 0
    cells: set[CellKey] = field(default_factory=set[CellKey])
    fetches: set[int] = field(default_factory=set[int])
    variables: set[VariableKey] = field(default_factory=set[VariableKey])

    def join(self, other: Cluster) -> None:
        self.conflicts += other.conflicts
        self.racing |= other.racing
        self.ops |= other.ops
        self.cells |= other.cells
        self.fetches |= other.fetches
        self.variables |= other.variables

    def races(self, keys: list[int]) -> RaceGraph:
        return RaceGraph.of(self.conflicts, keys)


@dataclass(slots=True)
class Accesses:
    """Who reads and who writes each cell, by op."""

    readers: dict[CellKey, int]
    writers: dict[CellKey, int]
    written: dict[int, set[CellKey]]

    @classmethod
    def of(cls, touched: Sequence[set[Touch]], keys: Sequence[int]) -> Accesses:
        readers: dict[CellKey, int] = defaultdict(int)
        writers: dict[CellKey, int] = defaultdict(int)
        written: dict[int, set[CellKey]] = defaultdict(set)
        for number, touches in enumerate(touched):
            for cell, writes in touches:
                if writes:
                    writers[cell] |= 1 << keys[number]
                    written[keys[number]].add(cell)
                # Whoever moves a generator on, or changes a resource, takes from it as well.
                if not writes or cell[0] in ("generator", "state"):
                    readers[cell] |= 1 << keys[number]
        return cls(readers, writers, written)


def clusters(machine: Machine, found: Sequence[Conflict], tokens: Sequence[Any]) -> list[Cluster]:
    """The independent clusters of the races `found`, in an order in which they can happen.

    Args:
        machine: what the search knows of accesses and of the order.
        found: the races.
        tokens: what arrived at each fetch of the plan in some schedule.
    """
    accesses = Accesses.of(machine.touched, machine.keys)
    parts = [influence(machine, accesses, part, tokens) for part in _components(machine, found)]
    parts = _joined_by(parts, _shared_observables(parts))
    parts = _joined_by(parts, _same_loop(machine, parts))
    parts = _in_order(machine, parts)
    _adopt_bystanders(machine, accesses, parts, tokens)
    return parts


def _components(machine: Machine, found: Sequence[Conflict]) -> list[list[Conflict]]:
    import networkx as nx  # slow to import, and not every run is analysed

    graph: Any = nx.Graph()
    for conflict in found:
        graph.add_edge(machine.keys[conflict.first], machine.keys[conflict.second])
    component: dict[int, int] = {}
    for number, members in enumerate(nx.connected_components(graph)):
        component.update(dict.fromkeys(members, number))
    parts: dict[int, list[Conflict]] = defaultdict(list)
    for conflict in found:
        parts[component[machine.keys[conflict.first]]].append(conflict)
    return list(parts.values())


def influence(
    machine: Machine, accesses: Accesses, found: list[Conflict], tokens: Sequence[Any]
) -> Cluster:
    """How far the races `found` reach."""
    keys = machine.keys
    cluster = Cluster(found)
    waiting: list[int] = []

    def change(key: int) -> None:
        if not cluster.ops >> key & 1:
            cluster.ops |= 1 << key
            waiting.append(key)

    def taint(cell: CellKey, writer: int) -> None:
        cluster.cells.add(cell)
        earlier = machine.ancestors(writer) if machine.plan.is_straight else 0
        for reader in bits(accesses.readers.get(cell, 0) & ~earlier):
            change(reader)

    for conflict in found:
        first, second = keys[conflict.first], keys[conflict.second]
        cluster.racing |= 1 << first | 1 << second
        readers = accesses.readers.get(conflict.cell, 0)
        if readers >> first & 1 and conflict.second_writes:
            change(first)
        if readers >> second & 1 and conflict.first_writes:
            change(second)
        if conflict.first_writes and conflict.second_writes:
            taint(conflict.cell, first)
            taint(conflict.cell, second)
    while waiting:
        key = waiting.pop()
        for cell in accesses.written.get(key, ()):
            taint(cell, key)
        if key < len(machine.plan.ops):
            for follower in _takers(machine, machine.plan.ops[key]):
                change(follower.id)
    _observe(machine, cluster, tokens)
    return cluster


def _takers(machine: Machine, op: PlanOp) -> Iterable[PlanOp]:
    """The ops that a different result of `op` changes directly."""
    if not machine.plan.is_straight:
        yield from op.followers()  # Whether they run at all may depend on it.
        return
    outputs = op.declaration.output_dtypes(op.node.attrs)
    for output, consumer, _ in op.consumers:
        if not outputs[output].is_ref:  # Who takes a reference reads the variable.
            yield consumer


def _observe(machine: Machine, cluster: Cluster, tokens: Sequence[Any]) -> None:
    """Note which fetches and variables the cluster reaches."""
    count = len(machine.plan.ops)
    cells = {whole(cell) for cell in cluster.cells}
    for position, (source, _) in enumerate(machine.plan.fetches):
        if not isinstance(source, PlanOp):
            continue
        token = tokens[position]
        buffer = token.buffer if isinstance(token, RefVariable | Alias) else None
        seen = None if buffer is None else machine.cells.contents(buffer)
        changed = cluster.ops >> source.id & 1 and not isinstance(token, RefVariable)
        if changed or seen in cells or cluster.ops >> (count + position) & 1:
            cluster.fetches.add(position)
    cluster.variables |= {key for cell in cluster.cells if (key := variable_of(cell))}
    # A resource variable that adopted a buffer shows what is written there.
    for key, contents in machine.adoptions:
        if contents in cells:
            cluster.variables.add(key)


def _adopt_bystanders(
    machine: Machine, accesses: Accesses, parts: list[Cluster], tokens: Sequence[Any]
) -> None:
    """Add to each cluster what it does not change but what a reader looks for beside it.

    That is a variable that is raced on and ends the same nevertheless, and what is fetched of it.
    """
    raced = [{whole(conflict.cell) for conflict in part.conflicts} for part in parts]
    shown = {position for part in parts for position in part.fetches}
    held = {variable for part in parts for variable in part.variables}
    for part, cells in zip(parts, raced, strict=True):
        part.variables |= {key for cell in cells if (key := variable_of(cell)) and key not in held}
        held |= part.variables
    for position, (source, _) in enumerate(machine.plan.fetches):
        if position in shown or not isinstance(source, PlanOp):
            continue
        token = tokens[position]
        buffer = token.buffer if isinstance(token, RefVariable | Alias) else None
        of = None if buffer is None else machine.cells.contents(buffer)
        near = [
            part
            for part, cells in zip(parts, raced, strict=True)
            if of in cells or any(accesses.readers.get(c, 0) >> source.id & 1 for c in cells)
        ]
        if len(near) == 1:
            near[0].fetches.add(position)


def whole(cell: CellKey) -> CellKey:
    """The cell that `cell` is an element of, or itself."""
    return cell[:-2] if len(cell) > 2 and cell[-2] == "element" else cell


def variable_of(cell: CellKey) -> VariableKey | None:
    """The variable that `cell` is part of, if it is of one."""
    if cell[0] in ("contents", "record", "value", "initialized") and isinstance(cell[1], tuple):
        return cell[1]  # type: ignore[return-value]
    return None


def _shared_observables(parts: list[Cluster]) -> Iterable[list[int]]:
    owners: dict[Any, list[int]] = defaultdict(list)
    for number, part in enumerate(parts):
        for observable in (*part.fetches, *part.variables):
            owners[observable].append(number)
    return owners.values()


def _same_loop(machine: Machine, parts: list[Cluster]) -> Iterable[list[int]]:
    """Turns of a loop wait for each other, so races inside one are not independent."""
    owners: dict[Any, list[int]] = defaultdict(list)
    for number, part in enumerate(parts):
        for key in bits(part.racing):
            frame = outermost(machine.plan.ops[key]) if key < len(machine.plan.ops) else None
            if frame is not None:
                owners[frame].append(number)
    return owners.values()


def outermost(op: PlanOp) -> StaticFrame | None:
    """The outermost loop around `op`; None for an op in no loop."""
    frame = op.frame
    if frame.parent is None:
        return None
    while frame.parent is not None and frame.parent.parent is not None:
        frame = frame.parent
    return frame


def _joined_by(parts: list[Cluster], together: Iterable[list[int]]) -> list[Cluster]:
    import networkx as nx  # slow to import, and not every run is analysed

    graph: Any = nx.Graph()
    graph.add_nodes_from(range(len(parts)))
    for numbers in together:
        nx.add_path(graph, numbers)
    return [_join(parts, sorted(members)) for members in nx.connected_components(graph)]


def _join(parts: list[Cluster], numbers: Sequence[int]) -> Cluster:
    whole = Cluster([])
    for number in numbers:
        whole.join(parts[number])
    return whole


def _in_order(machine: Machine, parts: list[Cluster]) -> list[Cluster]:
    """Join what must alternate, and sort the rest so that what comes first comes first.

    Where an op of one cluster precedes one of another, and the other way round, their orders are
    not independent of each other.
    """
    import networkx as nx  # slow to import, and not every run is analysed

    graph: Any = nx.DiGraph()
    graph.add_nodes_from(range(len(parts)))
    before = [0] * len(parts)
    for number, part in enumerate(parts):
        for key in bits(part.racing):
            before[number] |= machine.ancestors(key)
    for first, part in enumerate(parts):
        for second in range(len(parts)):
            if first != second and before[second] & part.racing:
                graph.add_edge(first, second)
    condensed: Any = nx.condensation(graph)
    return [
        _join(parts, sorted(condensed.nodes[node]["members"]))
        for node in nx.lexicographical_topological_sort(condensed)
    ]
