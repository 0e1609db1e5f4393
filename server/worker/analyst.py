"""Searches for outcomes in a thread, so that the run can be stepped meanwhile.

The thread works on a copy of the variables and on plans, which nothing changes. All that it has to
say goes through a queue to the worker's own thread, which is woken through a pipe.
"""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter

from ...engine import Program, Session, outcomes
from ...engine.analysis import Analysis, Effort
from ...engine.errors import OpscopeError
from ...engine.executor.request import Request
from ...engine.memory import Memory
from ..protocol.outcome_types import Level, OutcomeSet, SearchProgress
from .outcome_set import GroupTable, outcome_set

QUIET_SECONDS = 2.0
"""How long the search that follows every run may take."""

_TELL_SECONDS = 0.2
_SWITCH_SECONDS = 0.0005
"""How soon the search gives way to a step, instead of Python's 5 ms."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A search is over.

    Attributes:
        found: what the page is told.
    """

    analysis: Analysis
    tables: list[GroupTable]
    found: OutcomeSet


@dataclass(frozen=True, slots=True)
class Failed:
    """A search could not be done."""

    error: Exception


@dataclass(slots=True)
class Search:
    """One search.

    Attributes:
        quiet: whether nobody asked for it.
        cancelled: whether somebody asked for its end.
    """

    id: int
    level: Level
    budget: float
    quiet: bool
    began: float = field(default_factory=perf_counter)
    effort: Effort = field(default_factory=Effort)
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def cancelled(self) -> bool:
        return self._stop.is_set()

    def cancel(self) -> None:
        self._stop.set()

    def progress(self) -> SearchProgress:
        return SearchProgress(
            id=self.id,
            level=self.level,
            seconds=perf_counter() - self.began,
            budget=self.budget,
            executions=self.effort.executions,
            states=self.effort.states,
        )


@dataclass(frozen=True, slots=True)
class News:
    """What a search tells; after `Ended` or `Failed` it is over."""

    search: Search
    said: Effort | Ended | Failed


class Analyst:
    """At most one search at a time; a new one ends the one before.

    Attributes:
        search: the search that is under way.
    """

    def __init__(self, program: Program, session: Session, tell: Callable[[News], None]) -> None:
        self.search: Search | None = None
        self._program = program
        self._session = session
        self._tell_owner = tell
        self._count = 0

    def start(
        self, request: Request, memory: Memory, level: Level, budget: float, *, quiet: bool
    ) -> Search:
        """Search for the outcomes of `request` from `memory`, which is the search's own."""
        self.give_up()
        self._count += 1
        search = self.search = Search(self._count, level, budget, quiet)
        sys.setswitchinterval(_SWITCH_SECONDS)
        threading.Thread(
            target=self._work, args=(search, request, memory), name="outcomes", daemon=True
        ).start()
        return search

    def give_up(self) -> None:
        """End the search, and take nothing more from it."""
        if self.search is not None:
            self.search.cancel()
            self.search = None

    def concerns(self, news: News) -> bool:
        """Whether `news` is of the search that is under way; then its effort is noted."""
        if news.search is not self.search:
            return False
        if isinstance(news.said, Effort):
            news.search.effort = news.said
        return True

    def _work(self, search: Search, request: Request, memory: Memory) -> None:
        try:
            analysis = outcomes(
                self._session,
                [leaf.name for leaf in request.leaves],
                dict(zip(request.feed_names, request.feeds, strict=True)),
                targets=request.targets,
                level=search.level,
                budget=search.budget,
                memory=memory,
                progress=self._teller(search),
                should_stop=lambda: search.cancelled,
            )
            self._tell(search, self._ended(analysis))
        except Exception as error:  # told as an event; the worker goes on
            if not isinstance(error, OpscopeError):
                traceback.print_exc()
            self._tell(search, Failed(error))

    def _ended(self, analysis: Analysis) -> Ended:
        tables = [GroupTable(group, analysis.kinds) for group in analysis.groups]
        return Ended(analysis, tables, outcome_set(self._program, analysis, tables))

    def _teller(self, search: Search) -> Callable[[Effort], None]:
        told = perf_counter()

        def tell(effort: Effort) -> None:
            nonlocal told
            now = perf_counter()
            if now - told >= _TELL_SECONDS:
                told = now
                self._tell(search, effort)

        return tell

    def _tell(self, search: Search, what: Effort | Ended | Failed) -> None:
        self._tell_owner(News(search, what))
