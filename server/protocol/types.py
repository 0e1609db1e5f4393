"""The parts that several messages share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

RunState = Literal["paused", "running", "finished", "failed", "terminated"]
"""`paused`: at a step, more to run. `finished` and `failed`: everything has run, the trace can be
travelled. `terminated`: stopped by the user or with its worker."""


@dataclass(frozen=True, kw_only=True)
class ErrorBody:
    """What went wrong, in a sentence for a person.

    Attributes:
        code: TensorFlow's error class (`InvalidArgumentError`), or one of ours: `BadRequest`,
            `NotFound`, `WorkerDied`.
        message: one sentence.
        op: the operation at fault.
        detail: what a page can act on: `{"initializer": name}` where running that op would help.
    """

    code: str
    message: str
    op: str | None = None
    detail: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class TensorText:
    """A tensor in a line.

    Attributes:
        shape: lengths; empty for a scalar.
        text: the value, NumPy style, shortened to some 80 characters: `1.0`, `[0.1 0.2 ... 3.0]`.
        number: the value of a numeric scalar, for curves; non-finite numbers are null.
    """

    dtype: str
    shape: list[int]
    text: str
    number: float | None = None


@dataclass(frozen=True, kw_only=True)
class Writer:
    """The write that a version came from: a step of a run; a negative step is the state that the
    program was loaded with.
    """

    run: int
    step: int
    op: str


@dataclass(frozen=True, kw_only=True)
class VariableRow:
    """One variable as it is at the cursor.

    Attributes:
        name: the name of its `VariableV2` or `VarHandleOp` node.
        kind: which memory model it follows.
        value: null while uninitialised.
        previous: the value before the last write; null if there was none.
        version: how often it was written in this session; 0 is never.
        history: the numbers of its latest versions for a sparkline (a scalar's value, else the
            mean), oldest first, at most 64.
    """

    name: str
    kind: Literal["ref", "resource"]
    dtype: str
    shape: list[int | None] | None
    value: TensorText | None
    previous: TensorText | None
    version: int
    writer: Writer | None
    history: list[float | None]


@dataclass(frozen=True, kw_only=True)
class OpInstance:
    """A node in one frame and iteration: what a step executes.

    Attributes:
        op: the node's index in the program's graph, function bodies included.
        name: full name; body ops of functions are prefixed with the names of their call sites.
        part: what a step of it does that is a part of its kernel, as it follows the op's name:
            `reads v[1]`. Null for a whole kernel.
        frame: number of the frame instance, 0 for the root.
    """

    op: int
    name: str
    type: str
    part: str | None = None
    frame: int = 0
    iteration: int = 0


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One activation of a loop."""

    id: int
    name: str
    parent: int
    parent_iteration: int


@dataclass(frozen=True, kw_only=True)
class PlanTable:
    """Which nodes a run executes.

    Attributes:
        nodes: little-endian uint32: the indices of its nodes, ascending.
    """

    nodes: bytes


@dataclass(frozen=True, kw_only=True)
class FeedText:
    name: str
    value: TensorText


@dataclass(frozen=True, kw_only=True)
class Result:
    """A fetch and what it gave; null for an operation."""

    name: str
    value: TensorText | None


@dataclass(frozen=True, kw_only=True)
class RunInfo:
    """One `Session.run`.

    Attributes:
        id: number of the run in its session, from 1.
        cursor: the step before which the session stands; what the page shows.
        steps: steps executed so far.
        total: how many steps there will be, where the plan has no control flow.
        results: after the run has finished.
    """

    id: int
    fetches: list[str]
    targets: list[str]
    feeds: list[FeedText]
    schedule: str
    state: RunState
    cursor: int
    steps: int
    total: int | None
    results: list[Result] | None
    error: ErrorBody | None
