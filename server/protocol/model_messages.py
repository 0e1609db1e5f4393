"""The same run under reference variables and under resource variables."""

from __future__ import annotations

from dataclasses import dataclass

from .declare import event, request
from .outcome_types import AgreedValue
from .requests import Nothing
from .types import ErrorBody


@request("compareModels", Nothing)
@dataclass(frozen=True, kw_only=True)
class CompareModels:
    """Compare the run whose outcomes are known with the same under the other kind of variables; the
    event `models` tells.
    """


@dataclass(frozen=True, kw_only=True)
class OutcomePart:
    """An outcome, or what one of its independent groups says; in the program's own names."""

    values: list[AgreedValue]
    error: ErrorBody | None


@dataclass(frozen=True, kw_only=True)
class ModelComparison:
    """What the two kinds of variables let a run give.

    Attributes:
        only_reference, only_resource, both: outcomes that only one of them has, or both; at most
            50 each.
        why: what makes the two differ, a sentence each; empty where they do not.
        complete: whether both searches were.
    """

    only_reference: list[OutcomePart]
    only_resource: list[OutcomePart]
    both: list[OutcomePart]
    why: list[str]
    complete: bool


@event("models")
@dataclass(frozen=True, kw_only=True)
class ModelsCompared:
    """The comparison that was asked for, or why there is none."""

    comparison: ModelComparison | None
    error: ErrorBody | None
