"""What a request says about a run, checked."""

from __future__ import annotations

from typing import Any, Protocol

from ...engine import Session
from ...engine.debugger import Run, StepInstance
from ...engine.errors import InvalidArgumentError, OpscopeError
from ...engine.executor.request import Request
from ...engine.executor.schedule import Replay
from ..feeds import feed_dtype, parse_feed
from ..protocol.wire import BadRequest
from .parts import op_node

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


def startable(run: Run, wanted: StepInstance) -> StepInstance:
    """What `run` executes where `wanted`, a node of its program, is picked as the next step.

    Raises:
        BadRequest: it cannot run now.
    """
    name = run.plan.flat.nodes[wanted.node].name
    following = run.next_instance
    if not run.request.parts or following is None:
        if wanted in run.ready:
            return wanted
        raise BadRequest(f"'{name}' is not ready to run at step {run.cursor}")
    node = op_node(run, following.node)
    if following._replace(node=node.index) == wanted:
        return following
    raise BadRequest(
        f"kernels overlap in this run, which follows the schedule of an outcome: '{node.name}' is "
        f"next, not '{name}'; restart the run to pick ops yourself"
    )


def schedule_after(run: Run) -> str:
    """The schedule of another run from `run`: its own; that of a replay leads nowhere else."""
    return "fifo" if isinstance(run.schedule, Replay) else run.schedule.name
