"""A run as bytes, so that another process can search a part of its schedules."""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...dtypes import BY_ENUM, DType
from ...executor.executor import DEAD
from ...executor.expand import expand
from ...executor.kernels import OpView
from ...executor.plan import Plan, PlanOp
from ...executor.request import Request
from ...formats.graphdef import graph_from_def, graph_to_def, read_graph_def
from ...memory import Buffer, Memory
from ...ops.random import GENERATOR, draw_seed
from ...session import Session
from ..access import CellKey, Touch
from ..machine import Machine
from ..order import StaticOrder
from ..search import Budget
from ..split.overlap import taken_apart
from ..study import Study


class Unsendable(Exception):
    """Something in the session's memory exists in its process alone."""


@dataclass(frozen=True, slots=True)
class Job:
    """A run, and the state in which it starts.

    Attributes:
        graph: a serialized GraphDef.
        fetches, feeds, targets: as for `Session.request`.
        state: variables, resources and generators; at the level `split` also what tells how the
            kernels were taken apart.
    """

    graph: bytes
    fetches: tuple[str, ...]
    feeds: Mapping[str, Any]
    targets: tuple[str, ...]
    state: bytes

    @classmethod
    def of(
        cls,
        request: Request,
        memory: Memory,
        machine: Machine | None = None,
        kernels: Mapping[int, set[CellKey]] | None = None,
    ) -> Job:
        """The run of `request` from `memory`.

        Args:
            request: the run, its kernels whole.
            memory: the state; nodes without a seed get one, so that all processes draw the same.
            machine: at the level `split`, what `taken_apart` was given; it is where it started.
            kernels: the same.

        Raises:
            Unsendable: some of it cannot be written down.
        """
        for op in request.plan.ops:
            if op.declaration.effects == GENERATOR:
                draw_seed(memory, op.node.name)
        graph = request.plan.flat.graph
        try:
            return cls(
                graph_to_def(graph).SerializeToString(),
                tuple(request.tensors),
                dict(zip(request.feed_names, request.feeds, strict=True)),
                tuple(request.targets),
                _frozen(_State.of(memory, machine, kernels or {}), request.plan, memory),
            )
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            raise Unsendable(str(error)) from error

    def study(self, budget: Budget) -> Study:
        """The analysis of the run, where it has not begun."""
        session = Session(expand(graph_from_def(read_graph_def(self.graph))))
        request = session.request(list(self.fetches), self.feeds, self.targets)
        state = _thawed(self.state, request.plan, session.memory)
        state.put_into(session.memory)
        if not state.kernels:
            return Study(request, session.memory, budget)
        plan = request.plan
        machine = Machine(plan, session.memory, request.feeds, StaticOrder(plan))
        machine.tokens = state.tokens
        machine.touched = [{Touch(("record", key), True) for key in state.rebound}]
        machine.cells.buffers.update(state.buffers)
        finer, split = taken_apart(request, machine, state.kernels)
        machine.close()
        return Study(finer, session.memory, budget, split=split)


@dataclass(slots=True)
class _State:
    """What a memory holds, and what `taken_apart` looks at."""

    ref_variables: dict[Any, Any]
    resource_variables: dict[Any, Any]
    resources: dict[Any, Any]
    positions: dict[str, int]
    seeds: dict[str, tuple[int, int]]
    kernels: dict[int, set[CellKey]]
    tokens: dict[int, list[Any]]
    rebound: set[Any]
    buffers: dict[Buffer, CellKey]

    @classmethod
    def of(
        cls, memory: Memory, machine: Machine | None, kernels: Mapping[int, set[CellKey]]
    ) -> _State:
        touched = set[Touch]() if machine is None else set[Touch]().union(*machine.touched)
        return cls(
            memory.ref_variables,
            memory.resource_variables,
            memory.resources,
            memory.positions,
            memory.seeds,
            dict(kernels),
            {} if machine is None else machine.tokens,
            {cell[1] for cell, writes in touched if writes and cell[0] == "record"},
            {} if machine is None else machine.cells.buffers,
        )

    def put_into(self, memory: Memory) -> None:
        memory.ref_variables.update(self.ref_variables)
        memory.resource_variables.update(self.resource_variables)
        memory.resources.update(self.resources)
        memory.positions.update(self.positions)
        memory.seeds.update(self.seeds)


def _frozen(state: _State, plan: Plan, memory: Memory) -> bytes:
    written = io.BytesIO()
    _Freezer(written, plan, memory).dump(state)
    return written.getvalue()


def _thawed(data: bytes, plan: Plan, memory: Memory) -> _State:
    return _Thawer(io.BytesIO(data), plan, memory).load()


class _Freezer(pickle.Pickler):
    """Writes the memory and the plan's ops as names: the other process has its own."""

    def __init__(self, file: io.BytesIO, plan: Plan, memory: Memory) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._plan = plan
        self._memory = memory

    def persistent_id(self, obj: Any) -> Any:
        if obj is self._memory:
            return "memory"
        if obj is DEAD:
            return "dead"
        if isinstance(obj, PlanOp):
            ops = self._plan.ops
            if obj.id >= len(ops) or ops[obj.id] is not obj:
                raise pickle.PicklingError(f"'{obj.node.name}' belongs to an earlier run")
            return obj.id
        return None

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, DType):
            return _dtype, (obj.enum, obj.is_ref)
        if isinstance(obj, OpView):
            return OpView, (obj.op, obj.before, obj.after, obj.output)
        return NotImplemented


class _Thawer(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, plan: Plan, memory: Memory) -> None:
        super().__init__(file)
        self._plan = plan
        self._memory = memory

    def persistent_load(self, pid: Any) -> Any:
        if pid == "memory":
            return self._memory
        return DEAD if pid == "dead" else self._plan.ops[pid]


def _dtype(enum: int, is_ref: bool) -> DType:
    return BY_ENUM[enum].ref if is_ref else BY_ENUM[enum]
