"""Variable rows at the cursor, and which of them changed since they were last sent."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

from ...engine import Program, Session
from ...engine.debugger import Run
from ..graph_json import dtype_text, shape_json
from ..protocol.types import VariableRow, Writer
from ..texts import curve_number, tensor_text
from .parts import op_node

HISTORY = 64


class VariableRows:
    """The table of variables of one session.

    A run knows the versions of its own time; what a variable was before, and who had written it,
    is the row that the run before left (`begin`).

    Args:
        told: whether the page has the rows of `session` as it is now. It has not where the session
            comes back after the death of its worker: then the first `show` tells them all.
    """

    def __init__(self, program: Program, session: Session, *, told: bool) -> None:
        self._program = program
        self._before = {row.name: row for row in self._loaded(session)}
        self._shown = dict(self._before) if told else {}
        self._run: tuple[Run, int] | None = None
        self._step = 0
        self._numbers: dict[tuple[str, int], float | None] = {}

    def begin(self, run: Run | None, number: int) -> None:
        """A new run begins: rows now stand on what `run`, the one before (`number`), left."""
        if run is not None:
            self._before = {row.name: row for row in self.at(run, number, run.steps)}

    def show(self, run: Run, number: int) -> list[VariableRow]:
        """Turn to another run, at its cursor: the rows that differ from those shown before."""
        old, self._shown = self._shown, {}
        self._run, self._step = (run, number), run.cursor
        self._numbers.clear()
        for row in self.at(run, number, run.cursor):
            self._shown[row.name] = row
        return [row for name, row in self._shown.items() if old.get(name) != row]

    def move(self, step: int) -> list[VariableRow]:
        """Go to before step `step` of the run that is shown: the rows written in between."""
        assert self._run is not None
        run, number = self._run
        low, high = sorted((self._step, step))
        self._step = step
        steps = run.trace.write_steps
        written = slice(bisect_left(steps, low), bisect_left(steps, high))
        records = dict.fromkeys(name for name, *_ in run.trace.writes[written])
        names = [name for record in records for name in run.nodes_of(record)]
        rows = [self._row(run, number, name, step) for name in names if name in self._before]
        self._shown.update((row.name, row) for row in rows)
        return rows

    def at(self, run: Run | None, number: int, step: int) -> list[VariableRow]:
        """Every row before step `step` of run `number`."""
        if run is None:
            return list(self._before.values())
        return [self._row(run, number, name, step) for name in self._before]

    def _row(self, run: Run, number: int, name: str, step: int) -> VariableRow:
        before = self._before[name]
        written = [v for v in run.versions(name, step, last=HISTORY) if v.step >= 0]
        if not written:
            return before
        last = written[-1]
        previous = before.value if len(written) == 1 else self._text(written[-2].value)
        recent = [self._number(name, v.step, v.value) for v in written[-HISTORY:]]
        return VariableRow(
            name=name,
            kind=before.kind,
            dtype=before.dtype,
            shape=before.shape,
            value=self._text(last.value),
            previous=previous,
            version=last.number,
            writer=Writer(run=number, step=last.step, op=op_node(run, last.node).name),
            history=[*before.history, *recent][-HISTORY:],
        )

    def _number(self, name: str, step: int, value: Any) -> float | None:
        if value is None:
            return None
        key = (name, step)
        if key not in self._numbers:
            self._numbers[key] = curve_number(value)
        return self._numbers[key]

    @staticmethod
    def _text(value: Any) -> Any:
        return None if value is None else tensor_text(value)

    def _loaded(self, session: Session) -> list[VariableRow]:
        values = session.variables
        return [
            VariableRow(
                name=variable.name,
                kind=variable.kind,
                dtype=dtype_text(variable.dtype),
                shape=shape_json(variable.shape),
                value=self._text(values.get(variable.name)),
                previous=None,
                version=0,
                writer=None,
                history=[curve_number(values[variable.name])] if variable.name in values else [],
            )
            for variable in self._program.variables
        ]
