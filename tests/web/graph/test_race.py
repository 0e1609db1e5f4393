"""The line that stands for the edge which two racing ops lack."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Boxes of 100 by 40, at the given corners.
CURVE = """async (corners) => {
    const { curveBetween } = await import("/graph/race.js");
    return curveBetween({
        left: corners.map(([x]) => x), top: corners.map(([, y]) => y),
        width: [100, 100], height: [40, 40], isExpanded: [0, 0],
    }, 0, 1);
}"""


def curve(page: Page, *corners: tuple[int, int]) -> list[tuple[float, float]]:
    """The points of the curve between two boxes."""
    numbers = page.evaluate(CURVE, [list(corner) for corner in corners])
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def test_boxes_far_apart_are_joined_by_the_sides_that_face_each_other(page: Page) -> None:
    assert [curve(page, (0, 0), (400, 100))[end] for end in (0, -1)] == [(100, 20), (400, 120)]
    assert [curve(page, (400, 100), (0, 0))[end] for end in (0, -1)] == [(400, 120), (100, 20)]


def test_neighbours_are_joined_below_so_that_the_label_hides_neither(page: Page) -> None:
    start, first, second, end = curve(page, (0, 0), (130, 0))
    assert (start, end) == ((50, 40), (180, 40))
    assert first[1] > 40 < second[1]


def test_boxes_above_each_other_are_joined_at_their_right(page: Page) -> None:
    start, first, second, end = curve(page, (0, 0), (20, 200))
    assert (start, end) == ((100, 20), (120, 220))
    assert first[0] > 120 < second[0]


def test_a_race_opens_what_hides_its_ops_and_is_told_in_words(
    show: Callable[[dict[str, Any]], Page], layers: dict[str, Any]
) -> None:
    page = show(layers)
    names = layers["nodes"]["name"]
    race = {
        "first": names.index("layer_3/w/read"), "second": names.index("layer_20/Relu"),
        "label": "no order on w", "description": "Race on w: nothing orders the two",
    }  # fmt: skip
    page.evaluate("(race) => view.setRace(race)", race)

    mark = page.get_by_role("img", name="Race on w: nothing orders the two")
    expect(mark).to_have_text("no order on w")
    for name in ("layer_3/w/read", "layer_20/Relu"):
        expect(page.get_by_role("treeitem", name=name, exact=True)).to_be_visible()

    page.evaluate("() => view.setRace(null)")
    expect(mark).to_be_hidden()
