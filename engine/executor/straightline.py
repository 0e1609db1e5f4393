"""The tight loop: plans without control flow, first come first served.

Without control flow the order of a `fifo` run is a property of the plan. So it is computed once,
and a run is a loop over kernels that are bound to their slots. Property tests hold it equal to
stepping.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from time import perf_counter_ns
from typing import Any

from ..memory import Alias, Memory, RefVariable
from ..trace import WROTE, Trace
from .kernels import execute
from .plan import Plan, PlanOp
from .propagator import Propagator

_FIXED = {"Const", "NoOp", "VariableV2", "Variable", "VarHandleOp"}
"""Types whose result never changes in a session: it is computed when the program is bound."""

Entry = tuple[Callable[..., Any], int, Any, int, int]
"""(kernel, number of inputs, slot or getter of the inputs, first output slot, number of outputs or
-1 for a bare one)."""


def order_of(plan: Plan) -> list[PlanOp]:
    """The ops of a straight plan in the order of a `fifo` run."""
    if plan.straight is None:
        propagator = Propagator(plan)
        propagator.start([None] * len(plan.feeds))
        order: list[PlanOp] = []
        while propagator.ready:
            instance = propagator.take(0)
            order.append(instance.op)
            propagator.finish(instance, [None] * instance.op.output_count)
        plan.straight = order
    return plan.straight


class StraightProgram:
    """A straight plan bound to a session's memory."""

    def __init__(self, plan: Plan, memory: Memory) -> None:
        self.plan = plan
        self.order = order_of(plan)
        self.slots: dict[int, int] = {}
        """Plan op's id -> its first output slot."""
        count = len(plan.feeds)
        for op in plan.ops:
            self.slots[op.id] = count
            count += op.output_count
        self.slot_count = count
        self.nodes = [op.node.index for op in self.order]
        self.entries: list[Entry] = [self._entry(op, memory) for op in self.order]
        self.fixed = next(
            (i for i, op in enumerate(self.order) if op.node.type not in _FIXED), len(self.order)
        )
        """How many ops at the beginning have results that binding the program computed."""
        self._lean: list[Entry] | None = None
        self._template: list[Any] = []
        self._memory = memory
        self._lean_order: list[int] = []
        self._last_use: list[tuple[int, int]] = []
        self.at = 0
        self.failed_values: list[Any] = []

    def _slot(self, source: Any) -> int:
        producer, output = source
        if isinstance(producer, PlanOp):
            return self.slots[producer.id] + output
        return self.plan.feeds.index(source)

    def _entry(self, op: PlanOp, memory: Memory) -> Entry:
        inputs = [self._slot(source) for source in op.sources]
        getter: Any = inputs[0] if len(inputs) == 1 else itemgetter(*inputs) if inputs else None
        kernel = _bind(op, memory)
        bare = not op.returns_sequence
        return (kernel, len(inputs), getter, self.slots[op.id], -1 if bare else op.output_count)

    def outputs(self, op: PlanOp, values: list[Any]) -> list[Any]:
        """What `op` has put into `values`."""
        first = self.slots[op.id]
        return values[first : first + op.output_count]

    def release(self, values: list[Any], done: int) -> None:
        """Forget what ops before `done` gave if no op from there on and no fetch takes it."""
        if not self._last_use:
            fetched = {self._slot(source) for source in self.plan.fetches}
            last = dict.fromkeys(range(self.slot_count), -1)
            for position, op in enumerate(self.order):
                for source in op.sources:
                    last[self._slot(source)] = position
                for slot in range(self.slots[op.id], self.slots[op.id] + op.output_count):
                    last[slot] = max(last[slot], position)
            self._last_use = [
                (position, slot) for slot, position in last.items() if slot not in fetched
            ]
        for position, slot in self._last_use:
            if position < done:
                values[slot] = None

    def run_lean(self, feeds: list[Any]) -> list[Any]:
        """Execute everything, leaving out what cannot have changed; returns the slots.

        A kernel's exception propagates; `self.at` is then the op that failed.
        """
        if self._lean is None:
            self._prepare_lean()
        assert self._lean is not None
        values = self._template.copy()
        values[: len(feeds)] = feeds
        done = 0
        try:
            for kernel, arity, inputs, first, count in self._lean:
                if arity > 1:
                    result = kernel(*inputs(values))
                elif arity:
                    result = kernel(values[inputs])
                else:
                    result = kernel()
                if count < 0:
                    values[first] = result
                else:
                    values[first : first + count] = result
                done += 1
        except Exception:
            self.at = self._lean_order[done]
            self.failed_values = values
            raise
        return values

    def _prepare_lean(self) -> None:
        template: list[Any] = [None] * self.slot_count
        lean: list[Entry] = []
        for position, (op, entry) in enumerate(zip(self.order, self.entries, strict=True)):
            if op.node.type in _FIXED:
                result = entry[0]()
                template[entry[3] : entry[3] + op.output_count] = (
                    [result] if entry[4] < 0 else result
                )
            else:
                lean.append(entry)
                self._lean_order.append(position)
        self._template, self._lean = template, lean

    def run_recorded(self, values: list[Any], start: int, stop: int, trace: Trace) -> int:
        """Execute ops `start` to `stop - 1` of the order, each a step of `trace`.

        Returns how many have executed in all. A kernel's exception propagates; `self.at` is then
        the position of the op that failed.
        """
        if start < self.fixed <= stop:
            self._record_fixed(values, start, trace, perf_counter_ns())
            start = self.fixed
        memory = self._memory
        written = memory.written
        assert written is not None
        starts: list[int] = []
        outputs: list[Any] = []
        flags = [0] * (stop - start)
        clock, note, keep = perf_counter_ns, starts.append, outputs.append
        at = start
        try:
            for kernel, arity, inputs, first, count in self.entries[start:stop]:
                note(clock())
                if arity > 1:
                    result = kernel(*inputs(values))
                elif arity:
                    result = kernel(values[inputs])
                else:
                    result = kernel()
                if count < 0:
                    values[first] = result
                    keep([result])
                else:
                    values[first : first + count] = result
                    keep(list(result))
                if written:
                    flags[at - start] = WROTE
                    trace.writes += written
                    trace.write_steps += [at] * len(written)
                    written.clear()
                at += 1
        finally:
            self.at = at
            executed = at - start
            if executed:
                trace.durations += [-1] * (executed - 1)
                end = clock() if executed == len(starts) else starts[executed]
                trace.durations.append(end - starts[executed - 1])
            trace.starts += starts[:executed]
            trace.nodes += self.nodes[start:at]
            trace.frames += [0] * executed
            trace.iterations += [0] * executed
            trace.flags += flags[:executed]
            trace.outputs += outputs
        return at

    def _record_fixed(self, values: list[Any], start: int, trace: Trace, now: int) -> None:
        """Steps `start` to `fixed - 1`, all at once: nothing is computed in them."""
        count = self.fixed - start
        for kernel, _, _, first, outputs in self.entries[start : self.fixed]:
            result = [kernel()] if outputs < 0 else list(kernel())
            values[first : first + len(result)] = result
            trace.outputs.append(result)
        trace.nodes += self.nodes[start : self.fixed]
        for column in (trace.frames, trace.iterations, trace.durations, trace.flags):
            column += [0] * count
        trace.starts += [now] * count


def _bind(op: PlanOp, memory: Memory) -> Callable[..., Any]:
    """A function of the op's tokens that executes it; as lean as what may arrive allows."""
    kernel = op.kernel
    assert kernel is not None
    if not op.touches_memory:
        return kernel
    declaration = op.declaration
    plain = not (declaration.uses_site or declaration.routes or declaration.view is not False)
    if plain and not op.declaration.allows_uninitialized:
        reads = [i for i in sorted(set(op.memory_inputs)) if not op.ref_inputs[i]]
        return _reading(kernel, op.input_count, reads)
    if op.node.type == "Identity":
        return _identity

    def run(*tokens: Any) -> Any:
        outputs = execute(op, list(tokens), memory)
        return outputs if op.returns_sequence else outputs[0]

    if op.node.type in _FIXED:
        result = run()
        return lambda: result
    return run


def _identity(token: Any) -> Any:
    return token.alias() if token.__class__ is RefVariable else token


def value_of(token: Any) -> Any:
    """What a computing op sees of `token`: its contents now."""
    kind = token.__class__
    if kind is Alias:
        return token.read()
    if kind is RefVariable:
        return token.alias().read()
    return token


def _reading(kernel: Callable[..., Any], arity: int, reads: list[int]) -> Callable[..., Any]:
    """`kernel` with the contents of what arrives at the positions `reads`."""
    match arity, reads:
        case _, []:
            return kernel
        case 1, _:

            def read_only(a: Any) -> Any:
                return kernel(value_of(a))

            return read_only
        case 2, [0]:

            def read_left(a: Any, b: Any) -> Any:
                return kernel(value_of(a), b)

            return read_left
        case 2, [1]:

            def read_right(a: Any, b: Any) -> Any:
                return kernel(a, value_of(b))

            return read_right
        case _:
            pass

    def read_some(*tokens: Any) -> Any:
        arguments = list(tokens)
        for position in reads:
            arguments[position] = value_of(arguments[position])
        return kernel(*arguments)

    return read_some
