"""The side of a worker: it explores subtrees of a search that another process has divided."""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import signal
import threading
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

import numpy as np

from ...executor.schedule import Entry
from ..conflicts import RaceGraph
from ..machine import Choice
from ..region import Region
from ..results import Effort
from ..search import Budget, Search, Subtree
from ..study import Result
from .shipping import Job

_LEAST_SECONDS = 0.03
"""How long a task explores at least before it gives back what is left because it was asked to."""

_here = threading.local()


class Asked(Protocol):
    """Whether the workers of this process are to give back what they have."""

    value: bool


_asked: Asked | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """A search, as `Search` takes it."""

    job: Job
    region: Region
    races: RaceGraph
    known: RaceGraph
    failures: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker found in one task.

    Attributes:
        results: those that it had not told yet, with their schedules.
        left: what there was no time for.
        lessons: all that it has learnt from in this search.
        new_races: whether it stopped because a race turned up that is not known.
    """

    results: Sequence[tuple[Result, Sequence[Entry]]]
    left: Sequence[Subtree]
    lessons: Sequence[tuple[Choice, ...]]
    new_races: bool
    effort: Effort

    def packed(self) -> bytes:
        """As `unpacked` takes it: so small that a pipe holds it, and a busy reader is no delay."""
        return zlib.compress(pickle.dumps(self, pickle.HIGHEST_PROTOCOL), 1)

    @staticmethod
    def unpacked(packed: bytes) -> Answer:
        """The answer that was `packed`."""
        return pickle.loads(zlib.decompress(packed))


def prepare(asked: Asked) -> None:
    """Let the process end with the one that started it, and leave Ctrl-C to that one.

    Args:
        asked: shared with that one, which sets it when it wants back what is left of the tasks.
    """
    global _asked
    _asked = asked
    # A search makes no cycles, but many states, which the collector would walk again and again.
    gc.set_threshold(100_000)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def explore(
    assignment: bytes, key: str, task: int, subtrees: Sequence[Subtree], seconds: float
) -> bytes:
    """Explore `subtrees` for some `seconds`; the `Answer`, packed.

    States that this thread has explored in the same search are not explored again: so a task that
    is repeated here gets the answer that it got, and one that is repeated elsewhere a new one.

    Args:
        assignment: a pickled `Assignment`.
        key: distinguishes it from all others.
        task: distinguishes the task from the others of the search.
        subtrees: what to explore, the last first.
        seconds: from when the search is ready; less if this process is asked to give back.
    """
    explorer: _Explorer | None = getattr(_here, "explorer", None)
    if explorer is None or explorer.key != key:
        _here.explorer = None
        explorer = _here.explorer = _Explorer(key, pickle.loads(assignment))
    return explorer.explore(task, subtrees, seconds)


class _Explorer:
    """One search in one thread."""

    def __init__(self, key: str, assignment: Assignment) -> None:
        self.key = key
        budget = Budget()
        study = assignment.job.study(budget)
        study.machine.failures = assignment.failures
        study.machine.restart()
        scope = study.scope(assignment.region)
        self._search = Search(study.machine, study.static, assignment.races, scope, budget)
        self._search.known = assignment.known
        self._told = 0
        self._answers: dict[int, bytes] = {}

    def explore(self, task: int, subtrees: Sequence[Subtree], seconds: float) -> bytes:
        if task in self._answers:
            return self._answers[task]
        search, before, began = self._search, self._search.found.effort, perf_counter()

        def is_over() -> bool:
            spent = perf_counter() - began
            asked = _asked is not None and _asked.value
            return spent > seconds or (asked and spent > _LEAST_SECONDS)

        with np.errstate(all="ignore"), search.machine.focused(search.scope.ops):
            found = search.resume(subtrees, is_over)
        results = list(found.results.values())[self._told :]
        self._told += len(results)
        lessons, effort = tuple(search.lessons), found.effort - before
        answer = Answer(results, search.left, lessons, search.new_races, effort).packed()
        self._answers[task] = answer
        return answer
