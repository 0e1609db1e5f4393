"""The record of one run, kept in columns while it executes."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from time import perf_counter_ns
from typing import Any, Final, NamedTuple

import numpy as np

from ..memory import Alias, Array, Buffer, ResourceVariable, Write

FAILED = 1
"""Flag: the kernel raised."""
WROTE = 2
"""Flag: the step wrote a variable."""
TOOK_TRUE = 4
"""Flag: a Switch sent its data to its last output."""


class _NotKept:
    __slots__ = ()

    def __repr__(self) -> str:
        return "NOT_KEPT"


NOT_KEPT: Final = _NotKept()
"""Stands in a trace for a tensor that the memory budget did not allow to keep."""


class FrameOpened(NamedTuple):
    """One activation of a loop: its number, the loop's name, the activation and turn around it."""

    id: int
    name: str
    parent: int
    parent_iteration: int


class WriteAt(NamedTuple):
    """A write of a variable.

    Attributes:
        step: the step that did it.
        number: how many writes of this variable there were in the session up to it.
        value: None where it left the variable uninitialised, an alias of an adopted buffer.
        cell: the buffer or resource variable that holds the value.
    """

    step: int
    number: int
    value: Array | Alias | None
    cell: Buffer | ResourceVariable


class Trace:
    """Steps of one run, numbered from 0.

    Attributes:
        nodes: per step the index of the flat node that executed.
        frames, iterations: per step the loop activation and its turn.
        starts: per step when it began, in ns of `perf_counter_ns`; `zero` is when the run began.
        durations: per step how long it took, in ns; -1 where the next step began as it ended.
        flags: per step a sum of `FAILED`, `WROTE`, `TOOK_TRUE`.
        outputs: per step what the op gave: one token per output.
        writes: every write of a variable, in order.
        write_steps: per write the step that did it.
        opened: the loop activations, by number; the root is number 0.
        bytes: how much the tensors in `outputs` take, as of the last `keep_within`.
    """

    def __init__(self) -> None:
        self.nodes: list[int] = []
        self.frames: list[int] = []
        self.iterations: list[int] = []
        self.zero = perf_counter_ns()
        self.starts: list[int] = []
        self.durations: list[int] = []
        self.flags: list[int] = []
        self.outputs: list[Any] = []
        self.writes: list[Write] = []
        self.write_steps: list[int] = []
        self.opened: list[FrameOpened] = [FrameOpened(0, "", -1, 0)]
        self._indexed = 0
        self._steps_of: defaultdict[int, list[int]] = defaultdict(list)
        self._writes_indexed = 0
        self._writes_of: defaultdict[str, list[WriteAt]] = defaultdict(list)
        self.bytes = 0
        self._measured = 0
        self._dropped = 0
        self._kept: dict[int, int] = {}

    @property
    def count(self) -> int:
        """How many steps there are."""
        return len(self.nodes)

    def append(
        self,
        node: int,
        frame: int,
        iteration: int,
        start: int,
        duration: int,
        flags: int,
        outputs: Any,
    ) -> None:
        """Add a step."""
        self.nodes.append(node)
        self.frames.append(frame)
        self.iterations.append(iteration)
        self.starts.append(start)
        self.durations.append(duration)
        self.flags.append(flags)
        self.outputs.append(outputs)

    def columns(self, first: int, count: int) -> bytes:
        """Steps `first` to `first + count - 1` as little-endian columns, one after another.

        start (int64, ns since the run began), duration (uint32, ns), node (uint32), frame
        (uint32), iteration (uint32), flags (uint32).
        """
        part = slice(first, first + count)
        limit = 2**32 - 1
        starts = np.array(self.starts[first : first + count + 1], np.int64)
        durations = np.array(self.durations[part], np.int64)
        count = len(durations)
        gaps = np.diff(starts)[:count]
        durations[: len(gaps)] = np.where(durations[: len(gaps)] < 0, gaps, durations[: len(gaps)])
        return b"".join(
            (
                (starts[:count] - self.zero).astype("<i8").tobytes(),
                np.minimum(durations, limit).astype("<u4").tobytes(),
                np.array(self.nodes[part], "<u4").tobytes(),
                np.array(self.frames[part], "<u4").tobytes(),
                np.array(self.iterations[part], "<u4").tobytes(),
                np.array(self.flags[part], "<u4").tobytes(),
            )
        )

    def steps_of(self, node: int) -> list[int]:
        """The steps that executed `node`, ascending."""
        for step in range(self._indexed, self.count):
            self._steps_of[self.nodes[step]].append(step)
        self._indexed = self.count
        return self._steps_of[node]

    def last_step_of(self, node: int, before: int) -> int | None:
        """The latest step below `before` that executed `node`."""
        steps = self.steps_of(node)
        position = bisect_left(steps, before)
        return steps[position - 1] if position else None

    def writes_of(self, variable: str, before: int, last: int | None = None) -> list[WriteAt]:
        """The (latest `last`) writes of `variable` in steps below `before`, oldest first."""
        for position in range(self._writes_indexed, len(self.writes)):
            name, number, value, cell = self.writes[position]
            write = WriteAt(self.write_steps[position], number, value, cell)
            self._writes_of[name].append(write)
        self._writes_indexed = len(self.writes)
        writes = self._writes_of[variable]
        end = bisect_left(writes, before, key=lambda write: write.step)
        return writes[0 if last is None else max(0, end - last) : end]

    def value_at(self, token: Any, before: int, initial: Any) -> Any:
        """What `token` shows before step `before`.

        An alias shows what its buffer held then; `initial` maps the id of a buffer to what it held
        when the run began.
        """
        if not isinstance(token, Alias):
            return token
        array: Any = initial.get(id(token.buffer))
        for write in reversed(self.writes_of(token.buffer.variable, before)):
            if write.cell is token.buffer:
                array = write.value
                break
        if array is None:
            return NOT_KEPT
        then = np.asarray(array).reshape(token.shape)
        for view in token.views:
            then = view(then)
        return then

    def keep_within(self, budget: int) -> None:
        """Forget tensors, those of the oldest steps first, until the rest fits into `budget` bytes.

        What steps gave may share memory with variables' versions, which are always kept.
        """
        for outputs in self.outputs[self._measured :]:
            for token in outputs:
                if isinstance(token, np.ndarray) and id(token) not in self._kept:
                    self._kept[id(token)] = token.nbytes
                    self.bytes += token.nbytes
        self._measured = self.count
        while self.bytes > budget and self._dropped < self.count:
            outputs: list[Any] = self.outputs[self._dropped]
            for position, token in enumerate(outputs):
                if isinstance(token, np.ndarray):
                    self.bytes -= self._kept.pop(id(token), 0)
                    outputs[position] = NOT_KEPT
            self._dropped += 1
