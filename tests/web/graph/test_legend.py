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
        ("Data", "--graph-edge"),
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
        page.evaluate(PIXELS, [name, "--graph-edge"]) for name in ("Data", "Several edges")
    )
    assert several > 1.5 * one
