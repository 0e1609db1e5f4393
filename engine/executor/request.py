"""One `Session.run`, checked: what is to be executed, and how its results go back to the caller."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from .plan import Plan
from .straightline import StraightProgram


class Fetch(NamedTuple):
    """A leaf: a tensor's name, or the name of an operation that is only to run."""

    name: str
    is_operation: bool


class KernelPart(NamedTuple):
    """What a node stands for, in a plan that takes kernels apart.

    Attributes:
        kernel: the node of the op whose kernel it is a part of.
        does: the part's doing, as it follows the op's name: `reads v[1]`.
        place: which of the kernel's parts it is.
    """

    kernel: int
    does: str
    place: Literal["first", "inner", "last"]


Rebuild = Callable[[Mapping[Fetch, Any]], Any]


@dataclass(slots=True)
class Request:
    """One `Session.run`, checked and ready to execute.

    Attributes:
        leaves: what is fetched, each once.
        tensors: the fetched tensors that the plan computes, in its order.
        feeds: a value per feed of the plan.
        given: fed tensor -> what the caller passed, for tensors that are fed and fetched.
        parts: node -> the part of a kernel that it is, where the plan takes kernels apart.
    """

    plan: Plan
    program: StraightProgram | None
    leaves: list[Fetch]
    rebuild: Rebuild
    tensors: list[str]
    feeds: list[Any]
    feed_names: list[str]
    targets: list[str]
    given: dict[str, Any]
    parts: Mapping[int, KernelPart] = field(default_factory=dict[int, KernelPart])

    def op_name(self, node: str | None) -> str | None:
        """The op that the node named `node` is, or is a part of."""
        number = None if node is None else self.plan.flat.index(node)
        part = None if number is None else self.parts.get(number)
        return node if part is None else self.plan.flat.nodes[part.kernel].name

    def restore(self, values: list[Any]) -> Any:
        """The structure of the fetches with `values`, one per fetched tensor, in it."""
        by_name = dict(zip(self.tensors, values, strict=True))
        by_name.update(self.given)
        return self.rebuild(
            {leaf: None if leaf.is_operation else by_name[leaf.name] for leaf in self.leaves}
        )
