"""Training kernels: statement after statement, each over all elements of a row.

A sparse kernel does so for the row of each index, one index after the other: TensorFlow shards the
indices of some over threads, but only those of updates far larger than what is taken apart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ...errors import OpError
from ...executor.flat import Port
from ...executor.plan import PlanOp
from ...memory import Array
from .kernel import KernelParts
from .scratch import (
    ElementOf,
    ScatteredElement,
    contents,
    own_inputs,
    scratch_variable,
    value_of,
)
from .statements import Optimizer, Statement, input_of, run

_GRADIENTS = ("grad", "delta")
"""Inputs that have an element for each of the variable's."""


def apply(kernel: KernelParts, rule: Optimizer) -> None:
    """Take a dense training kernel apart."""
    count = kernel.racing[own_inputs(kernel.op)[0]].size
    elements = [_Element(at, at) for at in range(count)]
    statements = _Statements(kernel, rule.once)
    before: list[int] = []
    for statement in rule.statements:
        before = statements.run([statement], [statement.writes], elements, before)
    kernel.finish(before)


def sparse_apply(kernel: KernelParts, rule: Optimizer) -> None:
    """Take a training kernel apart that updates the rows that its indices name."""
    assert kernel.indices is not None
    shape = kernel.racing[own_inputs(kernel.op)[0]].shape
    width = math.prod(shape[1:])
    statements = _Statements(kernel, frozenset(kernel.names) - rule.reread)
    before: list[int] = []
    for step in range(np.size(value_of(kernel.tokens[kernel.indices]))):
        elements = [
            _Element(ScatteredElement(step, offset, width, 1, shape), step * width + offset, step)
            for offset in range(width)
        ]
        if width == 1 and rule.at_once is not None:
            before = statements.run(rule.statements, rule.at_once, elements, before)
            continue
        for statement in rule.statements:
            before = statements.run([statement], [statement.writes], elements, before)
    kernel.finish(before)


def fails_at_once(op: PlanOp, tokens: Sequence[Any]) -> bool:
    """Whether a training kernel fails on `tokens` before it touches an element."""
    values = [value_of(token) for token in tokens]
    if any(values[at] is None for at in own_inputs(op)):
        return True
    for at, argument in enumerate(op.declaration.inputs):
        if argument.name == "indices":
            values[at] = np.zeros_like(values[at])  # What a wrong index does comes later.
    assert op.kernel is not None
    try:
        op.kernel(*_on_scratch(op, tokens, values))
    except OpError:
        return True
    return False


def _on_scratch(op: PlanOp, tokens: Sequence[Any], values: Sequence[Any]) -> list[Any]:
    """`values` with copies of the variables of `op` where its kernel expects variables."""
    own = own_inputs(op)
    return [
        scratch_variable(token, value) if at in own else value
        for at, (token, value) in enumerate(zip(tokens, values, strict=True))
    ]


class _Element(NamedTuple):
    """What one round of a loop of a kernel is about.

    Attributes:
        place: where it is in the variables.
        gradient: where it is in the gradient.
        step: the position of its row among the indices; None for a dense kernel.
    """

    place: int | ElementOf
    gradient: int
    step: int | None = None


class _Statements:
    """Makes the ops for the statements of one kernel.

    Args:
        kernel: the kernel.
        once: scalars that it takes from memory before anything else; the others it takes in each
            statement.
    """

    def __init__(self, kernel: KernelParts, once: frozenset[str]) -> None:
        self._kernel = kernel
        self._own = own_inputs(kernel.op)
        self._at = {
            "grad" if name in _GRADIENTS else name: at for at, name in enumerate(kernel.names)
        }
        by_element = {*self._own, self._at["grad"], kernel.indices}
        self._scalars = [at for at in kernel.racing if at not in by_element]
        self._taken = {at: kernel.read(at, 0) for at in self._scalars if kernel.names[at] in once}

    def run(
        self,
        statements: Sequence[Statement],
        writes: Sequence[str],
        elements: Sequence[_Element],
        after: Sequence[int],
    ) -> list[int]:
        """Statements whose intermediate results nobody sees, for each of `elements`.

        Args:
            statements: what is computed.
            writes: the variables that are written, in this order.
            elements: for what; they do not wait for each other.
            after: the ops that come before.

        Returns:
            The last ops.
        """
        kernel = self._kernel
        names = _looks(statements)
        scalars = {self._at[input_of(name)] for name in names} & set(self._scalars)
        taken = {at: self._taken.get(at) or kernel.read(at, 0, after) for at in scalars}
        outputs = [self._at[name] for name in writes]
        last: list[int] = []
        for element in elements:
            ports: list[tuple[int, Port]] = []
            for at in (self._at[input_of(name)] for name in names):
                if at in taken:
                    port = taken[at]
                elif at not in kernel.racing:
                    port = kernel.node.inputs[at]
                else:
                    where = element.place if at in self._own else element.gradient
                    port = kernel.read(at, where, after)
                ports.append((at, port))
            if kernel.indices is not None:
                ports.append((kernel.indices, kernel.node.inputs[kernel.indices]))
            function = self._function(statements, names, writes, element)
            computed = kernel.evaluate(function, ports, outputs, after)
            previous: list[int] = []
            for number, at in enumerate(outputs):
                previous = [kernel.write(at, (computed, number), element.place, previous)]
            last += previous
        return last

    def _function(
        self,
        statements: Sequence[Statement],
        names: Sequence[str],
        writes: Sequence[str],
        element: _Element,
    ) -> Any:
        """Computes the new elements from what arrives for `names`, and from the indices."""
        whole_gradient = self._at["grad"] not in self._kernel.racing

        def evaluate(*values: Any) -> list[Any]:
            if element.step is not None:
                self._check_indices(element.step, values[-1])
            held: dict[str, Any] = {}
            for name, value in zip(names, values, strict=False):
                is_whole = whole_gradient and input_of(name) == "grad"
                held[name] = np.reshape(value, -1)[element.gradient if is_whole else 0]
            results = run(statements, held)
            return [results[name] for name in writes]

        return evaluate

    def _check_indices(self, step: int, indices: Array) -> None:
        """Fail as the kernel does if an index names no row.

        Some kernels look at all indices before they touch a row, others when they get there.
        """
        kernel, own = self._kernel, self._own
        rows = np.reshape(indices, -1)
        wrong = (rows < 0) | (rows >= kernel.racing[own[0]].shape[0])
        if not wrong[step] and not (step == 0 and wrong.any()):
            return
        assert kernel.op.kernel is not None
        assert kernel.indices is not None
        values = [value_of(token) for token in kernel.tokens]
        values[kernel.indices] = indices
        operands = _on_scratch(kernel.op, kernel.tokens, values)
        try:
            kernel.op.kernel(*operands)
        except OpError:
            changed = any(np.any(contents(operands[at]) != values[at]) for at in own)
            if wrong[step] or not changed:
                raise


def _looks(statements: Sequence[Statement]) -> list[str]:
    """What `statements` take from memory; several take it once, and not what they computed."""
    if len(statements) == 1:
        return list(dict.fromkeys(statements[0].reads))
    found: list[str] = []
    computed: set[str] = set()
    for statement in statements:
        found += [n for n in map(input_of, statement.reads) if n not in computed]
        computed.add(statement.writes)
    return list(dict.fromkeys(found))
