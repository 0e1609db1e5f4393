"""The search for outcomes: against running every order, and how long it takes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from measure import in_turn, row, unpack

import opscope.engine.tf as tf
from opscope.engine import Session, load, outcomes
from opscope.engine.session import Program

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "engine"))

from analysis.brute_force import all_results  # noqa: E402 - beside the tests that it is the oracle of
from analysis.puzzles import ROWS  # noqa: E402


def session_of(graph: tf.Graph) -> Session:
    """A session of `graph` whose variables are initialised."""
    session = Program("benchmark", graph.definition).session()
    session.run([], targets=["init"])
    return session


def racing_pairs(count: int, *, use_resource: bool) -> tuple[Session, list[str]]:
    """`count` variables, each with an update and a read that race."""
    graph = tf.Graph()
    fetches: list[str] = []
    with graph.as_default():
        for number in range(count):
            variable = tf.Variable(0.0, name=f"v{number}", use_resource=use_resource)
            update = tf.convert_to_tensor(variable.assign_add(1.0))
            read = variable.read_value() * 1.0
            fetches += [update.name, read.name]
        tf.global_variables_initializer()
    return session_of(graph), fetches


def racing_writes(count: int) -> tuple[Session, list[str]]:
    """One variable and `count` writes of it that nothing orders, every other an addition."""
    graph = tf.Graph()
    targets: list[str] = []
    with graph.as_default():
        variable = tf.Variable(1.0, name="v", use_resource=True)
        for number in range(count):
            write = tf.assign_add if number % 2 else tf.assign
            targets.append(write(variable, float(number + 2)).op.name)
        tf.global_variables_initializer()
    return session_of(graph), targets


def seconds_of(what: str, target: str, call: Any) -> None:
    """Print how long the analysis `call` takes, and what it found."""
    start = perf_counter()
    analysis = call()
    taken = perf_counter() - start
    found = f"{analysis.count:,}" if analysis.count < 1e9 else f"{analysis.count:.1e}"
    complete = "" if analysis.complete else ", INCOMPLETE"
    row(f"{what}: {found} outcomes{complete}", f"{taken:.2f} s", target)


def against_all_orders() -> None:
    """The ratio to running all linear extensions of the same runs."""
    session, fetches = racing_pairs(2, use_resource=True)
    _, orders = all_results(session, fetches, limit=1_000_000)
    seconds = in_turn(
        {
            "all orders": lambda: all_results(session, fetches, limit=1_000_000),
            "search": lambda: outcomes(session, fetches),
        },
        rounds=3,
        warm_up=0,
    )
    ratio = seconds["all orders"] / seconds["search"]
    row(f"2 racing pairs, all {orders:,} orders / search", f"{ratio:,.0f} times", "")


def public_cases() -> None:
    """Every run of the gallery's puzzles, one after the other."""
    sessions: list[tuple[Session, Any]] = []
    for case in ROWS:
        session = load(ROOT / "server" / "gallery" / "puzzles" / f"{case.program}.pb").session()
        for _ in range(1 if case.init else 0):
            session.run([], targets=[case.init])
        sessions.append((session, case))
    start = perf_counter()
    for session, case in sessions:
        outcomes(session, list(case.fetches), dict(case.feeds), targets=list(case.targets))
    row(f"{len(ROWS)} runs of the puzzles together", f"{perf_counter() - start:.2f} s", "under 2 s")


def training_step(folder: Path) -> None:
    """The Adam step of scale_mlp_1k with its loss and all variables."""
    case = unpack("scale_mlp_1k", folder)
    step = json.loads((case / "case.json").read_text())["steps"][1]
    with np.load(case / "feeds.npz") as file:
        feeds = {name: file[key] for name, key in step["feeds"].items()}
    program = load(case / "graph.pb")
    session = program.session()
    session.run([], targets=["init"])
    fetches = ["loss:0", *(f"{variable.name}:0" for variable in program.variables)]
    seconds_of(
        "scale_mlp_1k, loss and 170 variables",
        "under 2 s",
        lambda: outcomes(session, fetches, feeds, targets=step["targets"]),
    )


def racing_multiples(count: int, more: int) -> tuple[Session, list[str]]:
    """One variable; ops that read it and add a multiple, and some that add a constant.

    Hardly two orders come to the same value.
    """
    graph = tf.Graph()
    with graph.as_default():
        variable = tf.Variable(tf.constant(1.0, tf.float64), name="v")
        added = [variable.value() * (number + 0.5) + 2.0 for number in range(count)]
        added += [tf.constant(1.25 + number, tf.float64) for number in range(more)]
        targets = [tf.assign_add(variable, term).op.name for term in added]
        tf.global_variables_initializer()
    return session_of(graph), targets


def on_two_processes() -> None:
    """The speed-up with two processes, the second one started for the search.

    Medians of five searches each, in turn: the speed of a shared machine changes within seconds.
    The process that workers are forked from is started with the first, and stays.
    """
    session, targets = racing_multiples(4, 2)
    seconds = in_turn(
        {
            str(jobs): lambda jobs=jobs: outcomes(
                session, ["v:0"], targets=targets, budget=None, jobs=jobs
            )
            for jobs in (1, 2)
        },
        rounds=5,
        warm_up=0,
    )
    ratio = seconds["1"] / seconds["2"]
    what = f"a search of {seconds['1']:.1f} s, 1 process / 2 processes"
    row(what, f"{ratio:.2f} times", "at least 1.7")


def run(folder: Path) -> None:
    """Print the figures."""
    print("\nOutcomes of racy runs")
    against_all_orders()
    public_cases()
    training_step(folder)
    session, fetches = racing_pairs(20, use_resource=True)
    seconds_of("20 racing pairs", "under 1 s", lambda: outcomes(session, fetches))
    session, targets = racing_writes(8)
    seconds_of("8 racing writes", "under 10 s", lambda: outcomes(session, [], targets=targets))
    on_two_processes()


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        run(Path(name))
