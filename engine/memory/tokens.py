"""What travels on the edges of a running graph.

A token is a value (a NumPy array or scalar, never changed), an `Alias` of a variable's buffer,
a reference to a variable (`RefVariable`), or a `Handle` of a resource. What does not arrive at all
is the executor's business.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from ..dtypes import DType

if TYPE_CHECKING:
    from .memory import Memory
    from .variables import Buffer, ResourceVariable

Array = NDArray[Any]
View = Callable[[Array], Array]


class Alias:
    """A view of a buffer that is read when it is used, not when it was made.

    Attributes:
        shape: the shape that the variable had when the alias was made. A later assignment with
            another shape over the same buffer shows its elements in this shape.
        views: what view ops have done to it since, applied in order on each read.
    """

    __slots__ = ("buffer", "shape", "views")

    def __init__(
        self, buffer: Buffer, shape: tuple[int, ...], views: tuple[View, ...] = ()
    ) -> None:
        self.buffer = buffer
        self.shape = shape
        self.views = views

    def read(self) -> Array:
        """The buffer's contents now, seen through the views."""
        array = self.buffer.array
        if array.shape != self.shape:
            array = array.reshape(self.shape)
        for view in self.views:
            array = view(array)
        return array

    def viewed(self, view: View) -> Alias:
        """The alias that a view op makes of this one."""
        return Alias(self.buffer, self.shape, (*self.views, view))

    def __repr__(self) -> str:
        return f"<Alias of {self.buffer!r}>"


class Handle:
    """Names a resource of the session; the resource itself may not exist yet.

    Attributes:
        name: the resource's name in its container.
        node: the name of the node that made the handle.
        dtype, shape: what a resource variable declares.
    """

    __slots__ = ("container", "dtype", "memory", "name", "node", "shape")

    def __init__(
        self,
        memory: Memory,
        container: str,
        name: str,
        node: str,
        dtype: DType | None = None,
        shape: tuple[int | None, ...] | None = None,
    ) -> None:
        self.memory = memory
        self.container = container
        self.name = name
        self.node = node
        self.dtype = dtype
        self.shape = shape

    @property
    def key(self) -> tuple[str, str]:
        return (self.container, self.name)

    def variable(self) -> ResourceVariable | None:
        """The resource variable that the handle names, or None before its first assignment."""
        return self.memory.resource_variables.get(self.key)

    def create_variable(self) -> ResourceVariable:
        """The resource variable that the handle names, made if it does not exist."""
        return self.memory.create_resource_variable(self)

    def __repr__(self) -> str:
        return f"<Handle of {self.container}/{self.name}>"
