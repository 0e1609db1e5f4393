"""Which ops TensorFlow's graph optimizer may rewrite, so that control edges from them are lost.

An op that only computes may be replaced by a cheaper one that computes the same. A control edge
from the old op then becomes edges from its inputs (dependency_optimizer.cc). For an op that reads
the buffer of a reference variable this is too early: what waited for it may write before it reads.
"""

from __future__ import annotations

from ..executor.plan import PlanOp

_KEPT = ("Assert", "DeepCopy", "Print", "PyFunc", "PyFuncStateless", "EagerPyFunc")
"""Op types without effects on variables that the optimizer takes for stateful."""

COPY = "DeepCopy"
"""The op type that copies a buffer and is left alone."""


def may_be_rewritten(op: PlanOp) -> bool:
    """Whether `op`, which reads the buffer of a reference variable, does nothing but compute."""
    if op.node.type in _KEPT:
        return False
    return not op.declaration.effects and op.control_flow is None


def may_read_copy(op: PlanOp) -> bool:
    """Whether a copy of the buffer can take its place as an input of `op`.

    Whoever takes a view reads the buffer later; of a copy it would not. What a call has put into
    the graph cannot be changed from outside.
    """
    return op.node.call < 0 and not op.declaration.view and not op.declaration.routes
