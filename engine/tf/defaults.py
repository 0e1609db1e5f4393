"""Which graph and which session are the default ones, and whether operations run at once."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from . import modes
from .graphs import Graph


class _Defaults:
    """Which graph and which session are the default ones."""

    def __init__(self) -> None:
        self.graphs: list[Graph] = []
        self.sessions: list[Any] = []
        self.fallback: Graph | None = None


_defaults = _Defaults()


def get_default_graph() -> Graph:
    """The graph that operations are added to."""
    if _defaults.graphs:
        return _defaults.graphs[-1]
    if _defaults.fallback is None:
        _defaults.fallback = Graph()
    return _defaults.fallback


def reset_default_graph() -> None:
    """Start with an empty default graph.

    Raises:
        AssertionError: a graph is in force through `as_default`.
    """
    if _defaults.graphs:
        raise AssertionError(
            "Do not use tf.reset_default_graph() to clear nested graphs. If you need a cleared "
            "graph, exit the nesting and create a new graph."
        )
    _defaults.fallback = None


def default_graph_is_used() -> bool:
    """Whether anything was added to the outermost default graph."""
    return bool(_defaults.fallback and len(_defaults.fallback.definition))


@contextmanager
def as_default(graph: Graph) -> Generator[Graph]:
    """A context in which `graph` is the default one, and in which eager execution is off."""
    _defaults.graphs.append(graph)
    try:
        yield graph
    finally:
        if not _defaults.graphs or _defaults.graphs[-1] is not graph:
            raise AssertionError("Nesting violated for default stack of <class 'Graph'> objects")
        _defaults.graphs.pop()


def default_session() -> Any:
    """The session that `eval` and `run` use, or None."""
    return _defaults.sessions[-1] if _defaults.sessions else None


def push_session(session: Any, graph: Graph | None) -> None:
    _defaults.sessions.append(session)
    if graph is not None:
        _defaults.graphs.append(graph)


def pop_session(session: Any, graph: Graph | None) -> None:
    if session in _defaults.sessions:
        _defaults.sessions.remove(session)
    if graph is not None and graph in _defaults.graphs:
        _defaults.graphs.remove(graph)


def executing_eagerly() -> bool:
    """Whether operations run at once: eager execution is enabled and no graph is being built."""
    return modes.eager_enabled() and not _defaults.graphs


def session_for(graph: Graph, session: Any, verb: str) -> Any:
    """`session`, or the default session, to `eval` or `run` something of `graph`.

    Raises:
        ValueError: there is none, or it runs another graph.
    """
    found = session or default_session()
    what, action = ("tensor", "evaluate") if verb == "eval" else ("operation", "execute")
    explicit = f"pass an explicit session to `{verb}(session=sess)`"
    if found is None:
        with_ = "`with sess.as_default()`" if verb == "eval" else "`with sess.as_default():`"
        raise ValueError(
            f"Cannot {action} {what} using `{verb}()`: No default session is registered. Use "
            f"{with_} or {explicit}"
        )
    if found.graph is not graph:
        if session is not None:
            raise ValueError(
                f"Cannot use the given session to {action} {what}: the {what}'s graph is "
                "different from the session's graph."
            )
        raise ValueError(
            f"Cannot use the default session to {action} {what}: the {what}'s graph is "
            f"different from the session's graph. {explicit.capitalize()}."
        )
    return found
