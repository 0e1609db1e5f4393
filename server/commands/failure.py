"""How a command ends when it cannot do what it was asked."""

from __future__ import annotations

EXIT_CHECK_FAILED = 1
EXIT_BAD_INPUT = 2
EXIT_RUN_FAILED = 3
EXIT_UNDECIDED = 3
"""A check that could not look at everything is not passed."""


class CommandError(Exception):
    """Ends the command: one sentence for standard error, and the exit code."""

    def __init__(self, message: str, code: int = EXIT_BAD_INPUT) -> None:
        super().__init__(message)
        self.code = code
