"""Racy runs in TensorFlow itself: what it shows by chance, and what it gives when it is forced."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import Any

import tensorflow

from .keys import key
from .random_programs import RandomProgram

v1 = tensorflow.compat.v1


class TensorFlowProgram:
    """A random program in TensorFlow.

    Args:
        asked: the program.
        variables: the names of its variables' nodes.
        order: ops between which control edges are added, one after the other.
    """

    def __init__(
        self, asked: RandomProgram, variables: Sequence[str], order: Sequence[str] = ()
    ) -> None:
        self.asked = asked
        self.graph = v1.Graph()
        definition = v1.GraphDef.FromString(asked.graph.as_graph_def().SerializeToString())
        with self.graph.as_default():
            tensorflow.import_graph_def(definition, name="")
            self.reads = [self._read(name) for name in variables]
        for before, after in pairwise(order):
            operation = self.graph.get_operation_by_name(after)
            operation._add_control_input(self.graph.get_operation_by_name(before))

    def _read(self, name: str) -> Any:
        node = self.graph.get_operation_by_name(name)
        if node.type != "VarHandleOp":
            return node.outputs[0]
        dtype = tensorflow.as_dtype(node.get_attr("dtype"))
        return tensorflow.raw_ops.ReadVariableOp(resource=node.outputs[0], dtype=dtype)

    def results(self, count: int, *, threads: int, optimize: bool) -> set[Hashable]:
        """The results of `count` runs, each from the program's start."""
        found: set[Hashable] = set()
        options = v1.ConfigProto(inter_op_parallelism_threads=threads)
        rewriting = options.graph_options.rewrite_options
        rewriting.disable_meta_optimizer = not optimize
        for _ in range(count):
            # Variables come back to their start only in a new session if the run initialises them.
            with v1.Session(graph=self.graph, config=options) as session:
                if self.asked.initialized:
                    session.run(self.asked.initializer)
                found.add(self._result(session))
        return found

    def _result(self, session: Any) -> Hashable:
        errors = tensorflow.errors
        asked = self.asked
        fetches: list[Any] | None = None
        error = None
        try:
            fetches = session.run([asked.fetches, asked.targets])[0]
        except errors.OpError as failure:
            error = type(failure).__name__
        held: list[Any] = []
        for read in self.reads:
            try:
                held.append(session.run(read))
            except (errors.FailedPreconditionError, errors.NotFoundError):
                held.append(None)
        return key(fetches, held, error)
