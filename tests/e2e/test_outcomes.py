"""Every result that a run can give, and why: found, replayed, compared, drawn."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from opscope.engine import dtypes
from opscope.engine.graph import Graph

from . import programs
from .conftest import Saved
from .debugger_page import DebuggerPage

FETCHES = ["update:0", "read:0"]


class OutcomesRegion:
    """The region `Outcomes` of a page."""

    def __init__(self, page: DebuggerPage) -> None:
        self.page = page.page
        self.region = page.page.get_by_role("region", name="Outcomes", exact=True)
        self.comparison = self.region.get_by_role("region", name="Comparison")
        self.races = self.region.get_by_role("region", name="Races")

    def button(self, name: str) -> Locator:
        return self.region.get_by_role("button", name=name, exact=True)

    def find(self) -> None:
        """Search, and wait for the end of it: what it finds takes the place of what is shown."""
        self.button("Find outcomes").click()
        self.page.evaluate("() => opscope.idle()")  # by then the search has begun
        expect(self.button("Find outcomes")).to_be_visible()
        expect(self.table()).to_be_visible()

    def table(self, name: str = "Outcomes") -> Locator:
        return self.region.get_by_role("table", name=name, exact=True)

    def rows(self, name: str = "Outcomes") -> Locator:
        return self.table(name).get_by_role("row").filter(has=self.page.get_by_role("cell"))

    def number_with(self, value: str) -> int:
        """The number of the outcome in which the only column that differs has `value`."""
        expect(self.rows()).not_to_have_count(0)
        cells = [row.get_by_role("cell").first.inner_text() for row in self.rows().all()]
        return cells.index(value) + 1


@pytest.fixture
def racy(debugger: DebuggerPage, saved: Saved) -> DebuggerPage:
    """A resource counter whose variable is read beside its update, after a run of both."""
    debugger.add(saved(programs.resource_counter(), "resource_counter.pb"))
    debugger.initialize()
    debugger.launch(FETCHES)
    debugger.finish()
    return debugger


def test_a_finished_run_says_quietly_whether_its_result_is_the_only_one(
    racy: DebuggerPage,
) -> None:
    outcomes = OutcomesRegion(racy)
    expect(outcomes.region).to_contain_text("This is one of 2 possible results.")
    expect(outcomes.table()).to_be_hidden()

    racy.launch(["update:0"])
    expect(outcomes.region).not_to_contain_text("possible results")
    racy.finish()
    expect(outcomes.region).to_contain_text("This result is the only one possible.")


def test_the_outcomes_are_found_and_that_of_the_run_is_marked(racy: DebuggerPage) -> None:
    outcomes = OutcomesRegion(racy)
    outcomes.find()
    expect(outcomes.region.get_by_text("2 results", exact=True)).to_be_visible()
    expect(outcomes.rows()).to_have_count(2)
    expect(outcomes.table().get_by_role("columnheader")).to_contain_text(["", "read:0", ""])
    read = racy.console.get_by_role("code").last.inner_text()
    expect(outcomes.rows().filter(has_text="this run").get_by_role("cell").first).to_have_text(read)

    outcomes.region.get_by_text("Always the same:").click()
    expect(outcomes.region.get_by_role("definition").first).to_be_visible()
    expect(outcomes.region).to_contain_text("Every kernel runs as one")


def test_the_selected_op_stays_in_view_where_outcomes_take_room(debugger: DebuggerPage) -> None:
    debugger.page.set_viewport_size({"width": 1280, "height": 800})
    title = "Read beside the write, resource variables"
    debugger.open_card(debugger.puzzles.get_by_role("button", name=f"Open {title}", exact=True))
    debugger.initialize()
    debugger.launch(["ReadVariableOp:0", "v/Read/ReadVariableOp:0"])
    debugger.finish()
    selected = debugger.graph_item("AssignAddVariableOp")
    debugger.find("AssignAddVariableOp").click()
    expect(selected).to_be_in_viewport(ratio=1)
    OutcomesRegion(debugger).find()
    expect(selected).to_be_in_viewport(ratio=1)


def test_an_outcome_is_replayed_to_its_values(racy: DebuggerPage) -> None:
    outcomes = OutcomesRegion(racy)
    outcomes.find()
    for value in ("0.0", "1.0"):
        number = outcomes.number_with(value)
        outcomes.button(f"Replay outcome {number}").click()
        racy.expect_status(re.compile(r"^Paused before step \d of 5: (read|add) "))
        racy.expect_states(read="ready", add="ready")
        racy.press("F10", times=3)
        racy.expect_status("Finished: 5 steps")
        racy.expect_results({"update:0": "1.0", "read:0": value})
        marked = outcomes.rows().filter(has_text="this run")
        expect(marked.get_by_role("rowheader")).to_contain_text(str(number))


def test_overlapping_kernels_are_stepped_part_by_part(debugger: DebuggerPage) -> None:
    title = "A swap of two variables"
    debugger.open_card(debugger.puzzles.get_by_role("button", name=f"Open {title}", exact=True))
    debugger.initialize()
    debugger.launch(targets=["swap"])
    debugger.finish()
    outcomes = OutcomesRegion(debugger)
    outcomes.region.get_by_role("combobox", name="Level").select_option("split")
    outcomes.find()
    torn = outcomes.rows().filter(has_text="torn")
    torn.get_by_role("button", name="Replay").click()
    debugger.expect_status(re.compile(r"^Paused before step 4 of 15: Assign\w* \(Assign\) begins$"))
    debugger.press("F10", times=2)
    debugger.expect_states(Assign="running", Assign_1="running")
    debugger.press("Shift+F10")
    debugger.press("F10", times=5)
    debugger.expect_status(re.compile(r"step 10 of 15: Assign\w* \(Assign\) writes [ab]$"))
    debugger.press("F10", times=5)
    debugger.expect_status("Finished: 15 steps")
    debugger.expect_variable("a", "2.0")
    debugger.expect_variable("b", "1.0")
    debugger.expect_states(Assign="done", Assign_1="done")
    expect(torn).to_contain_text("this run")


def test_two_outcomes_are_compared_side_by_side(racy: DebuggerPage) -> None:
    outcomes = OutcomesRegion(racy)
    outcomes.find()
    outcomes.button("Compare outcome 1").press("Enter")
    comparison = outcomes.comparison
    expect(comparison).to_contain_text("They part at step 1")
    differs = comparison.get_by_role("table", name="What differs")
    expect(differs.get_by_role("row").nth(1)).to_contain_text("read:0")
    for number in (1, 2):
        schedule = comparison.get_by_role("list", name=f"Schedule of outcome {number}")
        expect(schedule.locator("[aria-current=step]")).to_have_text(re.compile("read|add"))
    expect(comparison).to_contain_text(re.compile("On v, (read|add) comes before (read|add) in"))
    comparison.get_by_role("button", name="Close comparison").click()
    expect(comparison).to_be_hidden()


def test_a_race_is_drawn_between_its_ops(racy: DebuggerPage) -> None:
    outcomes = OutcomesRegion(racy)
    outcomes.find()
    race = outcomes.races.get_by_role("button", name=re.compile("^Race on v: "))
    race.click()
    mark = racy.graph.get_by_role("img", name=re.compile("^Race on v: .*nothing orders them$"))
    expect(mark).to_have_text("no order on v")
    for name in ("read", "add"):
        expect(racy.graph_item(name)).to_be_visible()
    expect(race).to_have_attribute("aria-pressed", "true")
    outcomes.races.get_by_role("button", name="read", exact=True).click()
    expect(racy.inspector.get_by_role("heading", name="read", exact=True)).to_be_visible()
    race.click()
    expect(mark).to_be_hidden()


def two_counters() -> Graph:
    """Two reference variables, `a` and `b`; each is doubled beside its update."""
    graph = Graph()
    one = programs.constant(graph, "one", 1.0)
    typed = {"T": dtypes.float32}
    for variable in programs.ref_variables(graph, a=1.0, b=2.0):
        name, operands = variable.name, [variable.output(), one.output()]
        graph.add(f"{name}_update", "AssignAdd", operands, attrs={**typed, "use_locking": False})
        graph.add(f"{name}_more", "Add", operands, attrs=typed)
    return graph


def test_independent_races_are_shown_as_groups(debugger: DebuggerPage, saved: Saved) -> None:
    debugger.add(saved(two_counters(), "two_counters.pb"))
    debugger.initialize()
    debugger.launch(["a_update:0", "a_more:0", "b_update:0", "b_more:0"])
    debugger.finish()
    outcomes = OutcomesRegion(debugger)
    expect(outcomes.region).to_contain_text("This is one of 4 possible results.")
    outcomes.button("Show outcomes").click()
    expect(outcomes.region).to_contain_text("2 × 2 = 4 results, in 2 independent groups")  # noqa: RUF001
    for group in (1, 2):
        expect(outcomes.rows(f"Group {group}")).to_have_count(2)
    outcomes.button("Replay outcome 2 of group 2").click()
    debugger.expect_status(re.compile(r"^Paused before step \d of \d: b_(update|more)"))


def test_a_failure_is_one_of_the_outcomes(debugger: DebuggerPage, saved: Saved) -> None:
    debugger.add(saved(programs.product(), "product.pb"))
    debugger.launch(["add:0", "mul:0"])
    debugger.button("Continue").click()
    debugger.expect_status(re.compile("^Failed at step"))
    outcomes = OutcomesRegion(debugger)
    expect(outcomes.region).to_contain_text(re.compile("This is one of|This failure is the only"))
    outcomes.button("Show outcomes").click()
    expect(outcomes.region).to_contain_text("FailedPreconditionError")


def long_search() -> Graph:
    """`all` runs nine updates of `v` that neither commute nor are indivisible."""
    graph = Graph()
    (v,) = programs.ref_variables(graph, v=1.0)
    typed = {"T": dtypes.float32}
    base = programs.constant(graph, "base", 1.1)
    updates = []
    for number in range(9):
        digit = programs.constant(graph, f"digit_{number}", float(number + 1))
        scaled = graph.add(f"scaled_{number}", "Mul", [v.output(), base.output()], attrs=typed)
        total = graph.add(f"sum_{number}", "Add", [scaled.output(), digit.output()], attrs=typed)
        attrs = {**typed, "use_locking": True, "validate_shape": True}
        operands = [v.output(), total.output()]
        updates.append(graph.add(f"append_{number}", "Assign", operands, attrs=attrs))
    graph.add("all", "NoOp", control_inputs=updates)
    return graph


def test_a_long_search_is_stopped_and_says_what_it_found(
    debugger: DebuggerPage, saved: Saved
) -> None:
    debugger.add(saved(long_search(), "long_search.pb"))
    debugger.initialize()
    debugger.launch(targets=["all"])
    outcomes = OutcomesRegion(debugger)
    outcomes.button("Find outcomes").click()
    search = outcomes.region.get_by_role("progressbar", name="Search for outcomes")
    expect(search).to_have_attribute("aria-valuetext", re.compile("[1-9][0-9,]* choices"))
    debugger.press("F10", times=3)
    debugger.expect_status(re.compile("^Paused before step 3 "))
    expect(search).to_be_visible()

    outcomes.button("Stop search").click()
    expect(search).to_be_hidden()
    expect(outcomes.region).to_contain_text(
        re.compile(r"At least [\d,]+ results are possible \(search stopped after [\d.]+ m?s\)\.")
    )
    expect(outcomes.region).to_contain_text("There may be more results.")


def test_a_second_browser_sees_the_same_outcomes(racy: DebuggerPage, tabs) -> None:
    OutcomesRegion(racy).find()
    other = tabs.open()
    other.page.goto(racy.page.url)
    outcomes = OutcomesRegion(other)
    expect(outcomes.region).to_contain_text("This is one of 2 possible results.")
    outcomes.button("Show outcomes").click()
    expect(outcomes.rows()).to_have_count(2)


def test_a_fix_is_shown_with_what_it_does_and_opened(racy: DebuggerPage) -> None:
    outcomes = OutcomesRegion(racy)
    outcomes.find()
    outcomes.region.get_by_role("button", name=re.compile("^Apply fix to v")).click()
    repairs = outcomes.region.get_by_role("group", name="Repairs")
    expect(repairs).to_contain_text("2 results before, 1 result with it.")
    expect(repairs).to_contain_text("Goes away: read:0 = ")
    expect(repairs.get_by_label("Python").first).to_contain_text("control")

    repairs.get_by_role("button", name="Open repaired program").first.click()
    racy.expect_status(re.compile("^Ready to run resource_counter_repaired"))
    racy.initialize()
    racy.button("Run").click()
    racy.dialog.get_by_role("button", name="The repaired run").click()
    for name in FETCHES:
        expect(racy.dialog.get_by_role("button", name=f"Remove {name}")).to_be_visible()
    racy.start()
    racy.expect_status(re.compile("^Paused before step 0 "))
    racy.finish()
    expect(outcomes.region).to_contain_text("This result is the only one possible.")


def test_both_kinds_of_variables_are_compared(racy: DebuggerPage) -> None:
    outcomes = OutcomesRegion(racy)
    outcomes.find()
    outcomes.button("Compare with reference variables").click()
    models = outcomes.region.get_by_role("region", name="Both models")
    expect(models).to_contain_text("1 result only with resource variables.")
    expect(models).not_to_contain_text("0 results")
    models.get_by_role("button", name="Close models").click()
    expect(models).to_be_hidden()


def test_races_are_marked_in_the_timeline(racy: DebuggerPage) -> None:
    outcomes = OutcomesRegion(racy)
    # `add` writes `v`; `read` reads it, as `update` does, but nothing orders `read` and `add`.
    markers = "2 race markers: 1 read (a diamond) and 1 write (a ring)."
    expect(racy.timeline).to_have_accessible_description(markers)

    outcomes.find()
    outcomes.races.get_by_role("button", name=re.compile("^Race on v: ")).click()
    expect(racy.timeline).to_have_accessible_description(markers)

    racy.launch(["update:0"])
    expect(racy.timeline).to_have_accessible_description("")
    racy.finish()
    expect(outcomes.region).to_contain_text("This result is the only one possible.")
    expect(racy.timeline).to_have_accessible_description("")
