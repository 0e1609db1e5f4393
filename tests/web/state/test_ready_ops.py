"""The ops that are ready, read from the bytes that the server sends."""

from __future__ import annotations

import struct

from .conftest import Evaluate


def test_nodes_and_the_first_instance_of_one(evaluate: Evaluate) -> None:
    numbers = list(struct.pack("<9i", 4, 0, 0, 7, 2, 5, 4, 1, 3))
    body = """
    const ready = new m.ReadyOps(new Uint8Array(numbers).buffer);
    return [[...ready.nodes], ready.find(7), ready.find(4), ready.find(5)];
    """
    nodes, seventh, fourth, none = evaluate("state/ready-ops.js", body, numbers=numbers)
    assert nodes == [4, 7, 4]
    assert seventh == {"op": 7, "frame": 2, "iteration": 5}
    assert fourth == {"op": 4, "frame": 0, "iteration": 0}
    assert none is None


def test_none_are_ready(evaluate: Evaluate) -> None:
    body = "const none = new m.ReadyOps(); return [none.nodes.length, none.find(0)]"
    assert evaluate("state/ready-ops.js", body) == [0, None]
