"""`opscope run PROGRAM`: one `Session.run` from the command line."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .failure import EXIT_RUN_FAILED, CommandError
from .info import load_program

if TYPE_CHECKING:
    from ...engine import Program, Session


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument("program", type=Path, metavar="PROGRAM", help="a saved graph")
    names: dict[str, Any] = {"nargs": "+", "action": "extend", "default": []}
    parser.add_argument("--fetch", metavar="NAME", help="tensors to fetch", **names)
    parser.add_argument("--target", metavar="OP", help="operations to run", **names)
    parser.add_argument(
        "--feed", metavar="NAME=VALUE", help="values to feed; @FILE.npy reads a file", **names
    )
    parser.add_argument("--signature", metavar="NAME", help="fetch the outputs of a signature")
    parser.add_argument("--init", metavar="OP", help="run this operation before")
    parser.add_argument(
        "--schedule", default="fifo", metavar="S", help="fifo, lifo, random:SEED or replay:FILE"
    )
    parser.add_argument("--trace", type=Path, metavar="FILE", help="record the run in this file")
    parser.add_argument("--json", action="store_true", help="print JSON")


@dataclass(frozen=True)
class Outcome:
    """What a run came to; `values` is None if it failed."""

    values: list[Any] | None
    steps: int
    error: Any


def run(arguments: argparse.Namespace) -> int:
    """Run it and print what it gave.

    Raises:
        CommandError: the request does not fit the program.
    """
    from ...engine.errors import OpError, OpscopeError

    program = load_program(arguments.program)
    fetches, feeds = _request(program, arguments)
    if not fetches and not arguments.target:
        raise CommandError("--fetch: nothing to fetch or run; name a tensor, or give --target")
    try:
        session = program.session()
        schedule = read_schedule(arguments.schedule)
        if arguments.init is not None:
            session.run([], targets=[arguments.init])
        outcome = _execute(program, session, fetches, feeds, schedule, arguments)
    except OpError as error:
        # Raised here, the run has not begun: the plan was refused, or --init failed.
        code = EXIT_RUN_FAILED if arguments.init is not None else 2
        raise CommandError(_sentence(error), code) from None
    except (OpscopeError, TypeError, ValueError) as error:
        raise CommandError(str(error)) from None
    if arguments.json:
        print(json.dumps(_as_json(program, session, fetches, outcome), allow_nan=False))
    elif outcome.values is not None:
        for name, value in zip(fetches, outcome.values, strict=True):
            print(f"{name} = {'done' if value is None else value}")
    if outcome.error is not None:
        print(f"opscope run: {_sentence(outcome.error)}", file=sys.stderr)
        return EXIT_RUN_FAILED
    return 0


def read_schedule(text: str) -> Any:
    """What `Session.run` takes for `--schedule`; `replay:FILE` names a trace or an outcome's JSON.

    Raises:
        CommandError: the file holds no schedule.
    """
    kind, _, name = text.partition(":")
    if kind != "replay":
        return text
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
                names = trace.node_names()
                return [
                    {"op": names[int(step["op"])], "iteration": int(step["iteration"])}
                    for step in trace.steps()
                ]
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
        raise CommandError(f"--schedule: {path}: expected a list of operations under 'schedule'")
    return entries


def _request(program: Program, arguments: argparse.Namespace) -> tuple[list[str], dict[str, Any]]:
    """The fetches, and the feeds by tensor name."""
    from ...engine.errors import OpscopeError
    from ..feeds import feed_dtype, parse_feed

    fetches: list[str] = list(arguments.fetch)
    inputs: dict[str, str] = {}
    if arguments.signature is not None:
        signature = program.signatures.get(arguments.signature)
        if signature is None:
            known = ", ".join(program.signatures) or "none"
            raise CommandError(
                f"--signature: there is no signature '{arguments.signature}'; known are: {known}"
            )
        fetches += [info.name for info in signature.outputs.values() if info.name]
        inputs = {key: info.name for key, info in signature.inputs.items() if info.name}
    feeds: dict[str, Any] = {}
    texts: list[str] = arguments.feed
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise CommandError(f"--feed: expected NAME=VALUE or NAME=@FILE.npy, found '{text}'")
        name = inputs.get(name, name)
        try:
            given: Any = Path(value[1:]).read_bytes() if value.startswith("@") else value
            feeds[name] = parse_feed(name, given, feed_dtype(program.flat, name))
        except OSError as error:
            raise CommandError(f"--feed: {value[1:]}: {error.strerror}") from None
        except OpscopeError as error:
            raise CommandError(f"--feed: {getattr(error, 'message', error)}") from None
    return fetches, feeds


def _execute(
    program: Program,
    session: Session,
    fetches: Sequence[str],
    feeds: dict[str, Any],
    schedule: Any,
    arguments: argparse.Namespace,
) -> Outcome:
    if arguments.trace is not None:
        return _record(program, session, fetches, feeds, schedule, arguments)
    import numpy as np

    from ...engine.executor.executor import Executor
    from ...engine.executor.schedule import make_schedule

    request = session.request(fetches, feeds, arguments.target)
    executor = Executor(
        request.plan,
        session.memory,
        request.feeds,
        make_schedule(schedule),
        program=request.program,
    )
    with np.errstate(all="ignore"):
        executor.advance()
    if executor.error is not None:
        return Outcome(None, executor.steps, executor.error)
    return Outcome(request.restore(executor.results()), executor.steps, None)


def _record(
    program: Program,
    session: Session,
    fetches: Sequence[str],
    feeds: dict[str, Any],
    schedule: Any,
    arguments: argparse.Namespace,
) -> Outcome:
    """Run under the debugger, into a trace file."""
    from time import perf_counter

    from ..worker.recorder import Recorder

    run = session.debug(fetches, feeds, targets=arguments.target, schedule=schedule)
    recorder = Recorder(program, str(arguments.program), run, arguments.trace)
    try:
        while not run.finished:
            run.advance(1_000_000, perf_counter() + 0.25)
            recorder.record()
    finally:
        recorder.close("finished" if run.error is None else "failed")
    return Outcome(run.results() if run.error is None else None, run.steps, run.error)


def _as_json(
    program: Program, session: Session, fetches: Sequence[str], outcome: Outcome
) -> dict[str, Any]:
    from ..values import json_value

    values = session.variables
    error = outcome.error
    return {
        "fetches": {}
        if outcome.values is None
        else {name: json_value(value) for name, value in zip(fetches, outcome.values, strict=True)},
        "variables": {
            variable.name: json_value(values.get(variable.name)) for variable in program.variables
        },
        "steps": outcome.steps,
        "error": None
        if error is None
        else {"class": type(error).__name__, "message": error.message, "op": error.op},
    }


def _sentence(error: Any) -> str:
    where = f" (op '{error.op}')" if error.op else ""
    return f"{type(error).__name__}: {error.message}{where}"
