"""What both directions of converting variables share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...graph import Graph, Operation, Tensor

VARIABLES = ("VariableV2", "Variable", "VarHandleOp")


@dataclass(frozen=True, slots=True)
class Conversion:
    """A converted graph.

    Attributes:
        renamed: tensor or operation of the original -> what stands for it now, where that has
            another name.
    """

    graph: Graph
    renamed: Mapping[str, str]

    def name(self, name: str) -> str:
        """What to fetch, feed or run in place of `name`."""
        return self.renamed.get(name, name)


def unused(graph: Graph, name: str) -> str:
    """`name`, with a number behind it if the graph has that name already."""
    found, count = name, 0
    while found in graph:
        count += 1
        found = f"{name}_{count}"
    return found


def constant(tensor: Tensor) -> Any:
    """The number that `tensor` holds, None if it is no constant scalar."""
    if tensor.op.type != "Const":
        return None
    value = np.asarray(tensor.op.attrs["value"])
    return value.item() if value.ndim == 0 else None


def control_dependencies(graph: Graph) -> list[list[Operation]]:
    """Op -> the control dependencies under which it was built, as far as the graph tells.

    TensorFlow leaves them out of an op that takes an input which was built under the same ones,
    most often a constant: what lies between the two in the order of building lies in one block.
    """
    found: list[list[Operation]] = []
    for op in graph:
        own = dict.fromkeys(op.control_inputs)
        for tensor in op.inputs:
            start = tensor.op.index
            inherited = found[start] if start < op.index else []
            if inherited and all(
                set(inherited) <= set(found[between]) for between in range(start, op.index)
            ):
                own.update(dict.fromkeys(inherited))
        found.append(list(own))
    return found
