"""Timing that survives a noisy machine: what is compared runs in turn, in one process."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from time import perf_counter

CASES = Path(__file__).parents[1] / "cases"


def in_turn(
    contenders: Mapping[str, Callable[[], object]], *, rounds: int, warm_up: int
) -> dict[str, float]:
    """The median seconds of a call of each contender; they are called in turn, A B C A B C ..."""
    for call in contenders.values():
        for _ in range(warm_up):
            call()
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, call in contenders.items():
            start = perf_counter()
            call()
            times[name].append(perf_counter() - start)
    return {name: median(seconds) for name, seconds in times.items()}


def unpack(case: str, into: Path) -> Path:
    """The folder with the files of a case."""
    folder = into / case
    with zipfile.ZipFile(CASES / f"{case}.zip") as archive:
        archive.extractall(folder)
    return folder


def row(what: str, value: str, target: str) -> None:
    """Print one line of the report."""
    print(f"  {what:<66} {value:>24}   {target}", flush=True)
