"""`outcomes`: every result that a run can give, and the races that decide between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from time import perf_counter
from typing import Any

from ..memory import Memory
from ..session import Session
from .consequence import with_consequences
from .guards import undecided_merges
from .ordering import with_whole_kernels
from .results import Analysis, Effort, Level
from .search import Budget
from .split.overlap import taken_apart
from .study import Study
from .uniting import united


def outcomes(
    session: Session,
    fetches: Any,
    feed_dict: Mapping[Any, Any] | None = None,
    *,
    targets: Iterable[str] = (),
    level: Level = "atomic",
    budget: float | None = 30.0,
    memory: Memory | None = None,
    progress: Callable[[Effort], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    jobs: int = 1,
    cluster: str | None = None,
) -> Analysis:
    """Every result that `session.run(fetches, feed_dict)` can give, over all schedules.

    The session is not changed.

    Args:
        session: where the run would happen.
        fetches: as for `Session.run`.
        feed_dict: as for `Session.run`.
        targets: operations to run besides.
        level: `atomic` takes every kernel for indivisible: each outcome can happen. `split` lets
            kernels overlap that TensorFlow does not keep apart.
        budget: seconds after which the search gives up; None for no limit.
        memory: the state in which the run starts; the session's present one if left out.
        progress: called now and then with the effort so far.
        should_stop: asked now and then; True ends the search.
        jobs: how many processes may search, this one included. The others are started when a
            search takes longer than a moment, as `multiprocessing` starts them: a script that is
            run by itself needs its `if __name__ == "__main__"`.
        cluster: the address of the scheduler of a Dask cluster that searches with this process,
            instead of others of this machine.

    Raises:
        ClusterError: the cluster cannot be used.
        GraphError, TypeError, ValueError, OpError: the request does not fit the graph.
    """
    request = session.request(fetches, feed_dict, targets)
    start = memory or session.memory
    deadline = None if budget is None else perf_counter() + budget
    limits = Budget(deadline, should_stop)
    division = None
    if jobs > 1 or cluster is not None:
        from .parallel import Division  # not every search is divided

        division = Division.of(request, start, jobs, cluster)
    study = Study(request, start.copy(), limits, progress, division=division)
    unexplored: list[str] = []
    notes: list[str] = []
    try:
        groups, races, failures = study.explained(study.run())
        notes += failures
        unexplored += [
            f"{name} may get two live inputs, of which it passes on the one that comes first: the "
            "search does not vary that."
            for name in undecided_merges(study.plan)
        ]
        if level == "split" and not study.complete:
            unexplored.append("How kernels overlap was not looked at: time ran out before.")
        if level == "split" and study.complete and (kernels := study.tearable()):
            finer, split = taken_apart(request, study.machine, kernels)
            unexplored += split.skipped
            if division is not None:
                division.take_apart(request, study.machine, kernels)
            study.close()
            study = Study(finer, start.copy(), limits, progress, split, division)
            atomic, groups = groups, study.marked(study.run(), races)
            if study.complete:
                groups = [with_whole_kernels(group, atomic) for group in groups]
            else:
                groups = united(atomic, groups)
    finally:
        study.close()
        if division is not None:
            notes += division.notes
            division.close()
    if not study.complete:
        unexplored.append(study.unexplored)
    if study.messages_differ:
        notes.append("Of failures that differ in nothing but their message, one is listed.")
    races = with_consequences(races, groups)
    asked = {leaf.name: position for position, leaf in enumerate(request.leaves)}
    return Analysis(
        level,
        [replace(g, fetches=sorted(g.fetches, key=asked.__getitem__)) for g in groups],
        races,
        study.complete and not unexplored,
        unexplored,
        kinds={variable.name: variable.kind for variable in study.variables},
        notes=notes,
        effort=study.effort,
        stopped=not study.complete,
    )
