"""Kernels that scatter: they go index after index, and element by element of a row."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...errors import OpError
from ...executor.flat import Port
from .kernel import KernelParts
from .scratch import ScatteredElement, only_step, own_inputs, value_of
from .update import Run, on_scratch


def scatter(kernel: KernelParts) -> None:
    """Take a scatter apart."""
    (own,) = (at for at in own_inputs(kernel.op) if at in kernel.racing)
    array = kernel.racing[own]
    vectors = "Nd" in kernel.node.type
    indices = np.asarray(value_of(kernel.tokens[1]))
    depth = indices.shape[-1] if vectors else 1
    count = indices.size // max(1, depth)
    width = math.prod(array.shape[depth:])
    updates = np.asarray(value_of(kernel.tokens[2]))
    before: list[int] = []
    for number in range(count):
        written: list[int] = []
        for offset in range(width):
            place = ScatteredElement(number, offset, width, depth, array.shape)
            reads: dict[int, Port] = {}
            if not kernel.node.type.endswith("Update"):
                reads[own] = kernel.read(own, place, before)
            if 2 in kernel.racing:
                at = number * width + offset if updates.ndim else 0
                reads[2] = kernel.read(2, at, before)
            step = _step(kernel, number, vectors)
            computed = on_scratch(kernel, step, reads, own, place, before)
            written.append(kernel.write(own, (computed, 0), place))
        before = written
    kernel.finish(before)


def _step(kernel: KernelParts, number: int, vectors: bool) -> Run:
    """Does step `number` of the kernel alone."""
    whole = kernel.op.kernel
    assert whole is not None

    def run(operands: list[Any]) -> None:
        try:
            whole(*only_step(operands, number, vectors))
        except OpError:
            whole(*operands)  # Fails at the same index, and says which it is.
            raise

    return run
