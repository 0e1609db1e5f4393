"""Divided searches: the same answer whoever works, and nothing lost when a worker dies."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from functools import partial
from threading import local
from typing import Any

import pytest

import opscope.engine.tf as tf
from opscope.engine import Session, outcomes
from opscope.engine.analysis import Analysis, Effort, Outcome
from opscope.engine.analysis.parallel import ClusterError, division, worker, workforce
from opscope.engine.session import Program

from . import random_programs
from .test_brute_force import SEEDS, prepared

_PROGRAMS = SEEDS // 3


@dataclass
class Asked:
    """A run to analyse."""

    session: Session
    fetches: list[str]
    targets: list[str]

    def outcomes(self, **options: Any) -> Analysis:
        return outcomes(self.session, self.fetches, targets=self.targets, budget=None, **options)


def affine(variable: tf.Variable, count: int) -> list[str]:
    """The names of `count` ops that read `variable` and add to it, each another multiple."""
    return [
        tf.assign_add(variable, variable.value() * (i + 0.5) + 2.0).op.name for i in range(count)
    ]


def straight(count: int = 4) -> Asked:
    """Reads and writes of one variable: some hundred outcomes from 4 on."""
    graph = tf.Graph()
    with graph.as_default():
        variable = tf.Variable(tf.constant(1.0, tf.float64), name="v")
        targets = affine(variable, count)
        initializer = tf.global_variables_initializer().name
    session = Program("straight", graph.definition).session()
    session.run([], targets=[initializer])
    return Asked(session, ["v:0"], targets)


def looping() -> Asked:
    """A loop that adds to a variable which others change."""
    graph = tf.Graph()
    with graph.as_default():
        variable = tf.Variable(1.0, name="v", use_resource=True)

        def body(i: Any) -> Any:
            with tf.control_dependencies([tf.assign_add(variable, 1.0)]):
                return i + 1

        loop = tf.while_loop(lambda i: i < 2, body, [tf.constant(0)])
        targets = affine(variable, 2)
        initializer = tf.global_variables_initializer().name
    session = Program("looping", graph.definition).session()
    session.run([], targets=[initializer])
    return Asked(session, [loop.name], targets)


def failing() -> Asked:
    """Reads that may come before the initialiser wrote."""
    graph = tf.Graph()
    with graph.as_default():
        variable = tf.Variable(1.0, name="v")
        targets = [*affine(variable, 2), tf.global_variables_initializer().name]
    return Asked(Program("failing", graph.definition).session(), ["v:0"], targets)


class Here:
    """Workers that do each task at once, in this thread, from bytes like any others.

    The third task of each search kills its worker: what that had found is lost, and another comes.
    """

    lost: tuple[type[BaseException], ...] = (EOFError,)

    def __init__(self, count: int, patch: pytest.MonkeyPatch) -> None:
        self.count = count
        self.tasks = 0
        self.asked = False
        self._patch = patch
        self._workers = [local() for _ in range(count)]

    def start(self) -> Future[None]:
        started: Future[None] = Future()
        started.set_result(None)
        return started

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Future[Any]:
        self.tasks += 1
        number = self.tasks % self.count
        self._patch.setattr(worker, "_here", self._workers[number])
        future: Future[Any] = Future()
        answer = pickle.dumps(call(*pickle.loads(pickle.dumps(arguments))))
        if self.tasks != 3:
            future.set_result(pickle.loads(answer))
        else:
            self._workers[number] = local()
            future.set_exception(EOFError())
        return future

    def ask_back(self, asked: bool) -> None:
        self.asked |= asked

    def close(self) -> None:
        pass


def shown(analysis: Analysis) -> Any:
    """All of an analysis but the schedules and the effort."""
    groups = [
        (list(g.fetches), list(g.variables), [described(o) for o in g.outcomes], list(g.races))
        for g in analysis.groups
    ]
    return groups, analysis.races, analysis.complete, analysis.unexplored, analysis.notes


def described(outcome: Outcome) -> Any:
    error = outcome.error
    failure = None if error is None else (type(error).__name__, error.op, error.message)
    fetches = None if outcome.fetches is None else valued(outcome.fetches)
    return fetches, valued(outcome.variables), failure


def valued(values: Any) -> Any:
    return [(name, None if v is None else (v.shape, v.tobytes())) for name, v in values.items()]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Here:
    """Every search is divided at once, and its tasks give back what they left after a moment."""
    workforce = Here(2, monkeypatch)
    monkeypatch.setattr(division, "_ALONE_SECONDS", 0.0)
    monkeypatch.setattr(division, "_TREES", 1)
    monkeypatch.setattr(division, "_SLICE_SECONDS", 0.001)
    monkeypatch.setattr(division, "Processes", lambda count: workforce)
    return workforce


@pytest.mark.parametrize("level", ["atomic", "split"])
def test_random_programs_have_the_same_outcomes_when_divided(here: Here, level: Any) -> None:
    divided = 0
    for seed in range(_PROGRAMS):
        asked = random_programs.make(seed)
        session = prepared(asked)
        run = partial(outcomes, session, asked.fetches, targets=asked.targets, level=level)
        alone = run(budget=0.3)
        if alone.complete:
            assert shown(run(jobs=2, budget=None)) == shown(alone), seed
        divided += here.tasks > 0
        here.tasks = 0
    assert divided


def _waiting(start: Callable[[Any], Future[None]]) -> Callable[[Any], Future[None]]:
    def started(workers: Any) -> Future[None]:
        future = start(workers)
        wait([future])
        return future

    return started


@pytest.fixture
def divided(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers are asked for from the start, and what is left waits for them."""
    monkeypatch.setattr(division, "_ALONE_SECONDS", 0.0)
    for kind in (workforce.Processes, workforce.DaskCluster):
        monkeypatch.setattr(kind, "start", _waiting(kind.start))


@pytest.mark.usefixtures("divided")
@pytest.mark.parametrize(("make", "jobs"), [(straight, 3), (looping, 2), (failing, 2)])
def test_processes_find_the_same(make: Callable[[], Asked], jobs: int) -> None:
    asked = make()
    alone, together = asked.outcomes(), asked.outcomes(jobs=jobs)
    assert shown(together) == shown(alone)
    assert alone.count > 1


def test_tasks_are_asked_for_when_somebody_has_nothing_to_do(here: Here) -> None:
    asked = straight(3)
    assert shown(asked.outcomes(jobs=2)) == shown(asked.outcomes())
    assert here.asked


@dataclass
class Signal:
    """What a process that started workers tells them."""

    value: bool


@pytest.mark.parametrize("asked", [True, False])
def test_a_task_ends_early_when_it_is_asked_for(
    here: Here, monkeypatch: pytest.MonkeyPatch, asked: bool
) -> None:
    monkeypatch.setattr(division, "_SLICE_SECONDS", 600.0)
    monkeypatch.setattr(worker, "_LEAST_SECONDS", 0.0)
    monkeypatch.setattr(worker, "_asked", Signal(asked))
    left: list[bool] = []
    unpacked = worker.Answer.unpacked

    def keep(packed: bytes) -> worker.Answer:
        left.append(bool(unpacked(packed).left))
        return unpacked(packed)

    monkeypatch.setattr(worker.Answer, "unpacked", keep)
    run = straight(3)
    assert shown(run.outcomes(jobs=2)) == shown(run.outcomes())
    assert here.tasks
    assert any(left) == asked


class Killer:
    """Kills one of some processes when a search tells for the second time how far it is."""

    def __init__(self, processes: Callable[[], Sequence[int]]) -> None:
        self._processes = processes
        self._told = 0
        self.killed: list[int] = []

    def __call__(self, _: Effort) -> None:
        self._told += 1
        alive = self._processes()
        if self._told >= 2 and alive and not self.killed:
            self.killed.append(alive[0])
            os.kill(alive[0], signal.SIGKILL)


def children() -> list[int]:
    return [child.pid for child in multiprocessing.active_children() if child.pid]


@pytest.mark.usefixtures("divided")
def test_nothing_is_lost_with_a_process_that_dies() -> None:
    asked = straight()
    killer = Killer(children)
    together = asked.outcomes(jobs=2, progress=killer)
    assert killer.killed
    assert shown(together) == shown(asked.outcomes())
    assert not children()


@pytest.mark.usefixtures("divided")
def test_what_kills_every_worker_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(division, "explore", _die)
    asked = straight(3)
    assert shown(asked.outcomes(jobs=2)) == shown(asked.outcomes())


def _die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.usefixtures("divided")
def test_a_divided_search_can_be_stopped() -> None:
    told: list[Effort] = []
    asked = straight(6)
    analysis = asked.outcomes(jobs=2, progress=told.append, should_stop=lambda: len(told) > 2)
    assert not analysis.complete
    assert "choices left to try" in analysis.unexplored[0]
    assert not children()


def test_what_only_this_process_has_is_searched_here(here: Here) -> None:
    asked = straight(3)
    asked.session.memory.resources["", "lock"] = Unsendable()
    analysis = asked.outcomes(jobs=2)
    assert here.tasks == 0
    assert analysis.notes == [
        "The search ran in one process, because the session's memory holds what cannot be sent to "
        "another: it stays here."
    ]
    assert analysis.count == asked.outcomes().count


class Unsendable:
    """A resource that can be copied, and not be sent."""

    def __reduce__(self) -> Any:
        raise TypeError("it stays here")

    def __deepcopy__(self, _: Any) -> Unsendable:
        return self


@pytest.mark.usefixtures("divided")
@pytest.mark.filterwarnings("default")
def test_nothing_is_lost_on_a_cluster_with_a_worker_that_dies() -> None:
    distributed = pytest.importorskip("distributed")
    asked = straight()
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        workers = [*client.run(os.getpid).values()]
        killer = Killer(lambda: workers)
        together = asked.outcomes(cluster=cluster.scheduler_address, progress=killer)
    assert killer.killed
    assert shown(together) == shown(asked.outcomes())


@pytest.mark.filterwarnings("default")
def test_a_cluster_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(workforce, "_CONNECT_SECONDS", 0.2)
    with pytest.raises(ClusterError, match=r"no Dask cluster answers at tcp://127\.0\.0\.1:9"):
        straight(1).outcomes(cluster="tcp://127.0.0.1:9")


def test_a_cluster_without_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"pip install opscope\[cluster\]"):
        straight(1).outcomes(cluster="tcp://127.0.0.1:9")
