"""Kernels that read what they need in any order and then compute."""

from __future__ import annotations

import numpy as np

from ...executor.flat import Port
from ...memory import Handle
from ...ops.shapes import broadcasting
from .kernel import KernelParts
from .scratch import value_of


def compute(kernel: KernelParts) -> None:
    """Take a kernel apart that changes nothing through the inputs by which it races."""
    spread = _spread(kernel)
    given: dict[int, Port] = {}
    for position, array in kernel.racing.items():
        shape = array.shape if spread is None else spread
        places = np.broadcast_to(np.arange(array.size).reshape(array.shape), shape)
        reads = [kernel.read(position, int(at)) for at in places.reshape(-1)]
        given[position] = kernel.assemble(position, reads, shape)
    if any(isinstance(kernel.tokens[at], Handle) for at in kernel.racing):
        kernel.finish_on_scratch(given)
        return
    inputs = [given.get(at, port) for at, port in enumerate(kernel.node.inputs)]
    kernel.replace(kernel.op.declaration, kernel.node.given_attrs, inputs, [])


def _spread(kernel: KernelParts) -> tuple[int, ...] | None:
    """The shape over which an elementwise kernel spreads its inputs; None for other kernels."""
    if kernel.op.declaration.shape is not broadcasting:
        return None
    return np.broadcast_shapes(*(np.shape(value_of(token)) for token in kernel.tokens))
