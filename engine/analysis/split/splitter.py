"""Which way a kernel is taken apart: a table of the kinds of kernels that there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...executor.flat import FlatGraph
from ...executor.plan import PlanOp
from ...memory import Array
from ..locks import LockStep
from .compute import compute
from .graph import SplitGraph
from .kernel import KernelParts
from .optimizers import optimizer
from .scatter import scatter
from .scratch import is_elementwise_update, is_scatter, own_inputs
from .training import apply, fails_at_once, sparse_apply
from .update import update

MOST_ELEMENTS = 16
"""Elements that one kernel may have and still be taken apart."""

_SHOWS = ("Print", "PrintV2")
"""Ops that only print what they read, which is no part of a result."""


class Splitter:
    """Takes kernels of one flat graph apart.

    Args:
        flat: the graph; it is not changed.
    """

    def __init__(self, flat: FlatGraph) -> None:
        self.result = SplitGraph(FlatGraph(flat.graph), {}, {})
        self.result.flat.nodes = list(flat.nodes)

    def split(
        self, op: PlanOp, tokens: Sequence[Any], racing: Mapping[int, Array], locks: LockStep
    ) -> bool:
        """Take the kernel of `op` apart; whether it could be.

        Args:
            op: the op whose kernel it is.
            tokens: what it was executed on.
            racing: input position -> the contents, of the inputs through which it races.
            locks: what it takes and gives back.
        """
        elements = sum(array.size for array in racing.values())
        if elements > MOST_ELEMENTS:
            self.result.skipped.append(
                f"{op.node.name} touches {elements} racing elements, more than {MOST_ELEMENTS}: "
                "how it overlaps with others is not enumerated."
            )
            return False
        if op.node.type in _SHOWS:
            return False
        own = [at for at in own_inputs(op) if at in racing]
        rule = optimizer(op.node.type, op.node.attrs)
        if rule is not None and fails_at_once(op, tokens):
            return False  # It is indivisible.
        if own and rule is None and not is_scatter(op) and not is_elementwise_update(op):
            self.result.skipped.append(
                f"{op.node.name} ({op.node.type}) is taken as indivisible: how it overlaps with "
                "others is not enumerated."
            )
            return False
        kernel = KernelParts(self.result, op, tokens, racing, locks)
        if not own:
            compute(kernel)
        elif is_scatter(op):
            scatter(kernel)
        elif rule is None:
            update(kernel, own)
        elif kernel.indices is None:
            apply(kernel, rule)
        else:
            sparse_apply(kernel, rule)
        return True
