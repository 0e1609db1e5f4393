"""A search on many cores and machines: what is open is divided among workers.

A group of races is searched by the session's own process first. If that takes longer than a moment,
the open states are divided into subtrees, and each is a task for an executor. A task ends after a
slice of time, or when somebody has nothing to do, and gives back what it left, so that work moves
to whoever is free. The session's own process goes on searching, and looks after the others now and
then. What is found is merged by value, which makes the answer independent of who found it.

Workers learn by themselves which executions touch what. What they learn is told as schedules, which
are made once more here: a race between what two workers saw is found as any other.
"""

from __future__ import annotations

import pickle
import uuid
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from time import perf_counter

from ...executor.request import Request
from ...memory import Memory
from ..access import CellKey
from ..machine import Choice, Machine
from ..region import Region
from ..results import Effort
from ..search import Found, Search, Stopped, Subtree, after
from ..study import Study
from .shipping import Job, Unsendable
from .worker import Answer, Assignment, explore
from .workforce import DaskCluster, Processes, Workforce

_ALONE_SECONDS = 0.25
"""How long a search may take before workers are started."""

_SLICE_SECONDS = 1.0
"""How long a task explores before it gives back what is left."""

_LOOK_SECONDS = 0.1
"""How often it is asked whether the search is to stop while all that is left is with others."""

_TURN_SECONDS = 0.1
"""How long this process searches before it looks after the others if none is done before."""

_TREES = 8
"""Subtrees to begin with, for each process."""

_DEATHS = 2
"""Workers that may die with a task before it is done in this process."""


@dataclass(slots=True)
class _Task:
    """Attributes: deaths: how many workers died while they had it."""

    number: int
    subtrees: Sequence[Subtree]
    deaths: int = 0


class Division:
    """Divides the searches of one analysis.

    Args:
        workforce: who works.
        request: the run that is analysed.
        memory: the state in which it starts.

    Attributes:
        notes: why less was divided than was asked for, a sentence each.
    """

    def __init__(self, workforce: Workforce, request: Request, memory: Memory) -> None:
        self.workforce = workforce
        self.notes: list[str] = []
        self._job: Job | None = None
        self._describe(lambda: Job.of(request, memory))

    @classmethod
    def of(cls, request: Request, memory: Memory, jobs: int, cluster: str | None) -> Division:
        """Among `jobs` processes, of which this is one, or the workers of `cluster` and this.

        Raises:
            ClusterError: the cluster cannot be used.
        """
        workforce = Processes(jobs - 1) if cluster is None else DaskCluster(cluster)
        return cls(workforce, request, memory)

    def take_apart(
        self, request: Request, machine: Machine, kernels: Mapping[int, set[CellKey]]
    ) -> None:
        """From now on, divide the run that `taken_apart` makes of the same arguments."""
        if self._job is not None:
            self._describe(lambda: Job.of(request, machine.memory, machine, kernels))

    def close(self) -> None:
        """Let the workers go."""
        self.workforce.close()

    def search(self, study: Study, search: Search, region: Region) -> Found:
        """Do `search`, of `region`, alone if it is short, else with all workers."""
        found = search.run(after(_ALONE_SECONDS))
        if not search.left or search.new_races or not found.complete:
            return found
        if self._job is None:
            return search.resume(search.left)
        found = search.resume(search.left, self.workforce.start().done)
        if not search.left or search.new_races or not found.complete:
            return found
        found = search.divide(search.left, _TREES * (self.workforce.count + 1))
        if not search.left or search.new_races or not found.complete:
            return found
        failures = study.machine.failures
        assignment = Assignment(self._job, region, search.races, search.known, failures)
        return _DividedSearch(self, study, search, assignment).run()

    def _describe(self, job: Callable[[], Job]) -> None:
        self._job = None
        try:
            self._job = job()
        except Unsendable as error:
            self.notes.append(
                "The search ran in one process, because the session's memory holds what cannot be "
                f"sent to another: {error}."
            )


class _DividedSearch:
    """One search that is being done by this process and by workers."""

    def __init__(
        self, division: Division, study: Study, search: Search, assignment: Assignment
    ) -> None:
        self._workforce = division.workforce
        self._study = study
        self._search = search
        self._assignment = pickle.dumps(assignment, pickle.HIGHEST_PROTOCOL)
        self._key = uuid.uuid4().hex
        self._count = 0
        self._waiting: deque[_Task] = deque()
        self._flying: dict[Future[bytes], _Task] = {}
        self._own: list[Subtree] = []
        self._learnt: set[tuple[Choice, ...]] = set()
        self._helped = Effort()
        self._losses = 0
        self._has_news = False
        self._report = search.progress

    def run(self) -> Found:
        """Until nothing is left, a race turns up that was not known, or time is up."""
        search = self._search
        search.progress = None if self._report is None else self._tell
        for subtree in search.left:
            self._add([subtree])
        while (self._waiting or self._flying or self._own) and not search.new_races:
            if search.budget.is_over():
                self._wind_up()
                break
            self._hand_out()
            self._work_or_wait()
            self._collect({future for future in self._flying if future.done()})
        if search.new_races:
            self._workforce.ask_back(True)
            for future in self._flying:
                future.cancel()
        search.progress = self._report
        tasks = [*self._waiting, *self._flying.values()]
        left = [*self._own, *(subtree for task in tasks for subtree in task.subtrees)]
        found = search.found
        found.frontier = sum(len(subtree.todo) for subtree in left)
        found.effort += self._helped
        return found

    def _tell(self, effort: Effort) -> None:
        assert self._report is not None
        self._report(effort + self._helped)

    def _task(self, subtrees: Sequence[Subtree]) -> _Task:
        self._count += 1
        return _Task(self._count, subtrees)

    def _add(self, subtrees: Sequence[Subtree]) -> None:
        self._waiting.append(self._task(subtrees))

    def _hand_out(self) -> None:
        if not self._waiting and len(self._own) > 1:
            # The topmost is the largest.
            self._add([self._own.pop(0)])
        while self._waiting and len(self._flying) <= self._workforce.count:
            task = self._waiting.popleft()
            if task.deaths >= _DEATHS or self._losses > _DEATHS:
                # What cost workers their lives, or what there are no workers for.
                self._own += task.subtrees
                continue
            arguments = (self._assignment, self._key, task.number, task.subtrees, self._slice())
            try:
                future = self._workforce.submit(explore, *arguments)
            except self._workforce.lost:
                self._lose([task])
                return
            self._flying[future] = task
            future.add_done_callback(self._look_up)

    def _look_up(self, _: Future[bytes]) -> None:
        self._has_news = True

    def _slice(self) -> float:
        deadline = self._search.budget.deadline
        left = _SLICE_SECONDS if deadline is None else deadline - perf_counter()
        return max(0.0, min(_SLICE_SECONDS, left))

    def _work_or_wait(self) -> None:
        """Search for a moment; wait where all that is left is with others."""
        if not self._own and self._waiting:
            self._own += self._waiting.pop().subtrees
        somebody_is_idle = not self._own or len(self._flying) < self._workforce.count
        self._workforce.ask_back(somebody_is_idle and not self._waiting)
        if not self._own:
            wait(self._flying, _LOOK_SECONDS, FIRST_COMPLETED)
            return
        turn_is_over = after(_TURN_SECONDS)
        self._has_news = False
        self._search.resume(self._own, lambda: self._has_news or turn_is_over())
        self._own = self._search.left

    def _collect(self, done: set[Future[bytes]]) -> None:
        lost: list[_Task] = []
        for future in done:
            task = self._flying.pop(future)
            try:
                answer = Answer.unpacked(future.result())
            except self._workforce.lost:
                lost.append(task)
                continue
            self._losses = 0
            self._merge(answer)
        if lost:
            self._lose(lost)
        if done and self._report is not None:
            self._tell(self._search.found.effort)

    def _lose(self, tasks: Sequence[_Task]) -> None:
        """A worker died, and with it what it had: somebody else does it."""
        self._losses += 1
        for task in tasks:
            task.deaths += 1
            self._waiting.appendleft(task)

    def _merge(self, answer: Answer) -> None:
        search = self._search
        self._helped += answer.effort
        for result, schedule in answer.results:
            entry = (result, list(schedule))
            search.found.results.setdefault(self._study.distinction(result), entry)
        try:
            for lesson in answer.lessons:
                if lesson not in self._learnt:
                    search.learn_from(lesson)
                    self._learnt.add(lesson)
        except Stopped:
            search.found.complete = False
            return
        if search.new_races:
            return
        if answer.new_races:
            raise RuntimeError("a worker met a race that its schedules do not show here")
        self._take_back(answer.left)

    def _take_back(self, left: Sequence[Subtree]) -> None:
        """Let workers go on with `left`, which one of them has met the states of.

        Where too little waits for the others, the first subtrees, which are the largest, are tasks
        of their own.
        """
        shared = max(0, min(self._workforce.count - len(self._waiting), len(left) - 1))
        for subtree in left[:shared]:
            self._add([subtree])
        if len(left) > shared:
            self._waiting.appendleft(self._task(left[shared:]))

    def _wind_up(self) -> None:
        """Time is up: take what the tasks under way still give."""
        self._search.found.complete = False
        self._workforce.ask_back(True)
        for future, task in list(self._flying.items()):
            if future.cancel():
                del self._flying[future]
                self._waiting.append(task)
        done, _ = wait(self._flying, 2 * _SLICE_SECONDS)
        self._collect(done)
