"""Requests of the server to a worker, besides those that the page sends."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Open:
    """Load a program and begin a session with it.

    Attributes:
        traces: the folder for the traces of its runs.
        memory: how many bytes of tensors it may keep.
        first_run: number of the session's next run.
        values_from: trace of a run to whose beginning the variables are set; that of the run
            during which the worker before this one died.
        recorded: trace of a run that is executed again, as it was recorded.
    """

    path: str
    program: str
    name: str
    traces: str
    memory: int
    first_run: int = 1
    values_from: str | None = None
    recorded: str | None = None


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How many bytes of tensors the session may keep from now on."""

    memory: int


@dataclass(frozen=True, kw_only=True)
class Suggested:
    """Something to run that the page suggests.

    Attributes:
        feeds: tensor name, without `:0`, to the text for its field; null for whatever fits.
    """

    title: str
    fetches: list[str]
    targets: list[str]
    feeds: dict[str, str | None] = field(default_factory=dict[str, str | None])


@dataclass(frozen=True, kw_only=True)
class Inspect:
    """Load a program, write its graph for the page to `graph`, and tell what it is.

    Attributes:
        name: what the page calls it; empty for the program's own name.
        suggested: what to suggest first.
    """

    path: str
    program: str
    name: str
    graph: str
    suggested: list[Suggested] = field(default_factory=list[Suggested])


@dataclass(frozen=True, kw_only=True)
class Inspected:
    """What a program is."""

    name: str
    nodes: int
    unsupported: dict[str, int] = field(default_factory=dict[str, int])
