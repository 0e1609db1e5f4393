"""The order of execution is the user's to choose."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from opscope.engine import load

from . import programs
from .conftest import Saved
from .debugger_page import DebuggerPage


def test_a_click_on_a_ready_op_executes_it(debugger: DebuggerPage, saved: Saved) -> None:
    debugger.add(saved(programs.product(), "product.pb"))
    debugger.initialize()
    debugger.choose_schedule("manual")
    debugger.launch(["add:0", "mul:0"])
    for name in ("b", "a", "b/read"):
        debugger.expect_states(**{name: "ready"})
        debugger.fire(name)
        debugger.expect_states(**{name: "done"})
    debugger.expect_states(add="ready", mul="ready")
    debugger.fire("mul")
    debugger.expect_states(add="ready", mul="done")
    debugger.fire("add")
    debugger.expect_status("Finished: 5 steps")
    debugger.expect_results({"add:0": "5.0", "mul:0": "6.0"})


def test_another_choice_after_stepping_back_gives_the_other_outcome(
    debugger: DebuggerPage, saved: Saved
) -> None:
    debugger.add(saved(programs.product(), "product.pb"))
    debugger.initialize()
    debugger.choose_schedule("manual")
    debugger.launch(["add:0", "mul:0"])
    for name in ("a", "b", "b/read", "add", "mul"):
        debugger.expect_states(**{name: "ready"})
        debugger.fire(name)
    debugger.expect_status("Finished: 5 steps")
    debugger.expect_results({"add:0": "5.0", "mul:0": "15.0"})

    debugger.press("Shift+F10", times=2)
    debugger.expect_states(add="ready", mul="ready")
    debugger.fire("mul")
    debugger.expect_states(add="ready", mul="done")
    debugger.fire("add")
    debugger.expect_status("Finished: 5 steps")
    debugger.expect_results({"add:0": "5.0", "mul:0": "6.0"})
    debugger.expect_variable("a", "5.0", previous="2.0", written_by="step 4 add")


def test_ready_ops_are_executed_from_the_outline_too(debugger: DebuggerPage, saved: Saved) -> None:
    debugger.add(saved(programs.counter(), "counter.pb"))
    debugger.choose_schedule("manual")
    debugger.launch(targets=["init"])
    for name in ("v/initial_value", "v", "v/Assign", "init"):
        debugger.outline_item(name).click()
        debugger.expect_states(**{name: "done"})
    debugger.expect_status("Finished: 4 steps")


def test_the_last_op_that_became_ready_is_first_with_lifo(
    debugger: DebuggerPage, saved: Saved
) -> None:
    debugger.add(saved(programs.product(), "product.pb"))
    debugger.initialize()
    debugger.choose_schedule("lifo")
    debugger.launch(["add:0", "mul:0"])
    debugger.finish()
    debugger.expect_results({"add:0": "5.0", "mul:0": "6.0"})
    expect(debugger.console).to_contain_text("Run 2: add:0, mul:0 (lifo)")


def test_a_seed_gives_the_order_that_the_engine_has_for_it(
    debugger: DebuggerPage, saved: Saved
) -> None:
    path = saved(programs.product(), "product.pb")
    debugger.add(path)
    debugger.initialize()
    products: set[str] = set()
    for seed in range(4):
        session = load(path).session()
        session.run([], targets=["init"])
        add, mul = session.run(["add:0", "mul:0"], schedule=f"random:{seed}")
        products.add(str(mul))
        debugger.choose_schedule("random", seed)
        if seed == 0:
            debugger.launch(["add:0", "mul:0"])
        else:
            debugger.button("Restart").click()
            debugger.expect_status(re.compile("^Paused before step 0 "))
        debugger.finish()
        expect(debugger.console).to_contain_text(f"add:0, mul:0 (random:{seed})")
        debugger.expect_results({"add:0": str(add), "mul:0": str(mul)})
    assert products == {"6.0", "15.0"}


def test_a_fetched_reference_variable_has_the_new_value_in_any_order(
    debugger: DebuggerPage, saved: Saved
) -> None:
    debugger.add(saved(programs.counter(), "counter.pb"))
    debugger.initialize()
    debugger.choose_schedule("manual")
    debugger.launch(["update:0", "v:0"])
    for name in ("v", "one", "update"):
        debugger.expect_states(**{name: "ready"})
        debugger.fire(name)
    debugger.expect_status("Finished: 3 steps")
    debugger.expect_results({"update:0": "1.0", "v:0": "1.0"})


def test_a_read_of_a_resource_variable_has_the_value_of_its_moment(
    debugger: DebuggerPage, saved: Saved
) -> None:
    debugger.add(saved(programs.resource_counter(), "resource_counter.pb"))
    debugger.initialize()
    debugger.choose_schedule("manual")
    for order, read in ((("read", "add", "update"), "0.0"), (("add", "read", "update"), "2.0")):
        debugger.launch(["update:0", "read:0"])
        for name in ("v", "one", *order):
            debugger.expect_states(**{name: "ready"})
            debugger.fire(name)
        debugger.expect_status("Finished: 5 steps")
        debugger.expect_results({"update:0": "1.0" if read == "0.0" else "2.0", "read:0": read})
