"""`opscope check PROGRAM`: does the result of a run depend on the schedule? For CI.

Exit codes: 0 if there is one result in every order; 1 if there are several, be they failures; 3 if
the run fails in every order in the same way, or the search ended before it could tell.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from . import search
from .failure import EXIT_CHECK_FAILED, EXIT_RUN_FAILED, EXIT_UNDECIDED, CommandError
from .request import failed, initializer_hint, tell_operations


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    search.configure(parser)
    parser.epilog = (
        "Exit code: 0 if there is one result in every order, 1 if there are several (failures that "
        "differ are several, too), 2 for bad usage or a bad file, 3 if the run fails in every "
        "order in the same way or the search ended too early to tell."
    )
    parser.add_argument(
        "--sarif", type=Path, metavar="FILE", help="write what was found as SARIF 2.1.0"
    )


def run(arguments: argparse.Namespace) -> int:
    """Search and print a line per reason why the result depends on the schedule.

    Raises:
        CommandError: the request does not fit the program, or what was found decides nothing.
    """
    from .findings import findings
    from .together import together

    searched = search.search(arguments)
    program, analysis = searched.asked.program, searched.analysis
    name = search.shown_path(arguments.program)
    tell_operations(searched.asked, "check", "compare")
    found = findings(analysis)
    if arguments.sarif is not None:
        from .sarif import to_sarif

        _write(arguments.sarif, json.dumps(to_sarif(analysis, found, arguments.program), indent=2))
    if arguments.json:
        from ...engine.analysis.report import to_json

        print(json.dumps(to_json(analysis), allow_nan=False))
    else:
        for finding in found:
            print(f"{name}: {finding.line}")
        if repair := together(searched):
            print(f"{name}: {repair}")
    missing = " ".join(
        [name + ": the search ended before every order was covered.", *analysis.unexplored]
    )
    if analysis.depends_on_schedule:
        if not (found or arguments.json):
            print(f"{name}: {analysis.count:,} results, depending on the order of operations")
        if not analysis.complete:
            print(f"opscope check: {missing}", file=sys.stderr)
        if hint := initializer_hint(program, searched.errors(), arguments.init):
            print(f"opscope check: {name}: the run may fail{hint}", file=sys.stderr)
        return EXIT_CHECK_FAILED
    if not analysis.complete:
        raise CommandError(f"{missing} Nothing is decided; try a larger --budget", EXIT_UNDECIDED)
    error = next(analysis.outcomes()).error
    if error is not None:
        text = failed(program, error, arguments.init)
        failure = f"{name}: the run fails in every order: {text}"
        raise CommandError(failure, EXIT_RUN_FAILED)
    if not arguments.json:
        races = len(analysis.races)
        harmless = f" ({races:,} {'races change' if races > 1 else 'race changes'} nothing)"
        print(f"{name}: one result in every order of operations{harmless if races else ''}")
    return 0


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"--sarif: {path}: {error.strerror}") from None
