"""Dataflow graphs as data: operations, tensors, functions. Knows no format, executes nothing."""

from .attributes import AttrPlaceholder, FunctionRef, Shape, shape_text
from .function import Argument, Function, FunctionNode, FunctionSignature
from .graph import Graph, Operation, Tensor

__all__ = [
    "Argument",
    "AttrPlaceholder",
    "Function",
    "FunctionNode",
    "FunctionRef",
    "FunctionSignature",
    "Graph",
    "Operation",
    "Shape",
    "Tensor",
    "shape_text",
]
