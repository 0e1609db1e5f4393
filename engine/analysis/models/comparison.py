"""One program under both kinds of variables: what each lets a run give, and why they differ."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ...errors import GraphError
from ...executor.expand import expand
from ...executor.plan import Plan, PlanOp
from ...graph import Graph
from ...memory import Memory
from ...session import Program, Session
from ..analyze import outcomes
from ..difference import observed, outcome_key
from ..results import Analysis, Group, Level, Outcome
from .conversion import Conversion
from .to_reference import to_reference
from .to_resource import to_resource

Model = Literal["reference", "resource"]


@dataclass(frozen=True, slots=True)
class Converted:
    """A program whose variables are of the other kind.

    Attributes:
        model: the kind that they are of now.
        renamed: tensor or operation of the original -> what to fetch, feed or run in its place,
            where that has another name.
    """

    program: Program
    model: Model
    renamed: Mapping[str, str]

    def name(self, name: str) -> str:
        """What to fetch, feed or run in place of `name`."""
        return self.renamed.get(name, name)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A run under both kinds of variables, in the names of the program that was given.

    Attributes:
        reference, resource: the two analyses, each in the names of its own graph.
        only_reference, only_resource, common: outcomes, or parts of outcomes where the run has
            independent groups, in the names of the program that was given.
        why: what makes the two differ, a sentence each; empty where they do not.
        renamed: as in `Converted`, for the analysis of the converted graph.
    """

    reference: Analysis
    resource: Analysis
    only_reference: Sequence[Outcome]
    only_resource: Sequence[Outcome]
    common: Sequence[Outcome]
    why: Sequence[str]
    renamed: Mapping[str, str] = field(default_factory=dict[str, str])


def other_model(program: Program) -> Converted:
    """`program` with resource variables in place of reference variables, or the other way round.

    It is what TensorFlow's Python layer would have built for the same expressions. Names stay, as
    do initial values, which belong to names. Where the two graphs say less than the Python behind
    them did (`v.value()` is no op of its own for a reference variable), the use of a variable in an
    expression is assumed.

    Raises:
        GraphError: there are no variables, or some of each kind, or an op has no counterpart.
    """
    conversion, model = _converted(program.graph)
    return Converted(replace(program, graph=conversion.graph), model, conversion.renamed)


def compare_models(
    session: Session | Program,
    fetches: Any,
    feed_dict: Mapping[Any, Any] | None = None,
    *,
    targets: Iterable[str] = (),
    level: Level = "atomic",
    budget: float | None = 30.0,
    memory: Memory | None = None,
) -> Comparison:
    """What a run can give with reference variables, and what with resource variables.

    Args:
        session: where the run would happen, or a program that is opened for it.
        fetches: as for `Session.run`.
        feed_dict: as for `Session.run`.
        targets: operations to run besides.
        level: as for `outcomes`.
        budget: seconds for each of the two searches; None for no limit.
        memory: the state in which the run starts; the session's present one if left out.

    Raises:
        GraphError: the program cannot be converted, or the request does not fit it.
        TypeError, ValueError, OpError: the request does not fit the graph.
    """
    if isinstance(session, Program):
        session = session.session()
    start = memory or session.memory
    conversion, model = _converted(session.flat.graph)
    twin = Session(expand(conversion.graph), start.values())
    twin.memory.positions.update(start.positions)
    twin.memory.seeds.update(start.seeds)
    request = session.request(fetches, feed_dict, targets)
    names = [leaf.name for leaf in request.leaves]
    feeds = dict(zip(request.feed_names, request.feeds, strict=True))
    own = outcomes(
        session, names, feeds, targets=request.targets, level=level, budget=budget, memory=start
    )
    other = outcomes(
        twin,
        list(dict.fromkeys(map(conversion.name, names))),
        {conversion.name(name): value for name, value in feeds.items()},
        targets=[conversion.name(name) for name in request.targets],
        level=level,
        budget=budget,
    )
    renamed = {name: conversion.name(name) for name in names}
    mine, theirs, both = _compared(own, other, renamed)
    reference_is_own = model == "resource"
    why: list[str] = []
    if mine or theirs:
        fetched = list(dict.fromkeys(map(conversion.name, request.tensors)))
        twin_plan = twin.plan(fetched, targets=map(conversion.name, request.targets))
        plans = (request.plan, twin_plan) if reference_is_own else (twin_plan, request.plan)
        changed = {name for outcome in [*mine, *theirs] for name in outcome.fetches or {}}
        why = _reasons(*plans, *((own, other) if reference_is_own else (other, own)), changed)
    if reference_is_own:
        return Comparison(own, other, mine, theirs, both, why, conversion.renamed)
    return Comparison(other, own, theirs, mine, both, why, conversion.renamed)


def _converted(graph: Graph) -> tuple[Conversion, Model]:
    references = [op.name for op in graph if op.type in ("VariableV2", "Variable")]
    resources = [op.name for op in graph if op.type == "VarHandleOp"]
    if references and resources:
        raise GraphError(
            "expected variables of one kind, found the reference variable "
            f"'{references[0]}' beside the resource variable '{resources[0]}'"
        )
    if not references and not resources:
        raise GraphError("the graph has no variables to convert")
    if references:
        return to_resource(graph), "resource"
    return to_reference(graph), "reference"


def _compared(
    own: Analysis, other: Analysis, renamed: Mapping[str, str]
) -> tuple[list[Outcome], list[Outcome], list[Outcome]]:
    """What only the one has, what only the other has, and what both have."""
    mine: list[Outcome] = []
    theirs: list[Outcome] = []
    both: list[Outcome] = []
    for block in _blocks(own, other, renamed):
        first = {_key(outcome): outcome for outcome in observed(own, block)}
        second = {_key(outcome): outcome for outcome in observed(other, block, renamed)}
        mine += [outcome for key, outcome in first.items() if key not in second]
        theirs += [outcome for key, outcome in second.items() if key not in first]
        both += [outcome for key, outcome in first.items() if key in second]
    return mine, theirs, both


def _key(outcome: Outcome) -> Hashable:
    """Equal for outcomes that are the same to a user; which op failed differs between the kinds."""
    error = None if outcome.error is None else type(outcome.error).__name__
    return outcome_key(replace(outcome, error=None)), error


def _blocks(own: Analysis, other: Analysis, renamed: Mapping[str, str]) -> list[Group]:
    """The fetches and variables that must be compared together, because a group joins them."""
    import networkx as nx  # slow to import, and not every run is analysed

    graph: Any = nx.Graph()
    back: dict[str, list[str]] = {}
    for name, new in renamed.items():
        back.setdefault(new, []).append(name)
    for analysis, original in ((own, lambda name: [name]), (other, lambda n: back.get(n, []))):
        for group in analysis.groups:
            members = [("fetch", o) for name in group.fetches for o in original(name)]
            members += [("variable", name) for name in group.variables]
            # What no race reaches is the same in every outcome, and joins nothing.
            if len(group.outcomes) > 1:
                nx.add_path(graph, members)
            graph.add_nodes_from(members)
    return [
        Group(
            sorted(name for kind, name in block if kind == "fetch"),
            sorted(name for kind, name in block if kind == "variable"),
            [],
        )
        for block in nx.connected_components(graph)
    ]


def _reasons(
    reference: Plan, resource: Plan, by_buffer: Analysis, by_value: Analysis, changed: set[str]
) -> list[str]:
    """Why the outcomes differ, from what is fetched and what races."""
    found: list[str] = []
    raced = {race.variable for race in [*by_buffer.races, *by_value.races]}
    shown = {v: name for name, v in _aliases(reference).items() if v in raced}
    for variable, name in shown.items():
        found.append(
            f"With reference variables {name} is an alias of the buffer of {variable}: it is "
            "copied out when the run is over, and shows the last value."
        )
    readers: dict[str, list[str]] = {}
    for race in by_value.races:
        for side in (race.first, race.second):
            if side.type == "ReadVariableOp":
                readers.setdefault(race.variable, []).append(side.name)
    fetched = {source[0].node.name for source in resource.fetches if isinstance(source[0], PlanOp)}
    for variable, names in sorted(readers.items()):
        for name in sorted(set(names)):
            if name in fetched:
                found.append(
                    f"With resource variables the fetch of {variable} is a read of its own, "
                    f"{name}, and it may come before or after the write that it races with."
                )
            else:
                found.append(
                    f"With resource variables {name} takes a snapshot of {variable} when it runs, "
                    "and what uses it computes with that, however late."
                )
    late = {
        (side.name, race.variable)
        for race in by_buffer.races
        for side in (race.first, race.second)
        if side.does == "reads" and side.type not in ("_Retval", "Identity")
    }
    for name, variable in sorted(late):
        found.append(
            f"With reference variables {name} reads the buffer of {variable} only when it runs "
            "itself, however early the read before it."
        )
    return found or _views(reference, by_buffer, changed)


def _views(reference: Plan, analysis: Analysis, changed: set[str]) -> list[str]:
    """The reason where nothing races: a fetch shows a buffer, or a snapshot of it."""
    return [
        f"With reference variables {name} shows the buffer of {variable} as it is when the run is "
        "over; with resource variables it shows a snapshot."
        for name, variable in _aliases(reference).items()
        if analysis.kinds.get(variable) == "ref" and changed
    ]


def _aliases(plan: Plan) -> dict[str, str]:
    """Fetched tensor -> the reference variable whose buffer it may show."""
    found: dict[str, str] = {}
    for source, output in plan.fetches:
        variable = _shown(source) if isinstance(source, PlanOp) else None
        if isinstance(source, PlanOp) and variable is not None:
            found[f"{source.node.name}:{output}"] = variable
    return found


def _shown(op: PlanOp) -> str | None:
    """The reference variable whose buffer the output of `op` may be an alias of."""
    seen: set[int] = set()
    waiting = [op]
    while waiting:
        at = waiting.pop()
        if at.id in seen:
            continue
        seen.add(at.id)
        if at.node.type in ("VariableV2", "Variable"):
            return at.node.name
        passes = at.declaration.routes or at.declaration.view is not False or at.control_flow
        outputs = at.declaration.output_dtypes(at.node.attrs)
        if passes or any(dtype.is_ref for dtype in outputs):
            positions = at.memory_inputs if passes else [0]
            for position in positions:
                source = at.sources[position][0]
                if isinstance(source, PlanOp):
                    waiting.append(source)
    return None
