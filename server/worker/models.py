"""The same run under the other kind of variables: compared in a thread."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...engine import Program, Session, compare_models
from ...engine.analysis import Analysis, Outcome
from ...engine.errors import OpscopeError
from ...engine.memory import Memory
from ..protocol.model_messages import ModelComparison, OutcomePart
from ..protocol.outcome_types import AgreedValue
from .describe import error_body
from .outcome_set import holds_of, text_of

if TYPE_CHECKING:
    from .outcomes import Subject

BUDGET_SECONDS = 15.0
"""How long each of the two searches may take."""

_MOST = 50


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of a comparison with the run that `analysis` is of."""

    analysis: Analysis
    shown: ModelComparison | None
    error: Exception | None


def compare(
    program: Program,
    session: Session,
    subject: Subject,
    memory: Memory,
    analysis: Analysis,
    tell: Callable[[Compared], None],
) -> None:
    """Compare in a thread, which hands what it found to `tell`.

    `memory` is the state at the beginning of the run, for the searches alone.
    """
    request = subject.request

    def work() -> None:
        try:
            found = compare_models(
                session,
                [leaf.name for leaf in request.leaves],
                dict(zip(request.feed_names, request.feeds, strict=True)),
                targets=request.targets,
                level=analysis.level,
                budget=BUDGET_SECONDS,
                memory=memory,
            )
        except Exception as error:  # told as an event; the worker goes on
            if not isinstance(error, OpscopeError):
                traceback.print_exc()
            tell(Compared(analysis, None, error))
            return
        shown = ModelComparison(
            only_reference=_parts(program, found.only_reference, analysis),
            only_resource=_parts(program, found.only_resource, analysis),
            both=_parts(program, found.common, analysis),
            why=list(found.why),
            complete=found.reference.complete and found.resource.complete,
        )
        tell(Compared(analysis, shown, None))

    threading.Thread(target=work, name="models", daemon=True).start()


def _parts(program: Program, outcomes: Sequence[Outcome], analysis: Analysis) -> list[OutcomePart]:
    parts: list[OutcomePart] = []
    for outcome in outcomes[:_MOST]:
        values = [
            AgreedValue(name=name, holds="fetch", value=text_of(value))
            for name, value in (outcome.fetches or {}).items()
        ]
        for name, value in outcome.variables.items():
            holds = holds_of(name, analysis.kinds)
            values.append(AgreedValue(name=name, holds=holds, value=text_of(value)))
        error = None if outcome.error is None else error_body(program, outcome.error)
        parts.append(OutcomePart(values=values, error=error))
    return parts
