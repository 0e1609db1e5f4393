"""TensorFlow itself loads the graphs that programs build here, and gets the same results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from describe import close, fresh, plain
from programs import PROGRAMS

import opscope.engine.tf as ours

tensorflow = pytest.importorskip("tensorflow")


@pytest.mark.parametrize("kind", ["ref", "resource"])
@pytest.mark.parametrize("build", PROGRAMS, ids=lambda build: build.__name__)
def test_tensorflow_runs_our_graph(build: Callable[[Any], Any], kind: str) -> None:
    theirs = tensorflow.compat.v1
    fresh(ours, kind == "resource")
    runs = build(ours)
    graph = ours.get_default_graph()
    graph_def = theirs.GraphDef.FromString(graph.as_graph_def().SerializeToString())
    session = ours.Session()
    with theirs.Graph().as_default() as imported, theirs.Session() as reference:
        theirs.import_graph_def(graph_def, name="")
        for fetches, feeds in runs:
            names = _names(graph, fetches)
            fed = {tensor.name: value for tensor, value in feeds.items()}
            assert close(plain(session.run(names, fed)), plain(reference.run(names, fed)))
        assert len(imported.get_operations()) == len(graph.get_operations())


def _names(graph: Any, fetches: Any) -> Any:
    if isinstance(fetches, (list, tuple)):
        return [_names(graph, item) for item in fetches]
    return graph.as_graph_element(fetches).name
