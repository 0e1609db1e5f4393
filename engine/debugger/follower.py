"""The executor's bookkeeping at any step of a recorded run, found without running a kernel."""

from __future__ import annotations

from typing import Any

from ..executor.executor import replay_step
from ..executor.plan import Plan
from ..executor.propagator import Propagator
from ..memory import UndoLog
from ..trace import Trace

_REACH = 4_096
"""Steps that can be taken back at once; going back further starts over from the beginning."""


class Follower:
    """A propagator that moves along a trace, both ways."""

    def __init__(self, plan: Plan, trace: Trace, feeds: list[Any]) -> None:
        self._plan = plan
        self._trace = trace
        self._feeds = feeds
        self._restart()

    def _restart(self) -> None:
        self.step = 0
        self.propagator = Propagator(self._plan)
        self.propagator.start(self._feeds)
        self._undo = UndoLog()
        self._marks: list[int] = []

    def move(self, step: int) -> Propagator:
        """The bookkeeping before step `step` of the trace."""
        if step < self.step - len(self._marks):
            self._restart()
        while self.step > step:
            self._undo.rewind(self._marks.pop())
            self.step -= 1
        if step - self.step > _REACH:
            # A long way: note changes only on its last part.
            self._undo, self._marks = UndoLog(), []
            self.propagator.undo = None
            while self.step < step - _REACH // 2:
                replay_step(self._plan, self.propagator, self._trace, self.step)
                self.step += 1
        self.propagator.undo = self._undo
        while self.step < step:
            self._marks.append(self._undo.mark())
            replay_step(self._plan, self.propagator, self._trace, self.step)
            self.step += 1
        return self.propagator
