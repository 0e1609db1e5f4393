"""Variables: what they hold, how they are written, and what is told about each write.

Arrays are immutable by convention: a write gives a buffer another array. Only an array that
provably nothing else holds is written in place (`writable`), as TensorFlow does where its
reference count is one.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ..dtypes import DType
from ..errors import FailedPreconditionError
from .tokens import Alias, Array, Handle

if TYPE_CHECKING:
    from .memory import Memory

_OWNED = 3
"""What `sys.getrefcount` reports inside `writable` for an array that only its owner holds: the
owner's slot, the local variable, the argument of `getrefcount`."""


Write = tuple[str, int, "Array | Alias | None", "Buffer | ResourceVariable"]
"""One write: the variable's node name, the write's number (1 is the first), the value, and the
buffer or resource variable that holds it. The value is None where the write left the variable
uninitialised, an alias where a resource variable adopted a buffer. A bare tuple, because there are
so many."""


class Variable(Protocol):
    """What optimizer and update kernels need, whatever the kind of the variable."""

    name: str

    def read(self) -> Array:
        """The value now. Never change the array."""
        ...

    def writable(self) -> Array:
        """An array with the value now that may be changed and then given to `store`."""
        ...

    def store(self, value: Any) -> None:
        """Make `value` the new value, in the shape that the variable has."""
        ...


class Buffer:
    """Memory that can be written in place; aliases and one reference variable refer to it."""

    __slots__ = ("array", "variable", "version")

    def __init__(self, array: Array, variable: str, version: int = 0) -> None:
        self.array = array
        self.variable = variable
        self.version = version

    def __repr__(self) -> str:
        return f"<Buffer {self.array.dtype}{list(self.array.shape)} version {self.version}>"


class RefVariable:
    """The record of a reference variable (`VariableV2`); the record itself is the `ref` token.

    Attributes:
        name: the name of the node that the session first created it for.
        buffer: its memory, None while it is uninitialised. View `array.shape` as its shape.
        versions: how often it was written in this session.
    """

    __slots__ = ("buffer", "dtype", "memory", "name", "shape", "versions")

    def __init__(
        self, memory: Memory, name: str, dtype: DType, shape: tuple[int | None, ...] | None
    ) -> None:
        self.memory = memory
        self.name = name
        self.dtype = dtype
        self.shape = shape
        self.buffer: Buffer | None = None
        self.versions = 0

    def alias(self) -> Alias:
        """What dereferencing gives.

        Raises:
            FailedPreconditionError: the variable is uninitialised.
        """
        buffer = self._initialized()
        return Alias(buffer, buffer.array.shape)

    def read(self) -> Array:
        return self._initialized().array

    def writable(self) -> Array:
        buffer = self.buffer or self._initialized()
        array = buffer.array
        memory = self.memory
        if (
            memory.written is None
            and memory.undo is None
            and sys.getrefcount(array) == _OWNED
            and array.base is None
            and array.flags.writeable
        ):
            return array
        return array.copy()

    def store(self, value: Any) -> None:
        """Write `value` into the existing buffer; every alias sees it."""
        self._written(self.buffer or self._initialized(), np.asarray(value))

    def assign(self, value: Any) -> None:
        """As `Assign` writes: into the buffer if the element count is the same, else a new one."""
        value = np.asarray(value)
        buffer = self.buffer
        if buffer is None or buffer.array.size != value.size:
            if self.memory.undo is not None:
                self.memory.undo.attribute(self, "buffer")
            buffer = self.buffer = Buffer(value, self.name)
        self._written(buffer, value)

    def _written(self, buffer: Buffer, array: Array) -> None:
        memory = self.memory
        if memory.undo is not None:
            memory.undo.attribute(buffer, "array")
            memory.undo.attribute(buffer, "version")
            memory.undo.attribute(self, "versions")
        buffer.array = array
        buffer.version = self.versions = self.versions + 1
        if memory.written is not None:
            memory.written.append((self.name, self.versions, array, buffer))

    def _initialized(self) -> Buffer:
        if self.buffer is None:
            raise FailedPreconditionError(f"Attempting to use uninitialized value {self.name}")
        return self.buffer

    def __repr__(self) -> str:
        return f"<RefVariable {self.name}>"


class ResourceVariable:
    """The record of a resource variable (`VarHandleOp`).

    Attributes:
        value: an immutable array; an alias after the variable adopted the buffer of a reference
            variable; None after it was destroyed.
        copy_on_read: set by the first sparse use: from then on the buffer is never shared.
    """

    __slots__ = ("copy_on_read", "dtype", "memory", "name", "value", "versions")

    def __init__(self, memory: Memory, name: str, dtype: DType | None) -> None:
        self.memory = memory
        self.name = name
        self.dtype = dtype
        self.value: Array | Alias | None = None
        self.copy_on_read = False
        self.versions = 0

    def read(self) -> Array:
        value = self.value
        if value is None:
            raise FailedPreconditionError(f"Attempting to use uninitialized value {self.name}")
        return value.read() if isinstance(value, Alias) else value

    def writable(self) -> Array:
        array = self.value
        memory = self.memory
        if (
            isinstance(array, np.ndarray)
            and memory.written is None
            and memory.undo is None
            and sys.getrefcount(array) == _OWNED
            and array.base is None
            and array.flags.writeable
        ):
            return array
        return self.read().copy()

    def store(self, value: Any) -> None:
        """Make `value` (an array, an alias to adopt, or None to destroy) the new value."""
        memory = self.memory
        if value is not None and not isinstance(value, Alias):
            value = np.asarray(value)
        if memory.undo is not None:
            memory.undo.attribute(self, "value")
            memory.undo.attribute(self, "versions")
        self.value = value
        self.versions += 1
        if memory.written is not None:
            memory.written.append((self.name, self.versions, value, self))

    def use_sparsely(self) -> None:
        """Enter copy-on-read mode for good."""
        if not self.copy_on_read:
            if self.memory.undo is not None:
                self.memory.undo.attribute(self, "copy_on_read")
            self.copy_on_read = True
            if isinstance(self.value, Alias):
                if self.memory.undo is not None:
                    self.memory.undo.attribute(self, "value")
                self.value = self.value.read()

    def __repr__(self) -> str:
        return f"<ResourceVariable {self.name}>"


def variable_behind(token: Any) -> str | None:
    """The variable that `token`, which travels on an edge, leads to; None for a value."""
    if isinstance(token, Alias):
        return token.buffer.variable
    if isinstance(token, RefVariable):
        return token.name
    if isinstance(token, Handle):
        return token.node
    return None
