"""Going on by itself: at full speed or paced, in slices between which requests are answered."""

from __future__ import annotations

from time import perf_counter

from ...engine.debugger import Run

SLICE_SECONDS = 0.008
"""How long the engine may run before the worker looks for requests."""

FRAME_SECONDS = 0.016
"""How often, at most, the page is told what happened."""

_MOST_STEPS = 1_000_000


class Driver:
    """Drives one run from `start` to `stop`; its owner calls `advance` when `due()` is over."""

    def __init__(self) -> None:
        self.speed: float | None = None
        self._run: Run | None = None
        self._since = 0.0
        self._done = 0
        self._told = 0.0

    @property
    def active(self) -> bool:
        return self._run is not None

    def start(self, run: Run, speed: float | None) -> None:
        """Run on at `speed` steps a second; None is as fast as it goes."""
        self._run = run
        self.speed = speed
        self._since = perf_counter()
        self._done = 0

    def stop(self) -> None:
        self._run = None

    def due(self) -> float | None:
        """Seconds until there is something to do; None while nothing runs."""
        if self._run is None:
            return None
        if self.speed is None:
            return 0.0
        next_step = self._since + (self._done + 1) / self.speed
        return max(0.0, max(next_step, self._told + FRAME_SECONDS) - perf_counter())

    def advance(self) -> None:
        """Execute what is due. Steps that were executed before are only passed."""
        run = self._run
        if run is None:
            return
        deadline = perf_counter() + SLICE_SECONDS
        if self.speed is None:
            run.advance(_MOST_STEPS, deadline)
            return
        while not is_over(run) and self._done < (perf_counter() - self._since) * self.speed:
            run.next()
            self._done += 1
            if perf_counter() > deadline:
                break

    def should_tell(self) -> bool:
        """Whether a frame has passed since this last said yes."""
        now = perf_counter()
        if now - self._told < FRAME_SECONDS:
            return False
        self._told = now
        return True


def is_over(run: Run) -> bool:
    """Whether the cursor is at the end of a run that can go no further."""
    return run.cursor >= run.steps and run.finished
