"""`tf.Session`: runs what a program built, in the engine's session."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from .. import errors as engine_errors
from ..debugger import Run
from ..executor.expand import expand
from ..session import Session as EngineSession
from . import errors
from .defaults import as_default, get_default_graph, pop_session, push_session
from .graphs import Graph
from .nest import is_nested, map_structure
from .tensors import Tensor


class Session:
    """Variables, and the runs that change them.

    Args:
        target: where to run; only in this process, so it is empty.
        graph: what to run; the default graph if None.
        config: TensorFlow's options, which have no effect here.

    Raises:
        ValueError: a target is given.
    """

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None) -> None:
        del config
        if target:
            raise ValueError(
                f"expected an empty target, because programs run in this process; found '{target}'"
            )
        self.graph = graph or get_default_graph()
        self._engine: EngineSession | None = None
        self._version = -1
        self._closed = False
        self._entered: list[Any] = []

    # Running

    def run(
        self,
        fetches: Any,
        feed_dict: Mapping[Any, Any] | None = None,
        options: Any = None,
        run_metadata: Any = None,
    ) -> Any:
        """Run everything that `fetches` need, once; return their values in the same structure.

        Args:
            fetches: tensors, operations, variables or their names, nested as you like.
            feed_dict: tensor -> value that replaces it.
            options: TensorFlow's options, which have no effect here.
            run_metadata: TensorFlow's statistics, which stay empty here.

        Raises:
            OpError: an operation failed; what does not depend on it has run.
            RuntimeError: the session is closed or its graph empty.
            TypeError, ValueError: the request does not fit the graph.
        """
        del options, run_metadata
        names, feeds = self._request(fetches, feed_dict)
        try:
            results = self.engine.run(names, feeds)
        except engine_errors.OpError as error:
            raise self._explained(error) from None
        return map_structure(_scalar_or_array, results)

    def debug(
        self,
        fetches: Any,
        feed_dict: Mapping[Any, Any] | None = None,
        schedule: str = "fifo",
    ) -> Run:
        """The run that `run` would do, paused before its first step."""
        names, feeds = self._request(fetches, feed_dict)
        return self.engine.debug(names, feeds, schedule=schedule)

    def make_callable(
        self, fetches: Any, feed_list: Sequence[Any] | None = None
    ) -> Callable[..., Any]:
        """A function that runs `fetches`, its arguments fed to `feed_list`."""
        keys = list(feed_list or ())

        def run(*values: Any) -> Any:
            return self.run(fetches, dict(zip(keys, values, strict=True)))

        return run

    @property
    def engine(self) -> EngineSession:
        """The engine's session, brought up to date with the graph."""
        graph = self.graph
        if self._engine is None:
            self._engine = EngineSession(expand(graph.definition))
        elif self._version != graph.version:
            # Plans stay valid: the graph only grows, and a plan holds the nodes that it runs.
            self._engine.flat = expand(graph.definition)
        self._version = graph.version
        return self._engine

    def _request(
        self, fetches: Any, feed_dict: Mapping[Any, Any] | None
    ) -> tuple[Any, dict[str, Any]]:
        if self._closed:
            raise RuntimeError(
                "Attempted to use a closed Session. Make a new one; closing ended this one's "
                "variables."
            )
        if not len(self.graph.definition):
            raise RuntimeError(
                "The Session graph is empty. Add operations to the graph before calling run()."
            )
        feeds = self._feeds(feed_dict)
        return self._names(fetches), feeds

    def _names(self, fetches: Any) -> Any:
        """`fetches` with names in place of tensors, variables and operations."""
        if fetches is None:
            raise TypeError(
                f'Argument `fetch` = {fetches} has invalid type "NoneType". Cannot be None'
            )
        if is_nested(fetches):
            if isinstance(fetches, Mapping):
                mapping: Mapping[Any, Any] = fetches
                named = [(key, self._names(mapping[key])) for key in mapping]
                return dict(named) if type(fetches) is dict else type(fetches)(named)  # pyright: ignore[reportCallIssue, reportUnknownVariableType]
            items = [self._names(item) for item in fetches]
            if isinstance(fetches, list):
                return items
            return type(fetches)(*items) if hasattr(fetches, "_fields") else tuple(items)
        element = self._fetched(fetches)
        owner = element.op if isinstance(element, Tensor) else element
        if not self.graph.is_fetchable(owner):
            raise ValueError(
                f"Operation {owner.name} has been marked as not fetchable. Typically this happens "
                "when it is defined in another function or code block. Use return values,explicit "
                "Python locals or TensorFlow collections to access it."
            )
        return element.name

    def _fetched(self, fetch: Any) -> Any:
        try:
            return self.graph.as_graph_element(fetch)
        except TypeError as error:
            raise TypeError(
                f'Argument `fetch` = {fetch} has invalid type "{type(fetch).__name__}" must be a '
                f"string or Tensor. ({error})"
            ) from None
        except (ValueError, KeyError) as error:
            reason = error.args[0] if error.args else error
            raise ValueError(
                f"Argument `fetch` = {fetch} cannot be interpreted as a Tensor. ({reason})"
            ) from None

    def _feeds(self, feed_dict: Mapping[Any, Any] | None) -> dict[str, Any]:
        feeds: dict[str, Any] = {}
        for key, value in (feed_dict or {}).items():
            for one, part in _feed_pairs(key, value):
                try:
                    tensor = self.graph.as_graph_element(one, allow_operation=False)
                except (TypeError, ValueError, KeyError) as error:
                    reason = error.args[0] if error.args else error
                    raise TypeError(f"Cannot interpret feed_dict key as Tensor: {reason}") from None
                if isinstance(part, Tensor):
                    raise TypeError(
                        "The value of a feed cannot be a tf.Tensor object. Acceptable feed values "
                        "include Python scalars, strings, lists, numpy ndarrays, or TensorHandles. "
                        f"For reference, the tensor object was {part} which was passed to the "
                        f"argument `feed_dict` with key {one}."
                    )
                if not self.graph.is_feedable(tensor):
                    raise ValueError(f"Tensor {tensor.name} may not be fed.")
                _check_shape(tensor, part)
                feeds[tensor.name] = part
        return feeds

    def _explained(self, error: engine_errors.OpError) -> errors.OpError:
        name = error.op
        definition = self.graph.definition.get(name) if isinstance(name, str) else None
        op = None if definition is None else self.graph.wrapped(definition)
        suffix = f"\n\t [[{{{{node {name}}}}}]]" if name else ""
        return errors.from_engine(error, op, suffix)

    # Life

    def close(self) -> None:
        """End it; its variables are gone."""
        self._closed = True

    @contextmanager
    def as_default(self) -> Generator[Session]:
        """A context in which `eval` and `run` use this session."""
        push_session(self, None)
        try:
            yield self
        finally:
            pop_session(self, None)

    def __enter__(self) -> Session:
        context = as_default(self.graph)
        context.__enter__()
        push_session(self, None)
        self._entered.append(context)
        return self

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        pop_session(self, None)
        context = self._entered.pop()
        context.__exit__(None, None, None)
        self.close()

    @property
    def graph_def(self) -> Any:
        return self.graph.as_graph_def()


class InteractiveSession(Session):
    """A session that is the default one from the start, until it is closed."""

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None) -> None:
        super().__init__(target, graph, config)
        self._explicit = graph
        push_session(self, graph)

    def close(self) -> None:
        super().close()
        pop_session(self, self._explicit)


def _scalar_or_array(value: Any) -> Any:
    """Scalars as NumPy numbers (text as bytes), as TensorFlow returns them."""
    return value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value


def _feed_pairs(key: Any, value: Any) -> list[tuple[Any, Any]]:
    """The tensors that a key of the feeds stands for, with their values."""
    if isinstance(key, tuple):
        keys: tuple[Any, ...] = key
        return list(zip(keys, value, strict=True))
    return [(key, value)]


def _check_shape(tensor: Tensor, value: Any) -> None:
    found = np.shape(value)
    if not tensor.shape.is_compatible_with(found):
        raise ValueError(
            f"Cannot feed value of shape {found} for Tensor {tensor.name}, which has shape "
            f"{tensor.shape}"
        )
