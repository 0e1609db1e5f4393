"""Expansion of function calls, as TensorFlow inlines and lowers them before it executes a graph.

Rules: a call's control inputs gate the body nodes that nothing else gates; its tensors are
connected edge by edge, so an output flows as soon as it exists; what waits for the call waits for
the function's control outputs, or else for its data outputs. `If`, `Case` and `While` become
Switch, Merge and loop frames (TensorFlow's `inline_function_utils`, `lower_if_op`,
`lower_while_op`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .. import dtypes
from ..errors import GraphError
from ..graph import Argument, AttrPlaceholder, Function, FunctionRef, Graph
from ..ops.signature import argument_dtypes
from .flat import CallKind, Expansion, FlatGraph, FlatNode, Port

MAX_NODES = 2_000_000
"""A graph that expands to more nodes than this is taken for a hostile one."""

_CALLS = {"PartitionedCall", "StatefulPartitionedCall"}
_IFS = {"If", "StatelessIf"}
_CASES = {"Case", "StatelessCase"}
_WHILES = {"While", "StatelessWhile"}


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
        """Add the nodes of `function`; `gate` are control inputs of what nothing else gates."""
        attrs = {**function.signature.attr_defaults, **attrs}
        inputs: dict[str, list[Port]] = {}
        start = 0
        for argument in function.signature.inputs:
            stop = start + len(argument_dtypes(_bound(argument, attrs), attrs))
            inputs[argument.name] = list(arguments[start:stop])
            start = stop
        if start != len(arguments):
            raise GraphError(
                f"'{call.name}' passes {len(arguments)} arguments to the function"
                f" '{function.name}', which takes {start}"
            )
        nodes: dict[str, FlatNode] = {}
        for body_node in function.nodes:
            node = self._add(
                call, prefix + body_node.name, body_node.type, _bind(body_node.attrs, attrs)
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
            node.control_inputs = sources if body_node.inputs else list(gate)
        returns = [port(text) for text in _in_order(function)]
        control_returns = [nodes[name].index for name in function.control_returns.values()]
        return _Body(returns, control_returns)

    def _output(self, node: FlatNode, argument: str, offset: int) -> int:
        """The position of output `argument:offset` among the outputs of a body node."""
        function = self.graph.functions.get(node.type)
        if function is not None:
            start = 0
            for output in function.signature.outputs:
                if output.name == argument:
                    return start + offset
                start += len(argument_dtypes(_bound(output, node.attrs), node.attrs))
        elif node.declaration is not None:
            ranges = node.declaration.output_ranges(node.attrs)
            if argument in ranges:
                return ranges[argument].start + offset
        return offset

    def _finish(self, call: FlatNode, bodies: Sequence[_Body], name: str) -> FlatNode:
        """The node that stands for the end of `bodies`."""
        ends: list[int] = []
        for body in bodies:
            ends += body.control_returns or [source for source, _ in body.returns]
        return self._add(call, name, "NoOp", {}, control_inputs=ends)

    # The kinds of calls

    def _call(self, call: FlatNode, name: str) -> None:
        function = self.graph.functions[name]
        target = call.attrs.get("f")
        attrs = target.attrs if isinstance(target, FunctionRef) else call.attrs
        gate: list[int] = []
        if call.control_inputs:
            # Arguments are gated too, so that no part of the body starts before the call may.
            start = self._add(
                call, "input_control_node", "NoOp", {}, control_inputs=call.control_inputs
            )
            gate = [start.index]
        arguments = list(call.inputs)
        if gate:
            types = [
                t
                for a in function.signature.inputs
                for t in argument_dtypes(_bound(a, attrs), attrs)
            ]
            arguments = [
                (self._add(call, f"arg_{i}", "Identity", {"T": types[i]}, [source], gate).index, 0)
                for i, source in enumerate(arguments)
            ]
        body = self._instantiate(call, "", function, attrs, arguments, gate)
        done = self._finish(call, [body], "output_control_node")
        done.control_inputs = [*done.control_inputs, *gate]
        requires = [source for source, _ in body.returns] + body.control_returns
        requires += [source for source, _ in call.inputs]
        call.expansion = Expansion("call", (name,), body.returns, done.index, requires)

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
                return self._add(call, name, "Switch", {"T": dtype}, [source, selector], control)
            attrs = {"T": dtype, "num_outs": count}
            return self._add(call, name, "_SwitchN", attrs, [source, selector], control)

        control = list(call.control_inputs)
        pivot_switch = switch("pivot", dtypes.bool_ if kind == "if" else dtypes.int32, selector)
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
            self._finish(call, [body], f"{label}_executed")
            for body, label in zip(bodies, labels, strict=True)
        ]
        for end, pivot in zip(ends, pivots, strict=True):
            end.control_inputs = [*end.control_inputs, pivot.index]
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
        returned = _in_order(body)
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
            _bound(cond.signature.outputs[0], call.attrs["cond"].attrs), call.attrs["cond"].attrs
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
        outputs = list(call.inputs)
        exits: list[int] = []
        for i, merge in merges.items():
            attrs = {"T": types[i]}
            back = self._add(call, f"next_{i}", "NextIteration", attrs, [turn.returns[i]])
            merge.inputs = [*merge.inputs, (back.index, 0)]
            leave = self._add(call, f"exit_{i}", "Exit", attrs, [(switches[i].index, 0)])
            exits.append(leave.index)
            outputs[i] = (leave.index, 0)
        done = self._add(call, "while_executed", "NoOp", {}, control_inputs=exits)
        requires = [source for source, _ in call.inputs] + exits + turn.control_returns
        requires += test.control_returns
        call.expansion = Expansion("while", tuple(functions), outputs, done.index, requires)


def _in_order(function: Function) -> list[str]:
    """The body tensors that `function` returns, in the order of its outputs.

    A list output is returned whole by one entry.
    """
    return [function.returns[output.name] for output in function.signature.outputs]


def _bind(attrs: Mapping[str, Any], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """`attrs` of a body node with the attribute values of the call filled in."""
    if not any(_has_placeholder(value) for value in attrs.values()):
        return attrs
    return {key: _bind_value(value, values) for key, value in attrs.items()}


def _has_placeholder(value: Any) -> bool:
    if isinstance(value, FunctionRef):
        return any(map(_has_placeholder, value.attrs.values()))
    if isinstance(value, list):
        return any(map(_has_placeholder, value))
    return isinstance(value, AttrPlaceholder)


def _bind_value(value: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(value, AttrPlaceholder):
        if value.name not in values:
            raise GraphError(f"a function body needs the attribute '{value.name}' of its call")
        return values[value.name]
    if isinstance(value, list):
        return [_bind_value(item, values) for item in value]
    if isinstance(value, FunctionRef):
        return FunctionRef(value.name, _bind(value.attrs, values))
    return value


def _bound(argument: Argument, attrs: Mapping[str, Any]) -> Argument:
    """`argument`, checked to have its types in `attrs`."""
    needed = argument.type_attr or argument.type_list_attr
    if needed and needed not in attrs:
        raise GraphError(
            f"a call leaves out the attribute '{needed}' of argument '{argument.name}'"
        )
    return argument
