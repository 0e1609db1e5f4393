"""The page as a person uses it: everything by role and accessible name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from playwright.sync_api import Locator, Page, expect


class DebuggerPage:
    """One browser tab with Opscope in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.status = page.get_by_role("status")
        self.notice = page.get_by_role("alert")
        self.banner = page.get_by_role("banner")
        self.toolbar = page.get_by_role("toolbar", name="Run controls")
        self.speed = self.toolbar.get_by_role("slider", name="Speed")
        self.schedule = self.toolbar.get_by_role("combobox", name="Schedule")
        self.home = page.get_by_role("main", name="Home")
        self.outline = page.get_by_role("region", name="Outline")
        self.search = self.outline.get_by_role("searchbox", name="Search")
        self.graph = page.get_by_role("region", name="Graph")
        self.variables = page.get_by_role("table", name="Variables")
        self.inspector = page.get_by_role("region", name="Inspector")
        self.console = page.get_by_role("log", name="Console")
        self.timeline = page.get_by_role("slider", name="Step")
        self.dialog = page.get_by_role("dialog", name="Run")

    # Home

    def go_home(self) -> None:
        self.banner.get_by_role("link", name="Opscope").click()
        expect(self.home).to_be_visible()

    def upload(self, *paths: Path) -> None:
        """Choose files on the first page, as one program."""
        self.page.get_by_label("Choose files").set_input_files([str(path) for path in paths])

    def add(self, *paths: Path) -> None:
        """Upload a program and wait until it is open."""
        self.upload(*paths)
        self.expect_status(re.compile("^Ready to run"))

    def open_example(self, title: str) -> None:
        self.open_card(self.examples.get_by_role("button", name=f"Open {title}", exact=True))

    def open_card(self, card: Locator) -> None:
        """Open an example by its button."""
        card.click()
        self.expect_status(re.compile("^Ready to run"))

    @property
    def examples(self) -> Locator:
        return self.home.get_by_role("region", name="Examples")

    @property
    def puzzles(self) -> Locator:
        return self.home.get_by_role("region", name="Puzzles")

    @property
    def library(self) -> Locator:
        return self.home.get_by_role("region", name="Library")

    # Parts of the debugger

    @property
    def session(self) -> str:
        """The id of the session that is open."""
        return self.page.url.rpartition("/session/")[2]

    def button(self, name: str) -> Locator:
        """A button of the toolbar."""
        return self.toolbar.get_by_role("button", name=name, exact=True)

    def outline_item(self, name: str) -> Locator:
        return self.outline.get_by_role("treeitem", name=name, exact=True)

    def find(self, name: str) -> Locator:
        """Search for an op by its full name; its item in the outline."""
        self.search.fill(name)
        return self.outline_item(name)

    def graph_item(self, name: str) -> Locator:
        return self.graph.get_by_role("treeitem", name=name, exact=True)

    def variable(self, name: str, column: str) -> Locator:
        """The cell of a variable in a column of the table."""
        headings = ("Name", "Dtype", "Shape", "Value", "Previous", "Written by", "History")
        button = self.page.get_by_role("button", name=name, exact=True)
        row = self.variables.get_by_role("row").filter(has=button)
        return row.get_by_role("cell").nth(headings.index(column) - 1)

    # What a person does

    def choose_schedule(self, kind: str, seed: int | None = None) -> None:
        self.schedule.select_option(kind)
        if seed is not None:
            self.toolbar.get_by_role("spinbutton", name="Seed").fill(str(seed))
            self.toolbar.get_by_role("spinbutton", name="Seed").press("Tab")

    def fill_run_dialog(
        self,
        fetches: Sequence[str] = (),
        targets: Sequence[str] = (),
        feeds: Mapping[str, str] | None = None,
    ) -> None:
        """Open the dialog `Run` and say what to run."""
        self.button("Run").click()
        self.dialog.get_by_role("combobox", name="Targets").fill(", ".join(targets))
        self.dialog.get_by_role("combobox", name="Fetches").fill(", ".join(fetches))
        for name, value in (feeds or {}).items():
            self.dialog.get_by_role("textbox", name=f"Feed {name}", exact=True).fill(value)

    def start(self) -> None:
        # By the keyboard: the answer of what the run needs may move the button under a pointer.
        self.dialog.get_by_role("button", name="Start", exact=True).press("Enter")

    def launch(
        self,
        fetches: Sequence[str] = (),
        targets: Sequence[str] = (),
        feeds: Mapping[str, str] | None = None,
    ) -> None:
        """Begin a run, and wait until it is paused before its first step."""
        self.fill_run_dialog(fetches, targets, feeds)
        self.start()
        expect(self.dialog).to_be_hidden()
        self.expect_status(re.compile("^Paused before step 0[ :]"))

    def initialize(self, target: str = "init") -> None:
        """Run the initializer to its end."""
        self.launch(targets=[target])
        self.finish()

    def finish(self) -> None:
        """Continue at full speed to the end of the run."""
        self.button("Continue").click()
        self.expect_status(re.compile("^Finished: "))

    def press(self, keys: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.keyboard.press(keys)

    def fire(self, name: str) -> None:
        """Click on an op in the drawing."""
        self.graph_item(name).click()

    # What a person sees

    def expect_status(self, text: str | re.Pattern[str]) -> None:
        expect(self.status).to_have_text(text)

    def expect_notice(self, text: str | re.Pattern[str]) -> None:
        expect(self.notice).to_have_text(text)

    def expect_states(self, **states: str) -> None:
        """The states of ops, in the outline and in the drawing."""
        for name, state in states.items():
            expect(self.outline_item(name)).to_have_attribute("data-state", state)
            expect(self.graph_item(name)).to_have_attribute("data-state", state)

    def expect_variable(
        self, name: str, value: str, previous: str | None = None, written_by: str | None = None
    ) -> None:
        expect(self.variable(name, "Value")).to_have_text(value)
        if previous is not None:
            expect(self.variable(name, "Previous")).to_have_text(previous)
        if written_by is not None:
            expect(self.variable(name, "Written by")).to_have_text(written_by)

    def expect_objection(self, text: str | re.Pattern[str]) -> None:
        """The dialog `Run` says what is wrong and stays open."""
        expect(self.dialog.get_by_role("alert")).to_have_text(text)

    def expect_results(self, results: Mapping[str, str]) -> None:
        """The console ends with these results of the latest run."""
        names = self.console.get_by_role("button")
        values = self.console.get_by_role("code")
        for place, (name, value) in enumerate(reversed(results.items()), start=1):
            expect(values.nth(-place)).to_have_text(value)
            expect(names.nth(-place)).to_have_text(name)
