"""`opscope [PROGRAM|TRACE]`: serve the debugger and open the browser."""

from __future__ import annotations

import argparse
import signal
import threading
import webbrowser
from pathlib import Path
from typing import Any

from ..sizes import parse_size
from .failure import CommandError


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the flags."""
    parser.add_argument(
        "program", nargs="?", type=Path, metavar="PROGRAM|TRACE",
        help="a saved graph to open, or what `opscope run --trace` has recorded",
    )  # fmt: skip
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument(
        "--port", type=int, default=7007, help="port to listen on, 0 for any free (%(default)s)"
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open the browser")
    parser.add_argument("--store", metavar="URL", help="database (default: SQLite in --data)")
    parser.add_argument(
        "--data", type=Path, metavar="FOLDER", help="where programs and traces are kept"
    )
    parser.add_argument(
        "--memory", type=parse_size, default=parse_size("4GiB"), metavar="SIZE",
        help="memory for what runs record (4GiB)",
    )  # fmt: skip
    parser.add_argument("--token", help="the token that browsers must bring (default: random)")
    parser.add_argument(
        "--upload-limit", type=parse_size, default=parse_size("200MB"), metavar="SIZE",
        help="greatest upload (200MB)",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Serve until interrupted.

    Raises:
        CommandError: the program cannot be opened, or the port is taken.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return _serve(arguments)
    except KeyboardInterrupt:
        return 0


def _serve(arguments: argparse.Namespace) -> int:
    # Not above: the other commands do without the server and should not wait for its import.
    from ..config import Config

    given: dict[str, Any] = {
        name: value
        for name in ("token", "data", "store")
        if (value := getattr(arguments, name)) is not None
    }
    config = Config(
        host=arguments.host,
        port=arguments.port,
        memory=arguments.memory,
        upload_limit=arguments.upload_limit,
        **given,
    )
    if not 0 <= config.port < 1 << 16:
        raise CommandError(f"--port: {config.port} is not between 0 and 65535")
    if arguments.program is not None and not arguments.program.exists():
        raise CommandError(f"{arguments.program}: there is no such file or folder")
    from ..spare import SpareWorkers

    workers = SpareWorkers()
    workers.prepare()  # it starts while this process imports the rest
    from ..app import Server
    from ..serve import Listener

    server = Server(config, workers)
    try:
        try:
            listener = Listener(server)
        except OSError as error:
            raise CommandError(
                f"cannot listen on {config.host}, port {config.port}: {error.strerror}"
            ) from None
        try:
            address = listener.address(_session_for(server, arguments.program))
            print(f"Opscope is at {address}", flush=True)
            if not arguments.no_browser:
                threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
            listener.serve()
        finally:
            listener.close()
    finally:
        server.close()
    return 0


def _session_for(server: Any, program: Path | None) -> str:
    """Open `program`, or the run in a trace; the fragment of the address that shows its session."""
    from ..library import LibraryError

    if program is None:
        return ""
    trace = program if _is_trace(program) else None
    try:
        added = server.library.add_path(program if trace is None else _program_of(trace))
    except LibraryError as error:
        raise CommandError(str(error)) from None
    return f"#/session/{server.sessions.create(added, trace).id}"


def _is_trace(path: Path) -> bool:
    """Whether it is a database, which no program is."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\0"


def _program_of(trace: Path) -> Path:
    from ...engine.errors import FormatError
    from ...engine.trace.file import open_trace

    try:
        with open_trace(trace) as recorded:
            program = Path(recorded.program)
    except FormatError as error:
        raise CommandError(str(error)) from None
    if not program.exists():
        raise CommandError(f"{trace}: its program {program} is not there any more")
    return program


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
