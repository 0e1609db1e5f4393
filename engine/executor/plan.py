"""Plans: what one signature (fetches, feeds, targets) of a graph executes, compiled once.

A plan is immutable and knows no values: sessions and searches share it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .. import dtypes
from ..errors import (
    GraphError,
    InternalError,
    InvalidArgumentError,
    NotFoundError,
    OpError,
    PermissionDeniedError,
    UnimplementedError,
)
from ..graph import FunctionRef
from ..ops.registry import Cell, ControlFlow, Kernel, OpDef
from .expand import call_kind
from .flat import FlatGraph, FlatNode, Port
from .topology import cycle, topological


class StaticFrame:
    """A loop as the graph writes it; at run time it may have many activations.

    Attributes:
        enters: how many Enter ops an activation waits for.
        pending: for each of its ops the number of arrivals that it waits for.
        inputs: how many input slots an iteration has.
    """

    __slots__ = ("enters", "inputs", "name", "parallel_iterations", "parent", "pending")

    def __init__(self, name: str, parent: StaticFrame | None) -> None:
        self.name = name
        self.parent = parent
        self.parallel_iterations = 1
        self.enters = 0
        self.pending: list[int] = []
        self.inputs = 0


class PlanOp:
    """One node of a plan, with everything that executing it needs.

    Attributes:
        id: position in the plan.
        node: the node of the flat graph.
        kernel: made from the node's attributes.
        ref_inputs: per input whether the op wants the reference itself.
        child: the loop that an Enter opens.
        frame, local, first_input: its loop, its position there, its first input slot there.
        consumers: (output, consumer, input position) per data edge.
        control_consumers: the ops that wait for it.
        memory_inputs: the input positions where anything else than a value may arrive.
        touches_memory: whether there are such, or the kernel uses the memory by itself.
    """

    __slots__ = (
        "child",
        "consumers",
        "control_consumers",
        "control_flow",
        "declaration",
        "first_input",
        "frame",
        "id",
        "input_count",
        "is_constant_enter",
        "kernel",
        "local",
        "memory_inputs",
        "node",
        "output_count",
        "ref_inputs",
        "returns_sequence",
        "sources",
        "touches_memory",
        "writes",
    )

    def __init__(self, id: int, node: FlatNode, declaration: OpDef) -> None:
        self.id = id
        self.node = node
        self.declaration = declaration
        self.kernel: Kernel | None = None
        self.control_flow = declaration.control_flow
        self.is_constant_enter = False
        self.input_count = len(node.inputs)
        self.output_count = node.output_count
        self.returns_sequence = declaration.returns_sequence
        self.writes = declaration.writes
        self.ref_inputs: Sequence[bool] = ()
        self.frame: StaticFrame = _NOWHERE
        self.child: StaticFrame | None = None
        self.local = -1
        self.first_input = 0
        self.sources: list[tuple[PlanOp, int] | Port] = []
        """Per input its producer, or the fed port."""
        self.consumers: list[tuple[int, PlanOp, int]] = []
        self.control_consumers: list[PlanOp] = []
        self.memory_inputs: list[int] = []
        self.touches_memory = False

    def followers(self) -> Iterator[PlanOp]:
        """The ops that its end lets go on, once per edge."""
        for _, consumer, _ in self.consumers:
            yield consumer
        yield from self.control_consumers

    def __repr__(self) -> str:
        return f"<PlanOp {self.id} {self.node.name} ({self.node.type})>"


_NOWHERE = StaticFrame("", None)


class Plan:
    """What a run of these fetches, feeds and targets executes.

    Attributes:
        fetches: per fetched tensor its producer and output, or the fed port.
        feeds: the ports that are fed, in the order given.
        fed: per feed the ops that consume it, with their input positions.
        roots: the ops that wait for nothing.
        is_straight: no control flow: every op executes exactly once, in an order that only the
            schedule decides.

    Args:
        names: the tensors that `fetches` are, `name:0`, where somebody asked for them by name: the
            port behind what a call gives is inside its body.
        privileged: whether ops that touch files may be in it.
    """

    def __init__(
        self,
        flat: FlatGraph,
        fetches: Sequence[Port],
        feeds: Sequence[Port],
        targets: Sequence[int],
        *,
        names: Sequence[str] = (),
        privileged: bool = False,
    ) -> None:
        self.flat = flat
        self._fetched = names or [f"{flat.nodes[node].name}:{output}" for node, output in fetches]
        self.feeds = tuple(feeds)
        self._fed_placeholders = {i for i, _ in feeds if flat.nodes[i].type == "Placeholder"}
        needed = _needed(flat, fetches, set(feeds), targets)
        _check_executable(flat, needed, privileged)
        self.ops: list[PlanOp] = []
        self._by_node: dict[int, PlanOp] = {}
        for index in needed:
            node = flat.nodes[index]
            assert node.declaration is not None
            op = PlanOp(len(self.ops), node, node.declaration)
            self.ops.append(op)
            self._by_node[index] = op
        self.fed: list[list[tuple[PlanOp, int]]] = [[] for _ in self.feeds]
        self._connect()
        self.roots = [
            op
            for op in self.ops
            if not any(isinstance(source[0], PlanOp) for source in op.sources)
            and not self._control_inputs(op.node)
        ]
        self.root_frame = StaticFrame("", None)
        self.is_straight = all(op.control_flow is None for op in self.ops)
        self._place_in_frames()
        self._refuse_cycles()
        self.fetches: list[tuple[PlanOp, int] | Port] = [
            port if port in set(self.feeds) else (self._by_node[port[0]], port[1])
            for port in fetches
        ]
        self._compile()
        self.straight: Any = None
        """The order of a straight plan, once somebody has computed it."""

    @property
    def steps(self) -> int | None:
        """How many steps a run has, None where control flow decides."""
        return len(self.ops) if self.is_straight else None

    def op(self, node: int) -> PlanOp | None:
        """The plan op of flat node `node`, None if the plan does not execute it."""
        return self._by_node.get(node)

    @property
    def names(self) -> set[str]:
        """The names of all ops of a run, those included that end it for the fetches."""
        ends = map(self.fetch_name, range(len(self.fetches)))
        return {op.node.name for op in self.ops}.union(ends)

    def fetch_name(self, position: int) -> str:
        """The name of the op that ends the run for fetch `position`, as TensorFlow names it."""
        name, _, output = self._fetched[position].partition(":")
        return f"_retval_{name}_{output}_{position}"

    def _control_inputs(self, node: FlatNode) -> list[int]:
        """The nodes of the plan that `node` waits for without taking a value."""
        # A fed placeholder's control edges move to the feed, which is there from the start.
        fed = self._fed_placeholders
        return [i for i in node.control_inputs if i in self._by_node and i not in fed]

    def _connect(self) -> None:
        fed = {port: number for number, port in enumerate(self.feeds)}
        for op in self.ops:
            for position, port in enumerate(op.node.inputs):
                number = fed.get(port)
                if number is not None:
                    op.sources.append(port)
                    self.fed[number].append((op, position))
                else:
                    source = self._by_node[port[0]]
                    op.sources.append((source, port[1]))
                    source.consumers.append((port[1], op, position))
            for index in self._control_inputs(op.node):
                self._by_node[index].control_consumers.append(op)

    def _place_in_frames(self) -> None:
        """Find the loop of each op: Enter opens a frame, Exit leaves it."""
        frames: dict[tuple[StaticFrame, str], StaticFrame] = {}
        placed: dict[int, StaticFrame] = {}
        waiting = list(self.roots)
        for op in waiting:
            placed[op.id] = self.root_frame
        while waiting:
            op = waiting.pop()
            frame = outside = placed[op.id]
            if op.control_flow is ControlFlow.ENTER:
                name = op.node.attrs["frame_name"].decode()
                inner = frames.get((outside, name))
                if inner is None:
                    inner = frames[outside, name] = StaticFrame(name, outside)
                    inner.parallel_iterations = max(1, int(op.node.attrs["parallel_iterations"]))
                inner.enters += 1
                op.is_constant_enter = bool(op.node.attrs["is_constant"])
                frame = op.child = inner
            elif op.control_flow is ControlFlow.EXIT:
                if outside.parent is None:
                    raise InvalidArgumentError(
                        f"The node '{op.node.name}' is an Exit outside of any loop.", op.node.name
                    )
                frame = outside.parent
            for consumer in op.followers():
                if consumer.id not in placed:
                    placed[consumer.id] = frame
                    waiting.append(consumer)
                elif placed[consumer.id] is not frame:
                    raise InvalidArgumentError(
                        f"Node '{consumer.node.name}' has inputs from different frames: "
                        f"'{op.node.name}' is in frame '{frame.name}', another input is in frame "
                        f"'{placed[consumer.id].name}'.",
                        consumer.node.name,
                    )
        if len(placed) < len(self.ops):
            self._refuse_cycles()
        for op in self.ops:
            frame = op.frame = placed[op.id]
            op.local = len(frame.pending)
            op.first_input = frame.inputs
            frame.inputs += op.input_count
            frame.pending.append(0)
        for op in self.ops:
            op.frame.pending[op.local] = self._pending(op)

    def _pending(self, op: PlanOp) -> int:
        """Arrivals before `op` is ready; for Merge 1 plus twice its control inputs (TensorFlow's
        encoding: the low bit is set until a live value came).
        """
        controls = len(self._control_inputs(op.node))
        if op.control_flow is ControlFlow.MERGE:
            return 1 + 2 * controls
        return controls + sum(isinstance(source[0], PlanOp) for source in op.sources)

    def _refuse_cycles(self) -> None:
        """Loops go through NextIteration; any other cycle could never start."""
        order = topological(self.ops)
        if len(order) < len(self.ops):
            free = set(order)
            names = cycle([op for op in self.ops if op not in free])
            shown = " -> ".join([*names[:6], *(["..."] if len(names) > 6 else []), names[0]])
            raise InvalidArgumentError(f"The graph has a cycle and cannot be executed: {shown}")

    def _compile(self) -> None:
        aliases: set[int] = set()
        for op in self.ops:
            attrs = op.node.attrs
            try:
                inputs = op.declaration.input_dtypes(attrs)
                outputs = op.declaration.output_dtypes(attrs)
            except KeyError as missing:
                raise InvalidArgumentError(
                    f"NodeDef misses the attribute {missing} of {op.node.type}", op.node.name
                ) from None
            if len(inputs) != op.input_count:
                raise InvalidArgumentError(
                    f"NodeDef expected inputs '{', '.join(t.runtime_name for t in inputs)}' do not "
                    f"match {op.input_count} inputs specified; {op.node.type}",
                    op.node.name,
                )
            op.ref_inputs = [dtype.is_ref for dtype in inputs]
            if any(dtype.is_ref or dtype.enum == dtypes.resource.enum for dtype in outputs):
                aliases.add(op.id)
            self._refuse_fed_refs(op)
            if op.control_flow is None:
                try:
                    assert op.declaration.kernel is not None
                    op.kernel = op.declaration.kernel(attrs)
                except OpError as error:
                    error.op = error.op or op.node.name
                    raise
                except Exception as error:
                    raise InternalError(f"{op.node.type}: {error}", op.node.name) from error
        self._mark_memory(aliases)

    def _refuse_fed_refs(self, op: PlanOp) -> None:
        for position, source in enumerate(op.sources):
            if op.ref_inputs[position] and not isinstance(source[0], PlanOp):
                dtype = op.declaration.input_dtypes(op.node.attrs)[position]
                fed = self.flat.nodes[source[0]].name
                raise InvalidArgumentError(
                    f"Input {position} of node {op.node.name} was passed "
                    f"{dtype.base.runtime_name} from _arg_{fed}_0_{self.feeds.index(source)}:0 "  # type: ignore[arg-type]
                    f"incompatible with expected {dtype.runtime_name}.",
                    op.node.name,
                )

    def _mark_memory(self, sources: set[int]) -> None:
        """Mark every op that a reference, a handle or an alias may reach."""
        waiting = [self.ops[id] for id in sources]
        passed_on = set(sources)
        while waiting:
            op = waiting.pop()
            for _, consumer, position in op.consumers:
                consumer.touches_memory = True
                consumer.memory_inputs.append(position)
                declaration = consumer.declaration
                passes = (
                    declaration.routes
                    or declaration.view is not False
                    or consumer.control_flow is not None
                )
                if passes and consumer.id not in passed_on:
                    passed_on.add(consumer.id)
                    waiting.append(consumer)
        for op in self.ops:
            if op.declaration.uses_site or any(
                e.cell is Cell.VALUE for e in op.declaration.effects
            ):
                op.touches_memory = True


def _needed(
    flat: FlatGraph, fetches: Sequence[Port], fed: set[Port], targets: Sequence[int]
) -> list[int]:
    """What fetches and targets reach backwards, ascending; calls are whole or not there."""
    nodes = flat.nodes
    seen: set[int] = set()
    calls: set[int] = set()
    waiting = [index for index, _ in (p for p in fetches if p not in fed)]
    waiting += targets
    fed_placeholders = {index for index, _ in fed if nodes[index].type == "Placeholder"}
    while waiting:
        index = waiting.pop()
        if index in seen:
            continue
        seen.add(index)
        node = nodes[index]
        waiting += [port[0] for port in node.inputs if port not in fed]
        waiting += [i for i in node.control_inputs if i not in fed_placeholders]
        if node.call >= 0 and node.call not in calls:
            calls.add(node.call)
            expansion = nodes[node.call].expansion
            assert expansion is not None
            fed_nodes = {port[0] for port in fed}
            waiting += [i for i in expansion.requires if i not in fed_nodes]
            waiting += _outer_requirements(nodes, nodes[node.call].call, calls)
    return sorted(seen)


def _outer_requirements(nodes: Sequence[FlatNode], call: int, calls: set[int]) -> list[int]:
    """What the calls around a reached call require: any part of a call requires all of it."""
    required: list[int] = []
    while call >= 0 and call not in calls:
        calls.add(call)
        expansion = nodes[call].expansion
        assert expansion is not None
        required += expansion.requires
        call = nodes[call].call
    return required


def _check_executable(flat: FlatGraph, needed: Sequence[int], privileged: bool) -> None:
    """Refuse, before anything runs, what the engine cannot or must not execute.

    A privileged plan may touch files as far as the memory that it runs on lets it.
    """
    for index in needed:
        node = flat.nodes[index]
        declaration = node.declaration
        if (
            declaration is None
            or not (declaration.kernel or declaration.control_flow)
            or (declaration.refused and not privileged)
        ):
            raise refusal(flat, node)


def refusal(flat: FlatGraph, node: FlatNode) -> OpError:
    """Why `node`, which has no kernel, is not executed."""
    declaration = node.declaration
    library = flat.graph.functions
    if declaration is not None and declaration.refused:
        return PermissionDeniedError(
            f"{node.type} is not executed: {declaration.refused}", node.name
        )
    called = [v.name for v in node.attrs.values() if isinstance(v, FunctionRef)]
    is_call = call_kind(flat.graph, node.type) is not None
    if node.type in library or (is_call and all(name in library for name in called)):
        return UnimplementedError(
            f"'{node.name}' calls a function that calls itself; recursion is not executed",
            node.name,
        )
    if is_call:
        missing = next(name for name in called if name not in library)
        return NotFoundError(
            f"Function {missing} is not defined: '{node.name}' calls it and the graph's library "
            "lacks it",
            node.name,
        )
    if declaration is None:
        return NotFoundError(
            f"Op type not registered '{node.type}': the engine does not know this type and cannot "
            f"execute '{node.name}'",
            node.name,
        )
    return UnimplementedError(f"{node.type} is known but has no kernel", node.name)


def resolve_tensor(flat: FlatGraph, name: str) -> Port:
    """The port that the tensor `name` of the graph is; across a call it is the body's.

    Raises:
        GraphError: there is no such tensor.
    """
    tensor = flat.graph.tensor(name)
    node = flat.nodes[tensor.op.index]
    count = len(node.expansion.outputs) if node.expansion else node.output_count
    if tensor.index >= count and node.declaration is not None:
        raise GraphError(
            f"'{name}' does not exist: operation '{node.name}' ({node.type}) has {count} "
            f"output{'' if count == 1 else 's'}"
        )
    return node.expansion.outputs[tensor.index] if node.expansion else (node.index, tensor.index)


def resolve_target(flat: FlatGraph, name: str) -> int:
    """The node to execute for the operation `name`; for a call the node that ends it.

    Raises:
        GraphError: there is no such operation.
    """
    index = flat.graph.operation(name).index
    node = flat.nodes[index]
    while node.expansion is not None:
        node = flat.nodes[node.expansion.done]
    return node.index
