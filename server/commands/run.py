"""`opscope run PROGRAM`: one `Session.run` from the command line."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from . import request
from .failure import EXIT_RUN_FAILED, CommandError
from .request import Asked, sentence

if TYPE_CHECKING:
    from ...engine import Session
    from ...engine.debugger import Run
    from ...engine.errors import OpError

_SCHEDULES = "fifo, lifo, random:SEED or replay:FILE"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    request.configure(parser)
    parser.epilog = (
        "Exit code: 0 for an answer, 2 for bad usage or a bad file, 3 if the run failed."
    )
    parser.add_argument(
        "--schedule", default="fifo", metavar="S", help=f"{_SCHEDULES} (default: fifo)"
    )
    parser.add_argument("--trace", type=Path, metavar="FILE", help="record the run in this file")
    parser.add_argument("--json", action="store_true", help="print JSON")


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Attributes:
        values: of the fetches; None if it failed.
        steps: how many there were, those of kernels that overlap part by part.
    """

    values: list[Any] | None
    steps: int
    error: OpError | None


def run(arguments: argparse.Namespace) -> int:
    """Run it and print what it gave.

    Raises:
        CommandError: the request does not fit the program.
    """
    from ...engine.errors import OpError, OpscopeError

    asked = request.read(arguments)
    schedule = read_schedule(arguments.schedule)
    session = request.begin(asked.program, arguments.init)
    try:
        outcome = _execute(asked, session, schedule, arguments)
    except OpError as error:  # raised here, the run has not begun: the plan was refused
        raise CommandError(sentence(error)) from None
    except (OpscopeError, TypeError, ValueError) as error:
        raise CommandError(str(error)) from None
    request.tell_operations(asked, "run", "print")
    if arguments.json:
        print(json.dumps(_as_json(asked, session, outcome), allow_nan=False))
    elif outcome.values is not None:
        for name, value in zip(asked.fetches, outcome.values, strict=True):
            print(f"{name} = {'done' if value is None else value}")
    if outcome.error is not None:
        text = request.failed(asked.program, outcome.error, arguments.init)
        print(f"opscope run: {text}", file=sys.stderr)
        return EXIT_RUN_FAILED
    return 0


def read_schedule(text: str) -> Any:
    """What `Session.run` takes for `--schedule`; `replay:FILE` names a trace or an outcome's JSON.

    Raises:
        CommandError: there is no such schedule, or the file holds none.
    """
    kind, _, name = text.partition(":")
    if kind != "replay":
        return _checked(text)
    if not name:
        raise CommandError(
            f"--schedule: '{text}' names no file; write replay:FILE, FILE being a trace or the "
            "JSON of an outcome"
        )
    from ...engine.errors import FormatError
    from ...engine.trace.file import open_trace

    path = Path(name)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CommandError(f"--schedule: {path}: {error.strerror}") from None
    if content.startswith(b"SQLite format 3"):
        try:
            with open_trace(path) as trace:
                return trace.schedule_entries()
        except FormatError as error:
            raise CommandError(f"--schedule: {error}") from None
    try:
        found: Any = json.loads(content)
    except ValueError:
        raise CommandError(
            f"--schedule: {path}: expected a trace or the JSON of an outcome"
        ) from None
    entries = found.get("schedule") if isinstance(found, dict) else found
    if not isinstance(entries, list):
        several = isinstance(found, dict) and "groups" in found
        raise CommandError(
            f"--schedule: {path}: expected a list of operations under 'schedule'"
            + (", found a whole set of outcomes; take one of its 'outcomes'" if several else "")
        )
    if not all(isinstance(entry, (str, dict)) for entry in entries):
        raise CommandError(f"--schedule: {path}: an entry is neither a name nor has an 'op'")
    return entries


def _checked(text: str) -> str:
    """The schedule `text`, which names no file.

    Raises:
        CommandError: there is none of that name, or it needs a person who picks.
    """
    from ...engine.errors import GraphError
    from ...engine.executor.schedule import make_schedule

    if text == "manual":
        raise CommandError(
            f"--schedule: with 'manual', you pick each operation in the browser; use {_SCHEDULES}"
        )
    try:
        make_schedule(text)
    except (GraphError, ValueError):
        seed = ", SEED being a whole number" if text.startswith("random") else ""
        raise CommandError(
            f"--schedule: '{text}' is not a schedule; use {_SCHEDULES}{seed}"
        ) from None
    return text


def _execute(
    asked: Asked, session: Session, schedule: Any, arguments: argparse.Namespace
) -> Outcome:
    """Run it, under the debugger if it is to be recorded.

    Raises:
        GraphError: the schedule does not fit the run; a trace has what ran.
    """
    import numpy as np

    from ...engine.debugger import Run
    from ...engine.executor.executor import Executor
    from ...engine.executor.schedule import make_schedule, read_entry, refuse_leftover

    request = session.request(asked.fetches, asked.feeds, asked.targets)
    if isinstance(schedule, list):
        from ...engine.analysis.replay import scheduled

        entries = [read_entry(entry) for entry in cast("list[Any]", schedule)]
        request, order = scheduled(request, session.memory, entries)
    else:
        order = make_schedule(schedule)
    if arguments.trace is None:
        executor = Executor(
            request.plan, session.memory, request.feeds, order, program=request.program
        )
        with np.errstate(all="ignore"):
            executor.advance()
        steps, error = executor.steps, executor.failure
        values = [] if error else request.restore(executor.results())
    else:
        run = Run(session.memory, request, order)
        _record(asked, run, arguments)
        steps, error = run.steps, run.error
        values = [] if error else run.results()
    refuse_leftover(order)
    if error is None:
        return Outcome(values, steps, None)
    error.op = request.op_name(error.op)
    return Outcome(None, steps, error)


def _record(asked: Asked, run: Run, arguments: argparse.Namespace) -> None:
    """Run to the end, into a trace file."""
    from time import perf_counter

    from ..worker.recorder import Recorder

    recorder = Recorder(asked.program, str(arguments.program.resolve()), run, arguments.trace)
    try:
        while not run.finished:
            run.advance(1_000_000, perf_counter() + 0.25)
            recorder.record()
    finally:
        recorder.close("finished" if run.error is None else "failed")


def _as_json(asked: Asked, session: Session, outcome: Outcome) -> dict[str, Any]:
    from ...engine.memory.jsonable import json_value

    given = [] if outcome.values is None else zip(asked.fetches, outcome.values, strict=True)
    values = session.variables
    error = outcome.error
    return {
        "fetches": {name: json_value(value) for name, value in given},
        "variables": {
            variable.name: json_value(values.get(variable.name))
            for variable in asked.program.variables
        },
        "steps": outcome.steps,
        "error": None
        if error is None
        else {"class": type(error).__name__, "message": error.message, "op": error.op},
    }
