"""The drawing as people use it: mirror, keyboard, pointer, buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    Show = Callable[[dict[str, Any]], Page]

SET_STATES = """(states) => {
    const array = new Uint8Array(model.nodeCount);
    for (const [name, state] of Object.entries(states)) array[model.indexOf(name)] = state;
    view.setStates(array);
}"""


def item(page: Page, name: str) -> Locator:
    tree = page.get_by_role("tree", name="Graph nodes")
    return tree.get_by_role("treeitem", name=name, exact=True)


def test_a_small_graph_opens_whole_with_every_op_in_the_tree(
    show: Show, counter: dict[str, Any]
) -> None:
    page = show(counter)
    for name in counter["nodes"]["name"]:
        expect(item(page, name)).to_have_attribute("data-state", "idle")
    expect(item(page, "v/")).to_have_attribute("aria-expanded", "true")
    expect(item(page, "v")).to_have_attribute("data-type", "VariableV2")


def test_states_show_in_the_tree_and_in_collapsed_scopes(
    show: Show, counter: dict[str, Any]
) -> None:
    page = show(counter)
    page.evaluate(SET_STATES, {"v": 3, "v/read": 5, "update": 1, "one": 2, "value": 4})
    expect(item(page, "v")).to_have_attribute("data-state", "done")
    expect(item(page, "update")).to_have_attribute("data-state", "ready")
    expect(item(page, "one")).to_have_attribute("data-state", "running")
    expect(item(page, "value")).to_have_attribute("data-state", "dead")
    page.evaluate("view.collapse(model.scopeAt('v'))")
    expect(item(page, "v/")).to_have_attribute("data-state", "failed")
    expect(item(page, "v/read")).to_have_count(0)


def test_a_click_selects_and_in_manual_mode_runs_a_ready_op(
    show: Show, counter: dict[str, Any]
) -> None:
    page = show(counter)
    page.evaluate(SET_STATES, {"one": 1, "v": 1})
    item(page, "one").click()
    assert page.evaluate("[calls.selected, calls.fired]") == [[4], []]
    expect(item(page, "one")).to_have_attribute("aria-selected", "true")
    page.evaluate("view.setManual(true)")
    item(page, "v").click()
    item(page, "update").click()
    assert page.evaluate("calls.fired") == [1]


def test_a_click_on_a_scope_selects_its_op_and_leaves_it_collapsed(
    show: Show, counter: dict[str, Any]
) -> None:
    page = show(counter)
    page.evaluate("view.collapse(model.scopeAt('v'))")
    item(page, "v/").click()
    assert page.evaluate("calls.selected") == [1]
    page.evaluate("view.select(1, { reveal: true })")
    expect(item(page, "v/")).to_have_attribute("aria-selected", "true")
    expect(item(page, "v/")).to_have_attribute("aria-expanded", "false")


def test_double_click_and_enter_expand_and_collapse(show: Show, counter: dict[str, Any]) -> None:
    page = show(counter)
    item(page, "v/").dblclick()
    expect(item(page, "v/")).to_have_attribute("aria-expanded", "false")
    item(page, "v/").focus()
    page.keyboard.press("Enter")
    expect(item(page, "v/")).to_have_attribute("aria-expanded", "true")
    expect(item(page, "v/")).to_be_focused()


def test_arrow_keys_move_among_boxes_and_space_selects(show: Show, counter: dict[str, Any]) -> None:
    page = show(counter)
    item(page, "update").focus()
    page.keyboard.press("ArrowDown")
    expect(item(page, "value")).to_be_focused()
    page.keyboard.press(" ")
    expect(item(page, "value")).to_have_attribute("aria-selected", "true")


def test_buttons_zoom_fit_expand_and_collapse(show: Show, layers: dict[str, Any]) -> None:
    page = show(layers)
    before = page.evaluate("view.stats().view.k")
    page.get_by_role("button", name="Zoom in").click()
    assert page.evaluate("view.stats().view.k") > before
    page.get_by_role("button", name="Zoom out").click()
    page.get_by_role("button", name="Expand all").click()
    assert page.evaluate("view.stats().boxes") > 250
    page.get_by_role("button", name="Collapse all").click()
    assert page.evaluate("view.stats().boxes") == 52
    page.get_by_role("button", name="Fit", exact=True).click()
    follow = page.get_by_role("button", name="Follow")
    expect(follow).to_have_attribute("aria-pressed", "true")
    follow.click()
    expect(follow).to_have_attribute("aria-pressed", "false")


def test_selecting_a_hidden_op_reveals_it(show: Show, layers: dict[str, Any]) -> None:
    page = show(layers)
    page.evaluate("view.select(model.indexOf('layer_41/MatMul'), { reveal: true })")
    expect(item(page, "layer_41/MatMul")).to_have_attribute("aria-selected", "true")
    expect(item(page, "layer_41/MatMul")).to_be_in_viewport()


def test_following_brings_the_next_op_into_view(show: Show, layers: dict[str, Any]) -> None:
    page = show(layers)
    page.evaluate("view.setNext(model.indexOf('layer_45/Relu'))")
    expect(item(page, "layer_45/Relu")).to_be_in_viewport()
    page.evaluate("view.setFollow(false)")
    page.evaluate("view.setNext(model.indexOf('layer_2/Relu'))")
    expect(item(page, "layer_2/Relu")).to_have_count(0)


def test_following_a_whole_run_leaves_few_scopes_open(show: Show, layers: dict[str, Any]) -> None:
    page = show(layers)
    page.evaluate("for (let op = 0; op < model.nodeCount; op++) view.setNext(op)")
    assert page.evaluate("view.stats().boxes") < 140


def test_following_an_op_that_was_laid_out_ahead_gives_the_same_picture(
    show: Show, layers: dict[str, Any]
) -> None:
    follow = """(ahead) => {
        for (let op = 0; op < model.nodeCount; op += 7) {
            view.setNext(op);
            for (const guess of ahead ? [0, op + 7] : [])
                if (guess < model.nodeCount) view.prepareNext(guess);
            if (op % 35 === 0) view.collapse(model.scopeAt("layer_3"));
        }
        const { ids, left, top } = view.stage.shown.scene;
        return { stats: { ...view.stats(), layoutMs: 0, frameMs: 0, nodesInView: 0 },
                 ids: [...ids], left: [...left], top: [...top] };
    }"""
    assert show(layers).evaluate(follow, True) == show(layers).evaluate(follow, False)


def test_the_mirror_follows_when_quick_steps_have_ended(show: Show, layers: dict[str, Any]) -> None:
    page = show(layers)
    page.evaluate("""async () => {
        for (let op = 0; op < 40; op++) {
            view.setNext(op);
            view.setStates(new Uint8Array(model.nodeCount).fill(3, 0, op));
            await new Promise(requestAnimationFrame);
        }
    }""")
    expect(item(page, page.evaluate("model.path(39)"))).to_have_attribute("data-state", "idle")
    expect(item(page, page.evaluate("model.path(38)"))).to_have_attribute("data-state", "done")


def test_a_drag_pans_and_selects_nothing(show: Show, counter: dict[str, Any]) -> None:
    page = show(counter)
    before = page.evaluate("view.stats().view")
    page.mouse.move(300, 600)
    page.mouse.down()
    page.mouse.move(340, 630, steps=4)
    page.mouse.up()
    after = page.evaluate("view.stats().view")
    assert (after["x"] - before["x"], after["y"] - before["y"]) == (40, 30)
    assert page.evaluate("calls.selected") == []


def test_the_wheel_zooms_about_the_pointer(show: Show, counter: dict[str, Any]) -> None:
    page = show(counter)
    before = page.evaluate("view.stats().view")
    page.mouse.move(500, 400)
    page.mouse.wheel(0, -200)
    page.wait_for_function("(k) => view.stats().view.k > k", arg=before["k"])
    after = page.evaluate("view.stats().view")
    for view in (before, after):
        view["world"] = ((500 - view["x"]) / view["k"], (400 - view["y"]) / view["k"])
    assert abs(before["world"][0] - after["world"][0]) < 0.01
    assert abs(before["world"][1] - after["world"][1]) < 0.01


def test_hovering_tells_what_is_under_the_pointer(show: Show, counter: dict[str, Any]) -> None:
    page = show(counter)
    item(page, "update").hover()
    page.wait_for_function("calls.hovered.at(-1) === 'update'")


def test_nothing_is_drawn_while_nothing_moves(show: Show, counter: dict[str, Any]) -> None:
    page = show(counter)
    page.evaluate("view.steps([1, 3])")
    page.wait_for_function("!view.stats().isAnimating")
    asked = page.evaluate(
        """async () => {
            const frame = () => new Promise((resolve) => original(resolve));
            const original = window.requestAnimationFrame;
            for (let i = 0; i < 3; i++) await frame();
            let asked = 0;
            window.requestAnimationFrame = (f) => { asked++; return original(f); };
            for (let i = 0; i < 5; i++) await frame();
            window.requestAnimationFrame = original;
            return asked;
        }"""
    )
    assert asked == 0


def test_the_mirror_holds_what_is_in_view_only(show: Show, layers: dict[str, Any]) -> None:
    page = show(layers)
    page.get_by_role("button", name="Expand all").click()
    page.evaluate("for (let i = 0; i < 12; i++) document.querySelector('[aria-label=Fit]').click()")
    expect(page.get_by_role("treeitem").first).to_be_attached()
    assert page.get_by_role("treeitem").count() <= 301


def test_destroy_leaves_nothing_behind(show: Show, counter: dict[str, Any]) -> None:
    page = show(counter)
    page.evaluate("view.destroy()")
    assert page.evaluate("document.getElementById('graph').childElementCount") == 0


def test_what_is_in_view_stays_in_view_in_a_narrower_window(
    show: Show, counter: dict[str, Any]
) -> None:
    page = show(counter)
    page.set_viewport_size({"width": 1000, "height": 700})
    ops = [item(page, name) for name in ("one", "value")]
    page.evaluate("view.select(0, { reveal: true })")
    page.mouse.move(500, 350)
    page.mouse.wheel(0, -10)
    page.wait_for_function("!view.stats().isAnimating")
    before = page.evaluate("view.stats().view.k")
    page.set_viewport_size({"width": 480, "height": 700})
    page.wait_for_function("(k) => view.stats().view.k !== k", arg=before)
    assert page.evaluate("view.stats().view.k") < before
    for op in ops:
        box = op.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 480
