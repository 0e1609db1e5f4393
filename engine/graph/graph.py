"""A graph: named operations, the tensors between them, a library of functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..errors import GraphError
from .function import Function


class Tensor(NamedTuple):
    """Output `index` of `op`, written `op:index`."""

    op: Operation
    index: int  # pyright: ignore[reportIncompatibleMethodOverride]

    @property
    def name(self) -> str:
        return f"{self.op.name}:{self.index}"

    def __repr__(self) -> str:
        return f"<Tensor {self.name}>"


class Operation:
    """One node of a graph.

    Attributes:
        name: unique in its graph; `/` separates name scopes.
        type: the op type, such as `MatMul`. It need not be one that the engine knows.
        inputs: the tensors it takes, in order.
        control_inputs: the operations that must have finished before it starts.
        attrs: attribute values, decoded. Defaults that the file left out are not in it.
        device: the device string that the graph asks for, often empty.
        index: its position in `graph.operations`.
    """

    __slots__ = ("attrs", "control_inputs", "device", "index", "inputs", "name", "type")

    def __init__(
        self,
        name: str,
        type: str,
        attrs: Mapping[str, Any],
        device: str = "",
        index: int = -1,
    ) -> None:
        self.name = name
        self.type = type
        self.attrs = attrs
        self.device = device
        self.index = index
        self.inputs: Sequence[Tensor] = ()
        self.control_inputs: Sequence[Operation] = ()

    def output(self, index: int = 0) -> Tensor:
        return Tensor(self, index)

    def __repr__(self) -> str:
        return f"<Operation {self.name} ({self.type})>"


class Graph:
    """Operations in the order in which they were added, and a function library.

    Cycles are representable (loops have them); whether a graph can run is the plan's question.
    """

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.functions: dict[str, Function] = {}
        self.gradients: dict[str, str] = {}
        """Function name -> name of the function that computes its gradient."""
        self.versions: tuple[int, int] = (0, 0)
        """(producer, min_consumer) of the GraphDef, so that a saved copy says the same."""
        self._by_name: dict[str, Operation] = {}

    def add(
        self,
        name: str,
        type: str,
        inputs: Iterable[Tensor] = (),
        control_inputs: Iterable[Operation] = (),
        attrs: Mapping[str, Any] | None = None,
        device: str = "",
    ) -> Operation:
        """Append an operation whose inputs exist already.

        Raises:
            GraphError: `name` is taken.
        """
        op = self.declare(name, type, attrs or {}, device)
        op.inputs = tuple(inputs)
        op.control_inputs = tuple(control_inputs)
        return op

    def declare(
        self, name: str, type: str, attrs: Mapping[str, Any], device: str = ""
    ) -> Operation:
        """Append an operation without inputs; a reader of files connects it once all are declared.

        Raises:
            GraphError: `name` is taken.
        """
        if name in self._by_name:
            raise GraphError(f"the graph has two operations named '{name}'")
        op = Operation(name, type, attrs, device, len(self.operations))
        self.operations.append(op)
        self._by_name[name] = op
        return op

    def operation(self, name: str) -> Operation:
        """The operation named `name`.

        Raises:
            GraphError: there is none.
        """
        try:
            return self._by_name[name]
        except KeyError:
            raise GraphError(f"the graph has no operation named '{name}'") from None

    def get(self, name: str) -> Operation | None:
        return self._by_name.get(name)

    def tensor(self, name: str) -> Tensor:
        """The tensor written `op:index`; without `:index` output 0 of that operation.

        Raises:
            GraphError: the operation does not exist or the index is no number.
        """
        op_name, _, index = name.partition(":")
        if index and not index.isdigit():
            raise GraphError(f"'{name}' is not a tensor name; write it as 'operation:0'")
        return Tensor(self.operation(op_name), int(index or 0))

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[Operation]:
        return iter(self.operations)

    def __len__(self) -> int:
        return len(self.operations)
