"""The page itself: keyboard, search, theme."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from . import programs
from .conftest import Saved
from .debugger_page import DebuggerPage


def test_a_run_is_started_and_stepped_with_the_keyboard_alone(
    debugger: DebuggerPage, saved: Saved
) -> None:
    debugger.add(saved(programs.division(), "keyboard.pb"))
    debugger.press("F10")
    fetches = debugger.dialog.get_by_role("combobox", name="Fetches")
    expect(fetches).to_be_focused()
    debugger.page.keyboard.type("quot")
    expect(debugger.dialog.get_by_role("option", name="quotient:0")).to_be_visible()
    debugger.press("ArrowDown")
    debugger.press("Enter")
    expect(debugger.dialog.get_by_role("button", name="Remove quotient:0")).to_be_visible()
    feed = debugger.dialog.get_by_role("textbox", name="Feed x")
    expect(feed).to_be_visible()
    for _ in range(10):
        if feed.evaluate("element => element === document.activeElement"):
            break
        debugger.press("Tab")
    expect(feed).to_be_focused()
    debugger.press("ControlOrMeta+a")
    debugger.page.keyboard.type("12")
    debugger.press("Tab")
    expect(debugger.dialog.get_by_role("textbox", name="Feed y")).to_be_focused()
    debugger.press("ControlOrMeta+a")
    debugger.page.keyboard.type("[3, 4]")
    for _ in range(10):
        debugger.press("Tab")
        if debugger.dialog.get_by_role("button", name="Start").evaluate(
            "element => element === document.activeElement"
        ):
            break
    debugger.press("Enter")
    debugger.expect_status("Paused before step 0 of 1: quotient (FloorDiv)")
    debugger.press("F10")
    debugger.expect_status("Finished: 1 step")
    debugger.expect_results({"quotient:0": "[4 3]"})


def test_escape_closes_the_run_dialog(debugger: DebuggerPage, saved: Saved) -> None:
    debugger.add(saved(programs.counter(), "counter.pb"))
    debugger.button("Run").click()
    expect(debugger.dialog).to_be_visible()
    debugger.press("Escape")
    expect(debugger.dialog).to_be_hidden()
    debugger.expect_status("Ready to run counter")


def test_a_suggestion_fills_the_run_dialog(debugger: DebuggerPage, saved: Saved) -> None:
    debugger.add(saved(programs.counter(), "counter.pb"))
    debugger.button("Run").click()
    debugger.dialog.get_by_role("button", name="Initialize the variables").click()
    expect(debugger.dialog.get_by_role("button", name="Remove init")).to_be_visible()
    expect(debugger.dialog).to_contain_text("4 steps")
    debugger.start()
    debugger.expect_status(re.compile("^Paused before step 0 of 4: "))


def test_the_initializer_is_not_carried_over_into_the_next_run(
    debugger: DebuggerPage, saved: Saved
) -> None:
    debugger.add(saved(programs.counter(), "counter.pb"))
    targets = debugger.dialog.get_by_role("combobox", name="Targets")
    fetches = debugger.dialog.get_by_role("combobox", name="Fetches")
    debugger.initialize()
    debugger.button("Run").click()
    expect(targets).to_have_value("")
    debugger.press("Escape")

    debugger.launch(["update:0"])
    debugger.finish()
    debugger.initialize()
    debugger.button("Run").click()
    expect(fetches).to_have_value("update:0")
    expect(targets).to_have_value("")
    targets.fill("init")
    expect(debugger.dialog).to_contain_text("init initializes variables: in the same run")
    fetches.fill("")
    expect(debugger.dialog).not_to_contain_text("init initializes variables")


def test_the_outline_is_searched_by_text_and_by_expression(
    debugger: DebuggerPage, saved: Saved
) -> None:
    debugger.add(saved(programs.product(), "product.pb"))
    debugger.press("/")
    expect(debugger.search).to_be_focused()
    items = debugger.outline.get_by_role("treeitem")
    debugger.search.fill("assign")
    expect(items).to_have_count(3)
    debugger.search.fill("/^(a|b)$/")
    expect(items).to_have_count(2)
    debugger.search.fill("/(/")
    expect(debugger.outline).to_contain_text("Not a regular expression yet.")
    debugger.search.fill("nothing such")
    expect(debugger.outline).to_contain_text("No op has such a name or type.")
    debugger.search.fill("Mul")
    debugger.search.press("Enter")
    expect(debugger.inspector.get_by_role("heading", name="mul")).to_be_visible()
    debugger.search.fill("")
    expect(debugger.outline_item("init")).to_be_visible()


def test_the_outline_is_walked_with_arrow_keys(debugger: DebuggerPage, saved: Saved) -> None:
    debugger.add(saved(programs.product(), "product.pb"))
    tree = debugger.outline.get_by_role("tree", name="Operations")
    expect(debugger.outline_item("a/")).to_have_attribute("aria-expanded", "true")
    tree.press("Home")
    tree.press("ArrowLeft")
    expect(debugger.outline_item("a/")).to_have_attribute("aria-expanded", "false")
    expect(debugger.outline_item("a")).to_be_hidden()
    tree.press("ArrowRight")
    expect(debugger.outline_item("a")).to_be_visible()
    tree.press("ArrowDown")
    tree.press("Enter")
    expect(debugger.outline_item("a")).to_have_attribute("aria-selected", "true")
    expect(debugger.inspector.get_by_role("heading", name="a", exact=True)).to_be_visible()


def test_the_theme_is_chosen_and_kept(debugger: DebuggerPage) -> None:
    page = debugger.page
    colour = "() => getComputedStyle(document.body).backgroundColor"
    debugger.banner.get_by_role("button", name="Theme: system").click()
    expect(debugger.banner.get_by_role("button", name="Theme: light")).to_be_visible()
    light = page.evaluate(colour)
    debugger.banner.get_by_role("button", name="Theme: light").click()
    dark_button = debugger.banner.get_by_role("button", name="Theme: dark")
    expect(dark_button).to_be_visible()
    dark = page.evaluate(colour)
    assert light != dark
    page.reload()
    expect(dark_button).to_be_visible()
    assert page.evaluate(colour) == dark


def test_the_legend_explains_the_drawing(debugger: DebuggerPage, saved: Saved) -> None:
    debugger.add(saved(programs.counter(), "counter.pb"))
    button = debugger.graph.get_by_role("button", name="Legend")
    button.press("Enter")
    legend = debugger.graph.get_by_role("dialog", name="Legend")
    expect(legend).to_be_focused()
    expect(legend).to_contain_text("Control dependency orders two ops, carries nothing")
    debugger.press("Escape")
    expect(legend).to_be_hidden()
    expect(button).to_be_focused()


def test_the_shortcuts_are_listed(debugger: DebuggerPage, saved: Saved) -> None:
    debugger.add(saved(programs.counter(), "counter.pb"))
    debugger.press("?")
    sheet = debugger.page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_contain_text("Shift")
    expect(sheet).to_contain_text("F10")
    debugger.press("Escape")
    expect(sheet).to_be_hidden()
