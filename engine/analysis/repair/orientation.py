"""Small sets of control edges that order many races at once.

Every linear extension of a run's order decides each race one way, and edges along it can never
close a cycle. For a few extensions that mean something to a person (reads first, writes first, as
built) the races are ordered along them; edges that others imply are left out (the transitive
reduction); and where an op waits for many, or many wait for one, a common successor or predecessor
stands for them (greedy set cover, Chvátal 1979).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ...executor.plan import PlanOp
from ...executor.topology import within_turn
from ..order import bits
from ..results import Race
from .draft import Draft, Drafts, merged
from .edits import Edit, Serial
from .placement import Refusal

Pair = tuple[int, int]
"""Ids of plan ops: the first is to run before the second."""

_POLICIES = (
    ("reads", "reads come before the writes that they race with, where they can"),
    ("writes", "writes come before the reads that they race with, where they can"),
    ("built", "ops that race run in the order in which the graph was built"),
)


def orientations(drafts: Drafts, races: Sequence[Race]) -> Iterator[tuple[Draft, list[str]]]:
    """Drafts that order all of `races`, each with why some of the races are left out."""
    reads = any(race.kind == "read-write" for race in races)
    for policy, meaning in _POLICIES if reads else _POLICIES[-1:]:
        draft, refusals = _oriented(drafts, races, policy, meaning)
        robust = drafts.with_copies(draft)
        if robust is not None:
            yield robust, refusals
        yield drafts.warned(draft), refusals


def _oriented(
    drafts: Drafts, races: Sequence[Race], policy: str, meaning: str
) -> tuple[Draft, list[str]]:
    writers: set[int] = set()
    racing: list[Pair] = []
    parts: list[Draft] = []
    loops: list[Edit] = []
    refusals: list[str] = []
    for race in races:
        first, second = drafts.op(race.first), drafts.op(race.second)
        if first is None or second is None:
            made, refused = drafts.of_race(race)
            parts += made[:1]
            refusals += refused
            continue
        for side, op in ((race.first, first), (race.second, second)):
            if side.does != "reads":
                writers.add(op.id)
        if first is not second:
            racing.append((first.id, second.id))
        serial: Serial | None = drafts.loop_of(first, second)
        if serial is not None:
            loops.append(serial)
    rank = _ranks(drafts, racing, writers, policy)
    pairs = [(a, b) if rank[a] < rank[b] else (b, a) for a, b in racing]
    for pair in _covered(drafts, _reduced(drafts, pairs), rank):
        edge = drafts.placement.edge(drafts.plan.ops[pair[0]], drafts.plan.ops[pair[1]])
        if isinstance(edge, Refusal):
            refusals.append(edge.why)
        else:
            parts.append(Draft((edge,), ""))
    parts.append(Draft(tuple(loops), ""))
    return merged(parts, meaning), refusals


def _ranks(
    drafts: Drafts, racing: Sequence[Pair], writers: set[int], policy: str
) -> dict[int, int]:
    """The position of each op in a linear extension that follows `policy`."""
    plan = drafts.plan
    members = {op for pair in racing for op in pair}

    def key(op: PlanOp) -> tuple[int, int, int]:
        late = (op.id in writers) == (policy == "reads") and policy != "built"
        return (op.id in members, late, op.node.index)

    # What leads to an op that should come early comes early too.
    wanted: dict[int, tuple[int, int, int]] = {}
    mask = sum(1 << number for number in members)
    for op in plan.ops:
        behind = bits(drafts.order.descendants[op.id] & mask)
        wanted[op.id] = key(op)
        if op.id not in members:
            wanted[op.id] = min((key(plan.ops[i]) for i in behind), default=wanted[op.id])
    import networkx as nx  # slow to import, and not every run is analysed

    order = nx.lexicographical_topological_sort(_graph(drafts), wanted.__getitem__)
    return {number: rank for rank, number in enumerate(order)}


def _graph(drafts: Drafts) -> Any:
    """What waits for what within a turn, as ids of ops."""
    import networkx as nx  # slow to import, and not every run is analysed

    graph: Any = nx.DiGraph()
    for op in drafts.plan.ops:
        graph.add_node(op.id)
    for op in drafts.plan.ops:
        graph.add_edges_from((op.id, follower.id) for follower in within_turn(op))
    return graph


def _reduced(drafts: Drafts, pairs: Sequence[Pair]) -> list[Pair]:
    """`pairs` without those that the others and the graph imply."""
    import networkx as nx  # slow to import, and not every run is analysed

    graph = _graph(drafts)
    kept = list(dict.fromkeys(pairs))
    graph.add_edges_from(kept)
    for pair in list(kept):
        graph.remove_edge(*pair)
        if nx.has_path(graph, *pair):
            kept.remove(pair)
        else:
            graph.add_edge(*pair)
    return kept


def _covered(drafts: Drafts, pairs: list[Pair], rank: dict[int, int]) -> list[Pair]:
    """`pairs`, or fewer that order as much."""
    if not drafts.plan.is_straight:
        return pairs
    order = drafts.order
    weak = [pair for pair in pairs if drafts.is_weak(drafts.plan.ops[pair[0]])]
    joined = _by_hubs(
        drafts,
        [(second, first) for first, second in pairs if (first, second) not in weak],
        lambda hub: order.ancestors[hub],
        lambda hub, end: rank[hub] < rank[end],
    )
    joined += [(second, first) for first, second in weak]
    return _by_hubs(
        drafts,
        [(first, second) for second, first in joined],
        lambda hub: order.descendants[hub],
        lambda hub, end: rank[hub] > rank[end],
    )


def _by_hubs(
    drafts: Drafts,
    pairs: Sequence[Pair],
    covers: Callable[[int], int],
    allowed: Callable[[int, int], bool],
) -> list[Pair]:
    """Pairs (end, other), fewer: another op that `covers` several others may stand for them."""
    others: dict[int, set[int]] = {}
    for end, other in pairs:
        others.setdefault(end, set()).add(other)
    found: list[Pair] = []
    for end, left in others.items():
        while left:
            best, gain = -1, set[int]()
            if len(left) > 1:
                for hub in drafts.plan.ops:
                    if hub.node.call < 0 and hub.id != end and allowed(hub.id, end):
                        reach = {other for other in left if covers(hub.id) >> other & 1}
                        if len(reach) > len(gain):
                            best, gain = hub.id, reach
            if len(gain) < 2:
                best = min(left)
                gain = {best}
            found.append((end, best))
            left -= gain
    return found
