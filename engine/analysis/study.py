"""One analysis from beginning to end: meet the races, part them into groups, search each."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..errors import OpError
from ..executor.flat import FlatGraph, variable_key
from ..executor.plan import PlanOp
from ..executor.request import Request
from ..executor.schedule import Entry
from ..memory import Array, Memory
from .access import CellKey
from .conflicts import Conflict, RaceGraph, is_failure
from .explain import Explainer
from .influence import (
    Accesses,
    Cluster,
    VariableKey,
    clusters,
    influence,
    outermost,
    variable_of,
)
from .machine import Machine
from .order import StaticOrder, bits
from .ordering import in_order
from .region import Region
from .results import Effort, Group, Outcome, Race
from .search import Budget, Found, Scope, Search, Stopped, after
from .split.graph import SplitGraph
from .values import one_nan

if TYPE_CHECKING:
    from .parallel import Division


_GLANCE_SECONDS = 0.1
"""How long a group is searched for races when all is to begin anew anyway."""


class Declared(NamedTuple):
    """A variable that the graph declares."""

    name: str
    key: VariableKey
    kind: str


def declared_variables(flat: FlatGraph) -> list[Declared]:
    """Every variable of the program; two nodes may declare one."""
    return [
        Declared(node.name, (key.container, key.name), "resource" if key.is_resource else "ref")
        for node in flat.nodes
        if (key := variable_key(node)) is not None
    ]


@dataclass(frozen=True, slots=True)
class Result:
    """What one schedule gave, as far as a search looks."""

    fetches: Sequence[Any] | None
    variables: Mapping[str, Array | None]
    error: OpError | None


def _identity(error: OpError | None) -> Hashable:
    """What distinguishes one failure from another."""
    return None if error is None else (type(error).__name__, error.op, error.message)


def _concerns(cell: CellKey, part: Cluster) -> bool:
    """Whether what `cell` holds is part of what `part` can change."""
    return cell in part.cells or (len(cell) > 1 and cell[1] in part.variables)


class Study:
    """The analysis of one run.

    Attributes:
        machine: the run, under control; put it back with `close`.
        conflicts: every race between executions that was met.
        complete: whether every outcome was found.
        messages_differ: whether failures were left out that another differs from in its message.
        effort: what it took.
    """

    def __init__(
        self,
        request: Request,
        memory: Memory,
        budget: Budget,
        progress: Callable[[Effort], None] | None = None,
        split: SplitGraph | None = None,
        division: Division | None = None,
    ) -> None:
        self.request = request
        self.plan = request.plan
        self.budget = budget
        self.static = StaticOrder(self.plan)
        self.machine = Machine(self.plan, memory, request.feeds, self.static, split)
        self.machine.spend = budget.spend
        self.variables = declared_variables(self.plan.flat)
        self.conflicts: list[Conflict] = []
        self.complete = True
        self.messages_differ = False
        self.frontier = 0
        self.effort = Effort()
        self.parts: list[Cluster] = []
        self._tokens: list[Any] = [None] * len(self.plan.fetches)
        self._progress = progress
        self._split = split
        self._division = division
        self._races = RaceGraph({}, 0)
        self._shown_as: dict[int, int] = {}

    def run(self) -> list[Group]:
        """Search; the groups of outcomes, those that depend on a race first."""
        began = perf_counter()
        with np.errstate(all="ignore"):
            groups = None
            while groups is None:
                groups = self._attempt()
        self.effort = replace(self.effort, seconds=perf_counter() - began)
        return groups

    def tearable(self) -> dict[int, set[CellKey]]:
        """The ops whose kernels may overlap with one that they race with -> on which cells."""
        machine = self.machine
        explainer = Explainer(machine, {}, (), lambda _: Cluster([]))
        races = explainer.races(self.conflicts)
        found: dict[int, set[CellKey]] = {}
        for conflict in self.conflicts:
            if is_failure(conflict) or not races[explainer.pair(conflict)].tearable:
                continue
            for number in (conflict.first, conflict.second):
                key = machine.keys[number]
                if key < len(self.plan.ops) and conflict.cell[0] in ("contents", "value"):
                    found.setdefault(key, set()).add(conflict.cell)
        return found

    def explained(self, groups: Sequence[Group]) -> tuple[list[Group], list[Race], list[str]]:
        """`groups` with their races, all races, and sentences about failures."""
        machine = self.machine
        accesses = Accesses.of(machine.touched, machine.keys)

        def reach(found: list[Conflict]) -> Cluster:
            return influence(machine, accesses, found, self._tokens)

        names = {variable.key: variable.name for variable in reversed(self.variables)}
        explainer = Explainer(machine, names, self.request.tensors, reach)
        races = explainer.races(self.conflicts)
        positions = {pair: number for number, pair in enumerate(races)}
        marked = list(groups)
        for number, part in enumerate(self.parts[: len(groups)]):
            pairs = {explainer.pair(c) for c in part.conflicts if not is_failure(c)}
            mine = sorted(positions[pair] for pair in pairs)
            marked[number] = replace(groups[number], races=mine)
        return marked, list(races.values()), explainer.failures(self.conflicts)

    def marked(self, groups: Sequence[Group], races: Sequence[Race]) -> list[Group]:
        """`groups` of a run with kernels taken apart, with those of `races` that decide them."""
        assert self._split is not None
        names = {variable.key: variable.name for variable in reversed(self.variables)}
        positions = {(r.variable, r.first.name, r.second.name): i for i, r in enumerate(races)}
        ops, count, keys = self.plan.ops, len(self.plan.ops), self.machine.keys
        marked = list(groups)
        for number, part in enumerate(self.parts[: len(groups)]):
            mine: set[int] = set()
            for conflict in part.conflicts:
                both = [keys[conflict.first], keys[conflict.second]]
                variable = names.get(variable_of(conflict.cell) or ("", ""))
                if variable is None or max(both) >= count:
                    continue
                first, second = sorted(
                    self._split.original_name(ops[key].node.name) for key in both
                )
                found = positions.get((variable, first, second))
                mine |= set() if found is None else {found}
            marked[number] = replace(groups[number], races=sorted(mine))
        return marked

    @property
    def unexplored(self) -> str:
        """What is missing where the search was stopped."""
        choices = f"{self.frontier} choices" if self.frontier else "the first schedule"
        return (
            f"The search was stopped after {self.effort.states} states with {choices} left to try."
        )

    def close(self) -> None:
        self.machine.close()

    def _attempt(self) -> list[Group] | None:
        """The groups, or None if a race turned up that was not known; then it is known now."""
        machine = self.machine
        everything = range(len(self.plan.fetches))
        whole = self.scope(self._whole())
        pilot = Search(machine, self.static, RaceGraph({}, 0), whole, self.budget)
        pilot.known = self._races
        tokens: list[Any] = []
        pilot.at_end = lambda: tokens.extend(map(machine.executor.token, everything))
        found = pilot.run()
        self._tokens = tokens or self._tokens
        if self._learns(pilot):
            machine.restart()
            return None
        self.conflicts = pilot.conflicts()
        if not found.results:
            self.complete = False
            return []
        ((first, _),) = found.results.values()
        if machine.failures:
            parts = [self._everything()] if self.conflicts else []
        else:
            parts = clusters(machine, self.conflicts, tokens)
        try:
            if parts:
                self._run_what_no_race_reaches()
        except Stopped:
            machine.back_to(0)
            self.complete = False
            return self._rest([], first)
        groups: list[Group] = []
        searched: list[Cluster] = []
        learns = False
        for part in parts:
            races = part.races(machine.keys)
            region = self._region(part)
            search = Search(machine, self.static, races, self.scope(region), self.budget)
            search.known = self._races
            search.progress = self._report
            with machine.focused(search.scope.ops):
                if learns:
                    found = search.run(after(_GLANCE_SECONDS))
                elif self._division is None:
                    found = search.run()
                else:
                    found = self._division.search(self, search, region)
            # The others are looked at before all begin anew: what they show is learnt together.
            learns |= self._learns(search)
            if learns:
                if machine.failures:
                    break
                continue
            if part.fetches or part.variables:
                groups.append(self._group(part, found, first))
                searched.append(part)
        if learns:
            machine.restart()
            return None
        machine.back_to(0)
        self.parts = searched
        rest = self._rest(groups, first)
        return [*groups, *rest]

    def _run_what_no_race_reaches(self) -> None:
        """Execute once, for all searches, what comes before every race."""
        racing, keys = RaceGraph.of(self.conflicts, self.machine.keys).racing, self.machine.keys
        self.machine.settle(lambda number: not racing >> keys[number] & 1)

    def _learns(self, search: Search) -> bool:
        """Whether `search` met a race that was not known."""
        self.effort += search.found.effort
        if not search.new_races:
            return False
        self._races = self._races.union(RaceGraph.of(search.conflicts(), self.machine.keys))
        return True

    def _report(self, effort: Effort) -> None:
        if self._progress is not None:
            self._progress(self.effort + effort)

    # What is searched

    def scope(self, region: Region) -> Scope:
        """`region` on this machine."""
        refs = self.machine.memory.ref_variables
        return Scope(
            region.ops,
            [self.plan.ops[op] for op in region.varying],
            [refs.get(key, key) for key in region.cells],
            region.fetches,
            self._observer(region),
        )

    def _whole(self) -> Region:
        keys = tuple(variable.key for variable in self.variables)
        positions = tuple(range(len(self.plan.fetches)))
        return Region(None, tuple(range(len(self.plan.ops))), keys, positions, keys)

    def _everything(self) -> Cluster:
        """All races together: a failure of one takes the fetches of all."""
        whole = Cluster(list(self.conflicts))
        whole.racing = self._races.racing
        whole.fetches = set(range(len(self.plan.fetches)))
        whole.variables = {variable.key for variable in self.variables}
        return whole

    def _region(self, part: Cluster) -> Region:
        if self.machine.failures:
            return self._whole()
        positions = tuple(sorted(part.fetches))
        keys = tuple(v.key for v in self.variables if v.key in part.variables)
        racing = {c.cell[1] for c in part.conflicts if len(c.cell) > 1}
        cells = tuple(v.key for v in self.variables if v.key in part.variables or v.key in racing)
        needed = self._needed(part)
        varying = tuple(
            op.id
            for op in self.plan.ops
            if needed >> op.id & 1
            and any(isinstance(s[0], PlanOp) and part.ops >> s[0].id & 1 for s in op.sources)
        )
        return Region(needed, varying, cells, positions, keys, is_partial=True)

    def _needed(self, part: Cluster) -> int:
        """The bits of the ops that a search of `part` must execute."""
        machine, count = self.machine, len(self.plan.ops)
        # What the races change but nobody sees is executed too, if it does anything: it may fail.
        reached = bits((part.racing | part.ops) & ((1 << count) - 1))
        wanted = [key for key in reached if self.plan.ops[key].node.type != "NoOp"]
        for position in part.fetches:
            source = self.plan.fetches[position][0]
            if isinstance(source, PlanOp):
                wanted.append(source.id)
        for number, touches in enumerate(machine.touched):
            if any(writes and _concerns(cell, part) for cell, writes in touches):
                wanted.append(machine.keys[number])
        mask = reduce(or_, map(machine.ancestors, wanted), 0) & ((1 << count) - 1)
        loops = {frame for key in bits(mask) if (frame := outermost(self.plan.ops[key]))}
        # A turn of a loop is over when all its ops are.
        whole = [op.id for op in self.plan.ops if loops and outermost(op) in loops]
        return reduce(or_, map(machine.ancestors, whole), mask) & ((1 << count) - 1)

    def _observer(self, region: Region) -> Callable[[Machine], tuple[Hashable, Any]]:
        wanted = set(region.variables)
        names = [(v.name, v.key) for v in self.variables if v.key in wanted]

        def observe(machine: Machine) -> tuple[Hashable, Any]:
            executor = machine.executor
            # Not all that a part of a run leaves out is an error.
            error = executor.error if region.is_partial else executor.failure
            held = {name: machine.value(key) for name, key in names}
            values: list[Any] | None = None
            if error is None:
                try:
                    values = [executor.fetched(position) for position in region.fetches]
                except OpError as failure:
                    error = failure
            if error is not None:
                machine.has_failed = True
                if self._split is not None and error.op:
                    error.op = self._split.original_name(error.op)
            result = Result(None if error is not None else values, held, error)
            return self.distinction(result), result

        return observe

    def distinction(self, result: Result) -> Hashable:
        """Equal for equal results."""
        number, error = self._shown, result.error
        held = tuple(
            None if value is None else number(value) for value in result.variables.values()
        )
        if error is not None or result.fetches is None:
            return (_identity(error), held)
        return (tuple(map(number, result.fetches)), held)

    def _shown(self, value: Any) -> int:
        """Equal for values that look the same."""
        number = self.machine.interner.number
        exact = number(value)
        shown = self._shown_as.get(exact)
        if shown is None:
            shown = number(one_nan(value)) if isinstance(value, np.ndarray) else exact
            self._shown_as[exact] = shown
        return shown

    # What was found

    def _group(self, part: Cluster, found: Found, first: Result) -> Group:
        positions = sorted(part.fetches)
        names = [self.request.tensors[position] for position in positions]
        variables = [v.name for v in self.variables if v.key in part.variables]
        results = list(found.results.values())
        if not results:
            fetched = None if first.fetches is None else [first.fetches[p] for p in positions]
            results = [
                (Result(fetched, {n: first.variables[n] for n in variables}, first.error), [])
            ]
        if not found.complete:
            self.complete = False
            self.frontier += found.frontier
        made = in_order(self._outcome(names, result, schedule) for result, schedule in results)
        self.messages_differ |= len(made) < len(results)
        return Group(names, variables, made, complete=found.complete)

    def _outcome(self, names: Sequence[str], result: Result, schedule: Sequence[Entry]) -> Outcome:
        fetches = None if result.fetches is None else dict(zip(names, result.fetches, strict=True))
        return Outcome(fetches, result.variables, result.error, schedule)

    def _rest(self, groups: list[Group], first: Result) -> list[Group]:
        """The group of what is the same in every schedule, unless there is nothing of the kind."""
        shown = {name for group in groups for name in group.fetches}
        held = {name for group in groups for name in group.variables}
        names = [name for name in self.request.tensors if name not in shown]
        given = {leaf.name: None for leaf in self.request.leaves if leaf.is_operation}
        given.update(self.request.given)
        variables = {n: value for n, value in first.variables.items() if n not in held}
        if groups and (first.error is not None or not (names or given or variables)):
            return []
        values = first.fetches
        fetches = None
        if values is not None:
            fetches = {
                name: value
                for name, value in zip(self.request.tensors, values, strict=True)
                if name in names
            }
            fetches.update(given)
        return [
            Group([*names, *given], list(variables), [Outcome(fetches, variables, first.error, [])])
        ]
