"""Expansion of function calls, as TensorFlow inlines and lowers them before it executes a graph.

Rules: what gates a call (its control inputs; the pivot of a branch; the turn of a loop) gates the
body's arguments, its nested calls and its nodes without inputs, so that no part of a body starts
before the call may. Outputs are connected edge by edge and flow as soon as they exist. What waits
for a call waits for the control outputs of its function and for no output; only a call by the
function's own name is waited for until its outputs exist. `If`, `Case` and `While` become Switch,
Merge and loop frames; the turn of a loop ends with the control outputs of its body (TensorFlow's
`inline_function_utils`, `lower_function_call_op`, `lower_if_op`, `lower_case_op`,
`lower_while_op`, and `AddStrictInputSemantics` of its function optimizer).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import dtypes
from ..errors import GraphError
from ..graph import Function, FunctionRef, Graph
from ..ops.signature import argument_dtypes
from .attributes import bind, bound, in_order
from .flat import CallKind, Expansion, FlatGraph, FlatNode, Port

MAX_NODES = 2_000_000
"""A graph that expands to more nodes than this is taken for a hostile one."""

_CALLS = {"PartitionedCall", "StatefulPartitionedCall"}
_IFS = {"If", "StatelessIf"}
_CASES = {"Case", "StatelessCase"}
_WHILES = {"While", "StatelessWhile"}
_ROOTS = {"Placeholder", "VarHandleOp"}
"""Ops that a strict call need not wait for: nothing can happen before them."""


def expand(graph: Graph) -> FlatGraph:
    """The nodes of `graph` with every call expanded.

    A call of a function that is being expanded already (recursion) and a call of a function that
    the library lacks stay as they are; the plan refuses to run them.

    Raises:
        GraphError: the expansion has more than `MAX_NODES` nodes, or a function body is malformed.
    """
    flat = FlatGraph(graph)
    for operation in graph.operations:
        node = flat.add(operation.name, operation.type, operation.attrs, device=operation.device)
        node.inputs = [(op.index, output) for op, output in operation.inputs]
        node.control_inputs = [op.index for op in operation.control_inputs]
    _Expander(graph, flat).run()
    return flat


def call_kind(graph: Graph, type: str) -> CallKind | None:
    """What kind of call an op of `type` is in `graph`, None for an ordinary op."""
    if type in _IFS:
        return "if"
    if type in _WHILES:
        return "while"
    if type in _CASES:
        return "case"
    return "call" if type in _CALLS or type in graph.functions else None


@dataclass(slots=True)
class _Body:
    """An instantiated function: where its results are."""

    returns: list[Port]
    control_returns: list[int]


class _Expander:
    def __init__(self, graph: Graph, flat: FlatGraph) -> None:
        self.graph = graph
        self.flat = flat
        self.names: set[str] = set()
        self.stack: tuple[str, ...] = ()
        self.pending: list[tuple[FlatNode, tuple[str, ...]]] = []

    def run(self) -> None:
        graph, flat = self.graph, self.flat
        self.pending = [(node, ()) for node in flat.nodes if call_kind(graph, node.type)]
        if not self.pending:
            return
        self.names = {node.name for node in flat.nodes}
        while self.pending:
            node, self.stack = self.pending.pop()
            functions = self._functions(node)
            if any(f not in graph.functions or f in self.stack for f in functions):
                continue
            self.stack = (*self.stack, *functions)
            match call_kind(graph, node.type):
                case "if":
                    self._branches(node, functions, "if")
                case "case":
                    self._branches(node, functions, "case")
                case "while":
                    self._loop(node, functions)
                case _:
                    self._call(node, functions[0])
            if len(flat) > MAX_NODES:
                raise GraphError(
                    f"the calls of this graph expand to more than {MAX_NODES:,} operations"
                )
        self._connect()

    def _functions(self, node: FlatNode) -> tuple[str, ...]:
        keys = {"if": ("then_branch", "else_branch"), "while": ("cond", "body"), "call": ("f",)}
        if node.type in self.graph.functions:
            return (node.type,)
        if node.type in _CASES:
            return tuple(branch.name for branch in node.attrs["branches"])
        kind = call_kind(self.graph, node.type) or "call"
        return tuple(node.attrs[key].name for key in keys[kind])

    def _connect(self) -> None:
        """Replace every reference to a call by what the call became."""
        nodes = self.flat.nodes

        def port(source: Port) -> Port:
            expansion = nodes[source[0]].expansion
            while expansion is not None:
                if source[1] >= len(expansion.outputs):
                    raise GraphError(
                        f"'{nodes[source[0]].name}' has no output {source[1]}: its function"
                        f" returns {len(expansion.outputs)} tensors"
                    )
                source = expansion.outputs[source[1]]
                expansion = nodes[source[0]].expansion
            return source

        def control(source: int) -> int:
            expansion = nodes[source].expansion
            while expansion is not None:
                source = expansion.done
                expansion = nodes[source].expansion
            return source

        for node in nodes:
            node.inputs = tuple(port(source) for source in node.inputs)
            node.control_inputs = tuple(dict.fromkeys(map(control, node.control_inputs)))
            if node.expansion is not None:
                node.expansion.outputs = [port(source) for source in node.expansion.outputs]
                node.expansion.requires = list(dict.fromkeys(map(control, node.expansion.requires)))

    # Building blocks

    def _add(
        self,
        call: FlatNode,
        name: str,
        type: str,
        attrs: Mapping[str, Any],
        inputs: Sequence[Port] = (),
        control_inputs: Sequence[int] = (),
    ) -> FlatNode:
        name = full = f"{call.name}/{name}"
        count = 0
        while full in self.names:
            count += 1
            full = f"{name}_{count}"
        self.names.add(full)
        return self.flat.add(
            full,
            type,
            attrs,
            inputs=inputs,
            control_inputs=control_inputs,
            device=call.device,
            path=(*call.path, call.name),
            call=call.index,
        )

    def _instantiate(
        self,
        call: FlatNode,
        prefix: str,
        function: Function,
        attrs: Mapping[str, Any],
        arguments: Sequence[Port],
        gate: Sequence[int],
    ) -> _Body:
        """Add the nodes of `function`, which start after the nodes `gate`."""
        attrs = {**function.signature.attr_defaults, **attrs}
        inputs = self._arguments(call, prefix, function, attrs, arguments, gate)
        nodes: dict[str, FlatNode] = {}
        for body_node in function.nodes:
            node = self._add(
                call, prefix + body_node.name, body_node.type, bind(body_node.attrs, attrs)
            )
            nodes[body_node.name] = node
            if call_kind(self.graph, body_node.type):
                self.pending.append((node, self.stack))

        def port(text: str) -> Port:
            name, _, rest = text.partition(":")
            if name in inputs and name not in nodes:
                return inputs[name][int(rest or 0)]
            if name not in nodes:
                raise GraphError(f"the function '{function.name}' uses '{text}', which it lacks")
            output, _, offset = rest.partition(":")
            return (nodes[name].index, self._output(nodes[name], output, int(offset or 0)))

        for body_node in function.nodes:
            node = nodes[body_node.name]
            data = [text for text in body_node.inputs if not text.startswith("^")]
            control = [text[1:] for text in body_node.inputs if text.startswith("^")]
            node.inputs = [port(text) for text in data]
            sources = [nodes[name].index for name in control if name in nodes]
            nested = not control and call_kind(self.graph, node.type) == "call"
            node.control_inputs = list(gate) if nested or not body_node.inputs else sources
        returns = [port(text) for text in in_order(function)]
        control_returns = [nodes[name].index for name in function.control_returns.values()]
        return _Body(returns, control_returns)

    def _arguments(
        self,
        call: FlatNode,
        prefix: str,
        function: Function,
        attrs: Mapping[str, Any],
        values: Sequence[Port],
        gate: Sequence[int],
    ) -> dict[str, list[Port]]:
        """What each argument of `function` is in its body: `values`, passed on after `gate`."""
        found: dict[str, list[Port]] = {}
        start = 0
        for argument in function.signature.inputs:
            types = argument_dtypes(bound(argument, attrs), attrs)
            ports = list(values[start : start + len(types)])
            if gate:
                ports = [
                    (self._add(call, name, "Identity", {"T": dtype}, [port], gate).index, 0)
                    for i, (dtype, port) in enumerate(zip(types, ports, strict=False))
                    for name in [f"{prefix}arg_{start + i}"]
                ]
            found[argument.name] = ports
            start += len(types)
        if start != len(values):
            raise GraphError(
                f"'{call.name}' passes {len(values)} arguments to the function"
                f" '{function.name}', which takes {start}"
            )
        return found

    def _output(self, node: FlatNode, argument: str, offset: int) -> int:
        """The position of output `argument:offset` among the outputs of a body node."""
        function = self.graph.functions.get(node.type)
        if function is not None:
            start = 0
            for output in function.signature.outputs:
                if output.name == argument:
                    return start + offset
                start += len(argument_dtypes(bound(output, node.attrs), node.attrs))
        elif node.declaration is not None:
            ranges = node.declaration.output_ranges(node.attrs)
            if argument in ranges:
                return ranges[argument].start + offset
        return offset

    # The kinds of calls

    def _call(self, call: FlatNode, name: str) -> None:
        function = self.graph.functions[name]
        target = call.attrs.get("f")
        attrs = target.attrs if isinstance(target, FunctionRef) else call.attrs
        waits = [*call.control_inputs, *self._strict(call, function, attrs)]
        gate: list[int] = []
        if waits:
            gate = [self._add(call, "input_control_node", "NoOp", {}, control_inputs=waits).index]
        body = self._instantiate(call, "", function, attrs, call.inputs, gate)
        ends = body.control_returns
        if call.type not in _CALLS:
            ends = [source for source, _ in body.returns]
        # Where there is nothing to wait for, the arguments say in which turn of a loop it is.
        ends = ends or gate or [source for source, _ in call.inputs]
        done = self._add(call, "output_control_node", "NoOp", {}, control_inputs=ends)
        requires = [source for source, _ in body.returns] + body.control_returns
        requires += [source for source, _ in call.inputs]
        call.expansion = Expansion("call", (name,), body.returns, done.index, requires)

    def _strict(self, call: FlatNode, function: Function, attrs: Mapping[str, Any]) -> list[int]:
        """The inputs that the whole of `call` waits for.

        A call with a resource that no control edge orders starts when all of its inputs exist; so
        does one with an input that every turn of a loop has, even the turn that is not taken.
        """
        attrs = {**function.signature.attr_defaults, **attrs}
        sources = [self.flat.nodes[source] for source, _ in call.inputs]
        unordered = not call.control_inputs and any(
            dtypes.resource in argument_dtypes(bound(argument, attrs), attrs)
            for argument in function.signature.inputs
        )
        constant = any(
            source.type in ("Enter", "RefEnter") and source.attrs["is_constant"]
            for source in sources
        )
        if not unordered and not constant:
            return []
        return [
            source.index for source in sources if source.type not in _ROOTS or source.control_inputs
        ]

    def _branches(self, call: FlatNode, functions: Sequence[str], kind: CallKind) -> None:
        selector, *arguments = call.inputs
        types = call.attrs["Tin"]
        count = len(functions)
        if kind == "if":
            refs = [call.attrs["then_branch"], call.attrs["else_branch"]]
            labels, outputs = ["then", "else"], [1, 0]
            if call.attrs["Tcond"] != dtypes.bool_:
                cast = {"T": call.attrs["Tcond"]}
                selector = (self._add(call, "predicate", "ToBool", cast, [selector]).index, 0)
        else:
            refs = call.attrs["branches"]
            labels, outputs = [f"branch{i}" for i in range(count)], list(range(count))

        def switch(name: str, dtype: Any, source: Port) -> FlatNode:
            if kind == "if":
                return self._add(call, name, "Switch", {"T": dtype}, [source, selector])
            attrs = {"T": dtype, "num_outs": count}
            return self._add(call, name, "_SwitchN", attrs, [source, selector])

        # What the call waits for gates the pivot, and the pivot gates the branches.
        pivot_switch = switch("pivot", dtypes.bool_ if kind == "if" else dtypes.int32, selector)
        pivot_switch.control_inputs = call.control_inputs
        pivots = [
            self._add(
                call,
                f"pivot_{label}",
                "Identity",
                {"T": pivot_switch.given_attrs["T"]},
                [(pivot_switch.index, output)],
            )
            for label, output in zip(labels, outputs, strict=True)
        ]
        switches = [switch(f"switch_{i}", types[i], source) for i, source in enumerate(arguments)]
        bodies = [
            self._instantiate(
                call,
                f"{label}/",
                self.graph.functions[name],
                ref.attrs,
                [(node.index, output) for node in switches],
                [pivot.index],
            )
            for label, output, name, ref, pivot in zip(
                labels, outputs, functions, refs, pivots, strict=True
            )
        ]
        merges = [
            self._add(
                call,
                f"merge_{i}",
                "Merge",
                {"T": dtype, "N": count},
                [body.returns[i] for body in bodies],
            )
            for i, dtype in enumerate(call.attrs["Tout"])
        ]
        ends = [
            self._add(
                call,
                f"{label}_executed",
                "NoOp",
                {},
                control_inputs=[*body.control_returns, pivot.index],
            )
            for body, label, pivot in zip(bodies, labels, pivots, strict=True)
        ]
        done = self._add(
            call,
            "branch_executed",
            "Merge",
            {"T": pivot_switch.given_attrs["T"], "N": count},
            [(pivot.index, 0) for pivot in pivots],
            [end.index for end in ends],
        )
        requires = [source for source, _ in call.inputs] + [node.index for node in merges]
        requires += [source for body in bodies for source in body.control_returns]
        call.expansion = Expansion(
            kind, tuple(functions), [(node.index, 0) for node in merges], done.index, requires
        )

    def _loop(self, call: FlatNode, functions: Sequence[str]) -> None:
        cond, body = (self.graph.functions[name] for name in functions)
        types = call.attrs["T"]
        frame = {
            "frame_name": call.name.encode(),
            "parallel_iterations": call.attrs.get("parallel_iterations", 10),
        }
        names = [argument.name for argument in body.signature.inputs]
        returned = in_order(body)
        enters: list[FlatNode] = []
        merges: dict[int, FlatNode] = {}
        for i, source in enumerate(call.inputs):
            constant = types[i] == dtypes.resource and returned[i].partition(":")[0] == names[i]
            attrs = {**frame, "T": types[i], "is_constant": constant}
            enter = self._add(call, f"enter_{i}", "Enter", attrs, [source], call.control_inputs)
            enters.append(enter)
            if not constant:
                merges[i] = self._add(
                    call, f"merge_{i}", "Merge", {"T": types[i], "N": 2}, [(enter.index, 0)]
                )
        if not merges:
            raise GraphError(f"the loop '{call.name}' has no loop variable")
        first = next(iter(merges.values()))
        at_merge = [
            (merges[i].index if i in merges else enter.index, 0) for i, enter in enumerate(enters)
        ]
        test = self._instantiate(
            call, "cond/", cond, call.attrs["cond"].attrs, at_merge, [first.index]
        )
        predicate = test.returns[0]
        dtype = argument_dtypes(
            bound(cond.signature.outputs[0], call.attrs["cond"].attrs), call.attrs["cond"].attrs
        )[0]
        if dtype != dtypes.bool_:
            cast = self._add(call, "predicate", "ToBool", {"T": dtype}, [predicate])
            predicate = (cast.index, 0)
        loop_cond = self._add(call, "loop_cond", "LoopCond", {}, [predicate])
        switches = {
            i: self._add(
                call,
                f"switch_{i}",
                "Switch",
                {"T": types[i]},
                [(merge.index, 0), (loop_cond.index, 0)],
            )
            for i, merge in merges.items()
        }
        first_switch = next(iter(switches))
        pivot = self._add(
            call,
            "body_pivot",
            "Identity",
            {"T": types[first_switch]},
            [(switches[first_switch].index, 1)],
        )
        in_body = [
            (switches[i].index, 1) if i in switches else (enter.index, 0)
            for i, enter in enumerate(enters)
        ]
        turn = self._instantiate(
            call, "body/", body, call.attrs["body"].attrs, in_body, [pivot.index]
        )
        end: list[int] = []
        if turn.control_returns:
            ends = turn.control_returns
            end = [self._add(call, "body_executed", "NoOp", {}, control_inputs=ends).index]
        outputs = list(call.inputs)
        exits: list[int] = []
        for i, merge in merges.items():
            attrs = {"T": types[i]}
            back = self._add(call, f"next_{i}", "NextIteration", attrs, [turn.returns[i]], end)
            merge.inputs = [*merge.inputs, (back.index, 0)]
            leave = self._add(call, f"exit_{i}", "Exit", attrs, [(switches[i].index, 0)])
            exits.append(leave.index)
            outputs[i] = (leave.index, 0)
        done = self._add(call, "while_executed", "NoOp", {}, control_inputs=exits)
        requires = [source for source, _ in call.inputs] + exits + turn.control_returns
        requires += test.control_returns
        call.expansion = Expansion("while", tuple(functions), outputs, done.index, requires)
