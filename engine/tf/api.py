"""Small functions of the `tf` namespace: scopes and collections of the default graph, options."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from . import build
from .defaults import default_session, executing_eagerly, get_default_graph


class ConfigProto:
    """TensorFlow's session options. They are kept and have no effect."""

    def __init__(self, **options: Any) -> None:
        self.options = options
        self.gpu_options = GPUOptions()

    def __getattr__(self, name: str) -> Any:
        options: dict[str, Any] = vars(self).get("options", {})
        if name in options:
            return options[name]
        raise AttributeError(f"ConfigProto has no option '{name}' set")


class GPUOptions:
    """TensorFlow's options for GPUs. They are kept and have no effect."""

    allow_growth: bool
    per_process_gpu_memory_fraction: float

    def __init__(
        self, allow_growth: bool = False, per_process_gpu_memory_fraction: float = 0.0
    ) -> None:
        self.allow_growth = allow_growth
        self.per_process_gpu_memory_fraction = per_process_gpu_memory_fraction


class name_scope:  # noqa: N801 - TensorFlow's name
    """A scope for the names of operations, and of `tf.Variable`s.

    Args:
        name: the scope's name; a complete one ends with `/`.
        default_name: its name where `name` is None.
    """

    def __init__(
        self, name: str | None, default_name: str | None = None, values: Any = None
    ) -> None:
        self._name = name
        self._default = default_name
        self._values: Any = values
        self._scopes: list[AbstractContextManager[str]] = []

    @property
    def name(self) -> str | None:
        return self._default if self._name is None else self._name

    def __enter__(self) -> str:
        scope = build.name_scope(self._name, self._default, self._values)
        entered = scope.__enter__()
        self._scopes.append(scope)
        return entered

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        self._scopes.pop().__exit__(kind, error, traceback)


def device(device_name_or_function: Any) -> AbstractContextManager[None]:
    """Ask for a device for what is built inside. Everything runs on the CPU all the same."""
    return (
        nullcontext()
        if executing_eagerly()
        else get_default_graph().device(device_name_or_function)
    )


@contextmanager
def colocate_with(op: Any, ignore_existing: bool = False) -> Generator[None]:
    """Ask for the device of `op` for what is built inside."""
    graph = get_default_graph()
    element = graph.as_graph_element(op) if op is not None else None
    owner = getattr(element, "op", element)
    with graph.colocate_with(owner, ignore_existing):
        yield


@contextmanager
def init_scope() -> Generator[None]:
    """Outside of all branches, loops and control dependencies."""
    with nullcontext() if executing_eagerly() else get_default_graph().control_dependencies(None):
        yield


def get_default_session() -> Any:
    """The session that `eval` and `run` use, or None."""
    return default_session()


def get_collection(key: str, scope: str | None = None) -> list[Any]:
    """The default graph's list `key`."""
    return get_default_graph().get_collection(key, scope)


def get_collection_ref(key: str) -> list[Any]:
    """The default graph's list `key` itself, not a copy."""
    return get_default_graph().get_collection_ref(key)


def add_to_collection(name: str, value: Any) -> None:
    """Append to the default graph's list `name`."""
    get_default_graph().add_to_collection(name, value)
