"""What edges carry: values, aliases, references and handles."""

from __future__ import annotations

from pathlib import Path

import pytest

from opscope.engine import load
from opscope.server.carries import carried

PROGRAMS = Path(__file__).parents[2] / "server" / "gallery" / "programs"


@pytest.mark.parametrize(
    ("program", "op", "carries"),
    [
        ("product_ref", "a", "ref"),
        ("product_ref", "a/read", "alias"),
        ("product_ref", "add", "ref"),
        ("product_ref", "mul", "value"),
        ("product_resource", "a", "handle"),
        ("product_resource", "a/Read/ReadVariableOp", "value"),
        ("product_resource", "mul", "value"),
    ],
)
def test_an_output_carries(program, op, carries):
    loaded = load(PROGRAMS / f"{program}.pb")
    assert carried(loaded, loaded.flat.index(op), 0) == carries


def test_a_branch_passes_on_what_it_is_given():
    loaded = load(PROGRAMS / "conditional_state_ref.pb")
    switches = [node for node in loaded.flat.nodes if node.type in ("Switch", "RefSwitch")]
    assert switches
    for switch in switches:
        given = carried(loaded, *switch.inputs[0])
        assert carried(loaded, switch.index, 0) in (given, "alias")
