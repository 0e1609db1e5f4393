"""`opscope outcomes PROGRAM`: every result that a run can give, and why.

Exit codes: 0 if there is a result to show; 3 if each that was found is a failure, or none was found
before the search ended.
"""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import sys
from typing import TYPE_CHECKING

from . import search
from .failure import EXIT_RUN_FAILED, EXIT_UNDECIDED, CommandError
from .request import initializer_hint, tell_operations
from .search import Searched, shown_path

if TYPE_CHECKING:
    from ...engine.analysis import Analysis

_WIDTH = 100


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    search.configure(parser)
    parser.epilog = (
        "Exit code: 0 if the run has a result, 2 for bad usage or a bad file, 3 if every result "
        "that was found is a failure, or none was found before the search ended."
    )


def run(arguments: argparse.Namespace) -> int:
    """Search and print what was found.

    Raises:
        CommandError: the request does not fit the program, or the run has no result but failures.
    """
    searched = search.search(arguments)
    analysis = searched.analysis
    tell_operations(searched.asked, "outcomes", "compare")
    if arguments.json:
        from ...engine.analysis.report import to_json

        print(json.dumps(to_json(analysis), allow_nan=False))
    else:
        _print_text(arguments, searched)
    name = shown_path(arguments.program)
    if analysis.count == 0:
        missing = f"{name}: no result was found before the search ended; try a larger --budget"
        raise CommandError(missing, EXIT_UNDECIDED)
    hint = initializer_hint(searched.asked.program, searched.errors(), arguments.init)
    if _always_fails(analysis):
        orders = "every order" if analysis.complete else "every order that was looked at"
        raise CommandError(f"{name}: the run fails in {orders}{hint}", EXIT_RUN_FAILED)
    if hint:
        print(f"opscope outcomes: {name}: the run fails in some orders{hint}", file=sys.stderr)
    return 0


def _always_fails(analysis: Analysis) -> bool:
    """Whether each result that was found is a failure: of a run, one group's failure is enough."""
    return any(
        all(outcome.error is not None for outcome in group.outcomes) for group in analysis.groups
    )


def _print_text(arguments: argparse.Namespace, searched: Searched) -> None:
    from .outcomes_text import as_text
    from .together import together

    analysis = searched.analysis
    width = min(shutil.get_terminal_size((_WIDTH, 24)).columns, 2 * _WIDTH)
    name, program = shown_path(arguments.program), searched.asked.program
    print(as_text(name, program, analysis, width, together(searched)))
    if analysis.count > 1:
        print(
            "\nTo replay a result, save its entry of --json as FILE and run\n"
            f"  {replay_command(arguments)}"
        )


def replay_command(arguments: argparse.Namespace) -> str:
    """The `opscope run` that replays an outcome from FILE."""
    words = ["opscope", "run", shown_path(arguments.program)]
    for flag in ("init", "signature"):
        value = getattr(arguments, flag)
        if value is not None:
            words += [f"--{flag}", value]
    for flag in ("fetch", "target", "feed"):
        values = getattr(arguments, flag)
        if values:
            words += [f"--{flag}", *values]
    return shlex.join([*words, "--schedule", "replay:FILE"])
