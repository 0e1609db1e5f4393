"""`tf.Graph`: a graph under construction, its scopes, and which graph is the default."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any

from .. import dtypes as engine_dtypes
from .. import graph as engine
from ..formats.graphdef import graph_to_def
from ..formats.proto.opscope_graph_pb2 import GraphDef
from .collections import Collections
from .devices import format_device, parse_device
from .dtypes import wrap
from .tensors import Operation, Tensor

if TYPE_CHECKING:
    from .contexts import ControlFlowContext

_VALID_NAME = re.compile(r"^[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*$")
_VALID_SCOPE = re.compile(r"^[A-Za-z0-9_.\\/>-]*$")
_GRAPH_VERSION = 134  # what TensorFlow 1.15 writes into its GraphDefs


class _ControlDependencies:
    """The operations of one `control_dependencies` block, and what was built inside it."""

    def __init__(self, ops: Sequence[Operation]) -> None:
        self.ops = ops
        self.seen: set[Operation] = set()


class Graph(Collections):
    """Operations in the order in which a program builds them.

    Attributes:
        definition: the engine's graph, complete at any time.
        seed: the graph-level random seed.
        context: the conditional branch or loop that is being built, or None.
    """

    def __init__(self) -> None:
        super().__init__()
        self.definition = engine.Graph()
        self.definition.versions = (_GRAPH_VERSION, 0)
        self.seed: int | None = None
        self.context: ControlFlowContext | None = None
        self.finalized = False
        self.version = 0
        self._ops: dict[engine.Operation, Operation] = {}
        self._names: dict[str, int] = {}
        self._scope = ""
        self._controls: list[_ControlDependencies] = []
        self._devices: list[dict[str, str] | Callable[[Operation], str]] = []
        self._colocations: list[Operation] = []
        self._given_attrs: dict[str, Any] = {}
        self._unfetchable: set[Operation] = set()
        self._unfeedable: set[Tensor] = set()
        self._random_ops = count()

    # Names

    def unique_name(self, name: str, mark_as_used: bool = True) -> str:
        """`name` in the current scope, with `_1`, `_2`, … if it is taken."""
        if self._scope:
            name = f"{self._scope}/{name}"
        key = name.lower()
        number = self._names.get(key, 0)
        if mark_as_used:
            self._names[key] = number + 1
        if number:
            base = key
            while key in self._names:
                key = f"{base}_{number}"
                number += 1
            if mark_as_used:
                self._names[key] = 1
            name = f"{name}_{number - 1}"
        return name

    def claim_name(self, name: str) -> None:
        """Note that the complete name `name` is taken, by an import."""
        parts = name.lower().split("/")
        for end in range(1, len(parts) + 1):
            self._names.setdefault("/".join(parts[:end]), 1)

    @contextmanager
    def name_scope(self, name: str | None) -> Generator[str]:
        """A scope for names; one that ends with `/` is entered again as it is, None leaves all.

        Raises:
            ValueError: the name cannot be a scope's.
        """
        if name:
            pattern = _VALID_SCOPE if self._scope else _VALID_NAME
            if not pattern.match(name):
                kind = "scope" if self._scope else "root scope"
                raise ValueError(f"'{name}' is not a valid {kind} name")
        old = self._scope
        if not name:
            new = ""
        elif name.endswith("/"):
            new = name[:-1]
        else:
            new = self.unique_name(name)
        self._scope = new
        try:
            yield f"{new}/" if new else ""
        finally:
            self._scope = old

    def get_name_scope(self) -> str:
        return self._scope

    # Operations

    def create_op(
        self,
        type: str,
        inputs: Sequence[Tensor],
        dtypes: Sequence[engine_dtypes.DType],
        attrs: Mapping[str, Any],
        name: str,
        shapes: Callable[[str], Sequence[engine.Shape]],
    ) -> Operation:
        """Append an operation, with the scopes, devices and dependencies in force.

        Args:
            type: its op type.
            inputs: its input tensors.
            dtypes: the types of its outputs.
            attrs: all of its attributes.
            name: a name to make unique, or a complete one that ends with `/`.
            shapes: infers the shapes of its outputs, given its name for messages.

        Raises:
            RuntimeError: the graph is finalized.
            ValueError: the name is none.
        """
        if self.finalized:
            raise RuntimeError("Graph is finalized and cannot be modified.")
        full = name[:-1] if name.endswith("/") else self.unique_name(name)
        if not _VALID_NAME.match(full):
            raise ValueError(
                f"`{full}` is not a valid node name. Accepted names conform to Regex "
                f"/{_VALID_NAME}/"
            )
        known = shapes(full)
        controls = self.controls_for([tensor.op for tensor in inputs])
        definition = self.definition.add(
            full,
            type,
            [tensor.definition for tensor in inputs],
            [op.definition for op in controls],
            dict(attrs),
        )
        op = Operation(definition, self, inputs)
        self._ops[definition] = op
        op.outputs = [
            Tensor(op, index, wrap(dtype), shape)
            for index, (dtype, shape) in enumerate(zip(dtypes, known, strict=True))
        ]
        self.changed()
        op.context = self.context
        self._apply_scopes(op)
        if self.context is not None:
            self.context.add_op(op)
        self.record_seen(op)
        return op

    def _apply_scopes(self, op: Operation) -> None:
        for key, value in self._given_attrs.items():
            if key not in op.definition.attrs:
                op.set_attr(key, value)
        parts: dict[str, str] = {}
        for device in reversed(self._devices):
            found = device if isinstance(device, dict) else parse_device(device(op) or "")
            parts = {**found, **parts}
        op.definition.device = format_device(parts)
        if self._colocations:
            groups: set[bytes] = set()
            for other in self._colocations:
                groups.update(other.colocation_groups())
                op.definition.device = op.definition.device or other.device
            op.set_attr("_class", sorted(groups))

    def changed(self) -> None:
        """Note that the graph is not what it was when a session last looked."""
        self.version += 1

    def wrapped(self, definition: engine.Operation) -> Operation:
        """The `tf.Operation` of a node of the engine's graph."""
        return self._ops[definition]

    def next_random_op(self) -> int:
        """How many operations without a seed of their own asked before."""
        return next(self._random_ops)

    def prevent_fetching(self, op: Operation) -> None:
        self._unfetchable.add(op)

    def prevent_feeding(self, tensor: Tensor) -> None:
        self._unfeedable.add(tensor)

    def is_fetchable(self, element: Tensor | Operation) -> bool:
        op = element.op if isinstance(element, Tensor) else element
        return op not in self._unfetchable

    def is_feedable(self, tensor: Tensor) -> bool:
        return tensor not in self._unfeedable

    def finalize(self) -> None:
        """Refuse all further operations."""
        self.finalized = True

    # Scopes for what is built inside them

    @contextmanager
    def control_dependencies(self, inputs: Iterable[Any] | None) -> Generator[None]:
        """Make what is built inside wait for `inputs`; None forgets the blocks around it.

        A reference variable stands for its `VariableV2`, a resource variable for its handle (so
        neither orders anything), what an assignment returned for the assignment.

        Raises:
            TypeError: an input is neither tensor nor operation.
        """
        if inputs is None:
            controls, context = self._controls, self.context
            self._controls, self.context = [], None
            try:
                yield
            finally:
                self._controls, self.context = controls, context
            return
        ops = list(dict.fromkeys(self._as_operation(item) for item in inputs))
        block = _ControlDependencies(ops)
        self._controls.append(block)
        try:
            yield
        finally:
            self._controls.remove(block)

    def _as_operation(self, item: Any) -> Operation:
        found = getattr(item, "control_op", None)
        if isinstance(found, Operation):
            return found
        element = self.as_graph_element(item)
        return element.op if isinstance(element, Tensor) else element

    def controls_for(self, inputs: Sequence[Operation]) -> list[Operation]:
        """The operations that one with these inputs has to wait for.

        A block adds nothing to what depends on something built inside it.
        """
        found: dict[Operation, None] = {}
        for block in self._controls:
            if not any(op in block.seen for op in inputs):
                found.update(dict.fromkeys(op for op in block.ops if op not in inputs))
        return list(found)

    def record_seen(self, op: Operation) -> None:
        """Note for every block in force that `op` was built inside it."""
        for block in self._controls:
            block.seen.add(op)

    @contextmanager
    def device(self, device: Any) -> Generator[None]:
        """Ask for `device` for what is built inside: a string, or a function of the operation."""
        devices = self._devices
        if device is None:
            self._devices = []
        else:
            asked = parse_device(device) if isinstance(device, str) else device
            self._devices = [*devices, asked]
        try:
            yield
        finally:
            self._devices = devices

    @contextmanager
    def colocate_with(self, op: Operation | None, ignore_existing: bool = False) -> Generator[None]:
        """Ask for the device of `op` for what is built inside."""
        colocations, devices = self._colocations, self._devices
        self._colocations = [] if ignore_existing else list(colocations)
        if op is not None:
            self._colocations.append(op)
        self._devices = []
        try:
            yield
        finally:
            self._colocations, self._devices = colocations, devices

    @contextmanager
    def give_attrs(self, attrs: Mapping[str, Any]) -> Generator[None]:
        """Set attributes on what is built inside, where it does not have them."""
        old = self._given_attrs
        self._given_attrs = {**old, **attrs}
        try:
            yield
        finally:
            self._given_attrs = old

    def as_default(self) -> Any:
        """A context in which this graph is the default one."""
        from .defaults import as_default

        return as_default(self)

    # Looking things up

    def as_graph_element(
        self, item: Any, allow_tensor: bool = True, allow_operation: bool = True
    ) -> Any:
        """The tensor or operation that `item`, an object or a name, stands for.

        Raises:
            KeyError, ValueError: the graph has none such.
            TypeError: `item` cannot stand for one.
        """
        element = getattr(item, "graph_element", item)
        wanted = " or ".join(["Tensor"] * allow_tensor + ["Operation"] * allow_operation)
        if isinstance(element, (Tensor, Operation)):
            if element.graph is not self:
                kind = type(element).__name__
                raise ValueError(f"{kind} {element} is not an element of this graph.")
            if isinstance(element, Tensor) and not allow_tensor:
                return element.op
            if isinstance(element, Operation) and not allow_operation:
                raise TypeError(f"Can not convert a Operation into a {wanted}.")
            return element
        if isinstance(element, bytes):
            element = element.decode()
        if not isinstance(element, str):
            raise TypeError(f"Can not convert a {type(item).__name__} into a {wanted}.")
        if ":" in element and allow_tensor:
            return self._tensor(element)
        if ":" in element:
            raise ValueError(
                f"Name {element!r} looks like a Tensor name, but can not be a {wanted}."
            )
        return self._operation(element, wanted, allow_operation)

    def _tensor(self, name: str) -> Tensor:
        op_name, _, index = name.rpartition(":")
        definition = self.definition.get(op_name)
        if not index.isdigit():
            raise ValueError(
                f"The name {name!r} looks a like a Tensor name, but is not a valid one. Tensor "
                'names must be of the form "<op_name>:<output_index>".'
            )
        if definition is None:
            raise KeyError(
                f"The name {name!r} refers to a Tensor which does not exist. The operation, "
                f"{op_name!r}, does not exist in the graph."
            )
        outputs = self._ops[definition].outputs
        if int(index) >= len(outputs):
            raise KeyError(
                f"The name {name!r} refers to a Tensor which does not exist. The operation, "
                f"{op_name!r}, exists but only has {len(outputs)} outputs."
            )
        return outputs[int(index)]

    def _operation(self, name: str, wanted: str, allowed: bool) -> Operation:
        definition = self.definition.get(name)
        if not allowed:
            if definition is not None:
                raise ValueError(
                    f"The name {name!r} refers to an Operation, not a {wanted}. Tensor names must "
                    'be of the form "<op_name>:<output_index>".'
                )
            raise ValueError(
                f"The name {name!r} looks like an (invalid) Operation name, not a {wanted}. Tensor "
                'names must be of the form "<op_name>:<output_index>".'
            )
        if definition is None:
            raise KeyError(f"The name {name!r} refers to an Operation not in the graph.")
        return self._ops[definition]

    def get_tensor_by_name(self, name: str) -> Tensor:
        """The tensor `OP:INDEX`.

        Raises:
            KeyError, ValueError: there is none.
        """
        return self.as_graph_element(name, allow_operation=False)

    def get_operation_by_name(self, name: str) -> Operation:
        """The operation `name`.

        Raises:
            KeyError, ValueError: there is none.
        """
        return self.as_graph_element(name, allow_tensor=False)

    def get_operations(self) -> list[Operation]:
        return [self._ops[definition] for definition in self.definition]

    def adopt(self, definition: engine.Operation, op: Operation) -> None:
        """Make `op` the wrapper of a node that was added to `definition` by an import."""
        self._ops[definition] = op
        self.changed()

    def as_graph_def(self, from_version: int | None = None, add_shapes: bool = False) -> GraphDef:
        """The graph as TensorFlow's tools read it.

        Raises:
            ValueError: shapes are asked for; they are not kept in files.
        """
        if add_shapes or from_version is not None:
            raise ValueError(
                "as_graph_def takes no options here: expected neither from_version nor add_shapes"
            )
        return graph_to_def(self.definition)

    def session_for(self, session: Any, verb: str) -> Any:
        """`session`, or the default session, to `eval` or `run` something of this graph.

        Raises:
            ValueError: there is none, or it runs another graph.
        """
        from .defaults import session_for

        return session_for(self, session, verb)
