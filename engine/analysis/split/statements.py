"""What a training kernel is made of: statements, one after the other.

Each statement of TensorFlow's (Eigen's) runs over all elements of a row (in a dense kernel: of the
variable) before the next begins, and takes from memory what it needs, also what an earlier
statement has put there: another kernel may have changed it in between. Even what a statement names
twice is taken twice. Where a row has a single element, some sparse kernels have a form that keeps
all in registers and writes it back at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NamedTuple

Value = Callable[[SimpleNamespace], Any]
"""What an element becomes, of what was looked at."""


class Statement(NamedTuple):
    """One statement of a kernel: an element of one variable becomes something else.

    Attributes:
        writes: the variable, by the name of its input.
        reads: the inputs that it looks at; `accum_2` is a second look at `accum`.
        value: what the element becomes; its argument has each of `reads` as an attribute.
    """

    writes: str
    reads: Sequence[str]
    value: Value


@dataclass(frozen=True, slots=True)
class Optimizer:
    """What a training kernel does.

    Attributes:
        statements: in their order.
        at_once: the order in which a sparse kernel writes back what it has computed in registers,
            where a row has a single element; None if it has no such form.
        reread: scalars that a sparse kernel takes from memory in each statement; the others it
            takes once, before the first index.
        once: scalars that a dense kernel takes once; the others it takes in each statement.
    """

    statements: Sequence[Statement]
    at_once: Sequence[str] | None = None
    reread: frozenset[str] = frozenset()
    once: frozenset[str] = frozenset()

    def looks_again(self, scalar: str, *, sparse: bool) -> bool:
        """Whether the kernel may take `scalar`, an input, from memory more than once."""
        if sparse:
            return scalar in self.reread
        uses = sum(scalar in map(input_of, statement.reads) for statement in self.statements)
        return uses > 1 and scalar not in self.once


def input_of(name: str) -> str:
    """The input that `name`, as a statement has it, looks at."""
    base, _, number = name.rpartition("_")
    return base if number.isdecimal() else name


def run(statements: Sequence[Statement], values: Mapping[str, Any]) -> Mapping[str, Any]:
    """What everything is after `statements` if nobody interferes.

    Args:
        statements: what is computed.
        values: what each input holds, and what second looks give where they may differ.
    """
    held = dict(values)
    for statement in statements:
        seen = {n: held[n] if n in held else held[input_of(n)] for n in statement.reads}
        held[statement.writes] = statement.value(SimpleNamespace(**seen))
    return held
