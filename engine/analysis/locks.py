"""What kernels lock while they run, as TensorFlow 2.21 does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..executor.plan import PlanOp
from ..ops.registry import Cell, Lock


@dataclass(frozen=True, slots=True)
class LockStep:
    """What an op takes before it starts and gives back when it is done.

    Attributes:
        kernel: the number of the node that holds it in between.
        takes, gives: variables, and whether exclusively.
    """

    kernel: int
    takes: tuple[tuple[Any, bool], ...] = ()
    gives: tuple[tuple[Any, bool], ...] = ()


def lock_of(op: PlanOp, position: int) -> Lock:
    """What the kernel of `op` holds of the variable that it changes or reads through an input.

    Args:
        op: the op.
        position: the input. What is only an operand is read without a lock.
    """
    counts = op.declaration.input_counts(op.node.attrs)
    names = [name for name, count in counts for _ in range(count)]
    for effect in op.declaration.effects:
        if effect.operand == names[position] and effect.cell in (Cell.CONTENTS, Cell.VALUE):
            locks = bool(op.node.attrs.get("use_locking"))
            if effect.lock is Lock.USE_LOCKING:
                return Lock.EXCLUSIVE if locks else Lock.NONE
            if effect.lock is Lock.USE_LOCKING_OR_SHARED:
                return Lock.EXCLUSIVE if locks else Lock.SHARED
            return effect.lock
    return Lock.NONE


def overlap(a: Lock, b: Lock) -> bool:
    """Whether a kernel that holds `a` may run while another holds `b`, of the same variable."""
    return Lock.EXCLUSIVE not in (a, b) or Lock.NONE in (a, b)
