"""A graph with its function calls expanded: what plans are made of and what the page draws.

Nodes 0 to n-1 are the graph's operations in their order; the bodies of calls follow. A call itself
stays as a node that is never executed: its body's tensors are connected to its consumers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from ..graph import Graph
from ..ops import OpDef, lookup
from ..ops.registry import Attrs

Port = tuple[int, int]
"""(node index, output)."""

CallKind = Literal["call", "if", "case", "while"]


class FlatNode:
    """One node of the expanded graph.

    Attributes:
        index: its number, the same in every trace and message.
        name: unique; body nodes are named `call/body-node`.
        path: the names of the calls around it, outermost first.
        call: index of the innermost call that it belongs to, or -1.
        inputs, control_inputs: connected across calls.
        declaration: None for a type that the engine does not know.
        expansion: set where the node is a call.
    """

    __slots__ = (
        "_attrs",
        "call",
        "control_inputs",
        "declaration",
        "device",
        "expansion",
        "given_attrs",
        "index",
        "inputs",
        "name",
        "path",
        "type",
    )

    def __init__(
        self,
        index: int,
        name: str,
        type: str,
        attrs: Mapping[str, Any],
        device: str = "",
        path: tuple[str, ...] = (),
        call: int = -1,
    ) -> None:
        self.index = index
        self.name = name
        self.type = type
        self.given_attrs = attrs
        self.device = device
        self.path = path
        self.call = call
        self.inputs: Sequence[Port] = ()
        self.control_inputs: Sequence[int] = ()
        self.declaration: OpDef | None = lookup(type)
        self.expansion: Expansion | None = None
        self._attrs: Attrs | None = None

    @property
    def attrs(self) -> Attrs:
        """The attributes with declared defaults filled in."""
        if self._attrs is None:
            given = self.given_attrs
            self._attrs = given if self.declaration is None else self.declaration.complete(given)
        return self._attrs

    @property
    def is_call(self) -> bool:
        return self.expansion is not None

    @property
    def output_count(self) -> int:
        """How many outputs it has; 1 for a type that the engine does not know."""
        if self.declaration is None:
            return 1
        fixed = self.declaration.fixed_output_count
        return len(self.declaration.output_dtypes(self.attrs)) if fixed is None else fixed

    def __repr__(self) -> str:
        return f"<FlatNode {self.index} {self.name} ({self.type})>"


@dataclass(slots=True)
class Expansion:
    """What a call became.

    Attributes:
        functions: the names of the functions that it calls.
        outputs: the port that each output of the call is.
        done: the node that control successors of the call wait for.
        requires: nodes that run whenever any part of the call does.
    """

    kind: CallKind
    functions: tuple[str, ...]
    outputs: list[Port] = field(default_factory=list[Port])
    done: int = -1
    requires: list[int] = field(default_factory=list[int])


class VariableKey(NamedTuple):
    """What a session keeps a variable under; the nodes that agree in it are one variable."""

    is_resource: bool
    container: str
    name: str


class FlatGraph:
    """The nodes of a program, function bodies included."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes: list[FlatNode] = []
        self._by_name: dict[str, int] | None = None
        self._sharing: tuple[int, Mapping[str, VariableKey]] = (0, {})

    def add(
        self,
        name: str,
        type: str,
        attrs: Mapping[str, Any],
        *,
        inputs: Sequence[Port] = (),
        control_inputs: Sequence[int] = (),
        device: str = "",
        path: tuple[str, ...] = (),
        call: int = -1,
    ) -> FlatNode:
        node = FlatNode(len(self.nodes), name, type, attrs, device, path, call)
        node.inputs = inputs
        node.control_inputs = control_inputs
        self.nodes.append(node)
        return node

    def index(self, name: str) -> int | None:
        """The number of the node named `name`, body nodes included."""
        if self._by_name is None or len(self._by_name) != len(self.nodes):
            self._by_name = {node.name: node.index for node in self.nodes}
        return self._by_name.get(name)

    @property
    def sharing(self) -> Mapping[str, VariableKey]:
        """The nodes whose variable other nodes declare too (by `shared_name`), with its key."""
        count, found = self._sharing
        if count != len(self.nodes):
            keys = {node.name: key for node in self.nodes if (key := variable_key(node))}
            times = Counter(keys.values())
            found = {name: key for name, key in keys.items() if times[key] > 1}
            self._sharing = (len(self.nodes), found)
        return found

    def __len__(self) -> int:
        return len(self.nodes)


def variable_key(node: FlatNode) -> VariableKey | None:
    """The variable that `node` declares; None if it declares none."""
    if node.type not in ("VariableV2", "Variable", "VarHandleOp"):
        return None
    is_resource = node.type == "VarHandleOp"
    container: str = node.attrs["container"].decode()
    shared_name: str = node.attrs["shared_name"].decode()
    if is_resource:
        container = container or "localhost"
    return VariableKey(is_resource, container, shared_name or node.name)
