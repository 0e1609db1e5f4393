"""What a race may do where TensorFlow runs both kernels at the same time, in words."""

from __future__ import annotations

from dataclasses import dataclass

from .consequence import listed
from .results import Reach


@dataclass(frozen=True, slots=True)
class Party:
    """One op of a race.

    Attributes:
        name: of the op, with its type.
        again: whether one execution of it looks at the variable more than once.
        further: whether it does more than that with variables that are raced on.
    """

    name: str
    reads: bool
    writes: bool
    again: bool
    further: bool = False


def tearing(variable: str, elements: int, first: Party, second: Party, reach: Reach) -> str:
    """What the overlapping kernels of `first` and `second` may leave behind, in a clause.

    Empty where this race alone gives nothing that it does not give with whole kernels, one after
    the other.

    Args:
        variable: its name.
        elements: how many elements it has.
        first: one of the two; for turns of one loop both are the same.
        second: the other.
        reach: what the race can change.
    """
    if first.writes and second.writes:
        return _two_writers(variable, elements, first, second)
    writer, reader = (first, second) if first.writes else (second, first)
    seen = [*reach.fetches, *(f"the final value of {name}" for name in reach.variables)]
    shown = f"; it shows in {listed(seen)}" if seen else ""
    if elements > 1:
        return (
            f"{reader.name} may take some elements of {variable} from before {writer.name} has "
            f"written them and others from after that{shown}"
        )
    if reader.again:
        return (
            f"{reader.name}, which reads {variable} more than once, may find the old value first "
            f"and then the new one{shown}"
        )
    if reader.further:
        return (
            f"{reader.name} may read {variable} before {writer.name} writes it, and do the rest of "
            f"its work after that{shown}"
        )
    return ""


def _two_writers(variable: str, elements: int, first: Party, second: Party) -> str:
    which = f"some elements of {variable}" if elements > 1 else variable
    if first.reads and second.reads:
        by = "one turn's" if first == second else f"that of {first.name} or of {second.name}"
        return f"each may read {which} before the other has written, and {by} update is lost"
    if first.reads or second.reads:
        updater, setter = (first, second) if first.reads else (second, first)
        return (
            f"{updater.name} may read {which} before {setter.name} writes and write after it: what "
            f"{setter.name} wrote is lost"
        )
    if elements > 1:
        by = "several turns" if first == second else f"{first.name} and others of {second.name}"
        return f"{variable} may end with some elements of {by}"
    return ""
