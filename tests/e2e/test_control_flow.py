"""Function calls, loops and branches are stepped into like everything else."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from .conftest import Case
from .debugger_page import DebuggerPage


def test_a_call_is_stepped_into(debugger: DebuggerPage, case: Case) -> None:
    debugger.add(case("function_stateful_call") / "graph.pb")
    debugger.initialize()
    debugger.launch(["out:0"], feeds={"x": "2.0"})
    debugger.press("F10", times=5)
    debugger.expect_status("Paused before step 5 of 12: StatefulPartitionedCall/mul (Mul)")
    body_op = debugger.outline_item("StatefulPartitionedCall/mul")
    expect(body_op).to_have_attribute("data-state", "ready")
    debugger.press("F10")
    expect(body_op).to_have_attribute("data-state", "done")
    body_op.click()
    called = debugger.inspector.get_by_role("heading", name="Called from")
    expect(called).to_be_visible()
    expect(
        debugger.inspector.get_by_role("button", name="StatefulPartitionedCall", exact=True)
    ).to_be_visible()
    expect(debugger.inspector.get_by_text("call", exact=True)).to_be_visible()
    debugger.finish()
    debugger.expect_results({"out:0": "6.0"})
    debugger.variable("v", "Written by").get_by_role("button").click()
    debugger.expect_status(
        "Paused before step 6 of 12: StatefulPartitionedCall/AssignVariableOp (AssignVariableOp)"
    )


def test_a_loop_is_stepped_through_its_iterations(debugger: DebuggerPage, case: Case) -> None:
    debugger.add(case("while_updates_variable_v2") / "graph.pb")
    debugger.initialize()
    debugger.launch(["i:0"], feeds={"n": "3"})
    debugger.finish()
    debugger.expect_status("Finished: 130 steps")
    debugger.expect_results({"i:0": "[3]"})
    debugger.expect_variable("v", "[0.0 1.0 2.0 0.0]", previous="[0.0 1.0 0.0 0.0]")

    debugger.find("while/body/ResourceScatterAdd").click()
    executions = debugger.inspector.get_by_role("listitem").filter(has_text="iteration")
    expect(executions).to_have_count(3)
    expect(debugger.inspector.get_by_text("While", exact=True)).to_be_visible()
    debugger.inspector.get_by_role("button", name="step 73").click()
    debugger.expect_status(re.compile("^Paused before step 73: while/body/ResourceScatterAdd "))
    debugger.expect_variable("v", "[0.0 0.0 0.0 0.0]")
    debugger.press("F10")
    debugger.expect_variable("v", "[0.0 1.0 0.0 0.0]")


def test_the_branch_that_is_not_taken_is_dead(debugger: DebuggerPage, case: Case) -> None:
    debugger.add(case("cond_side_effects_v2") / "graph.pb")
    debugger.initialize()
    for taken, other, feed in (("then", "else", "true"), ("else", "then", "false")):
        debugger.launch(["result:0"], feeds={"p": feed})
        debugger.finish()
        for branch, state in ((taken, "done"), (other, "dead")):
            item = debugger.find(f"cond/{branch}/Read/ReadVariableOp")
            expect(item).to_have_attribute("data-state", state)


def test_a_dead_op_is_no_longer_dead_before_the_end(debugger: DebuggerPage, case: Case) -> None:
    debugger.add(case("switch_merge_raw") / "graph.pbtxt")
    debugger.launch(["merge:0"], feeds={"p": "true"})
    debugger.finish()
    debugger.expect_states(switch="done", on_true="done", on_false="dead", merge="done")
    debugger.press("Shift+F10")
    debugger.expect_status("Paused before step 2: merge (Merge)")
    debugger.expect_states(on_true="done", on_false="idle", merge="ready")
