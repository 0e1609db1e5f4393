"""What part of a run a search is about, in words that every machine of the run understands."""

from __future__ import annotations

from dataclasses import dataclass

from .influence import VariableKey


@dataclass(frozen=True, slots=True)
class Region:
    """The part of a run that one group of races decides.

    Attributes:
        ops: the bits of the ops that are executed; None for all.
        varying: the ops whose inputs differ between schedules.
        cells: the variables that do.
        fetches: the positions of the fetches that are observed.
        variables: the variables that are.
        is_partial: whether the rest of the run is left out, which is no error then.
    """

    ops: int | None
    varying: tuple[int, ...]
    cells: tuple[VariableKey, ...]
    fetches: tuple[int, ...]
    variables: tuple[VariableKey, ...]
    is_partial: bool = False
