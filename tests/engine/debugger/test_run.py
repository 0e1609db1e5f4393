"""Stepping both ways, looking back, forking, failing."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from opscope.engine import Program, Session, dtypes, load
from opscope.engine.debugger import Run, StepInstance
from opscope.engine.errors import GraphError, InvalidArgumentError, OutOfRangeError
from opscope.engine.executor.expand import expand
from opscope.engine.graph import Graph

CASES = Path(__file__).parents[2] / "cases"


@pytest.fixture
def open_case(tmp_path: Path) -> Any:
    def opened(name: str, file: str = "graph.pb") -> Program:
        with zipfile.ZipFile(CASES / f"{name}.zip") as archive:
            archive.extractall(tmp_path / name)
        return load(tmp_path / name / file)

    return opened


def names(run: Run) -> list[str]:
    return [run.plan.flat.nodes[node].name for node in run.trace.nodes]


def test_variables_change_forwards_and_come_back(open_case: Any) -> None:
    session = open_case("article_mul_ref").session()
    session.run([], targets=["init"])
    run = session.debug("c:0")
    seen = []
    while not run.finished:
        seen.append(run.variables["a"].item())
        run.next()
    assert names(run) == ["a", "b", "b/read", "update", "read", "a_after", "c"]
    assert seen == [2, 2, 2, 2, 5, 5, 5]
    assert run.results() == 15
    for value in reversed(seen):
        run.step_back()
        assert run.variables["a"].item() == value
    assert run.cursor == 0
    run.step_back()
    assert run.cursor == 0
    run.resume()
    assert (run.cursor, run.results()) == (7, 15)


def test_an_alias_shows_what_the_buffer_held_at_the_cursor(open_case: Any) -> None:
    program = open_case("article_mul_ref")
    session = program.session()
    session.run([], targets=["init"])
    run = session.debug("c:0")
    run.resume()
    read = program.flat.index("b/read")
    alias = program.flat.index("read")
    shown = run.tensor(read)
    assert shown is not None
    assert shown.value == 3
    run.goto(5)
    shown = run.tensor(alias)
    assert shown is not None
    assert shown.value == 5
    assert run.tensor(program.flat.index("c")) is None


def test_a_read_knows_the_version_that_it_saw(open_case: Any) -> None:
    program = open_case("article_mul_ref")
    session = program.session()
    session.run([], targets=["init"])
    run = session.debug("c:0")
    run.resume()
    multiply = names(run).index("c")
    seen = {name: (version.step, version.value) for name, version in run.reads(multiply)}
    assert seen == {"a": (3, 5), "b": (-1, 3)}


def test_choosing_another_op_after_stepping_back_needs_a_fork(open_case: Any) -> None:
    program = open_case("article_mul_ref")
    session = program.session()
    session.run([], targets=["init"])
    run = session.debug(["update:0", "plain:0"], schedule="manual")
    plain = program.flat.index("plain")
    while run.next_instance is not None:
        run.next()
    assert run.results()[1] == 6 or run.results()[1] == 15
    first = run.results()[1].item()
    ready = [index for index in range(run.steps) if _is_ready(run, index, plain)]
    other = StepInstance(plain, 0, 0)
    step = next(i for i in ready if run.trace.nodes[i] != plain)
    run.goto(step)
    with pytest.raises(GraphError, match="fork"):
        run.next(other)
    fork = run.fork()
    assert fork.trace.nodes == run.trace.nodes[:step]
    fork.next(other)
    fork.resume()
    assert {first, fork.results()[1].item()} == {6, 15}
    fork.close()
    assert session.variables["a"] == 5


def _is_ready(run: Run, step: int, node: int) -> bool:
    run.goto(step)
    return any(instance.node == node for instance in run.ready)


def test_restart_begins_from_the_variables_of_the_start(open_case: Any) -> None:
    session = open_case("article_counter_ref", "graph.pbtxt").session()
    session.run([], targets=["init"])
    run = session.debug("step:0")
    run.resume()
    assert session.variables["v"] == 1
    again = run.restart()
    assert session.variables["v"] == 0
    again.resume()
    assert again.results() == 1


def test_loops_step_by_turn_and_activation(open_case: Any) -> None:
    program = open_case("while_updates_variable_v1")
    session = program.session()
    session.run([], targets=["init"])
    run = session.debug("i:0", {"n:0": 3})
    run.resume()
    turns = [
        iteration
        for name, iteration in zip(names(run), run.trace.iterations, strict=True)
        if name == "while/ResourceScatterAdd"
    ]
    assert turns == [0, 1, 2]
    assert [frame.name for frame in run.trace.opened] == ["", "while/while_context"]
    values = [run.versions("v", step + 1)[-1].value for step in run.trace.write_steps]
    assert len(values) == 3
    for step in range(run.steps, -1, -7):
        run.goto(step)
        assert all(run.plan.op(instance.node) for instance in run.ready)


def test_what_does_not_depend_on_a_failed_op_runs_and_stays(open_case: Any) -> None:
    session = open_case("variable_ops_ref").session()
    session.run([], targets=["init"])
    for _ in range(3):
        session.run("count0:0")
    run = session.debug(["count0:0"], targets=["strided"])
    run.resume()
    assert isinstance(run.error, OutOfRangeError)
    assert run.error.message == "Reached limit of 3"
    assert run.error.op == "CountUpTo"
    assert "strided" in names(run)
    assert "count0" not in names(run)
    with pytest.raises(OutOfRangeError):
        run.results()


def chain(length: int) -> Session:
    """x, -x, x, ...: each op gives an array of its own."""
    graph = Graph()
    attrs = {"dtype": dtypes.float32, "shape": None}
    last = graph.add("x", "Placeholder", attrs=attrs)
    for i in range(length):
        last = graph.add(f"neg{i}", "Neg", [last.output()], attrs={"T": dtypes.float32})
    return Session(expand(graph))


@pytest.mark.parametrize("stepped", [False, True])
def test_a_budget_forgets_the_oldest_tensors_and_says_so(stepped: bool) -> None:
    session, budget = chain(20), 50_000
    request = session.request("neg19:0", {"x:0": np.ones(2_500, np.float32)})
    run = Run(session.memory, request, "fifo", budget)
    while not run.finished:
        run.next() if stepped else run.advance(3)
    assert run.trace.bytes <= budget
    first, last = run.tensor(1), run.tensor(20)
    assert first is not None
    assert not first.kept
    assert last is not None
    assert last.kept
    np.testing.assert_array_equal(run.results(), np.ones(2_500, np.float32))


def test_steps_that_have_not_executed_cannot_be_gone_to(open_case: Any) -> None:
    run = chain(2).debug("neg1:0", {"x:0": 1.0})
    with pytest.raises(GraphError, match="step 5 has not executed"):
        run.goto(5)


def test_fetching_a_dead_tensor_fails_at_the_end(open_case: Any) -> None:
    session = open_case("switch_merge_raw", "graph.pbtxt").session()
    run = session.debug("on_true:0", {"x:0": [1.0], "p:0": False})
    run.resume()
    assert isinstance(run.error, InvalidArgumentError)
    with pytest.raises(InvalidArgumentError, match=r"Retval\[0\] does not have value"):
        run.results()
