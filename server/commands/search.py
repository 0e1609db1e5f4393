"""The search for outcomes, as `outcomes` and `check` do it: flags, progress, Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from . import request
from .failure import CommandError
from .request import Asked

if TYPE_CHECKING:
    from ...engine import Session
    from ...engine.analysis import Analysis, Effort
    from ...engine.errors import OpError

_TELL_SECONDS = 0.1


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    request.configure(parser)
    parser.add_argument(
        "--level",
        choices=("atomic", "split"),
        default="atomic",
        help="atomic: operations happen at once, the default; split: TensorFlow's kernels overlap",
    )
    parser.add_argument(
        "--budget",
        type=_seconds,
        default=30.0,
        metavar="SECONDS",
        help="stop searching after this time (default: 30)",
    )
    parser.add_argument("--jobs", type=_count, metavar="N", help="search with N processes")
    parser.add_argument("--cluster", metavar="ADDRESS", help="search on the Dask cluster there")
    parser.add_argument("--json", action="store_true", help="print JSON")


@dataclass(frozen=True)
class Searched:
    """What was asked, in which session, and every result that it can have."""

    asked: Asked
    session: Session
    analysis: Analysis

    def errors(self) -> list[OpError]:
        """The failures among the outcomes."""
        outcomes = (outcome for group in self.analysis.groups for outcome in group.outcomes)
        return [outcome.error for outcome in outcomes if outcome.error is not None]


def search(arguments: argparse.Namespace) -> Searched:
    """Look for every result. Ctrl-C ends the search, not the command.

    Raises:
        CommandError: the request does not fit the program.
    """
    from ...engine import outcomes
    from ...engine.errors import OpError, OpscopeError

    asked = request.read(arguments)
    session = request.begin(asked.program, arguments.init)
    places: dict[str, Any] = {"jobs": arguments.jobs, "cluster": arguments.cluster}
    try:
        with _interruptible() as should_stop, _progress() as progress:
            analysis = outcomes(
                session,
                asked.fetches,
                asked.feeds,
                targets=asked.targets,
                level=arguments.level,
                budget=arguments.budget,
                progress=progress,
                should_stop=should_stop,
                **{name: value for name, value in places.items() if value is not None},
            )
    except OpError as error:
        raise CommandError(request.sentence(error)) from None
    except (OpscopeError, OSError, TypeError, ValueError) as error:
        raise CommandError(str(error)) from None
    return Searched(asked, session, analysis)


def shown_path(path: Path) -> str:
    """`path` as messages name it: from the current folder where it is inside."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)


@contextmanager
def _interruptible() -> Generator[Callable[[], bool]]:
    """Asked whether Ctrl-C was pressed; pressed once more, it ends the command."""
    pressed = False

    def press(*_: Any) -> None:
        nonlocal pressed
        if pressed:
            raise KeyboardInterrupt
        pressed = True

    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: pressed
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _progress() -> Generator[Callable[[Effort], None] | None]:
    """Tells how far the search is, in a line that goes away, if somebody looks."""
    if not sys.stderr.isatty():
        yield None
        return
    began = told = perf_counter()

    def tell(effort: Effort) -> None:
        nonlocal told
        now = perf_counter()
        if now - told >= _TELL_SECONDS:
            told = now
            print(
                f"\r\033[KSearching: {effort.executions:,} schedules, {effort.states:,} states, "
                f"{now - began:.1f} s (Ctrl-C: show what was found)",
                end="",
                file=sys.stderr,
                flush=True,
            )

    try:
        yield tell
    finally:
        if told != began:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def _seconds(text: str) -> float:
    with suppress(ValueError):
        if (seconds := float(text)) > 0:
            return seconds
    raise argparse.ArgumentTypeError(f"expected a number of seconds above 0, found '{text}'")


def _count(text: str) -> int:
    with suppress(ValueError):
        if (count := int(text)) > 0:
            return count
    raise argparse.ArgumentTypeError(f"expected a number of processes from 1, found '{text}'")
