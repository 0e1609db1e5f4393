"""A loaded program: the graph, what it says about itself, and what its variables start with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from typing import Any, Literal

import numpy as np

from ..dtypes import DType
from ..errors import OpError
from ..executor.executor import Executor
from ..executor.expand import expand
from ..executor.flat import FlatGraph, variable_key
from ..formats.loader import LoadedFiles, open_program_files
from ..formats.metagraph import Signature
from ..graph import Graph, Shape
from ..memory import Array
from .session import Session

_ASSIGNMENTS = {"Assign", "AssignVariableOp"}
_NO_RESULTS = _ASSIGNMENTS | {
    "Const",
    "NoOp",
    "Placeholder",
    "ReadVariableOp",
    "RefSwitch",
    "RestoreV2",
    "SaveV2",
    "Switch",
    "VarHandleOp",
    "VarIsInitializedOp",
    "VariableV2",
}

_INVALID_REFERENCE = "Invalid variable reference."
"""What optimizers say of a resource variable without a value; they do not name it."""

_UNINITIALIZED = re.compile(
    r"use uninitialized value (\S+)"
    r"|Could not find variable (\S+)\. This could mean"
    r"|Resource [^/]*/(\S+)/N10tensorflow3VarE does not exist"
    r"|Could not find resource: [^/]*/([^\s)]+)"
)
"""What errors say of a reference variable, and of a resource variable, that has no value."""


@dataclass(frozen=True, slots=True)
class VariableInfo:
    """A variable that the graph declares."""

    node: int
    name: str
    kind: Literal["ref", "resource"]
    dtype: DType
    shape: Shape


@dataclass(frozen=True, slots=True)
class PlaceholderInfo:
    """A tensor that the caller is to feed."""

    node: int
    name: str
    dtype: DType
    shape: Shape


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something sensible to run.

    Attributes:
        feeds: the tensors that a signature's caller feeds, whether placeholders or not.
    """

    title: str
    fetches: tuple[str, ...]
    targets: tuple[str, ...]
    feeds: tuple[str, ...] = ()


@dataclass
class Program:
    """The graph with its function library, signatures, and initial variable values.

    Attributes:
        initial: values that a checkpoint gave, by node name of the variable.
        init_op: an operation that each new session runs, as the format asks for.
        assets: tensor that takes an asset's file name when `init_op` runs -> the name.
    """

    name: str
    graph: Graph
    signatures: Mapping[str, Signature] = field(default_factory=dict[str, Signature])
    collections: Mapping[str, Any] = field(default_factory=dict[str, Any])
    initial: Mapping[str, Array] = field(default_factory=dict[str, Array])
    init_op: str | None = None
    assets: Mapping[str, str] = field(default_factory=dict[str, str])

    @cached_property
    def flat(self) -> FlatGraph:
        """Every operation, with the bodies of function calls."""
        return expand(self.graph)

    def session(self) -> Session:
        """A session of its own, with the variables as the program was saved."""
        session = Session(self.flat, self.initial)
        if self.init_op is not None:
            known = {t: a for t, a in self.assets.items() if t.partition(":")[0] in self.graph}
            session.run([], known, targets=[self.init_op])
        return session

    @property
    def variables(self) -> list[VariableInfo]:
        """The variables of the graph, function bodies included."""
        found: list[VariableInfo] = []
        for node in self.flat.nodes:
            if node.type in ("VariableV2", "Variable", "VarHandleOp"):
                kind = "resource" if node.type == "VarHandleOp" else "ref"
                attrs = node.attrs
                found.append(
                    VariableInfo(node.index, node.name, kind, attrs["dtype"], attrs["shape"])
                )
        return found

    @property
    def placeholders(self) -> list[PlaceholderInfo]:
        """The placeholders of the graph."""
        return [
            PlaceholderInfo(op.index, op.name, node.attrs["dtype"], node.attrs["shape"])
            for op in self.graph
            if op.type in ("Placeholder", "PlaceholderV2")
            for node in (self.flat.nodes[op.index],)
        ]

    @property
    def initializers(self) -> list[str]:
        """Operations that initialise variables and do nothing else, the most complete first."""
        return list(self._initialized)

    def initializer_for(self, error: OpError) -> str | None:
        """The operation that initialises the variable which a run found uninitialised.

        None where `error` says something else, or nothing initialises that variable by itself.
        """
        names = self._without_value(error)
        keys = {node.name: key for node in self.flat.nodes if (key := variable_key(node))}
        meant = {key for node, key in keys.items() if names & {node, key.name}}
        for operation, variables in self._initialized.items():
            if any(keys.get(variable) in meant for variable in variables):
                return operation
        return None

    def _without_value(self, error: OpError) -> set[str]:
        """The names of the variables that `error` says are uninitialised."""
        if error.message == _INVALID_REFERENCE:
            index = None if error.op is None else self.flat.index(error.op)
            inputs = [] if index is None else self.flat.nodes[index].inputs
            return {self.flat.nodes[node].name for node, _ in inputs}
        said = _UNINITIALIZED.search(error.message)
        return set() if said is None else {said[said.lastindex or 0]}

    @cached_property
    def _initialized(self) -> dict[str, frozenset[str]]:
        """Initialiser -> the nodes of its variables, the most complete first."""
        reach: dict[int, frozenset[str]] = {}

        def initialised(index: int) -> frozenset[str]:
            if index not in reach:
                reach[index] = frozenset()  # ends the recursion in a cycle
                node = self.flat.nodes[index]
                if node.type in _ASSIGNMENTS and node.inputs:
                    reach[index] = frozenset([self.flat.nodes[node.inputs[0][0]].name])
                elif node.type == "NoOp" and not node.inputs and node.control_inputs:
                    parts = [initialised(i) for i in node.control_inputs]
                    if all(parts):
                        reach[index] = frozenset().union(*parts)
            return reach[index]

        restores = {op.index for op in self.graph if "restore" in op.name.lower()}
        found = {
            op.name: variables
            for op in self.graph
            if op.type == "NoOp" and op.control_inputs and op.index not in restores
            if (variables := initialised(op.index))
        }

        def rank(name: str) -> tuple[int, bool, str]:
            return -len(found[name]), "init" not in name.lower(), name

        return {name: found[name] for name in sorted(found, key=rank)}

    @property
    def suggestions(self) -> list[Suggestion]:
        """What a person might want to run first."""
        found: list[Suggestion] = []
        initializers = self.initializers
        if initializers and not self.initial:
            found.append(Suggestion("Initialize the variables", (), (initializers[0],)))
        for name, signature in self.signatures.items():
            outputs = tuple(info.name for info in signature.outputs.values() if info.name)
            if outputs and not name.startswith("__"):
                inputs = tuple(
                    tensor for info in signature.inputs.values() for tensor in info.tensors
                )
                found.append(Suggestion(f"Signature {name}", outputs, (), inputs))
        collected = [*self.collections.get("train_op", []), *self._training_ops()]
        trains = [str(op) for op in dict.fromkeys(collected)]
        losses = [op.name for op in self.graph if op.name.split("/")[-1] == "loss"]
        if trains:
            fetches = tuple(f"{name}:0" for name in losses[:1])
            found.append(Suggestion("Training step", fetches, (trains[0],)))
        if len(found) < 4:
            found += [
                Suggestion(f"Fetch {name}", (f"{name}:0",), ()) for name in self._results()[:3]
            ]
        return found

    def _training_ops(self) -> list[str]:
        names = {
            "train",
            "train_op",
            "train_step",
            "minimize",
            "Adam",
            "GradientDescent",
            "Momentum",
        }
        return [
            op.name
            for op in self.graph
            if op.name.split("/")[-1] in names
            and op.type in ("NoOp", "AssignAdd", "AssignAddVariableOp")
        ]

    def _results(self) -> list[str]:
        """Operations whose values nobody takes, the last first."""
        taken = {tensor.op.index for op in self.graph for tensor in op.inputs}
        taken |= {control.index for op in self.graph for control in op.control_inputs}
        return [
            op.name
            for op in reversed(self.graph.operations)
            if op.index not in taken
            and op.type not in _NO_RESULTS
            and not re.match(r"(.*/)?save(_\d+)?/", op.name)
            and self.flat.nodes[op.index].output_count
        ]

    @cached_property
    def unsupported(self) -> Counter[str]:
        """Op types that the engine cannot or will not execute, with how many nodes have them."""
        return Counter(
            node.type
            for node in self.flat.nodes
            if not node.is_call
            and (
                node.declaration is None
                or node.declaration.refused
                or not (node.declaration.kernel or node.declaration.control_flow)
            )
        )


def load(path: str | PathLike[str]) -> Program:
    """Open a saved graph: GraphDef, MetaGraphDef with its checkpoint, SavedModel folder or zip.

    The checkpoint is restored, as TensorFlow's loaders do; nothing else is executed.

    Raises:
        FormatError: the file is not one of these, or damaged; the message names it.
        GraphError: the graph is malformed.
    """
    files = open_program_files(path)
    meta = files.meta_graph
    program = Program(
        files.name,
        files.graph,
        meta.signatures if meta else {},
        meta.collections if meta else {},
        init_op=files.init_op,
        assets=meta.assets if meta else {},
    )
    if files.checkpoint is not None:
        program.initial = _restored(program, files)
    return program


def _restored(program: Program, files: LoadedFiles) -> Mapping[str, Array]:
    """The values that the checkpoint gives to the variables."""
    assert files.checkpoint is not None
    saver = files.meta_graph.saver if files.meta_graph else None
    if saver is None or program.graph.get(saver.restore_op) is None:
        names = set(files.checkpoint.names())
        return {
            variable.name: files.checkpoint.read(variable.name)
            for variable in program.variables
            if variable.name in names
        }
    session = Session(program.flat)
    session.memory.checkpoint = files.checkpoint
    request = session.request(
        [], {saver.filename_tensor: "checkpoint"}, [saver.restore_op], privileged=True
    )
    executor = Executor(request.plan, session.memory, request.feeds)
    with np.errstate(all="ignore"):
        executor.advance()
    if executor.error is not None:
        raise _as_load_error(files.name, executor.error)
    return session.memory.values()


def _as_load_error(name: str, error: OpError) -> OpError:
    return type(error)(f"the checkpoint of '{name}' cannot be restored: {error.message}", error.op)
