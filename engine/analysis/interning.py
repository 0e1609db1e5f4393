"""Numbers for values: equal contents, equal number. States are compared by these numbers.

A search meets the same arrays again and again; each is hashed once. What an op computes from the
same inputs is remembered, so that no kernel without effects runs twice on them.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from ..executor.executor import DEAD
from ..executor.kernels import OpView, execute
from ..executor.plan import PlanOp
from ..memory import Alias, Buffer, Handle, Memory, RefVariable

_DIGESTED = 256
"""Bytes from which on contents are compared by a digest of 128 bits instead of themselves."""


class Interner:
    """Values and tokens -> keys that are equal where nothing could tell the two apart.

    Args:
        name_buffer: the name of a buffer that a variable holds; None for one that no variable holds
            any more, which nothing can write and which is as good as a value.
    """

    def __init__(self, name_buffer: Callable[[Buffer], Hashable | None]) -> None:
        self._name_buffer = name_buffer
        self._by_identity: dict[int, tuple[Any, int]] = {}
        self._by_content: dict[Hashable, int] = {}
        self._count = 0

    def number(self, value: Any) -> int:
        """The number of `value`, an array or any object."""
        known = self._by_identity.get(id(value))
        if known is not None:
            return known[1]
        content = self._content(value)
        if content is None:
            number = self._next()
            self._by_identity[id(value)] = (value, number)
            return number
        number = self._by_content.get(content)
        if number is None:
            number = self._by_content[content] = self._next()
            # Only the first of its equals is kept: the others are short-lived.
            self._by_identity[id(value)] = (value, number)
        return number

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _content(self, value: Any) -> Hashable | None:
        """Something that is equal for equal contents; None for what cannot be compared."""
        if isinstance(value, np.ndarray):
            if value.dtype.kind == "O":
                flat = tuple(value.reshape(-1).tolist())
                return ("O", value.shape, flat) if all(type(i) is bytes for i in flat) else None
            if value.nbytes < _DIGESTED:
                return (value.dtype.num, value.shape, value.tobytes())
            contents = np.ascontiguousarray(value).reshape(-1).view(np.uint8)
            return (
                value.dtype.num,
                value.shape,
                hashlib.blake2b(contents.data, digest_size=16).digest(),
            )
        if isinstance(value, np.generic):
            return (value.dtype.num, (), value.tobytes())
        if isinstance(value, tuple):
            return ("tuple", type(value), *map(self.number, value))
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = (getattr(value, field.name) for field in dataclasses.fields(value))
            return (type(value), *map(self.number, fields))
        if value is None or isinstance(value, int | str | bytes):
            return (type(value), value)
        return None

    def key(self, token: Any) -> Hashable:
        """What distinguishes `token` from other tokens."""
        if token is DEAD:
            return -1
        if token is None:
            return -2
        if isinstance(token, Alias):
            name = self._name_buffer(token.buffer)
            if name is None:
                return self.number(token.read())
            return (name, token.shape, tuple(self._view(view) for view in token.views))
        if isinstance(token, RefVariable):
            return ("ref", id(token))
        if isinstance(token, Handle):
            return token.key
        return self.number(token)

    def _view(self, view: Any) -> Hashable:
        if not isinstance(view, OpView):
            return id(view)
        return (
            view.op.id,
            tuple(map(self.number, view.before)),
            tuple(map(self.number, view.after)),
            view.output,
        )


class Memo:
    """Executes ops, and answers from memory where an op without effects saw the same inputs."""

    def __init__(self, interner: Interner) -> None:
        self._interner = interner
        self._results: dict[Hashable, list[Any]] = {}
        self._pure: dict[int, bool] = {}

    def __call__(self, op: PlanOp, tokens: list[Any], memory: Memory) -> list[Any]:
        pure = self._pure.get(op.id)
        if pure is None:
            pure = self._pure[op.id] = is_pure(op)
        if not pure:
            return execute(op, tokens, memory)
        if op.declaration.view is not False and op.touches_memory:
            return execute(op, tokens, memory)
        values: list[Any] = []
        for token in tokens:
            if isinstance(token, RefVariable):
                if token.buffer is None:
                    return execute(op, tokens, memory)
                token = token.buffer.array
            elif isinstance(token, Alias):
                token = token.read()
            elif isinstance(token, Handle):
                return execute(op, tokens, memory)
            values.append(token)
        key = (op.id, *map(self._interner.number, values))
        found = self._results.get(key)
        if found is None:
            found = self._results[key] = execute(op, values, memory)
        return found


def is_pure(op: PlanOp) -> bool:
    """Whether the results of `op` are a function of the values that it is given."""
    declaration = op.declaration
    return (
        op.control_flow is None
        and not declaration.effects
        and not declaration.uses_site
        and not declaration.routes
    )
