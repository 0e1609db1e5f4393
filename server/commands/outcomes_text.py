"""The outcomes of a run as text: how many, what differs, the races that decide, what fixes them."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence

from ...engine import Program
from ...engine.analysis import Analysis, Group, Race
from ...engine.errors import OpError
from ..protocol.outcome_types import AgreedValue, Holds, OutcomeRow, OutcomeValue
from ..worker.outcome_set import GroupTable
from .request import sentence

_GROUPS, _ROWS, _COLUMNS, _RACES, _AGREED = 20, 30, 12, 10, 20
"""How much of each is shown; --json has everything."""

_GAP = "  "
_NOTHING = "-"
"""Where a failed run fetches nothing, or a run has no error."""

_WITHOUT_VALUE = {"fetch": "done", "ref": "uninitialised", "resource": "uninitialised"}
"""What null stands for: a fetched operation has run, a variable has no value."""


def as_text(name: str, program: Program, analysis: Analysis, width: int, repair: str = "") -> str:
    """The whole answer, in lines of at most about `width`.

    Args:
        name: of the program.
        program: what would run.
        analysis: its outcomes.
        width: in characters.
        repair: what leaves it one result, in a sentence; empty where that is not known.
    """
    return "\n".join(_Text(program, analysis, width, repair).lines(name))


class _Text:
    def __init__(self, program: Program, analysis: Analysis, width: int, repair: str) -> None:
        self.program = program
        self.analysis = analysis
        self.repair = repair
        self.width = width
        self.varying = [group for group in analysis.groups if len(group.outcomes) > 1]
        self.fixed = [group for group in analysis.groups if len(group.outcomes) <= 1]

    def lines(self, name: str) -> Iterator[str]:
        yield from self.wrapped(f"{name}: {self.headline()}")
        for number, group in enumerate(self.varying[:_GROUPS], 1):
            yield ""
            if len(self.varying) > 1:
                yield f"Group {number}: {len(group.outcomes):,} results"
            yield from self.group(group)
        if len(self.varying) > _GROUPS:
            yield from ("", f"And {len(self.varying) - _GROUPS:,} more groups; --json has them.")
        if self.repair:
            yield ""
            yield from self.wrapped(self.repair)
        yield from self.the_same()
        yield from self.harmless()
        closing = [*self.analysis.notes, *self.completeness()]
        if closing:
            yield ""
        for text in closing:
            yield from self.wrapped(text)

    # The whole

    def headline(self) -> str:
        analysis = self.analysis
        count = analysis.count
        if count == 0:
            return "no result was found before the search ended."
        least = "" if analysis.complete else "at least "
        if count == 1:
            return f"{least}1 result{', in every order.' if analysis.complete else '.'}"
        sizes = [len(group.outcomes) for group in self.varying]
        if len(sizes) == 1:
            return f"{least}{count:,} results, depending on the order of operations."
        return (
            f"{least}{_product(sizes)} results, depending on the order of operations, in "
            f"{len(sizes)} independent groups."
        )

    def completeness(self) -> list[str]:
        analysis = self.analysis
        effort = analysis.effort
        schedules = f"{effort.executions:,} schedule{'' if effort.executions == 1 else 's'}"
        cost = f"looked at {schedules} in {effort.seconds:.2f} s"
        if analysis.complete:
            return [f"Complete: no other result is possible ({cost})."]
        unexplored = " ".join(analysis.unexplored)
        return [
            f"Not complete: the search ended before every order was covered ({cost}). "
            f"{unexplored or 'Give it more time with --budget.'}"
        ]

    def the_same(self) -> Iterator[str]:
        """What no order changes."""
        for group in self.fixed:
            for outcome in group.outcomes:
                if outcome.error is not None:
                    yield ""
                    yield from self.wrapped(f"It fails in every order: {sentence(outcome.error)}")
        agreed = [
            value
            for group in self.fixed
            for value in GroupTable(group, self.analysis.kinds).agreed
            if not (_failed(group) and value.holds == "fetch")
        ]
        if not agreed:
            return
        if self.varying:
            yield ""
            yield from self.wrapped(self.agreed(agreed))
            return
        yield ""
        rows = [[_titled(value.name, value.holds), _said(value)] for value in agreed[:_AGREED]]
        yield from _table(rows)
        if len(agreed) > _AGREED:
            yield f"  and {len(agreed) - _AGREED:,} more"

    def agreed(self, values: Sequence[AgreedValue]) -> str:
        """What is the same in all that was found."""
        said = [
            f"{_titled(value.name, value.holds)} = {_said(value)}" for value in values[:_AGREED]
        ]
        if len(values) > _AGREED:
            said.append(f"{len(values) - _AGREED:,} more")
        how = "Always the same" if self.analysis.complete else "The same in all that was found"
        return f"{how}: {', '.join(said)}."

    def harmless(self) -> Iterator[str]:
        """Races that decide nothing, in one line."""
        deciding = {number for group in self.varying for number in group.races}
        rest = [race for number, race in enumerate(self.analysis.races) if number not in deciding]
        if rest:
            pairs = [f"{r.first.name} and {r.second.name} on {r.variable}" for r in rest[:3]]
            if len(rest) > len(pairs):
                pairs.append(f"{len(rest) - len(pairs):,} more")
            yield ""
            yield from self.wrapped(f"Not ordered, with the same result: {'; '.join(pairs)}.")

    # A group

    def group(self, group: Group) -> Iterator[str]:
        yield from self.outcomes(group)
        numbers = group.races
        for number in numbers[:_RACES]:
            yield ""
            yield from self.race(self.analysis.races[number])
        if len(numbers) > _RACES:
            yield from ("", f"  And {len(numbers) - _RACES:,} more races; --json has them.")

    def outcomes(self, group: Group) -> Iterator[str]:
        table = GroupTable(group, self.analysis.kinds)
        errors = [outcome.error for outcome in group.outcomes]
        same_error = len({_short(error) for error in errors}) == 1
        titles = [_titled(column.name, column.holds) for column in table.columns]
        kinds: list[Holds] = [column.holds for column in table.columns]
        rows, ambiguous = _cells(table.rows(self.program, 0, _ROWS), kinds)
        if not same_error:
            titles.append("error")
            for row, error in zip(rows, errors, strict=False):
                row.append(_short(error))
        numbered = [["", *titles], *([str(n), *row] for n, row in enumerate(rows, 1))]
        if sum(max(map(len, column)) + 2 for column in zip(*numbered, strict=True)) <= self.width:
            yield from _table(numbered)
        else:
            yield from self.blocks(titles, rows)
        if len(group.outcomes) > _ROWS:
            yield f"  and {len(group.outcomes) - _ROWS:,} more; --json has them"
        if ambiguous:
            yield "  (#1, #2, …: values that differ where the line leaves elements out)"
        texts = dict.fromkeys(sentence(error) for error in errors if error is not None)
        always = bool(errors) and all(error is not None for error in errors)
        if always and len(texts) > 1:
            yield f"  It fails in every order, in one of {len(texts):,} ways:"
        for text in texts:
            alone = always and len(texts) == 1
            yield from self.wrapped(f"It fails in every order: {text}" if alone else text, "  ")
        agreed = [v for v in table.agreed if not (_failed(group) and v.holds == "fetch")]
        if agreed:
            yield from self.wrapped(self.agreed(agreed), "  ")

    def blocks(self, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
        """Outcomes one below the other, where a table would be too wide."""
        for number, row in enumerate(rows, 1):
            shown = list(zip(titles, row, strict=True))[:_COLUMNS]
            yield from _table([["" if i else str(number), *pair] for i, pair in enumerate(shown)])
            if len(row) > _COLUMNS:
                yield f"  and {len(row) - _COLUMNS:,} more that differ"

    def race(self, race: Race) -> Iterator[str]:
        yield from self.wrapped(f"Race on {race.variable}: {race.why}", "  ")
        if race.tearing:
            more = "; --level split shows what that adds" if self.analysis.level == "atomic" else ""
            text = f"Tearable: where the kernels overlap, {race.tearing}{more}."
            yield from self.wrapped(text, "    ")
        if race.fix:
            yield from self.wrapped(f"Fix: {race.fix}.", "    ")

    def wrapped(self, text: str, indent: str = "") -> list[str]:
        return textwrap.wrap(
            text,
            self.width,
            initial_indent=indent,
            subsequent_indent=indent + _GAP,
            break_long_words=False,
            break_on_hyphens=False,
        )


def _product(sizes: Sequence[int]) -> str:
    """`2 x 2 x 3 = 12`, with powers where there are many."""
    total = math.prod(sizes)
    whole = f"{total:,}" if total < 10**15 else f"about 10^{math.log10(total):.0f}"
    if len(sizes) <= 6:
        return f"{' x '.join(map(str, sizes))} = {whole}"
    powers = [(size, sizes.count(size)) for size in sorted(set(sizes))]
    factors = [f"{size}^{times}" if times > 1 else str(size) for size, times in powers]
    return f"{' x '.join(factors)} = {whole}"


def _titled(name: str, holds: Holds) -> str:
    return name if holds == "fetch" else f"{name} ({holds})"


def _said(value: AgreedValue) -> str:
    return _WITHOUT_VALUE[value.holds] if value.value is None else value.value.text


def _failed(group: Group) -> bool:
    return all(outcome.error is not None for outcome in group.outcomes)


def _short(error: OpError | None) -> str:
    if error is None:
        return _NOTHING
    return type(error).__name__ + (f" at {error.op}" if error.op else "")


def _cells(rows: Sequence[OutcomeRow], kinds: Sequence[Holds]) -> tuple[list[list[str]], bool]:
    """The texts of `rows`; values with equal texts are numbered, and then it says so.

    `kinds` says what each column holds.
    """
    cells = [
        [
            _cell(value, holds, failed=row.error is not None)
            for value, holds in zip(row.values, kinds, strict=True)
        ]
        for row in rows
    ]
    meant: dict[tuple[int, str], set[int]] = {}
    for row, texts in zip(rows, cells, strict=True):
        for column, (value, text) in enumerate(zip(row.values, texts, strict=True)):
            meant.setdefault((column, text), set()).add(value.variant)
    ambiguous = False
    for row, texts in zip(rows, cells, strict=True):
        for column, value in enumerate(row.values):
            if len(meant[column, texts[column]]) > 1:
                texts[column] += f" #{value.variant + 1}"
                ambiguous = True
    return cells, ambiguous


def _cell(value: OutcomeValue, holds: Holds, *, failed: bool) -> str:
    if value.value is not None:
        return value.value.text
    return _NOTHING if failed and holds == "fetch" else _WITHOUT_VALUE[holds]


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows in columns that line up."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        yield (_GAP + _GAP.join(cells)).rstrip()
