"""What two analyses of one run found, put together."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from .difference import outcome_key
from .ordering import in_order
from .results import Group, Outcome, joined

MOST = 10_000
"""Outcomes that are put together for one group; what is beyond is left out, as in any search that
did not come to its end."""


def united(whole: Sequence[Group], finer: Sequence[Group]) -> list[Group]:
    """The outcomes of `whole`, and what a search that did not come to its end found besides.

    Groups that speak of the same fetches or variables become one; where a run may fail, all do.

    Args:
        whole: groups of a complete set.
        finer: groups of another set of outcomes of the same run.
    """
    import networkx as nx  # slow to import, and not every run is analysed

    graph: Any = nx.Graph()
    groups = [*whole, *finer]
    fails = any(o.error is not None for group in groups for o in group.outcomes)
    for number, group in enumerate(groups):
        graph.add_node(number)
        graph.add_edges_from((number, ("fetch", name)) for name in group.fetches)
        graph.add_edges_from((number, ("variable", name)) for name in group.variables)
        if fails:
            graph.add_edge(number, "failure")
    made: list[Group] = []
    for members in nx.connected_components(graph):
        numbers = sorted(member for member in members if isinstance(member, int))
        first = [groups[n] for n in numbers if n < len(whole)]
        second = [groups[n] for n in numbers if n >= len(whole)]
        made.append(_united(first, second))
    return made


def _united(whole: Sequence[Group], finer: Sequence[Group]) -> Group:
    together = [*whole, *finer]
    fetches = list(dict.fromkeys(name for group in together for name in group.fetches))
    variables = list(dict.fromkeys(name for group in together for name in group.variables))
    found: dict[Hashable, Outcome] = {}
    for outcome in itertools.chain(_product(whole), _product(finer)):
        speaks_of_all = len(outcome.variables) == len(variables) and (
            outcome.fetches is None or len(outcome.fetches) == len(fetches)
        )
        if speaks_of_all:
            found.setdefault(outcome_key(outcome), outcome)
    races = sorted({race for group in together for race in group.races})
    complete = all(group.complete for group in together)
    return Group(fetches, variables, in_order(found.values()), races, complete=complete)


def _product(groups: Sequence[Group]) -> Iterable[Outcome]:
    if not groups:
        return ()
    choices = itertools.product(*(group.outcomes for group in groups))
    return itertools.islice(map(joined, choices), MOST)
