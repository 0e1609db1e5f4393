"""The rewritten graph of the level `split`, and what its nodes are parts of."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...executor.flat import FlatGraph
from ..access import CellKey
from ..locks import LockStep


@dataclass(frozen=True, slots=True)
class Part:
    """Which step of which kernel an op of the rewritten plan is.

    Attributes:
        of: the number of the kernel's node.
        phase: `read` or `write`, where `read` without an element begins the kernel and `write`
            without one ends it; `fail` for what computes, and may fail.
        input: the input through which the element is reached.
        which: its number among the parts that agree in all this; None for the first.
        element: flattened; None for the first and the last op of a kernel.
    """

    of: int
    phase: str
    element: int | None = None
    input: int | None = None
    which: int | None = None


@dataclass(slots=True)
class SplitGraph:
    """A graph in which some kernels are taken apart.

    Attributes:
        parts: node -> what part of a kernel it is.
        locks: node -> what it locks.
        kernels: node that a kernel was taken apart into -> the kernel's node.
        elements: cells that kernels look at element by element -> how many elements they have.
        skipped: kernels that were not taken apart, and why, a sentence each.
    """

    flat: FlatGraph
    parts: dict[int, Part]
    locks: dict[int, LockStep]
    kernels: dict[int, int] = field(default_factory=dict[int, int])
    elements: dict[CellKey, int] = field(default_factory=dict[CellKey, int])
    skipped: list[str] = field(default_factory=list[str])

    def original_name(self, name: str) -> str:
        """The name of the op that `name` is a part of, or is."""
        number = self.flat.index(name)
        kernel = None if number is None else self.kernels.get(number)
        return name if kernel is None else self.flat.nodes[kernel].name
