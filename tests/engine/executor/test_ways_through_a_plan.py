"""However a plan is executed, the same happens: at once, recorded, stepped, undone and redone."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from opscope.engine import dtypes
from opscope.engine.debugger.follower import Follower
from opscope.engine.executor.executor import Executor
from opscope.engine.executor.expand import expand
from opscope.engine.executor.schedule import make_schedule
from opscope.engine.graph import Graph, Operation, Tensor
from opscope.engine.memory import UndoLog
from opscope.engine.session import Session

FLOAT = {"T": dtypes.float32}


class Program(Graph):
    """A graph that a failing example prints in full."""

    def __repr__(self) -> str:
        return describe(self)


class Builder:
    """Small graphs over a reference variable `v` and a resource variable `w`."""

    def __init__(self) -> None:
        self.graph = Program()
        self.v = self.add("v", "VariableV2", [], {"dtype": dtypes.float32, "shape": (2,)})
        self.w = self.add("w", "VarHandleOp", [], {"dtype": dtypes.float32, "shape": (2,)})
        self.values: list[Tensor] = [self.constant([1.0, 2.0])]
        self.ops: list[Operation] = []

    def add(
        self,
        name: str,
        type: str,
        inputs: list[Tensor],
        attrs: dict[str, Any],
        control: list[Operation] | None = None,
    ) -> Operation:
        return self.graph.add(name, type, inputs, control or [], attrs)

    def constant(self, value: list[float]) -> Tensor:
        array = np.array(value, np.float32)
        name = f"const{len(self.graph)}"
        return self.add(name, "Const", [], {"dtype": dtypes.float32, "value": array}).output()

    def grow(self, kind: str, pick: int, control: list[Operation]) -> None:
        name = f"{kind}{len(self.graph)}"
        x = self.values[pick % len(self.values)]
        y = self.values[(pick // 7) % len(self.values)]
        v, w = self.v.output(), self.w.output()
        match kind:
            case "Identity":
                op = self.add(name, "Identity", [v], FLOAT, control)
            case "ReadVariableOp":
                op = self.add(name, kind, [w], {"dtype": dtypes.float32}, control)
            case "AssignAdd" | "Assign":
                op = self.add(name, kind, [v, x], FLOAT, control)
            case "AssignAddVariableOp" | "AssignVariableOp":
                op = self.add(name, kind, [w, x], {"dtype": dtypes.float32}, control)
            case _:
                op = self.add(name, kind, [x, y], FLOAT, control)
        self.ops.append(op)
        if kind not in ("AssignAddVariableOp", "AssignVariableOp"):
            self.values.append(op.output())


KINDS = ["Identity", "ReadVariableOp", "AssignAdd", "Assign", "AssignAddVariableOp",
         "AssignVariableOp", "AddV2", "Mul", "Sub"]  # fmt: skip


@st.composite
def programs(draw: st.DrawFn) -> Graph:
    """Random graphs of variable reads, writes and arithmetic, with random control edges."""
    builder = Builder()
    for _ in range(draw(st.integers(2, 9))):
        kind = draw(st.sampled_from(KINDS))
        control = draw(st.lists(st.sampled_from(builder.ops), max_size=2)) if builder.ops else []
        builder.grow(kind, draw(st.integers(0, 99)), control)
    return builder.graph


def new_session(graph: Graph) -> Session:
    start = {"v": np.array([3.0, 4.0], np.float32), "w": np.array([5.0, 6.0], np.float32)}
    return Session(expand(graph), start)


def everything(graph: Graph) -> tuple[list[str], list[str]]:
    """All tensors to fetch, all operations to run."""
    skip = ("VarHandleOp", "AssignAddVariableOp", "AssignVariableOp")
    fetches = [f"{op.name}:0" for op in graph if op.type not in skip]
    return fetches, [op.name for op in graph if op.type in skip[1:]]


def describe(graph: Graph) -> str:
    """The graph in lines, for a failing example."""
    lines: list[str] = []
    for op in graph:
        inputs, after = [t.name for t in op.inputs], [c.name for c in op.control_inputs]
        lines.append(f"{op.name} = {op.type}({inputs}, after {after})")
    return "\n".join(lines)


def same(a: Any, b: Any) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


@settings(max_examples=150, deadline=None)
@given(programs())
def test_at_once_recorded_and_stepped_give_the_same(graph: Graph) -> None:
    fetches, targets = everything(graph)
    plain, recorded, stepped = (new_session(graph) for _ in range(3))
    at_once = plain.run(fetches, targets=targets)
    run = recorded.debug(fetches, targets=targets)
    run.resume()
    steps = stepped.debug(fetches, targets=targets)
    while not steps.finished:
        steps.next()
    assert same(at_once, run.results())
    assert same(at_once, steps.results())
    assert run.trace.nodes == steps.trace.nodes
    assert run.trace.flags == steps.trace.flags
    assert run.trace.write_steps == steps.trace.write_steps
    written = [[(name, number) for name, number, *_ in r.trace.writes] for r in (run, steps)]
    assert written[0] == written[1]
    for session in (recorded, stepped):
        assert session.variables.keys() == plain.variables.keys()
        assert same(session.variables.values(), plain.variables.values())


@settings(max_examples=80, deadline=None)
@given(programs(), st.integers(0, 10_000), st.data())
def test_undo_restores_the_state_and_redo_repeats_it(
    graph: Graph, seed: int, data: st.DataObject
) -> None:
    fetches, targets = everything(graph)
    session = new_session(graph)
    request = session.request(fetches, None, targets)
    undo = UndoLog()
    executor = Executor(
        request.plan, session.memory, request.feeds, make_schedule(f"random:{seed}"), undo=undo
    )

    def state() -> tuple[list[str], list[list[float]]]:
        ready = [instance.op.node.name for instance in executor.ready]
        return ready, [value.tolist() for value in session.memory.values().values()]

    states, marks = [state()], [undo.mark()]
    while not executor.finished:
        executor.step()
        states.append(state())
        marks.append(undo.mark())
    back_to = data.draw(st.integers(0, executor.steps))
    first = executor.results()
    undo.rewind(marks[back_to])
    assert executor.steps == back_to
    assert state() == states[back_to]
    while not executor.finished:
        executor.step()
    assert state() == states[-1]
    assert same(first, executor.results())


@settings(max_examples=80, deadline=None)
@given(programs(), st.integers(0, 10_000))
def test_a_recorded_order_replays_to_the_same_result(graph: Graph, seed: int) -> None:
    fetches, targets = everything(graph)
    first = new_session(graph)
    run = first.debug(fetches, targets=targets, schedule=f"random:{seed}")
    run.resume()
    names = [run.plan.flat.nodes[node].name for node in run.trace.nodes]
    second = new_session(graph)
    again = second.run(fetches, targets=targets, schedule=names)
    assert same(run.results(), again)
    assert same(first.variables.values(), second.variables.values())


@settings(max_examples=60, deadline=None)
@given(programs(), st.integers(0, 10_000), st.lists(st.integers(0, 40), max_size=12))
def test_the_follower_knows_what_was_ready_at_every_step(
    graph: Graph, seed: int, jumps: list[int]
) -> None:
    fetches, targets = everything(graph)
    run = new_session(graph).debug(fetches, targets=targets, schedule=f"random:{seed}")
    ready = [run.ready]
    while not run.finished:
        run.next()
        ready.append(run.ready)
    follower = Follower(run.plan, run.trace, run.request.feeds)
    for jump in jumps:
        step = jump % (run.steps + 1)
        found = [i.op.node.index for i in follower.move(step).ready]
        assert found == [instance.node for instance in ready[step]]


@settings(max_examples=60, deadline=None)
@given(programs(), st.lists(st.integers(0, 40), max_size=8))
def test_variables_at_the_cursor_are_what_they_were(graph: Graph, jumps: list[int]) -> None:
    fetches, targets = everything(graph)
    session = new_session(graph)
    run = session.debug(fetches, targets=targets)
    seen = [{name: value.tolist() for name, value in session.variables.items()}]
    while not run.finished:
        run.next()
        seen.append({name: value.tolist() for name, value in session.variables.items()})
    for jump in jumps:
        run.goto(jump % (run.steps + 1))
        assert {k: v.tolist() for k, v in run.variables.items()} == seen[run.cursor]
