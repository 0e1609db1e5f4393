"""The table of variables where two nodes declare one variable."""

from __future__ import annotations

import pytest

from opscope.engine.dtypes import float32
from opscope.engine.graph import Graph
from opscope.engine.session import Program
from opscope.server.worker.rows import VariableRows


@pytest.fixture
def program():
    """`a` and `b` are one variable; `set` writes it through `a`."""
    graph = Graph()
    attrs = {"dtype": float32, "shape": (), "shared_name": b"one"}
    nodes = {name: graph.add(name, "VariableV2", attrs=attrs).output() for name in "ab"}
    value = {"dtype": float32, "value": float32.numpy.type(2)}
    two = graph.add("two", "Const", attrs=value).output()
    graph.add("set", "Assign", [nodes["a"], two], attrs={"T": float32})
    return Program("shared", graph)


def test_a_write_changes_every_row_of_the_variable(program):
    session = program.session()
    session.assign("b", 1.0)
    rows = VariableRows(program, session, told=True)
    run = session.debug("set:0")
    assert rows.show(run, 1) == []
    run.resume()
    changed = {row.name: row for row in rows.move(run.steps)}
    assert changed.keys() == {"a", "b"}
    for row in changed.values():
        assert (row.value.text, row.previous.text) == ("2.0", "1.0")
        assert row.writer.op == "set"
    assert {row.name for row in rows.move(0)} == {"a", "b"}
