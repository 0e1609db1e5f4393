"""`opscope outcomes PROGRAM`: every result that a run can give, and why."""

from __future__ import annotations

import argparse
import json
import shlex
import shutil

from .search import configure, search, shown_path

__all__ = ["configure", "run"]

_WIDTH = 100


def run(arguments: argparse.Namespace) -> int:
    """Search and print what was found.

    Raises:
        CommandError: the request does not fit the program.
    """
    asked, analysis = search(arguments)
    if arguments.json:
        from ...engine.analysis.report import to_json

        print(json.dumps(to_json(analysis), allow_nan=False))
        return 0
    from .outcomes_text import as_text

    width = min(shutil.get_terminal_size((_WIDTH, 24)).columns, 2 * _WIDTH)
    print(as_text(shown_path(arguments.program), asked.program, analysis, width))
    if analysis.count > 1:
        print(
            "\nTo replay a result, save its entry of --json as FILE and run\n"
            f"  {replay_command(arguments)}"
        )
    return 0


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
