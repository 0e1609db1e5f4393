"""Executing one plan op on the tokens that arrived: dereferencing, views, kernels, errors."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ..errors import InternalError, InvalidArgumentError, OpError
from ..memory import Alias, Memory, RefVariable, Site
from ..ops.registry import ControlFlow, Kernel
from .plan import PlanOp
from .propagator import DEAD

Evaluate = Callable[[PlanOp, list[Any], Memory], list[Any]]
"""Executes one op on the tokens that arrived, as `execute` does."""


def execute(op: PlanOp, tokens: list[Any], memory: Memory) -> list[Any]:
    """Run `op` on `tokens`; one token per output, DEAD where a Switch does not send.

    Raises:
        OpError: the kernel failed; `error.op` names the op.
    """
    try:
        if op.control_flow is not None:
            return _route(op, tokens)
        if not op.touches_memory:
            assert op.kernel is not None
            result = op.kernel(*tokens)
            return list(result) if op.returns_sequence else [result]
        return _execute_on_memory(op, tokens, memory)
    except Exception as error:
        raise explained(op, tokens, error) from error


def explained(op: PlanOp, tokens: list[Any], error: Exception) -> OpError:
    """What the kernel of `op` raised, as TensorFlow's error and in its words where known."""
    if isinstance(error, OpError):
        error.op = error.op or op.node.name
        return error
    explain = op.declaration.explain
    if explain is not None:
        values = [token.read() if isinstance(token, Alias) else token for token in tokens]
        found = explain(op.node.attrs, values)
        if isinstance(found, OpError):
            found.op = op.node.name
            return found
    if isinstance(error, MemoryError):
        return InternalError(f"{op.node.type} ran out of memory: {error}", op.node.name)
    if isinstance(error, (ValueError, IndexError, TypeError)):
        return InvalidArgumentError(f"{op.node.type}: {error}", op.node.name)
    return InternalError(f"{op.node.type}: {type(error).__name__}: {error}", op.node.name)


def _dereferenced(op: PlanOp, tokens: list[Any]) -> list[Any]:
    """`tokens` with references turned into aliases where the op does not want the reference."""
    prepared: list[Any] = []
    for position, token in enumerate(tokens):
        if isinstance(token, RefVariable):
            if not op.ref_inputs[position]:
                token = token.alias()
            elif token.buffer is None and position not in op.declaration.allows_uninitialized:
                token.alias()
        prepared.append(token)
    return prepared


def _execute_on_memory(op: PlanOp, tokens: list[Any], memory: Memory) -> list[Any]:
    declaration, kernel = op.declaration, op.kernel
    assert kernel is not None
    tokens = _dereferenced(op, tokens)
    if declaration.routes:
        result = kernel(*tokens)
        return list(result) if op.returns_sequence else [result]
    viewed = tokens[declaration.view_of] if tokens else None
    values = [token.read() if isinstance(token, Alias) else token for token in tokens]
    if declaration.uses_site:
        kernel = partial(kernel, Site(op.node.name, memory))
    if declaration.view is not False and isinstance(viewed, Alias):
        rule = declaration.view
        if rule is True or (callable(rule) and rule(op.node.attrs, values)):
            return _view(op, kernel, viewed, values)
    result = kernel(*values)
    return list(result) if op.returns_sequence else [result]


class OpView:
    """What a view op makes of a buffer, whenever it is read.

    Attributes:
        before, after: the values of the op's other inputs.
        output: which output it is, None for an op that has one.
    """

    __slots__ = ("after", "before", "kernel", "op", "output")

    def __init__(
        self, op: PlanOp, before: list[Any], after: list[Any], output: int | None = None
    ) -> None:
        assert op.kernel is not None
        self.op = op
        self.kernel: Kernel = op.kernel
        self.before = before
        self.after = after
        self.output = output

    def __call__(self, array: Any) -> Any:
        result = self.kernel(*self.before, array, *self.after)
        return result if self.output is None else result[self.output]


def _view(op: PlanOp, kernel: Kernel, alias: Alias, values: list[Any]) -> list[Any]:
    """Aliases that show what the kernel makes of the buffer, whenever they are read."""
    at = op.declaration.view_of
    before, after = values[:at], values[at + 1 :]
    # Run once now: checks belong to the execution, not to later reads.
    result = kernel(*values)
    if not op.returns_sequence:
        return [alias] if result is values[at] else [alias.viewed(OpView(op, before, after))]
    return [alias.viewed(OpView(op, before, after, output)) for output in range(len(result))]


def _route(op: PlanOp, tokens: list[Any]) -> list[Any]:
    kind = op.control_flow
    if kind is ControlFlow.MERGE:
        winner = next(i for i, token in enumerate(tokens) if token is not None)
        (token,) = _dereferenced_at(op, tokens, winner)
        return [token, np.int32(winner)]
    if kind is ControlFlow.CONTROL_TRIGGER:
        return []
    if kind is ControlFlow.SWITCH:
        data, selector = _dereferenced(op, tokens)
        chosen = np.asarray(selector.read() if isinstance(selector, Alias) else selector)
        if chosen.ndim:
            raise InvalidArgumentError(
                f"The second input must be a scalar, but it has shape {list(chosen.shape)}"
            )
        last = op.output_count - 1
        index = min(int(chosen), last) if int(chosen) >= 0 else last
        outputs: list[Any] = [DEAD] * op.output_count
        outputs[index] = data
        return outputs
    return _dereferenced(op, tokens)


def _dereferenced_at(op: PlanOp, tokens: list[Any], position: int) -> list[Any]:
    token = tokens[position]
    if isinstance(token, RefVariable) and not op.ref_inputs[position]:
        token = token.alias()
    return [token]


def dereference_fetch(token: Any, fetch: str) -> Any:
    """What the op `fetch`, which ends the run for a fetched tensor, keeps of `token`.

    Raises:
        FailedPreconditionError: it is a reference to an uninitialised variable.
    """
    if not isinstance(token, RefVariable):
        return token
    try:
        return token.alias()
    except OpError as error:
        error.op = fetch
        raise


def collect(token: Any, position: int) -> Any:
    """What a fetch of `token` gives at the end of a run: an array of its own.

    Args:
        token: what arrived at the fetch; no reference any more (`dereference_fetch`).
        position: its number among the fetches.

    Raises:
        InvalidArgumentError: nothing arrived there. No op is at fault: the one that ends the run
            for this fetch was dead.
    """
    if token is DEAD or token is None:
        raise InvalidArgumentError(f"Retval[{position}] does not have value")
    if isinstance(token, Alias):
        token = token.read()
    if isinstance(token, (np.ndarray, np.generic)):
        value: Any = token
        return np.array(value)
    return token
