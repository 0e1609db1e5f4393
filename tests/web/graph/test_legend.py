"""The legend over the drawing: opened by keyboard, drawn as the graph is drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

Show = Callable[[dict[str, Any]], "Page"]

# The number of pixels of a sample that have nearly the colour of a custom property.
PIXELS = """([name, property]) => {
    const item = [...document.querySelectorAll(".graph-legend li")]
        .find((one) => one.querySelector("strong").textContent === name);
    const probe = document.createElement("canvas").getContext("2d");
    probe.fillStyle = getComputedStyle(item).getPropertyValue(property);
    probe.fillRect(0, 0, 1, 1);
    const wanted = probe.getImageData(0, 0, 1, 1).data;
    const canvas = item.querySelector("canvas");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
        if ([0, 1, 2].every((i) => Math.abs(data[at + i] - wanted[i]) < 12)) count++;
    }
    return count;
}"""


def test_it_opens_and_closes_by_keyboard(show: Show, counter: dict[str, Any]) -> None:
    page = show(counter)
    button = page.get_by_role("button", name="Legend")
    legend = page.get_by_role("dialog", name="Legend")
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(legend).to_be_hidden()

    button.press("Enter")
    expect(legend).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "true")
    for title in ("States of ops", "Kinds of ops", "Boxes", "Edges"):
        expect(legend.get_by_role("list", name=title)).to_be_visible()

    page.keyboard.press("Escape")
    expect(legend).to_be_hidden()
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")


def test_it_stays_open_while_the_graph_is_used(show: Show, counter: dict[str, Any]) -> None:
    page = show(counter)
    page.get_by_role("button", name="Legend").click()
    legend = page.get_by_role("dialog", name="Legend")
    before = page.evaluate("view.stats().view.k")
    legend.hover()
    page.mouse.wheel(0, 300)
    assert page.evaluate("view.stats().view.k") == before

    page.get_by_role("treeitem", name="one", exact=True).focus()
    expect(legend).to_be_visible()
    page.keyboard.press("Escape")
    expect(legend).to_be_hidden()
    expect(page.get_by_role("treeitem", name="one", exact=True)).to_be_focused()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_samples_have_the_colours_of_the_drawing(
    show: Show, counter: dict[str, Any], theme: str
) -> None:
    page = show(counter)
    page.get_by_role("button", name="Legend").click()
    page.evaluate("(theme) => (document.documentElement.style.colorScheme = theme)", theme)
    page.evaluate("() => new Promise(requestAnimationFrame)")
    for name, colour in (
        ("Ready", "--state-ready"),
        ("Running", "--state-running"),
        ("Done", "--state-done"),
        ("Dead", "--state-dead"),
        ("Failed", "--state-failed"),
        ("Next", "--graph-next"),
        ("Reference variable", "--graph-variable"),
        ("Writer", "--graph-write"),
        ("Value", "--graph-edge"),
        ("Alias", "--graph-variable"),
        ("Reference", "--graph-variable"),
        ("Handle", "--graph-variable"),
        ("Written through", "--graph-write"),
        ("Control dependency", "--graph-edge-control"),
        ("Loop back", "--graph-loop"),
        ("Race", "--race"),
    ):
        assert page.evaluate(PIXELS, [name, colour]) > 10, name


def test_more_edges_make_a_wider_line(show: Show, counter: dict[str, Any]) -> None:
    page = show(counter)
    page.get_by_role("button", name="Legend").click()
    one, several = (
        page.evaluate(PIXELS, [name, "--graph-edge"]) for name in ("Value", "Several edges")
    )
    assert several > 1.5 * one


# At every height of a sample: how often a line begins from the left, and the pixels that are drawn.
ROWS = """(name) => {
    const item = [...document.querySelectorAll(".graph-legend li")]
        .find((one) => one.querySelector("strong").textContent === name);
    const canvas = item.querySelector("canvas");
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    const isPaper = (x, y) =>
        [0, 1, 2].every((i) => Math.abs(data[4 * (y * width + x) + i] - data[i]) < 40);
    return Array.from({ length: height }, (_, y) => {
        let [begins, drawn] = [0, 0];
        for (let x = 1; x < width; x++) {
            if (isPaper(x, y)) continue;
            drawn++;
            if (isPaper(x - 1, y)) begins++;
        }
        return [begins, drawn];
    });
}"""


def test_kinds_of_edges_differ_in_more_than_colour(show: Show, counter: dict[str, Any]) -> None:
    page = show(counter)
    page.get_by_role("button", name="Legend").click()
    rows = {
        name: page.evaluate(ROWS, name)[8:31]
        for name in ("Value", "Alias", "Reference", "Handle", "Written through")
    }
    begins = {name: [row[0] for row in each] for name, each in rows.items()}
    drawn = {name: [row[1] for row in each] for name, each in rows.items()}
    assert set(begins["Value"]) == {1}
    assert begins["Alias"].count(2) > 15
    assert sum(drawn["Handle"]) < 0.8 * sum(drawn["Value"])
    bar = [height for height in range(16, 22) if drawn["Reference"][height] > 9]
    diamond = [height for height in range(16, 22) if drawn["Written through"][height] > 6]
    assert 1 <= len(bar) <= 3 < len(diamond)
