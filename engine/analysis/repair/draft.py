"""Repairs before they are proven: which edits order the two ops of a race, and what that means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ...executor.plan import PlanOp
from ...executor.request import Request
from ..order import StaticOrder
from ..results import Access, Analysis, Race
from ..rewrites import may_be_rewritten, may_read_copy
from .edits import Copy, Edge, Edit, Reread, Serial
from .placement import Placement, Refusal

_SOURCES = ("Const", "VariableV2", "Variable", "VarHandleOp")
_LISTED = 3
"""How many edges a sentence names."""
_PLAIN_READS = ("Identity", "ReadVariableOp", "IsVariableInitialized", "VarIsInitializedOp")


@dataclass(frozen=True, slots=True)
class Draft:
    """Edits that should order a race.

    Attributes:
        meaning: what they make of the run, in a sentence.
        warning: what may undo them; else empty.
        fetches: fetched tensor -> the tensor to fetch in its place.
        otherwise: what to try if they do not do it.
    """

    edits: tuple[Edit, ...]
    meaning: str
    warning: str = ""
    fetches: Mapping[str, str] = field(default_factory=dict[str, str])
    otherwise: Draft | None = None


class Drafts:
    """Makes drafts for the races of one analysis.

    Args:
        request: the run.
        analysis: its races.
        held: the variables that have a value when the run starts.
    """

    def __init__(self, request: Request, analysis: Analysis, held: set[str]) -> None:
        self.plan = request.plan
        self.order = StaticOrder(request.plan)
        self.placement = Placement(request.plan, self.order)
        self._request = request
        self._kinds = analysis.kinds
        self._held = held
        self._pure: dict[str, str] = {}
        for race in analysis.races:
            for side in (race.first, race.second):
                if self._is_pure_reader(side, race.variable):
                    self._pure[side.name] = race.variable

    def op(self, side: Access) -> PlanOp | None:
        """The op of `side`; None for a fetch."""
        return None if side.type == "_Retval" else self.plan.op(side.node)

    def of_race(self, race: Race) -> tuple[list[Draft], list[str]]:
        """Drafts that order `race`, the best first, and why there are not more."""
        first, second = self.op(race.first), self.op(race.second)
        if first is None or second is None:
            return self._of_fetch(race)
        if first is second:
            serial = self.placement.serial(first)
            if serial is None:
                return [], [f"{first.node.name} races with itself outside of any loop"]
            meaning = f"The turns of the loop {serial.loop} run one after the other."
            return [Draft((serial,), meaning)], []
        drafts: list[Draft] = []
        refusals: list[str] = []
        for early, late in self._preferred(race):
            made = self._ordered(race, early, late)
            if isinstance(made, Refusal):
                refusals.append(made.why)
            else:
                drafts += made
        return drafts, refusals

    def warned(self, draft: Draft) -> Draft:
        """`draft` with the warnings that its edges deserve."""
        edges = [edit for edit in draft.edits if isinstance(edit, Edge) and not edit.function]
        weak = [(edge.before, edge.after) for edge in edges if edge.before in self._pure]
        sentences = [
            f"TensorFlow's graph optimizer may undo the edge from {before} to {after}: {before} "
            f"only computes from the buffer of {self._pure[before]}, and where it is fetched and "
            "rewritten, its control edges are taken for edges from its inputs."
            for before, after in weak
        ]
        return replace(draft, warning=" ".join(sentences))

    def with_copies(self, draft: Draft) -> Draft | None:
        """`draft` with copies where its edges start at ops that the optimizer may rewrite.

        None where there is no such edge, or where no copy can be made.
        """
        copies: dict[str, list[Copy]] = {}
        edits: list[Edit] = []
        for edit in draft.edits:
            if isinstance(edit, Edge) and not edit.function and edit.before in self._pure:
                if edit.before not in copies:
                    copies[edit.before] = self._copies(edit.before)
                if not copies[edit.before]:
                    return None
                edits += [Edge(copy.name, edit.after) for copy in copies[edit.before]]
            else:
                edits.append(edit)
        made = [copy for together in copies.values() for copy in together]
        if not made:
            return None
        return replace(draft, edits=(*made, *edits), warning="")

    def is_weak(self, op: PlanOp) -> bool:
        """Whether TensorFlow's optimizer may undo control edges from `op`."""
        return op.node.name in self._pure

    # One race

    def _preferred(self, race: Race) -> list[tuple[Access, Access]]:
        """The orders of the two sides of `race`, the one that most users want first."""
        first, second = race.first, race.second
        if race.kind == "write-write":
            early, late = sorted((first, second), key=lambda side: side.node)
            return [(early, late), (late, early)]
        reader, writer = (first, second) if second.does != "reads" else (second, first)
        op = self.op(reader)
        only_shows = op is not None and op.node.type in _PLAIN_READS and not any(op.followers())
        if only_shows or race.variable not in self._held:
            return [(writer, reader), (reader, writer)]
        return [(reader, writer), (writer, reader)]

    def _ordered(self, race: Race, early: Access, late: Access) -> list[Draft] | Refusal:
        before, after = self.op(early), self.op(late)
        assert before is not None
        assert after is not None
        edge = self.placement.edge(before, after)
        if isinstance(edge, Refusal):
            return edge
        draft = Draft((edge,), _meaning(race, early, late))
        drafts = [self.warned(draft)]
        robust = self.with_copies(draft)
        if robust is not None:
            copy = f"{early.name} computes from a copy that TensorFlow's optimizer leaves alone."
            drafts.insert(0, replace(robust, meaning=f"{draft.meaning} {copy}"))
        serial = self.loop_of(before, after)
        return [self._with_serial(made, serial) for made in drafts]

    def loop_of(self, first: PlanOp, second: PlanOp) -> Serial | None:
        """What orders the turns of the loop that both ops are in."""
        return self.placement.serial(first) if first.frame is second.frame else None

    def _with_serial(self, draft: Draft, serial: Serial | None) -> Draft:
        if serial is None:
            return draft
        meaning = f"{draft.meaning} The turns of the loop {serial.loop} run one after the other."
        further = replace(draft, edits=(*draft.edits, serial), meaning=meaning)
        return replace(draft, otherwise=further)

    def _of_fetch(self, race: Race) -> tuple[list[Draft], list[str]]:
        """A fetch of a reference that is collected while its variable may have no value yet."""
        fetch, other = race.first, race.second
        if fetch.type != "_Retval":
            fetch, other = other, fetch
        writer = self.op(other)
        if writer is None:
            return [], ["both sides are fetches"]
        edits, renamed, refusal = self.reread(fetch, writer)
        if refusal:
            return [], [refusal]
        meaning = f"{race.variable} is fetched after {writer.node.name} has written it."
        return [Draft(edits, meaning, fetches=renamed)], []

    def reread(self, fetch: Access, writer: PlanOp) -> tuple[tuple[Edit, ...], dict[str, str], str]:
        """A read after `writer` to take the place of `fetch`; or why there is none."""
        position = next(
            at for at in range(len(self.plan.fetches)) if self.plan.fetch_name(at) == fetch.name
        )
        name = self._request.tensors[position]
        source = self.plan.flat.nodes[fetch.node]
        if source.call >= 0 or writer.node.call >= 0 or writer.frame is not self.plan.root_frame:
            return (), {}, f"{writer.node.name} or {name} is inside a function or loop"
        new = self._unused(f"{source.name}/read_after_{writer.node.name.rpartition('/')[2]}")
        edits = (Reread(new, name), Edge(writer.node.name, new))
        return edits, {name: f"{new}:0"}, ""

    # What the optimizer may rewrite

    def _is_pure_reader(self, side: Access, variable: str) -> bool:
        """Whether `side` computes from a reference variable's buffer and does nothing else."""
        op = self.op(side)
        return op is not None and self._kinds.get(variable) == "ref" and may_be_rewritten(op)

    def _copies(self, reader: str) -> list[Copy]:
        """Copies of what `reader` reads of its variable's buffer; none where that cannot be."""
        node = self.plan.flat.index(reader)
        op = None if node is None else self.plan.op(node)
        if op is None or not may_read_copy(op):
            return []
        by_tensor: dict[tuple[PlanOp, int], list[int]] = {}
        for position in op.memory_inputs:
            source = op.sources[position]
            if isinstance(source[0], PlanOp) and self._shows(source[0], self._pure[reader]):
                if source[0].node.call >= 0:
                    return []
                by_tensor.setdefault((source[0], source[1]), []).append(position)
        taken = {source for source, _ in by_tensor}
        controls = [
            source[0]
            for source in op.sources
            if isinstance(source[0], PlanOp) and source[0] not in taken
        ]
        controls += [self._plan_op(index) for index in op.node.control_inputs]
        waits = [
            control.node.name
            for control in dict.fromkeys(controls)
            if control.node.type not in _SOURCES or control.node.control_inputs
        ]
        if any(control.node.call >= 0 for control in controls):
            return []
        copies: list[Copy] = []
        for number, ((source, output), positions) in enumerate(by_tensor.items()):
            name = self._unused(f"{reader}/copy" if not number else f"{reader}/copy_{number}")
            tensor = f"{source.node.name}:{output}"
            copies.append(Copy(name, reader, tuple(sorted(positions)), tensor, tuple(waits)))
        return copies

    def _plan_op(self, index: int) -> PlanOp:
        op = self.plan.op(index)
        assert op is not None
        return op

    def _shows(self, op: PlanOp, variable: str) -> bool:
        """Whether what `op` gives may be an alias of the buffer of `variable`."""
        waiting, seen = [op], {op.id}
        while waiting:
            found = waiting.pop()
            if found.node.name == variable:
                return True
            for position in found.memory_inputs:
                source = found.sources[position][0]
                if isinstance(source, PlanOp) and source.id not in seen:
                    seen.add(source.id)
                    waiting.append(source)
        return False

    def _unused(self, name: str) -> str:
        graph = self.plan.flat.graph
        found, count = name, 0
        while found in graph:
            count += 1
            found = f"{name}_{count}"
        return found


def _meaning(race: Race, early: Access, late: Access) -> str:
    name, what = race.variable, f"{early.name} runs before {late.name}"
    if race.kind == "write-write":
        return f"{what}: {late.name} writes {name} last."
    if early.does == "reads":
        return f"{what}: it reads the old value of {name}, from before that write."
    return f"{what}: {late.name} reads the new value of {name}, with that write in it."


def summary(draft: Draft) -> str:
    """What the edits of `draft` do together, in a sentence; its own meaning is the rule."""
    edges = [edit for edit in draft.edits if isinstance(edit, Edge)]
    parts = [f"{edge.before} runs before {edge.after}" for edge in edges[:_LISTED]]
    if len(edges) > _LISTED:
        parts.append(f"{len(edges) - _LISTED} more pairs are ordered")
    rule = f" ({draft.meaning})" if edges else ""
    loops = [edit.loop for edit in draft.edits if isinstance(edit, Serial)]
    parts += [f"the turns of the loop {loop} run one after the other" for loop in loops]
    text = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"{text[:1].upper() if not edges else text[:1]}{text[1:]}{rule}."


def merged(drafts: Sequence[Draft], meaning: str) -> Draft:
    """All edits of `drafts`, each once."""
    edits = tuple(dict.fromkeys(edit for draft in drafts for edit in draft.edits))
    fetches = {k: v for draft in drafts for k, v in draft.fetches.items()}
    return Draft(edits, meaning, fetches=fetches)
