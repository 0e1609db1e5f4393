"""Every kernel against what TensorFlow computed from the same inputs."""

from __future__ import annotations

from typing import Any

import pytest
from checking import check, recorded
from op_cases import FAMILIES, Case, load

from opscope.engine.ops import all_ops

_TESTED_WITH_GRAPHS = (
    "Assign",
    "Const",
    "Control",
    "DeepCopy",
    "EmptyTensorList",
    "Identity",
    "Print",
    "Queue",
    "Ref",
    "Stack",
    "TensorArray",
    "TensorList",
)
"""Beginnings of op types that need a session, or values that no single op can be given."""


def _table() -> list[Any]:
    return [
        pytest.param(case, results.get(number, {}), id=f"{family}-{number}-{case.op}")
        for family in FAMILIES
        for results in [recorded(family)]
        for number, case in enumerate(load(family))
    ]


@pytest.mark.parametrize(("case", "wanted"), _table())
def test_kernel_gives_what_tensorflow_gives(case: Case, wanted: dict[str, Any]) -> None:
    check(case, wanted)


STATE_OPS_ARE_TESTED_ELSEWHERE = {
    "state_ref",
    "state_resource",
    "state_sparse",
    "control_flow",
    "basic",
    "checkpoint",
    "functions",
}
"""Modules of declarations that have tests of their own."""


def test_every_kernel_has_a_case() -> None:
    tested = {case.op for family in FAMILIES for case in load(family)}
    missing = [
        declaration.type
        for declaration in all_ops()
        if declaration.kernel is not None
        and declaration.type not in tested
        and not declaration.type.startswith(_TESTED_WITH_GRAPHS)
        and declaration.kernel.__module__.rpartition(".")[2] not in STATE_OPS_ARE_TESTED_ELSEWHERE
    ]
    assert not missing
