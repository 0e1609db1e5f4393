"""Sessions with several browsers, browsers that go and come back, workers that die."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

from playwright.sync_api import expect

from . import programs
from .conftest import Saved, StartServer, Tabs
from .debugger_page import DebuggerPage
from .server_process import ServerProcess


def test_two_browsers_see_the_same(tabs: Tabs, server: ServerProcess, saved: Saved) -> None:
    first = tabs.open()
    first.add(saved(programs.product(), "shared.pb"))
    first.initialize()
    second = tabs.open(f"{server.address}#/session/{first.session}")
    second.expect_status("Finished: 7 steps")

    first.launch(["add:0", "mul:0"])
    second.expect_status("Paused before step 0 of 5: a (VariableV2)")
    second.press("F10", times=4)
    for page in (first, second):
        page.expect_status("Paused before step 4 of 5: mul (Mul)")
        page.expect_states(add="done", mul="ready")
        page.expect_variable("a", "5.0", previous="2.0", written_by="step 3 add")
    first.press("Shift+F10")
    for page in (first, second):
        page.expect_status("Paused before step 3 of 5: add (AssignAdd)")
        page.expect_variable("a", "2.0")
    second.finish()
    first.expect_status("Finished: 5 steps")
    first.expect_results({"add:0": "5.0", "mul:0": "15.0"})


def test_a_reload_comes_back_to_the_same_step(debugger: DebuggerPage, saved: Saved) -> None:
    debugger.add(saved(programs.product(), "reloaded.pb"))
    debugger.initialize()
    debugger.launch(["add:0", "mul:0"])
    debugger.press("F10", times=4)
    debugger.expect_status("Paused before step 4 of 5: mul (Mul)")
    debugger.press("Shift+F10")
    debugger.expect_status("Paused before step 3 of 5: add (AssignAdd)")
    debugger.page.reload()
    debugger.expect_status("Paused before step 3 of 5: add (AssignAdd)")
    debugger.expect_states(a="done", add="ready", mul="ready")
    debugger.expect_variable("a", "2.0", written_by="run 1, step 4 a/Assign")
    debugger.press("F10")
    debugger.expect_status("Paused before step 4 of 5: mul (Mul)")
    debugger.expect_variable("a", "5.0", previous="2.0", written_by="step 3 add")


def test_the_first_page_leads_back_to_a_session(debugger: DebuggerPage, saved: Saved) -> None:
    debugger.add(saved(programs.chain(5), "left_alone.pb"))
    debugger.launch(["link_4:0"])
    debugger.press("F10", times=2)
    debugger.expect_status("Paused before step 2 of 6: link_1 (Identity)")
    debugger.banner.get_by_role("button", name="Open").click()
    runs = debugger.home.get_by_role("region", name="Recent runs")
    runs.get_by_role("listitem").filter(has_text="left_alone").get_by_role("button").click()
    debugger.expect_status("Paused before step 2 of 6: link_1 (Identity)")


def test_a_killed_worker_is_reported_and_restart_brings_the_session_back(
    tabs: Tabs, start_server: StartServer, saved: Saved, root: Path
) -> None:
    server = start_server()
    other = tabs.open(server.address)
    other.add(saved(programs.counter(), "unharmed.pb"))
    other.initialize()
    other.launch(["update:0"])
    debugger = tabs.open(server.address)
    debugger.add(root / "tests" / "server" / "graphs" / "endless.pbtxt")
    debugger.launch(["result:0"])
    debugger.press("F8")
    debugger.expect_status(re.compile(r"^Running: \d+,\d+ steps$"))
    os.kill(server.worker_of(debugger.session), signal.SIGKILL)

    debugger.expect_status(re.compile(r"^Stopped after [\d,]+ steps: .*SIGKILL"))
    expect(debugger.console).to_contain_text("SIGKILL")
    expect(debugger.button("Continue")).to_be_disabled()
    other.finish()
    other.expect_results({"update:0": "1.0"})

    debugger.button("Restart").click()
    debugger.expect_status(re.compile("^Paused before step 0: "))
    debugger.press("F10", times=3)
    debugger.expect_status(re.compile("^Paused before step 3: "))


def test_a_session_whose_worker_dies_before_the_first_run_can_run(
    tabs: Tabs, start_server: StartServer, saved: Saved
) -> None:
    server = start_server()
    debugger = tabs.open(server.address)
    debugger.add(saved(programs.counter(), "counter.pb"))
    debugger.expect_status("Ready to run counter")
    os.kill(min(server.workers()), signal.SIGKILL)  # The other, in reserve, came later.
    debugger.expect_status("The session's process has ended: Run starts another")
    debugger.initialize()
    debugger.launch(["update:0"])
    debugger.finish()
    debugger.expect_results({"update:0": "1.0"})


def test_a_worker_killed_in_a_search_is_told_once_and_everything_works_after_restart(
    tabs: Tabs, start_server: StartServer, root: Path
) -> None:
    server = start_server()
    debugger = tabs.open(server.address)
    debugger.add(root / "tests" / "server" / "graphs" / "long_search.pbtxt")
    debugger.initialize()
    debugger.launch(targets=["all"])
    debugger.finish()
    outcomes = debugger.page.get_by_role("region", name="Outcomes", exact=True)
    find = outcomes.get_by_role("button", name="Find outcomes")
    find.click()
    expect(outcomes.get_by_role("button", name="Stop search")).to_be_visible()
    os.kill(server.worker_of(debugger.session), signal.SIGKILL)
    debugger.expect_status(re.compile("SIGKILL"))
    expect(find).to_be_disabled()
    expect(debugger.button("Continue")).to_be_disabled()

    debugger.button("Restart").click()
    debugger.expect_status(re.compile("^Paused before step 0 "))
    for button in (debugger.button("Run"), debugger.button("Continue"), find):
        expect(button).to_be_enabled()
    expect(debugger.console.get_by_text("SIGKILL")).to_have_count(1)
    debugger.finish()


def test_a_lost_connection_comes_back_to_where_it_was(
    tabs: Tabs, debugger: DebuggerPage, saved: Saved
) -> None:
    tabs.expect_disconnection()
    debugger.add(saved(programs.chain(9), "offline.pb"))
    debugger.launch(["link_8:0"])
    debugger.press("F10", times=4)
    debugger.expect_status("Paused before step 4 of 10: link_3 (Identity)")
    debugger.page.context.set_offline(True)
    debugger.expect_status("Connection lost: trying again")
    expect(debugger.button("Step over")).to_be_disabled()
    debugger.page.context.set_offline(False)
    debugger.expect_status("Paused before step 4 of 10: link_3 (Identity)")
    debugger.press("F10")
    debugger.expect_status("Paused before step 5 of 10: link_4 (Identity)")
