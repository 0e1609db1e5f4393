"""What cannot be run is refused with the reason, and everything else still works."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from . import programs
from .conftest import Saved
from .debugger_page import DebuggerPage


def test_only_a_run_through_an_unknown_op_is_refused(debugger: DebuggerPage, saved: Saved) -> None:
    debugger.add(saved(programs.with_unknown_op(), "unknown.pb"))
    debugger.outline_item("odd").click()
    expect(debugger.inspector.get_by_text("cannot run")).to_be_visible()
    debugger.fill_run_dialog(["after:0"])
    expect(debugger.dialog).to_contain_text("odd (FlumpOp)")
    debugger.start()
    debugger.expect_objection(re.compile("odd.*FlumpOp|FlumpOp.*odd"))
    debugger.press("Escape")
    debugger.launch(["known:0"])
    debugger.finish()
    debugger.expect_results({"known:0": "4.0"})


def test_only_a_run_through_a_cycle_is_refused(debugger: DebuggerPage, saved: Saved) -> None:
    debugger.add(saved(programs.cycle(), "cycle.pb"))
    debugger.fill_run_dialog(["second:0"])
    debugger.start()
    debugger.expect_objection(re.compile("cycle.*first|cycle.*second"))
    debugger.press("Escape")
    debugger.launch(["apart:0"])
    debugger.finish()
    debugger.expect_results({"apart:0": "5.0"})


def test_only_a_run_through_a_missing_function_is_refused(
    debugger: DebuggerPage, saved: Saved
) -> None:
    debugger.add(saved(programs.missing_function(), "missing.pb"))
    debugger.fill_run_dialog(["call:0"])
    debugger.start()
    debugger.expect_objection(re.compile("absent"))
    debugger.press("Escape")
    debugger.launch(["x:0"])
    debugger.finish()


def test_names_that_are_not_there_are_refused(debugger: DebuggerPage, saved: Saved) -> None:
    debugger.add(saved(programs.counter(), "counter.pb"))
    debugger.fill_run_dialog(["nothing:0"])
    debugger.start()
    debugger.expect_objection(re.compile("nothing"))
    debugger.dialog.get_by_role("combobox", name="Fetches").fill("update:3")
    debugger.start()
    debugger.expect_objection(re.compile("update"))
    debugger.dialog.get_by_role("combobox", name="Fetches").fill("")
    debugger.start()
    debugger.expect_objection("Nothing to run: name at least one fetch or target.")


def test_feeds_must_fit(debugger: DebuggerPage, saved: Saved) -> None:
    debugger.add(saved(programs.division(), "division.pb"))
    debugger.fill_run_dialog(["quotient:0"], feeds={"x": "12", "y": "[3, 4, 5]"})
    debugger.start()
    debugger.expect_objection(
        "Cannot feed value of shape (3,) for Tensor y:0, which has shape (2,)"
    )
    feed = debugger.dialog.get_by_role("textbox", name="Feed y")
    feed.fill("[1.5, 2]")
    debugger.start()
    debugger.expect_objection(re.compile("y.*int32"))
    feed.fill("[3, four]")
    debugger.start()
    debugger.expect_objection(re.compile("y.*int32.*four"))
    feed.fill("")
    debugger.start()
    debugger.expect_objection(re.compile("y.*empty"))
    feed.fill("[3, 4]")
    debugger.start()
    debugger.finish()
    debugger.expect_results({"quotient:0": "[4 3]"})


def test_a_failing_op_ends_the_run_and_is_shown(debugger: DebuggerPage, saved: Saved) -> None:
    debugger.add(saved(programs.division(), "division.pb"))
    debugger.launch(["quotient:0"], feeds={"x": "12", "y": "[3, 0]"})
    debugger.press("F8")
    debugger.expect_status(re.compile("^Failed at step 0: .*Integer division by zero"))
    debugger.expect_states(quotient="failed")
    expect(debugger.console).to_contain_text("Integer division by zero")
    debugger.console.get_by_role("button", name="quotient").click()
    expect(debugger.inspector).to_contain_text("None: the step failed.")
    debugger.press("Shift+F10")
    debugger.expect_status("Paused before step 0 of 1: quotient (FloorDiv)")
    debugger.expect_states(quotient="ready")


def test_an_uninitialized_variable_offers_its_initializer(
    debugger: DebuggerPage, saved: Saved
) -> None:
    debugger.add(saved(programs.counter(), "counter.pb"))
    debugger.launch(["update:0"])
    debugger.press("F8")
    debugger.expect_status(
        re.compile("^Failed at step 2: .*Attempting to use uninitialized value v")
    )
    debugger.console.get_by_role("button", name="Run initializer init").click()
    debugger.expect_variable("v", "0.0")
    debugger.launch(["update:0"])
    debugger.finish()
    debugger.expect_results({"update:0": "1.0"})


def test_the_run_dialog_offers_the_initializer(debugger: DebuggerPage, saved: Saved) -> None:
    debugger.add(saved(programs.product(), "product.pb"))
    debugger.fill_run_dialog(["mul:0"])
    expect(debugger.dialog).to_contain_text("Not initialized yet: a, b")
    debugger.dialog.get_by_role("button", name="Run initializer init first").click()
    expect(debugger.dialog.get_by_text("Not initialized yet")).to_be_hidden()
    debugger.start()
    debugger.expect_status("Paused before step 0 of 4: a (VariableV2)")
    debugger.finish()
    debugger.expect_results({"mul:0": "6.0"})
