"""Repairs of a race: found in a thread, shown as what they change, saved as files."""

from __future__ import annotations

import tempfile
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...engine import Program, Session, repairs
from ...engine.analysis import Analysis, Group
from ...engine.analysis import Repair as EngineRepair
from ...engine.errors import OpscopeError
from ...engine.formats.checkpoint_writer import write_checkpoint
from ...engine.formats.metagraph import MetaGraph
from ...engine.formats.writer import save_graph_def, save_meta_graph
from ...engine.memory import Memory
from ..protocol.repair_messages import Repair, RepairEdge, SavedFile
from .outcome_set import GroupTable

if TYPE_CHECKING:
    from .outcomes import Subject

BUDGET_SECONDS = 10.0
"""How long the proofs of one race may take."""

_ROWS = 50


@dataclass(frozen=True, slots=True)
class Repaired:
    """What was found for a race of an analysis.

    Attributes:
        found: empty where `error` says why.
    """

    analysis: Analysis
    race: int
    found: list[EngineRepair]
    shown: list[Repair]
    error: Exception | None


def find_repairs(
    program: Program,
    session: Session,
    subject: Subject,
    memory: Memory,
    analysis: Analysis,
    race: int,
    tell: Callable[[Repaired], None],
) -> None:
    """Look for repairs of race number `race` in a thread, which hands what it found to `tell`.

    `memory` is the state at the beginning of the run, for the search alone.
    """
    request = subject.request

    def work() -> None:
        try:
            found = repairs(
                session,
                [leaf.name for leaf in request.leaves],
                dict(zip(request.feed_names, request.feeds, strict=True)),
                analysis,
                race,
                targets=request.targets,
                level=analysis.level,
                budget=BUDGET_SECONDS,
                memory=memory,
            )
            shown = [_shown(program, repair) for repair in found]
            tell(Repaired(analysis, race, found, shown, None))
        except Exception as error:  # told as an event; the worker goes on
            if not isinstance(error, OpscopeError):
                traceback.print_exc()
            tell(Repaired(analysis, race, [], [], error))

    threading.Thread(target=work, name="repairs", daemon=True).start()


def _shown(program: Program, repair: EngineRepair) -> Repair:
    parts = [*repair.gone, *repair.kept, *repair.new]
    fetches = dict.fromkeys(name for outcome in parts for name in outcome.fetches or {})
    variables = dict.fromkeys(name for outcome in parts for name in outcome.variables)
    table = GroupTable(Group(list(fetches), list(variables), parts), repair.before.kinds)
    gone, kept, new = len(repair.gone), len(repair.kept), len(repair.new)
    return Repair(
        edges=[RepairEdge(before=before, after=after) for before, after in repair.edges],
        meaning=repair.meaning,
        python=repair.python,
        build=repair.build,
        removes=repair.removes_race,
        warning=repair.warning,
        columns=table.columns,
        gone=table.rows(program, 0, min(gone, _ROWS)),
        kept=table.rows(program, gone, min(kept, _ROWS)),
        new=table.rows(program, gone + kept, min(new, _ROWS)),
        before=gone + kept,
        after=kept + new,
    )


def saved(program: Program, repair: EngineRepair, name: str) -> list[SavedFile]:
    """`program` with `repair` as files: a GraphDef, or a MetaGraphDef with its checkpoint where the
    program has more than a graph.
    """
    repaired = repair.program(program)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if repaired.initial or repaired.signatures:
            meta = MetaGraph(
                repaired.graph, repaired.signatures, repaired.collections, init_op=repaired.init_op
            )
            save_meta_graph(meta, folder / f"{name}.meta")
            if repaired.initial:
                write_checkpoint(folder / name, repaired.initial)
        else:
            save_graph_def(repaired.graph, folder / f"{name}.pb")
        return _files(sorted(folder.iterdir()))


def _files(paths: Sequence[Path]) -> list[SavedFile]:
    return [SavedFile(name=path.name, data=path.read_bytes()) for path in paths]
