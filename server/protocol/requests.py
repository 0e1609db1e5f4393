"""What the page asks. Requests of one session are handled one after another, in the order sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .declare import request
from .outcome_types import OutcomesState, SearchProgress
from .types import FeedText, Frame, OpInstance, PlanTable, RunInfo, VariableRow


@dataclass(frozen=True, kw_only=True)
class Nothing:
    """No more than that it was done."""


@dataclass(frozen=True, kw_only=True)
class InitializeResponse:
    """What this server is and can."""

    protocol: int
    version: str
    capabilities: list[str]


@request("initialize", InitializeResponse)
@dataclass(frozen=True, kw_only=True)
class Initialize:
    """The first request of a connection.

    Attributes:
        bundles: whether the events of a step and the answer after them may come in one write. Not
            for a client that handles each frame in a thread of its own: they would overtake.
    """

    protocol: int
    bundles: bool = False


@dataclass(frozen=True, kw_only=True)
class AttachResponse:
    """Where the session stands.

    Attributes:
        resumed: true if the events after `seq` follow one by one; then nothing else is set.
        seq: number of the session's latest event that this answer includes.
        program: id of the program, for `/api/programs/<id>/graph`.
        alive: false if the worker has died; `restart` starts a new one.
        ready: as in `stopped`.
        outcomes: what is known of the outcomes of its run.
        search: the search for outcomes that is under way.
    """

    resumed: bool
    seq: int
    program: str = ""
    name: str = ""
    alive: bool = True
    run: RunInfo | None = None
    plan: PlanTable | None = None
    next: OpInstance | None = None
    ready: bytes = b""
    variables: list[VariableRow] = field(default_factory=list[VariableRow])
    outcomes: OutcomesState | None = None
    search: SearchProgress | None = None


@request("attach", AttachResponse)
@dataclass(frozen=True, kw_only=True)
class Attach:
    """Join a session. `seq` is the last event seen, 0 for none."""

    session: str
    seq: int = 0


@dataclass(frozen=True, kw_only=True)
class FeedNeed:
    """A tensor that is to be fed.

    Attributes:
        name: its name, without `:0`.
        value: a value that fits, as text for the form.
    """

    name: str
    dtype: str
    shape: list[int | None] | None
    value: str


@dataclass(frozen=True, kw_only=True)
class PlanResponse:
    """What a run of these fetches and targets would need and do.

    Attributes:
        steps: how many steps; null where control flow decides.
        feeds: the placeholders that it needs, and those of the request's feeds that it uses.
        uninitialized: variables that it needs and that have no value yet.
        initializer: the op whose run would initialise them, if there is one.
        unsupported: `name (type)` of needed ops that the engine cannot run.
    """

    steps: int | None
    feeds: list[FeedNeed]
    uninitialized: list[str]
    initializer: str | None
    unsupported: list[str]


@request("plan", PlanResponse)
@dataclass(frozen=True, kw_only=True)
class Plan:
    """Ask before launching; runs nothing.

    Attributes:
        feeds: tensors that will be fed besides the placeholders; what only they would have needed
            is not needed.
    """

    fetches: list[str] = field(default_factory=list[str])
    targets: list[str] = field(default_factory=list[str])
    feeds: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, kw_only=True)
class LaunchResponse:
    run: RunInfo


@request("launch", LaunchResponse)
@dataclass(frozen=True, kw_only=True)
class Launch:
    """Begin a run; it stops at entry unless told otherwise.

    Attributes:
        feeds: tensor name -> text as typed (`[[1, 2], [3, 4]]`, `1.5`, `true`, `hello`,
            `zeros(2, 3)`, `ones(2, 3)`, `normal(2, 3)`), nested lists, or the bytes of a `.npy`
            file.
        schedule: `fifo`, `lifo`, `random:SEED` or `manual`.
        speed: ops a second after the start, where `stop_on_entry` is false; null is full speed.
    """

    fetches: list[str] = field(default_factory=list[str])
    targets: list[str] = field(default_factory=list[str])
    feeds: dict[str, Any] = field(default_factory=dict[str, Any])
    schedule: str = "fifo"
    stop_on_entry: bool = True
    speed: float | None = None


@request("continue", Nothing)
@dataclass(frozen=True, kw_only=True)
class Continue:
    """Run on from the cursor, at `speed` ops a second; while running it changes the speed."""

    speed: float | None = None


@request("pause", Nothing)
@dataclass(frozen=True, kw_only=True)
class Pause:
    """Stop before the next op."""


@request("next", Nothing)
@dataclass(frozen=True, kw_only=True)
class Next:
    """One step on. With `op` that ready op, in `frame` and `iteration`; stepping back and then
    choosing another op than before begins a new run that shares the steps up to there.
    """

    op: int | None = None
    frame: int = 0
    iteration: int = 0


@request("stepBack", Nothing)
@dataclass(frozen=True, kw_only=True)
class StepBack:
    """One step back."""


@request("goto", Nothing)
@dataclass(frozen=True, kw_only=True)
class Goto:
    """Move the cursor to before step `step` of those executed; nothing is executed."""

    step: int


@request("restart", LaunchResponse)
@dataclass(frozen=True, kw_only=True)
class Restart:
    """The same run again, from the variables as they were when it began; a new worker if the old
    one has died.

    Attributes:
        schedule: another schedule than before.
    """

    schedule: str | None = None


@request("terminate", Nothing)
@dataclass(frozen=True, kw_only=True)
class Terminate:
    """End the run where it is. What it wrote stays written."""


@dataclass(frozen=True, kw_only=True)
class StackFrame:
    """A call or loop around the next op, innermost first.

    Attributes:
        kind: `loop` for a loop's frame; for a call what kind of op it is: `call`, `if`, `case` or
            `while`.
    """

    name: str
    kind: str
    iteration: int | None = None


@dataclass(frozen=True, kw_only=True)
class StackTraceResponse:
    frames: list[StackFrame]


@request("stackTrace", StackTraceResponse)
@dataclass(frozen=True, kw_only=True)
class StackTrace:
    """The function calls and loops around an op; by default the next one."""

    op: int | None = None
    frame: int = 0
    iteration: int = 0


@dataclass(frozen=True, kw_only=True)
class VariablesResponse:
    rows: list[VariableRow]


@request("variables", VariablesResponse)
@dataclass(frozen=True, kw_only=True)
class Variables:
    """Every variable of the program at the cursor."""


@dataclass(frozen=True, kw_only=True)
class VersionSeen:
    """A variable that a step read: which version, and who had written it."""

    variable: str
    version: int
    writer_step: int | None
    writer_op: str | None


@dataclass(frozen=True, kw_only=True)
class TensorResponse:
    """A tensor's value.

    Attributes:
        step: the step that computed it; null if it has not been computed at the cursor.
        kept: false where the recording did not keep it.
        summary: min, max, mean, nan, inf, zeros, elements; empty for text.
        histogram: counts of 32 equal bins between min and max of the finite elements.
        text: the value printed by NumPy, shortened in the middle.
        data: the first 65,536 elements as little-endian bytes, for drawing; strings have none.
        reads: what the step read of variables.
    """

    step: int | None
    kept: bool
    dtype: str = ""
    shape: list[int] = field(default_factory=list[int])
    text: str = ""
    summary: dict[str, float | None] = field(default_factory=dict[str, float | None])
    histogram: list[int] = field(default_factory=list[int])
    data: bytes | None = None
    reads: list[VersionSeen] = field(default_factory=list[VersionSeen])


@request("tensor", TensorResponse)
@dataclass(frozen=True, kw_only=True)
class TensorOf:
    """Output `output` of node `op`, as last computed before the cursor."""

    op: int
    output: int = 0


@dataclass(frozen=True, kw_only=True)
class StepsResponse:
    """Columns as in the event `steps`; `count` may be less than asked."""

    first: int
    count: int
    frames: list[Frame]
    data: bytes


@request("steps", StepsResponse)
@dataclass(frozen=True, kw_only=True)
class StepsOf:
    """The steps executed so far, from `first`, at most 100,000 at a time."""

    run: int
    first: int = 0


@dataclass(frozen=True, kw_only=True)
class RunsResponse:
    runs: list[RunInfo]


@request("runs", RunsResponse)
@dataclass(frozen=True, kw_only=True)
class Runs:
    """Every run of the session, oldest first."""


__all__ = ["FeedText"]
