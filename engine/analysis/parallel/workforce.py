"""Where the parts of a divided search run: processes of this machine, or a Dask cluster."""

from __future__ import annotations

import ctypes
import multiprocessing
import sys
from collections.abc import Callable
from concurrent.futures import (
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from multiprocessing import forkserver
from multiprocessing.context import BaseContext
from multiprocessing.sharedctypes import RawValue
from typing import Any, Protocol

from ...errors import OpscopeError
from . import worker

_CONNECT_SECONDS = 10.0
"""How long the scheduler of a cluster may take to answer."""


class ClusterError(OpscopeError):
    """A cluster that cannot be used."""


class Workforce(Protocol):
    """Workers behind the standard executor interface.

    Attributes:
        count: how many tasks are worked on at a time.
        lost: what a future raises if its worker died, and no fault of the task is known.
    """

    count: int
    lost: tuple[type[BaseException], ...]

    def start(self) -> Future[None]:
        """Begin to start the workers; the future is done when the first is there."""
        ...

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Have a worker make the call; workers that died are replaced.

        Raises what is in `lost` where that cannot be.
        """
        ...

    def ask_back(self, asked: bool) -> None:
        """Have tasks end early from now on, or not any more, where workers can be told."""
        ...

    def close(self) -> None:
        """Let the workers go."""
        ...


class Processes:
    """Processes of this machine, started when they are first needed.

    A process that has imported what they need is started at once where the system has such: they
    are forked from it, and it stays for the next search.
    """

    lost: tuple[type[BaseException], ...] = (BrokenExecutor,)

    def __init__(self, count: int) -> None:
        self.count = count
        self._context = _context()
        self._pool: ProcessPoolExecutor | None = None
        self._started: Future[None] | None = None
        # Without a lock, which a process that is killed could keep.
        self._asked = RawValue(ctypes.c_bool, False)

    def start(self) -> Future[None]:
        # A process to fork from keeps whoever asks it waiting until it has imported all.
        thread = ThreadPoolExecutor(1, "start")
        self._started = thread.submit(lambda: self.submit(do_nothing).result())
        thread.shutdown(wait=False)
        return self._started

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Future[Any]:
        if self._pool is not None:
            try:
                return self._pool.submit(call, *arguments)
            except BrokenExecutor:
                self._end()  # A pool ends with the first of its processes that dies.
        self._pool = ProcessPoolExecutor(self.count, self._context, worker.prepare, (self._asked,))
        return self._pool.submit(call, *arguments)

    def ask_back(self, asked: bool) -> None:
        self._asked.value = asked

    def close(self) -> None:
        if self._started is not None:
            wait([self._started])
        self._end()

    def _end(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


class DaskCluster:
    """The workers of a Dask cluster.

    Args:
        address: of its scheduler, such as `tcp://10.0.0.5:8786`.

    Raises:
        ClusterError: the cluster does not answer, or has no workers, or the package `distributed`
            is not installed.
    """

    def __init__(self, address: str) -> None:
        try:
            import distributed
        except ImportError:
            raise ClusterError(
                "a search on a Dask cluster needs the package `distributed`: "
                "pip install opscope[cluster]"
            ) from None
        try:
            self._client: Any = distributed.Client(
                address, timeout=_CONNECT_SECONDS, set_as_default=False
            )
        except (OSError, ValueError) as error:
            raise ClusterError(f"no Dask cluster answers at {address}: {error}") from error
        self.count = sum(self._client.nthreads().values())
        if not self.count:
            self._client.close()
            raise ClusterError(f"the Dask cluster at {address} has no workers")
        self.lost: tuple[type[BaseException], ...] = (
            distributed.KilledWorker,
            CancelledError,
            OSError,
        )
        self._executor: Executor = self._client.get_executor()

    def start(self) -> Future[None]:
        return self.submit(do_nothing)

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Future[Any]:
        return self._executor.submit(call, *arguments)

    def ask_back(self, asked: bool) -> None:
        """They end when their time is up."""

    def close(self) -> None:
        self._executor.shutdown(wait=False)
        self._client.close()


def _context() -> BaseContext:
    """How processes start: never as a fork of this one, whose threads may hold locks."""
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([worker.__name__])
    forkserver.ensure_running()
    return context


def do_nothing() -> None:
    """A task that only brings the processes up."""
