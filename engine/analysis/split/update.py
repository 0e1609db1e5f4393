"""Kernels that update each element of a variable by itself.

What an element comes to is computed by the kernel itself, on a scratch copy of its variable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ...executor.flat import Port
from ...ops.registry import Cell
from .kernel import KernelParts
from .scratch import ElementOf, always, contents, scratch_variable

Run = Callable[[list[Any]], None]
"""Does what the kernel does, on the given operands."""


def update(kernel: KernelParts, own: Sequence[int]) -> None:
    """Take a kernel apart that goes element by element, each read before it is written."""
    last: list[int] = []
    before: list[Port] = []
    (variable,) = own
    reads_own = any(
        effect.reads
        for effect in kernel.op.declaration.effects
        if effect.operand == kernel.names[variable] and effect.cell in (Cell.CONTENTS, Cell.VALUE)
    )
    whole = kernel.op.kernel
    assert whole is not None
    for element in range(kernel.racing[variable].size):
        reads = {
            position: kernel.read(position, element if array.size > 1 else 0)
            for position, array in kernel.racing.items()
            if position != variable or reads_own
        }
        if variable in reads:
            before.append(reads[variable])
        place = always(element)
        computed = on_scratch(kernel, lambda operands: whole(*operands), reads, variable, place)
        last.append(kernel.write(variable, (computed, 0), element))
    outputs = kernel.op.declaration.outputs
    if outputs and not outputs[0].is_ref:  # CountUpTo gives what the variable was.
        kernel.finish(last, kernel.assemble(variable, before, kernel.racing[variable].shape))
    else:
        kernel.finish(last)


def on_scratch(
    kernel: KernelParts,
    run: Run,
    reads: Mapping[int, Port],
    own: int,
    element_of: ElementOf,
    after: Sequence[int] = (),
) -> int:
    """Runs the kernel on a scratch variable that holds what was read; gives the new element.

    Args:
        kernel: the kernel.
        run: runs it.
        reads: input position -> what was read of it.
        own: the input through which the kernel changes its variable.
        element_of: which element was read and is computed.
        after: ops that come before.
    """
    positions = [at for at in range(len(kernel.node.inputs)) if at != own or at in reads]
    shape, dtype = kernel.racing[own].shape, kernel.type(own).numpy
    sizes = {at: array.shape for at, array in kernel.racing.items()}
    tokens, indices = kernel.tokens, kernel.indices

    def evaluate(*values: Any) -> list[Any]:
        given = dict(zip(positions, values, strict=True))
        place = element_of([None, None if indices is None else given[indices]])
        operands: list[Any] = []
        for at in range(len(tokens)):
            if at == own:
                start = np.zeros(shape, dtype)
                if at in reads:
                    start.reshape(-1)[place] = given[at]
                operands.append(scratch_variable(tokens[at], start))
            else:
                operands.append(np.full(sizes[at], given[at]) if at in reads else given[at])
        run(operands)
        return [contents(operands[own]).reshape(-1)[place]]

    inputs = [(at, reads.get(at, kernel.node.inputs[at])) for at in positions]
    return kernel.evaluate(evaluate, inputs, [own], after)
