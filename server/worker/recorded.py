"""What an earlier process recorded: its variables, and its runs again."""

from __future__ import annotations

from pathlib import Path

from ...engine import Session
from ...engine.errors import GraphError
from ...engine.trace.file import RecordedTrace, open_trace


def restore(session: Session, path: Path) -> None:
    """Bring the session to where it was at the beginning of a recorded run.

    That is the values of its variables, and what its random generators will give.

    Raises:
        FormatError: `path` is no trace.
        GraphError: it is of another program.
    """
    with open_trace(path) as trace:
        _check_program(session, trace)
        for version in trace.versions():
            if version.step < 0 and version.value is not None:
                session.assign(version.variable, version.value)
        session.memory.positions.update(trace.positions)
        session.memory.seeds.update(trace.seeds)


def _check_program(session: Session, trace: RecordedTrace) -> None:
    nodes = session.flat.nodes
    for index, name in trace.node_names().items():
        if trace.witness and index >= len(nodes):
            continue  # a part of a kernel
        if index >= len(nodes) or nodes[index].name != name:
            raise GraphError(
                f"{trace.path}: the trace is of another version of {trace.program}: "
                f"its operation {index} was '{name}'"
            )
