"""The command line: `opscope [PROGRAM]`, `opscope run`, `opscope outcomes`, …."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from typing import NoReturn

from .commands.failure import CommandError

COMMANDS = {
    "run": "run a graph once and print what it gives",
    "outcomes": "find every result that a run can give",
    "check": "fail if the result of a run depends on the schedule",
    "info": "print what is in a saved graph",
}
"""Name -> what it does; the module of that name in `commands` does it."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence instead of printing everything that is possible."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that `argv` (by default the process's) asks for; the exit code."""
    given = list(sys.argv[1:] if argv is None else argv)
    # Decided by hand: argparse cannot tell an optional PROGRAM from the name of a command.
    name = given.pop(0) if given and given[0] in COMMANDS else "serve"
    command = import_module(f".commands.{name}", __package__)
    if name == "serve":
        listed = "\n".join(f"  opscope {key:<8} {text}" for key, text in COMMANDS.items())
        parser = Parser(
            prog="opscope",
            description="Step through a TensorFlow 1 graph in the browser.",
            epilog=f"other commands:\n{listed}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.add_argument("--version", action="version", version=version("opscope"))
    else:
        parser = Parser(prog=f"opscope {name}", description=COMMANDS[name].capitalize() + ".")
    command.configure(parser)
    try:
        return command.run(parser.parse_args(given))
    except CommandError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return error.code
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        sys.stderr.close()
        return 0


if __name__ == "__main__":
    sys.exit(main())
