"""Running a program op by op, forwards and backwards."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from . import programs
from .conftest import Saved
from .debugger_page import DebuggerPage


@pytest.fixture
def product(debugger: DebuggerPage, saved: Saved) -> DebuggerPage:
    """The program `product`, initialized."""
    debugger.add(saved(programs.product(), "product.pb"))
    debugger.initialize()
    return debugger


@pytest.fixture
def counter(debugger: DebuggerPage, saved: Saved) -> DebuggerPage:
    """The program `counter`, initialized."""
    debugger.add(saved(programs.counter(), "counter.pb"))
    debugger.initialize()
    return debugger


def test_a_run_is_stepped_to_its_end(product: DebuggerPage) -> None:
    product.launch(["add:0", "mul:0"])
    product.expect_status("Paused before step 0 of 5: a (VariableV2)")
    product.expect_states(a="ready", b="ready", add="idle", mul="idle")
    product.press("F10", times=3)
    product.expect_status("Paused before step 3 of 5: add (AssignAdd)")
    product.expect_states(a="done", b="done", add="ready", mul="ready", init="idle")
    product.expect_variable("a", "2.0", written_by="run 1, step 4 a/Assign")

    product.button("Step over").click()
    product.expect_status("Paused before step 4 of 5: mul (Mul)")
    product.expect_states(add="done", mul="ready")
    product.expect_variable("a", "5.0", previous="2.0", written_by="step 3 add")
    product.expect_variable("b", "3.0", previous="")

    product.press("F10")
    product.expect_status("Finished: 5 steps")
    product.expect_states(add="done", mul="done", init="idle")
    product.expect_results({"add:0": "5.0", "mul:0": "15.0"})
    expect(product.button("Step over")).to_be_disabled()


def test_what_has_happened_is_seen_again_on_the_way_back_and_forth(product: DebuggerPage) -> None:
    product.launch(["add:0", "mul:0"])
    product.finish()
    product.press("Shift+F10")
    product.expect_status("Paused before step 4 of 5: mul (Mul)")
    product.expect_variable("a", "5.0", previous="2.0", written_by="step 3 add")
    product.button("Step back").click()
    product.expect_status("Paused before step 3 of 5: add (AssignAdd)")
    product.expect_variable("a", "2.0", previous="", written_by="run 1, step 4 a/Assign")
    product.expect_states(b="done", add="ready", mul="ready")
    product.press("Shift+F10", times=3)
    product.expect_status("Paused before step 0 of 5: a (VariableV2)")
    product.expect_states(a="ready", b="ready", add="idle", mul="idle")
    expect(product.button("Step back")).to_be_disabled()

    product.press("F10", times=4)
    product.expect_status("Paused before step 4 of 5: mul (Mul)")
    product.expect_variable("a", "5.0", previous="2.0", written_by="step 3 add")
    product.press("F10")
    product.expect_status("Finished: 5 steps")


def test_each_press_is_a_step(debugger: DebuggerPage, saved: Saved) -> None:
    debugger.add(saved(programs.chain(70), "chain.pb"))
    debugger.launch(["link_69:0"])
    debugger.press("F10", times=50)
    debugger.expect_status("Paused before step 50 of 71: link_49 (Identity)")
    debugger.press("Shift+F10", times=20)
    debugger.expect_status("Paused before step 30 of 71: link_29 (Identity)")
    debugger.press("F10", times=60)
    debugger.expect_status("Finished: 71 steps")
    expect(debugger.notice).to_be_hidden()


def test_a_slow_run_is_paused_and_goes_on(debugger: DebuggerPage, saved: Saved) -> None:
    debugger.add(saved(programs.chain(400), "long_chain.pb"))
    debugger.speed.fill("20")
    expect(debugger.speed).to_have_attribute("aria-valuetext", "10 ops/s")
    debugger.launch(["link_399:0"])
    debugger.press("F8")
    debugger.expect_status(re.compile(r"^Running: [1-9]\d? steps?$"))
    expect(debugger.button("Continue")).to_be_hidden()
    debugger.press("F8")
    debugger.expect_status(re.compile(r"^Paused before step \d+ of 401: link_\d+ \(Identity\)$"))
    expect(debugger.button("Pause")).to_be_hidden()

    debugger.button("Continue").click()
    debugger.expect_status(re.compile("^Running: "))
    debugger.speed.fill("100")
    debugger.expect_status("Finished: 401 steps")


def test_restart_begins_with_the_variables_of_the_start(counter: DebuggerPage) -> None:
    counter.launch(["update:0"])
    counter.finish()
    counter.launch(["update:0"])
    counter.finish()
    counter.expect_variable("v", "2.0", previous="1.0", written_by="step 2 update")

    counter.button("Restart").click()
    counter.expect_status("Paused before step 0 of 3: v (VariableV2)")
    counter.expect_variable("v", "1.0")
    counter.finish()
    counter.expect_variable("v", "2.0", previous="1.0", written_by="step 2 update")
    counter.expect_results({"update:0": "2.0"})


def test_stop_ends_the_run_and_keeps_what_it_wrote(product: DebuggerPage) -> None:
    product.launch(["add:0", "mul:0"])
    product.press("F10", times=4)
    product.expect_status("Paused before step 4 of 5: mul (Mul)")
    product.button("Stop").click()
    product.expect_status("Stopped after 4 steps")
    product.expect_variable("a", "5.0", previous="2.0")
    expect(product.button("Stop")).to_be_disabled()
    product.launch(["a:0"])
    product.finish()
    product.expect_results({"a:0": "5.0"})


def test_a_loop_without_end_is_paused_and_stopped(debugger: DebuggerPage, root: Path) -> None:
    debugger.add(root / "tests" / "server" / "graphs" / "endless.pbtxt")
    debugger.launch(["result:0"])
    debugger.press("F8")
    debugger.expect_status(re.compile(r"^Running: \d+,\d+ steps$"))
    debugger.press("F8")
    debugger.expect_status(re.compile(r"^Paused before step [\d,]+: loop/\w+ \(\w+\)$"))
    debugger.button("Stop").click()
    debugger.expect_status(re.compile(r"^Stopped after [\d,]+ steps$"))


def test_the_timeline_travels_by_keyboard_and_by_dragging(product: DebuggerPage) -> None:
    product.launch(["add:0", "mul:0"])
    product.finish()
    timeline = product.timeline
    expect(timeline).to_have_attribute("aria-valuetext", "step 5 of 5 executed")
    timeline.press("ArrowLeft")
    product.expect_status("Paused before step 4 of 5: mul (Mul)")
    timeline.press("Home")
    product.expect_status("Paused before step 0 of 5: a (VariableV2)")
    timeline.press("End")
    product.expect_status("Finished: 5 steps")

    box = timeline.bounding_box()
    assert box is not None
    mouse, y = product.page.mouse, box["y"] + 10
    mouse.move(box["x"] + box["width"] - 2, y)
    mouse.down()
    mouse.move(box["x"] + box["width"] * 0.7, y, steps=4)
    product.expect_status(re.compile(r"^Paused before step [34] of 5"))
    mouse.move(box["x"] + 1, y, steps=4)
    mouse.up()
    product.expect_status("Paused before step 0 of 5: a (VariableV2)")
    product.expect_variable("a", "2.0")


def test_the_inspector_shows_a_selected_op(product: DebuggerPage) -> None:
    product.launch(["add:0", "mul:0"])
    product.finish()
    product.outline_item("mul").click()
    inspector = product.inspector
    expect(inspector.get_by_role("heading", name="mul")).to_be_visible()
    expect(inspector).to_contain_text("mul:0")
    expect(inspector).to_contain_text("15.0")
    expect(inspector.get_by_role("button", name="a:0")).to_be_visible()
    expect(inspector).to_contain_text("written by step 3")
    expect(product.graph_item("mul")).to_have_attribute("aria-selected", "true")

    inspector.get_by_role("button", name="step 4").click()
    product.expect_status("Paused before step 4 of 5: mul (Mul)")
    inspector.get_by_role("button", name="b/read:0").click()
    expect(inspector.get_by_role("heading", name="b/read")).to_be_visible()
    expect(inspector).to_contain_text("3.0")
    product.graph_item("add").click()
    expect(inspector.get_by_role("heading", name="add")).to_be_visible()
    inspector.get_by_role("button", name="step 3").click()
    product.expect_status("Paused before step 3 of 5: add (AssignAdd)")


def test_the_writer_of_a_variable_leads_to_its_step(product: DebuggerPage) -> None:
    product.launch(["add:0", "mul:0"])
    product.finish()
    product.variable("a", "Written by").get_by_role("button").click()
    product.expect_status("Paused before step 3 of 5: add (AssignAdd)")
    expect(product.inspector.get_by_role("heading", name="add")).to_be_visible()
