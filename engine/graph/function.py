"""Functions of a graph's library, in the form in which a GraphDef holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Argument:
    """One input or output of a function.

    Exactly one of `dtype`, `type_attr` and `type_list_attr` is set; `number_attr` makes it a
    list of that many tensors of one type.
    """

    name: str
    dtype: Any = None
    type_attr: str = ""
    number_attr: str = ""
    type_list_attr: str = ""
    is_ref: bool = False


@dataclass(frozen=True, slots=True)
class FunctionSignature:
    name: str
    inputs: Sequence[Argument]
    outputs: Sequence[Argument]
    control_outputs: Sequence[str] = ()
    attr_defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])
    is_stateful: bool = False


@dataclass(frozen=True, slots=True)
class FunctionNode:
    """A node of a function body.

    `inputs` are as the file writes them: `argument`, `node:output_argument:index` or `^node`.
    Attribute values may be `AttrPlaceholder`s, bound when the function is called.
    """

    name: str
    type: str
    inputs: Sequence[str]
    attrs: Mapping[str, Any]
    device: str = ""


@dataclass(frozen=True, slots=True)
class Function:
    """A named body that calls expand to.

    Attributes:
        returns: output argument name -> the body tensor that it returns, written as an input.
        control_returns: control output name -> the body node that the caller waits for.
    """

    signature: FunctionSignature
    nodes: Sequence[FunctionNode]
    returns: Mapping[str, str]
    control_returns: Mapping[str, str] = field(default_factory=dict[str, str])
    attrs: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def name(self) -> str:
        return self.signature.name
