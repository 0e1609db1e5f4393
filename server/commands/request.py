"""What a command is to run: the flags that `run`, `outcomes` and `check` share."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .failure import EXIT_RUN_FAILED, CommandError
from .info import load_program

if TYPE_CHECKING:
    from ...engine import Program, Session
    from ...engine.errors import OpError

_OUTPUTS = 3
"""How many outputs of an operation a sentence names."""


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


@dataclass(frozen=True)
class Asked:
    """A run that the command line describes.

    Attributes:
        fetches: as they were named.
        feeds: tensor name -> value.
    """

    program: Program
    fetches: list[str]
    feeds: dict[str, Any]
    targets: list[str]


def read(arguments: argparse.Namespace) -> Asked:
    """What is to be run.

    Raises:
        CommandError: the program cannot be opened, or the request does not fit it.
    """
    program = load_program(arguments.program)
    fetches, feeds = _fetches_and_feeds(program, arguments)
    if not fetches and not arguments.target:
        raise CommandError("--fetch: nothing to fetch or run; name a tensor, or give --target")
    return Asked(program, fetches, feeds, arguments.target)


def begin(program: Program, init: str | None) -> Session:
    """A session of `program` in which the operation `init` has run.

    Raises:
        CommandError: there is no such operation, or it failed.
    """
    from ...engine.errors import OpError, OpscopeError

    try:
        session = program.session()
        if init is not None:
            session.run([], targets=[init])
    except OpError as error:
        raise CommandError(f"--init: {sentence(error)}", EXIT_RUN_FAILED) from None
    except (OpscopeError, TypeError, ValueError) as error:
        raise CommandError(f"--init: {error}") from None
    return session


def failed(program: Program, error: OpError, ran: str | None) -> str:
    """`error` in a line, and which operation would have helped, if one would.

    Args:
        program: what failed.
        error: how.
        ran: the operation that `--init` has run before.
    """
    return f"{sentence(error)}{initializer_hint(program, [error], ran)}"


def initializer_hint(program: Program, errors: Iterable[OpError], ran: str | None) -> str:
    """A sentence about what initialises the variable that one of `errors` lacks, or nothing.

    The arguments are those of `failed`.
    """
    # Many outcomes fail alike.
    for error in {(e.message, e.op): e for e in errors}.values():
        helps = program.initializer_for(error)
        if helps is not None and helps != ran:
            return f". {helps} initialises the variable: run it first with --init {helps}"
    return ""


def tell_operations(asked: Asked, command: str, purpose: str) -> None:
    """Say on standard error which fetches are operations where their outputs may be meant.

    Args:
        asked: what was run.
        command: its name.
        purpose: what the command does with values, a verb.
    """
    for name in asked.fetches:
        op = asked.program.graph.get(name)
        count = 0 if op is None else asked.program.flat.nodes[op.index].output_count
        if count:
            values = "its value" if count == 1 else "its values"
            outputs = " ".join(f"{name}:{output}" for output in range(min(count, _OUTPUTS)))
            print(
                f"opscope {command}: {name} is an operation, which has no value; to {purpose} "
                f"{values}, fetch {outputs}",
                file=sys.stderr,
            )


def sentence(error: Any) -> str:
    """An `OpError` in one line: its class, what is wrong, where."""
    where = f" (op '{error.op}')" if error.op else ""
    return f"{type(error).__name__}: {error.message}{where}"


def _fetches_and_feeds(
    program: Program, arguments: argparse.Namespace
) -> tuple[list[str], dict[str, Any]]:
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
    _check_inputs(program, arguments.signature or "", inputs, feeds)
    return fetches, feeds


def _check_inputs(
    program: Program, signature: str, inputs: Mapping[str, str], feeds: Mapping[str, Any]
) -> None:
    """Every input of the signature is fed, or has a default.

    Raises:
        CommandError: one is not.
    """
    from ..feeds import feed_dtype, feed_name

    fed = {feed_name(name) for name in feeds}
    for key, name in inputs.items():
        defaulted = program.graph.tensor(name).op.type == "PlaceholderWithDefault"
        if feed_name(name) not in fed and not defaulted:
            raise CommandError(
                f"--signature: '{signature}' needs a feed for its input '{key}' ({name}, "
                f"{feed_dtype(program.flat, name).name}), and there is none; add --feed {key}=VALUE"
            )
