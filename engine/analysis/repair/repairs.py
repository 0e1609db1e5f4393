"""What makes a run independent of its schedule: control edges, each proven by a new analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

from ...errors import GraphError, OpError
from ...executor.expand import expand
from ...graph import Graph
from ...memory import Memory
from ...session import Program, Session
from ..analyze import outcomes
from ..difference import difference
from ..results import Analysis, Group, Level, Outcome, Race
from .draft import Draft, Drafts, summary
from .edits import Copy, Edge, Serial, apply, changed_functions, existing_graph, new_graph
from .orientation import orientations

_LEAST_SECONDS = 0.2
"""What the proof of one repair may take at least, whatever is left of the budget."""


@dataclass(frozen=True, slots=True)
class Repair:
    """A change of a graph that orders what raced, and what it does to the outcomes.

    Attributes:
        edges: the control edges that it adds, (from op, to op), as the saved graph names them.
        meaning: what the run gives then, in a sentence.
        python: lines that make the change in TensorFlow's default graph as it is; where it is
            inside a function, in a copy of that graph, which they call `graph`.
        build: lines that build the graph so in the first place.
        removes_race: whether the new analysis is complete and does not have the race any more; for
            several races, whether it has none of them, or a single outcome. Without any race, a
            run may still have several outcomes if several ops fail: `warning` says so.
        before, after: the analyses of the run without it and with it.
        gone, kept, new: what became of the outcomes of the groups that the races decide.
        warning: what may undo it, or why there is no repair at all (then it has no edges and
            changes nothing); else empty.
        graph: a copy of the graph with the change.
        fetches: fetched tensor -> the tensor to fetch in its place.
        loops: the loops that run one turn after the other then.
        copies: the ops that were added to copy what others read.
    """

    edges: Sequence[tuple[str, str]]
    meaning: str
    python: str
    build: str
    removes_race: bool
    before: Analysis
    after: Analysis
    gone: Sequence[Outcome]
    kept: Sequence[Outcome]
    new: Sequence[Outcome]
    warning: str
    graph: Graph
    fetches: Mapping[str, str] = field(default_factory=dict[str, str])
    loops: Sequence[str] = ()
    copies: Sequence[str] = ()

    def program(self, program: Program) -> Program:
        """`program` with the repaired graph: initial values, signatures and all else stay."""
        return replace(program, graph=self.graph)


def repairs(
    session: Session,
    fetches: Any,
    feed_dict: Mapping[Any, Any] | None,
    analysis: Analysis,
    race: int | Sequence[int] | None = None,
    *,
    targets: Sequence[str] = (),
    level: Level | None = None,
    budget: float | None = 10.0,
    memory: Memory | None = None,
) -> list[Repair]:
    """The changes of the graph that remove a race, what most users want first.

    Of a reader and a writer, the reader comes first ("the old value": an update takes part in the
    next run), unless it only fetches the variable, or the variable has no value yet: then the
    writer does. Of two writers, the one that was built first comes first. Where the order rests on
    an op that TensorFlow's graph optimizer may rewrite, the same order without that weakness comes
    first, and that one last.

    Args:
        session: where the run would happen; it is not changed.
        fetches: as for `Session.run`.
        feed_dict: as for `Session.run`.
        analysis: what `outcomes` said of this run; it is to be repaired.
        race: the position of a race in `analysis.races`; several: edges that order all of them;
            None: a small set of edges that orders all that decide the outcome.
        targets: as for `outcomes`.
        level: as for `outcomes`; that of `analysis` if left out.
        budget: seconds for all proofs together; None for no limit.
        memory: as for `outcomes`.

    Returns:
        What was proven. Where nothing can be done, one entry without edges that says why.

    Raises:
        IndexError: there is no such race.
        GraphError, TypeError, ValueError, OpError: the request does not fit the graph.
    """
    level = level or analysis.level
    bench = _Bench(session, fetches, feed_dict, analysis, targets, level, budget, memory)
    if isinstance(race, int):
        return bench.single(race)
    return bench.several(_deciding(analysis) if race is None else list(race))


def _deciding(analysis: Analysis) -> list[int]:
    """The races of the groups that have, or may have, more than one outcome."""
    found = {
        number
        for group in analysis.groups
        if len(group.outcomes) > 1 or not group.complete
        for number in group.races
    }
    return sorted(found)


def _only_fails(repair: Repair) -> bool:
    """Whether a run that could succeed cannot any more."""
    earlier = [*repair.gone, *repair.kept]
    now = [*repair.kept, *repair.new]
    succeeded = any(outcome.error is None for outcome in earlier)
    return succeeded and bool(now) and all(outcome.error is not None for outcome in now)


def _type(graph: Graph, function: str, name: str) -> str:
    """The type of the op `name` of `function`, or of the graph; empty if there is none."""
    if not function:
        op = graph.get(name)
        return "" if op is None else op.type
    return next((node.type for node in graph.functions[function].nodes if node.name == name), "")


def _parties(race: Race) -> set[str]:
    """The names of the two ops of `race`; those of fetches without the number, which may change."""
    return {
        side.name.rpartition("_")[0] if side.type == "_Retval" else side.name
        for side in (race.first, race.second)
    }


class _Bench:
    """One run on which repairs are tried."""

    def __init__(
        self,
        session: Session,
        fetches: Any,
        feed_dict: Mapping[Any, Any] | None,
        analysis: Analysis,
        targets: Sequence[str],
        level: Level,
        budget: float | None,
        memory: Memory | None,
    ) -> None:
        self._request = session.request(fetches, feed_dict, targets)
        self._graph = session.flat.graph
        self._feed_dict = feed_dict
        self._analysis = analysis
        self._level: Level = level
        self._memory = memory or session.memory
        self._deadline = None if budget is None else perf_counter() + budget
        held = set(self._memory.values())
        self._drafts = Drafts(self._request, analysis, held)

    def single(self, number: int) -> list[Repair]:
        race = self._analysis.races[number]
        groups = [group for group in self._analysis.groups if number in group.races]
        drafts, refusals = self._drafts.of_race(race)
        found: list[Repair] = []
        for position, draft in enumerate(drafts):
            repair = self._proven(draft, [number], groups, len(drafts) - position)
            if repair is not None and not repair.removes_race and draft.otherwise is not None:
                repair = self._proven(draft.otherwise, [number], groups, len(drafts) - position)
            what = draft.meaning.rstrip(".")
            if repair is not None and _only_fails(repair):
                refusals.append(f"the run can only fail with it: {what}")
            elif repair is None:
                refusals.append(f"TensorFlow could not run the graph with: {what}")
            elif repair.removes_race or not repair.after.complete:
                found.append(repair)
            else:
                refusals.append(f"the race stays in spite of it: {what}")
        found.sort(key=lambda repair: (bool(repair.new), bool(repair.warning)))
        return found or [self._nothing(refusals)]

    def several(self, numbers: list[int]) -> list[Repair]:
        if not numbers:
            failures = ["only which op fails first, and what that swallows, is undecided"]
            return [self._nothing(failures)] if self._analysis.depends_on_schedule else []
        groups = [g for g in self._analysis.groups if set(numbers) & set(g.races)]
        races = [self._analysis.races[number] for number in numbers]
        found: list[Repair] = []
        refusals: list[str] = []
        seen: set[frozenset[Any]] = set()
        candidates = list(orientations(self._drafts, races))
        for position, (draft, refused) in enumerate(candidates):
            refusals += refused
            if not draft.edits or frozenset(draft.edits) in seen:
                continue
            seen.add(frozenset(draft.edits))
            repair = self._proven(draft, numbers, groups, len(candidates) - position)
            if repair is not None and repair.removes_race and not _only_fails(repair):
                found.append(self._without_needless(repair, draft, numbers, groups))
        unique = {(tuple(repair.edges), tuple(repair.copies)): repair for repair in found}
        ordered = sorted(unique.values(), key=lambda repair: (bool(repair.new), len(repair.edges)))
        return ordered or [self._nothing(refusals)]

    def _without_needless(
        self, repair: Repair, draft: Draft, numbers: list[int], groups: Sequence[Group]
    ) -> Repair:
        """`repair` without the edges that it does not need, as far as the time allows."""
        for edit in draft.edits:
            if not isinstance(edit, Edge | Serial):
                continue
            if self._deadline is not None and perf_counter() > self._deadline:
                break
            edits = tuple(other for other in draft.edits if other is not edit)
            needed = {other.before for other in edits if isinstance(other, Edge)}
            edits = tuple(e for e in edits if not isinstance(e, Copy) or e.name in needed)
            if not any(isinstance(other, Edge | Serial) for other in edits):
                continue
            shorter = self._drafts.warned(replace(draft, edits=edits))
            proven = self._proven(shorter, numbers, groups, 2)
            if proven is not None and proven.removes_race:
                repair, draft = proven, shorter
        return repair

    def _proven(
        self, draft: Draft, numbers: list[int], groups: Sequence[Group], shares: int
    ) -> Repair | None:
        """`draft` with its analysis; None if the graph cannot run with it."""
        meaning = draft.meaning if draft.meaning.endswith(".") else summary(draft)
        graph = apply(self._graph, draft.edits)
        names = [draft.fetches.get(leaf.name, leaf.name) for leaf in self._request.leaves]
        budget = None
        if self._deadline is not None:
            budget = max(_LEAST_SECONDS, (self._deadline - perf_counter()) / shares)
        try:
            after = outcomes(
                Session(expand(graph)),
                names,
                self._feed_dict,
                targets=self._request.targets,
                level=self._level,
                budget=budget,
                memory=self._memory,
            )
        except (GraphError, OpError):
            return None
        changed = difference(groups, after, draft.fetches)
        if len(numbers) == 1:
            removes = not self._has_race(after, numbers[0])
        else:
            removes = not any(self._has_race(after, n) for n in numbers)
            removes = removes or not after.depends_on_schedule
        edges = [edit for edit in draft.edits if isinstance(edit, Edge)]
        warning = draft.warning
        if changed.new:
            warning = f"{warning} It also brings outcomes that the run did not have.".strip()
        if not after.complete:
            warning = f"{warning} The budget was spent before the proof was complete.".strip()
        if removes and len(numbers) > 1 and after.complete and after.depends_on_schedule:
            left = "other races decide" if after.races else "which op fails first is undecided"
            warning = f"{warning} The run still has {after.count} outcomes: {left}.".strip()
        functions = changed_functions(draft.edits)
        if functions:
            inside = f"inside the function{'s' * (len(functions) > 1)} {', '.join(functions)}"
            warning = (
                f"{warning} The change is {inside}, which TensorFlow cannot change in a graph that "
                "exists: the Python makes a new graph, to which sessions, tensors and variables "
                "made before do not belong."
            ).strip()
        types = {
            (edge.function, edge.after): type
            for edge in edges
            if (type := _type(graph, edge.function, edge.after))
        }
        return Repair(
            [(edge.before, edge.after) for edge in edges],
            meaning,
            existing_graph(draft.edits),
            new_graph(draft.edits, types),
            removes and after.complete,
            self._analysis,
            after,
            changed.gone,
            changed.kept,
            changed.new,
            warning,
            graph,
            draft.fetches,
            [edit.loop for edit in draft.edits if isinstance(edit, Serial)],
            [edit.name for edit in draft.edits if isinstance(edit, Copy)],
        )

    def _has_race(self, after: Analysis, number: int) -> bool:
        race = self._analysis.races[number]
        wanted = _parties(race)
        return any(
            _parties(other) == wanted and other.variable == race.variable for other in after.races
        )

    def _nothing(self, refusals: Sequence[str]) -> Repair:
        reasons = "; ".join(dict.fromkeys(refusals)) or "no edge orders it"
        return Repair(
            [],
            "The graph stays as it is.",
            "",
            "",
            False,
            self._analysis,
            self._analysis,
            [],
            [],
            [],
            f"No control edge removes this race: {reasons}.",
            self._graph,
        )
