"""What a request says about a run, checked."""

from __future__ import annotations

from typing import Any, Protocol

from ...engine import Session
from ...engine.debugger import Run
from ...engine.errors import InvalidArgumentError, OpscopeError
from ...engine.executor.request import Request
from ...engine.executor.schedule import Replay
from ..feeds import feed_dtype, parse_feed
from ..protocol.wire import BadRequest

_SCHEDULES = "fifo, lifo, manual or random:SEED"


class DescribesRun(Protocol):
    """A message that says what to run."""

    @property
    def fetches(self) -> list[str]: ...
    @property
    def targets(self) -> list[str]: ...
    @property
    def feeds(self) -> dict[str, Any]: ...


def checked_request(session: Session, body: DescribesRun) -> Request:
    """The run that a message describes.

    Raises:
        OpscopeError: it does not fit the graph.
    """
    feeds = {
        name: parse_feed(name, value, feed_dtype(session.flat, name))
        for name, value in body.feeds.items()
    }
    try:
        return session.request(body.fetches, feeds, body.targets)
    except (TypeError, ValueError) as error:  # as `Session.run` raises for what does not fit
        if isinstance(error, OpscopeError):
            raise
        raise InvalidArgumentError(str(error)) from None


def checked_schedule(schedule: str) -> str:
    """`schedule` itself.

    Raises:
        BadRequest: there is no such schedule.
    """
    kind, colon, seed = schedule.partition(":")
    if (kind in ("fifo", "lifo", "manual") and not colon) or (kind == "random" and seed.isdigit()):
        return schedule
    raise BadRequest(f"'{schedule}' is no schedule; expected {_SCHEDULES}")


def check_speed(speed: float | None) -> None:
    """Raises BadRequest if nothing can run at `speed` ops a second."""
    if speed is not None and speed <= 0:
        raise BadRequest(f"the speed must be more than 0 ops a second, not {speed}")


def schedule_after(run: Run) -> str:
    """The schedule of another run from `run`: its own; that of a replay leads nowhere else."""
    return "fifo" if isinstance(run.schedule, Replay) else run.schedule.name
