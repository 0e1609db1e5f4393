"""The examples that come with Opscope."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .debugger_page import DebuggerPage


def test_the_first_example_is_stepped_through(debugger: DebuggerPage) -> None:
    debugger.open_example("A counter")
    debugger.expect_status("Ready to run counter_ref")
    debugger.expect_variable("v", "uninitialized")
    debugger.initialize()
    debugger.expect_variable("v", "0.0", previous="")

    debugger.launch(["update:0", "v:0"])
    debugger.expect_status("Paused before step 0 of 3: v (VariableV2)")
    debugger.press("F10", times=2)
    debugger.expect_status("Paused before step 2 of 3: update (AssignAdd)")
    debugger.expect_states(v="done", update="ready")
    debugger.press("F10")
    debugger.expect_status("Finished: 3 steps")
    debugger.expect_states(update="done")
    debugger.expect_variable("v", "1.0", previous="0.0", written_by="step 2 update")
    debugger.expect_results({"update:0": "1.0", "v:0": "1.0"})


def test_a_run_is_started_with_the_pointer(debugger: DebuggerPage) -> None:
    """Also while the answer of what the run needs is on its way, which changes the dialog."""
    debugger.open_example("A branch that updates")
    debugger.initialize()
    for amount, balance in (("30", "70.0"), ("90", "70.0"), ("50", "20.0")):
        debugger.fill_run_dialog(["result:0"], feeds={"amount": amount})
        debugger.dialog.get_by_role("button", name="Start", exact=True).click()
        expect(debugger.dialog).to_be_hidden()
        debugger.expect_status(re.compile("^Paused before step 0: "))
        debugger.finish()
        debugger.expect_variable("balance", balance)


def test_a_puzzle_is_opened_with_its_runs(debugger: DebuggerPage) -> None:
    title = "Read beside the write, resource variables"
    debugger.open_card(debugger.puzzles.get_by_role("button", name=f"Open {title}", exact=True))
    debugger.initialize()
    for run, fetch in (("beside", "v/Read/ReadVariableOp"), ("after", "after")):
        debugger.button("Run").click()
        suggestions = debugger.dialog.get_by_role("group", name="Suggestions")
        title = f"The read {run} the write: ReadVariableOp:0, {fetch}:0"
        suggestions.get_by_role("button", name=title, exact=True).click()
        debugger.start()
        debugger.expect_status(re.compile("^Paused before step 0 "))
        debugger.finish()
    debugger.expect_results({"ReadVariableOp:0": "2.0", "after:0": "2.0"})


@pytest.mark.parametrize(
    ("title", "op"),
    [
        ("A loop with a state", "loop/Exit"),
        ("LeNet with a checkpoint", "conv1/w"),
        ("A residual network", "labels"),
    ],
)
def test_an_example_of_any_size_opens(debugger: DebuggerPage, title: str, op: str) -> None:
    debugger.open_example(title)
    expect(debugger.graph.get_by_role("treeitem").first).to_be_visible()
    debugger.find(op).click()
    expect(debugger.inspector.get_by_role("heading", name=op, exact=True)).to_be_visible()
    expect(debugger.notice).to_be_hidden()


def test_the_run_of_an_example_is_suggested_with_its_feeds(debugger: DebuggerPage) -> None:
    debugger.open_example("A branch that updates")
    debugger.button("Run").click()
    suggestion = debugger.dialog.get_by_role("group", name="Suggestions").get_by_role("button")
    expect(suggestion.first).to_have_text("Run the example: result:0")
    suggestion.first.click()
    feed = debugger.dialog.get_by_role("textbox", name="Feed amount", exact=True)
    expect(feed).to_have_value("30.0")
    debugger.dialog.get_by_role("button", name="Run initializer init first").click()
    expect(debugger.dialog).not_to_contain_text("Not initialized yet")
    expect(feed).to_have_value("30.0")
    debugger.start()
    debugger.expect_status(re.compile("^Paused before step 0: "))
    debugger.finish()
    expect(debugger.console).to_contain_text("result:0")
