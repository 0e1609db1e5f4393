"""What the session knows of the outcomes of its run, and the requests about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from ...engine import Program, Session
from ...engine.analysis import Analysis
from ...engine.debugger import Run
from ...engine.executor.request import Request
from ...engine.executor.schedule import Entry
from ...engine.memory import MemorySnapshot
from ..feeds import feed_name
from ..protocol import model_messages, repair_messages
from ..protocol import outcome_messages as messages
from ..protocol.outcome_types import OutcomesState, SearchProgress
from ..protocol.requests import Nothing
from ..protocol.wire import BadRequest
from ..texts import whole_text
from .analyst import QUIET_SECONDS, Analyst, Ended, Failed, News, Search
from .debugged import DebuggedRun
from .describe import error_body
from .driver import is_over
from .mailbox import Mailbox
from .models import Compared, compare
from .outbox import Outbox
from .outcome_diff import diff
from .outcome_set import GroupTable
from .repairs import Repaired, find_repairs, saved

_MOST_ROWS = 200
_LONGEST_SEARCH = 3600.0


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """What outcomes are those of: a run from the state that it finds. Restarts and forks share it.

    Attributes:
        start: the variables at its beginning.
        fetches, targets: as they were asked for.
    """

    request: Request
    start: MemorySnapshot
    fetches: list[str]
    targets: list[str]

    @classmethod
    def of(cls, run: Run, fetches: list[str], targets: list[str]) -> Subject:
        return cls(run.request, run.start, fetches, targets)


class Witness(NamedTuple):
    """How to come to an outcome.

    Attributes:
        racing: the nodes that race.
    """

    subject: Subject
    schedule: Sequence[Entry]
    racing: frozenset[int]


@dataclass(slots=True)
class _Known:
    """An analysis that has come to its end, and what the page was told of it."""

    subject: Subject
    analysis: Analysis
    tables: list[GroupTable]


class OutcomesDesk:
    """Outcomes of one subject at a time: of the session's run, or of one that was described."""

    def __init__(self, program: Program, session: Session, outbox: Outbox) -> None:
        self._program = program
        self._session = session
        self._outbox = outbox
        self._mailbox: Mailbox[News | Repaired | Compared] = Mailbox()
        self._analyst = Analyst(program, session, self._mailbox.put)
        self._repaired: Repaired | None = None
        self._current: DebuggedRun | None = None
        self._subject: Subject | None = None  # of the session's run
        self._searched: Subject | None = None
        self._known: _Known | None = None
        self._state: OutcomesState | None = None
        self._reached_by: int | None = None

    @property
    def wake(self) -> Connection:
        """Readable when `tell` has something to tell."""
        return self._mailbox.wake

    @property
    def subject(self) -> Subject | None:
        """What the outcomes of the session's run are those of."""
        return self._subject

    @property
    def state(self) -> OutcomesState | None:
        return self._state

    @property
    def progress(self) -> SearchProgress | None:
        """The search that somebody waits for."""
        search = self._analyst.search
        return None if search is None or search.quiet else search.progress()

    # Runs begin and end

    def begin(self, current: DebuggedRun, subject: Subject) -> None:
        """The session has another run. What is known stays if it is one of the same subject."""
        self._current, self._subject = current, subject
        if self._searched is not subject:
            self._give_up()
        if self._state is not None and (self._known is None or self._known.subject is not subject):
            self._known = self._state = None
            self._outbox.put(messages.OutcomesFound(state=None))

    def ended(self) -> None:
        """The session's run stands at its end: say which outcome it was, look for others."""
        current, subject = self._current, self._subject
        if current is None or subject is None or not _has_ended(current):
            return
        if self._known is not None and self._known.subject is subject:
            self._tell_reached(self._known, current)
        elif self._searched is not subject:
            self._search(subject, "atomic", QUIET_SECONDS, quiet=True)

    def tell(self) -> None:
        """Tell the page what the search has said."""
        for news in self._mailbox.take():
            if isinstance(news, Repaired):
                self._tell_repairs(news)
                continue
            if isinstance(news, Compared):
                self._tell_models(news)
                continue
            search = news.search
            if not self._analyst.concerns(news):
                continue
            if isinstance(news.said, (Ended, Failed)):
                self._analyst.search = None
                self._over(search, news.said)
            elif not search.quiet:
                at = search.progress()
                self._outbox.put(
                    messages.ProgressUpdate(
                        id=at.id, seconds=at.seconds, executions=at.executions, states=at.states
                    )
                )

    def close(self) -> None:
        self._analyst.give_up()

    # Requests

    def on_outcomes(
        self, body: messages.Outcomes, described: Request | None
    ) -> messages.OutcomesResponse:
        """Begin a search: for the run `described`, or for the session's."""
        if not 0 < body.budget <= _LONGEST_SEARCH:
            raise BadRequest(
                f"the budget must be more than 0 and at most {_LONGEST_SEARCH:,.0f} seconds, "
                f"not {body.budget:g}"
            )
        subject = self._subject if described is None else self._described(described, body)
        if subject is None:
            raise BadRequest("no run has been launched in this session, and none is described")
        search = self._search(subject, body.level, body.budget, quiet=False)
        self._outbox.put(
            messages.ProgressStart(id=search.id, level=search.level, budget=search.budget)
        )
        return messages.OutcomesResponse(id=search.id)

    def on_cancel(self, body: messages.Cancel) -> Nothing:
        search = self._analyst.search
        if search is not None and search.id == body.id:
            search.cancel()
        return Nothing()

    def on_outcome_rows(self, body: messages.OutcomeRows) -> messages.OutcomeRowsResponse:
        table = self._table(body.group)
        rows = table.rows(self._program, max(0, body.first), _MOST_ROWS)
        return messages.OutcomeRowsResponse(rows=rows)

    def on_diff(self, body: messages.Diff) -> messages.DiffResponse:
        group = self._table(body.group).group
        for outcome in (body.first, body.second):
            _check_place(outcome, len(group.outcomes), f"group {body.group}", "outcome")
        analysis = self._need().analysis
        return diff(self._program, analysis, group, body.first, body.second)

    def on_compare_models(self, _: model_messages.CompareModels) -> Nothing:
        known = self._need()
        memory = known.subject.start.materialize(self._session.memory)
        compare(
            self._program, self._session, known.subject, memory, known.analysis, self._mailbox.put
        )
        return Nothing()

    def on_repairs(self, body: repair_messages.FindRepairs) -> Nothing:
        known = self._need()
        _check_place(body.race, len(known.analysis.races), "the set", "race")
        memory = known.subject.start.materialize(self._session.memory)
        find_repairs(
            self._program,
            self._session,
            known.subject,
            memory,
            known.analysis,
            body.race,
            self._mailbox.put,
        )
        return Nothing()

    def on_repaired_graph(
        self, body: repair_messages.RepairedGraph
    ) -> repair_messages.RepairedGraphResponse:
        found = [] if self._repaired is None else self._repaired.found
        _check_place(body.repair, len(found), "the race", "repair")
        subject, repair = self._need().subject, found[body.repair]
        request = subject.request
        return repair_messages.RepairedGraphResponse(
            files=saved(self._program, repair, f"{self._program.name}_repaired"),
            fetches=[repair.fetches.get(name, name) for name in subject.fetches],
            targets=subject.targets,
            feeds={
                feed_name(name): whole_text(value)
                for name, value in zip(request.feed_names, request.feeds, strict=True)
            },
        )

    def witness(self, body: messages.Replay) -> Witness:
        """The schedule that leads to an outcome.

        Raises:
            BadRequest: there is no such outcome.
        """
        group, known = self._table(body.group).group, self._need()
        _check_place(body.outcome, len(group.outcomes), f"group {body.group}", "outcome")
        races = [known.analysis.races[number] for number in group.races] or known.analysis.races
        racing = {access.node for race in races for access in (race.first, race.second)}
        return Witness(known.subject, group.outcomes[body.outcome].schedule, frozenset(racing))

    # Inside

    def _described(self, request: Request, body: messages.Outcomes) -> Subject:
        current = self._current
        if current is not None and not (current.terminated or is_over(current.run)):
            raise BadRequest(
                "the session's run is not over: finish or stop it before asking for another's "
                "outcomes"
            )
        start = self._session.memory.snapshot()
        return Subject(request, start, body.fetches, body.targets)

    def _search(self, subject: Subject, level: Any, budget: float, *, quiet: bool) -> Search:
        self._give_up()
        self._searched = subject
        memory = subject.start.materialize(self._session.memory)
        return self._analyst.start(subject.request, memory, level, budget, quiet=quiet)

    def _give_up(self) -> None:
        search = self._analyst.search
        self._analyst.give_up()
        self._searched = None
        if search is not None and not search.quiet:
            self._outbox.put(messages.ProgressEnd(id=search.id))

    def _over(self, search: Search, said: Ended | Failed) -> None:
        """A search has come to its end."""
        subject, current = self._searched, self._current
        assert subject is not None
        self._searched = None
        found, error, self._known = None, None, None
        if isinstance(said, Ended):
            found = said.found
            self._known = _Known(subject, said.analysis, said.tables)
        else:
            error = error_body(self._program, said.error)
        is_of_run = current is not None and subject is self._subject
        self._state = OutcomesState(
            id=search.id,
            run=current.number if current is not None and is_of_run else None,
            fetches=subject.fetches,
            targets=subject.targets,
            found=found,
            error=error,
            quiet=search.quiet,
        )
        self._outbox.put(messages.OutcomesFound(state=self._state))
        if not search.quiet:
            self._outbox.put(messages.ProgressEnd(id=search.id))
        self._reached_by = None
        if self._known is not None and current is not None and is_of_run and _has_ended(current):
            self._tell_reached(self._known, current)

    def _tell_reached(self, known: _Known, current: DebuggedRun) -> None:
        """Which outcome the run gave, once."""
        if self._reached_by == current.number or self._state is None:
            return
        self._reached_by = current.number
        reached = _reached(known, current)
        self._state = replace(self._state, run=current.number, reached=reached)
        self._outbox.put(messages.Reached(run=current.number, reached=reached))

    def _tell_repairs(self, repaired: Repaired) -> None:
        if self._known is None or repaired.analysis is not self._known.analysis:
            return  # of outcomes that are not shown any more
        self._repaired = repaired
        error = repaired.error
        self._outbox.put(
            repair_messages.RepairsFound(
                race=repaired.race,
                repairs=repaired.shown,
                error=None if error is None else error_body(self._program, error),
            )
        )

    def _tell_models(self, compared: Compared) -> None:
        if self._known is None or compared.analysis is not self._known.analysis:
            return  # of outcomes that are not shown any more
        error = compared.error
        self._outbox.put(
            model_messages.ModelsCompared(
                comparison=compared.shown,
                error=None if error is None else error_body(self._program, error),
            )
        )

    def _need(self) -> _Known:
        if self._known is None:
            raise BadRequest("no outcomes are known: search for them first")
        return self._known

    def _table(self, group: int) -> GroupTable:
        tables = self._need().tables
        _check_place(group, len(tables), "the set", "group")
        return tables[group]


def _reached(known: _Known, current: DebuggedRun) -> list[int | None]:
    """Per group, the outcome that a run gave which has ended."""
    run, error = current.run, current.error
    fetches: dict[str, Any] | None = None
    if error is None:
        fetches = dict(zip(current.fetches, run.results(), strict=True))
    names = {name for table in known.tables for name in table.group.variables}
    variables = {name: run.versions(name, run.steps, last=1)[-1].value for name in names}
    return [table.reached(fetches, variables, error) for table in known.tables]


def _has_ended(current: DebuggedRun) -> bool:
    return current.run.finished and not current.terminated


def _check_place(place: int, count: int, where: str, what: str) -> None:
    if not 0 <= place < count:
        raise BadRequest(f"{where} has no {what} number {place}: there are {count}")
