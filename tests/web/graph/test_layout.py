"""Properties of the layered layout of one level."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

Edges = list[tuple[int, int]]

LAYOUT = """async ([count, edges, loops]) => {
    const { layOut } = await import("/graph/layout.js");
    const free = () => new Float64Array(edges.length).fill(NaN);
    const layout = layOut({
        count,
        width: Float64Array.from({ length: count }, (_, i) => 70 + (i % 5) * 22),
        height: Float64Array.from({ length: count }, (_, i) => 36 + (i % 3) * 8),
        pin: new Int8Array(count),
        from: Int32Array.from(edges, ([from]) => from),
        to: Int32Array.from(edges, ([, to]) => to),
        fromLane: new Int32Array(edges.length),
        toLane: new Int32Array(edges.length),
        fromOffset: free(),
        toOffset: free(),
        closesLoop: Uint8Array.from(edges, (_, edge) => (loops.includes(edge) ? 1 : 0)),
    });
    return {
        ...layout,
        x: [...layout.x],
        y: [...layout.y],
        routes: layout.routes.map((route) => [...route]),
        isBack: [...layout.isBack],
    };
}"""


def lay_out(page: Page, count: int, edges: Edges, loops: tuple[int, ...] = ()) -> dict[str, Any]:
    return page.evaluate(LAYOUT, [count, [list(edge) for edge in edges], list(loops)])


def boxes(layout: dict[str, Any]) -> list[tuple[float, float, float, float]]:
    """Left, top, right, bottom of each box, of the sizes that LAYOUT gives."""
    result: list[tuple[float, float, float, float]] = []
    for i, (x, y) in enumerate(zip(layout["x"], layout["y"], strict=True)):
        w, h = 70 + (i % 5) * 22, 36 + (i % 3) * 8
        result.append((x - w / 2, y - h / 2, x + w / 2, y + h / 2))
    return result


def random_graph(count: int, edge_count: int, seed: int) -> Edges:
    chance = random.Random(seed)
    found: set[tuple[int, int]] = set()
    while len(found) < edge_count:
        a, b = sorted(chance.sample(range(count), 2))
        if b - a < count // 3:
            found.add((a, b))
    return sorted(found)


GRAPHS = [
    pytest.param(6, [(0, 1), (0, 2), (1, 3), (2, 3), (3, 4), (0, 5)], id="diamond"),
    pytest.param(40, random_graph(40, 60, 1), id="random 40"),
    pytest.param(120, random_graph(120, 200, 2), id="random 120"),
    pytest.param(30, [(0, i) for i in range(1, 30)], id="fan"),
    pytest.param(25, [], id="no edges"),
    pytest.param(8, [(0, 1), (1, 2), (2, 0), (2, 3), (4, 5), (5, 4), (6, 7)], id="cycles"),
]


@pytest.mark.parametrize(("count", "edges"), GRAPHS)
def test_boxes_do_not_overlap_and_lie_within_the_bounds(
    page: Page, count: int, edges: Edges
) -> None:
    layout = lay_out(page, count, edges)
    placed = boxes(layout)
    for i, (left, top, right, bottom) in enumerate(placed):
        assert left >= -0.01
        assert top >= -0.01
        assert right <= layout["width"] + 0.01
        assert bottom <= layout["height"] + 0.01
        for other in placed[i + 1 :]:
            apart = other[0] >= right or other[2] <= left or other[1] >= bottom or other[3] <= top
            assert apart


@pytest.mark.parametrize(("count", "edges"), GRAPHS)
def test_edges_lead_down_unless_they_close_a_cycle(page: Page, count: int, edges: Edges) -> None:
    layout = lay_out(page, count, edges)
    placed = boxes(layout)
    for edge, (source, target) in enumerate(edges):
        ys = layout["routes"][edge][1::2]
        if layout["isBack"][edge]:
            assert placed[source][1] > placed[target][1]
            assert ys == sorted(ys, reverse=True)
        else:
            assert ys == sorted(ys)
            assert ys[0] == pytest.approx(placed[source][3])
            assert ys[-1] == pytest.approx(placed[target][1])


@pytest.mark.parametrize(("count", "edges"), GRAPHS)
def test_edges_do_not_pass_under_boxes(page: Page, count: int, edges: Edges) -> None:
    layout = lay_out(page, count, edges)
    placed = boxes(layout)
    for edge, ends in enumerate(edges):
        route = layout["routes"][edge]
        points = list(zip(route[::2], route[1::2], strict=True))
        for (x0, y0), (x1, y1) in itertools.pairwise(points):
            for box, (left, top, right, bottom) in enumerate(placed):
                if box in ends:
                    continue
                crosses = min(y0, y1) < bottom - 0.01 and max(y0, y1) > top + 0.01
                beside = max(x0, x1) <= left + 0.01 or min(x0, x1) >= right - 0.01
                assert beside or not crosses


def test_the_same_input_gives_the_same_layout(page: Page) -> None:
    edges = random_graph(80, 130, 3)
    assert lay_out(page, 80, edges) == lay_out(page, 80, edges)


def test_no_graph_without_nodes_fails(page: Page) -> None:
    assert lay_out(page, 0, [])["routes"] == []


def test_trees_and_ladders_are_drawn_without_crossings(page: Page) -> None:
    tree = [((i - 1) // 2, i) for i in range(1, 31)]
    random.Random(5).shuffle(tree)
    assert lay_out(page, 31, tree)["crossings"] == 0
    ladder = [(i, i + 2) for i in range(28)] + [(i, i + 1) for i in range(0, 28, 2)]
    assert lay_out(page, 30, ladder)["crossings"] == 0


def test_crossings_of_random_graphs_stay_low(page: Page) -> None:
    crossings = [lay_out(page, 60, random_graph(60, 80, s))["crossings"] for s in range(6)]
    assert sum(crossings) <= 330, crossings


def test_only_the_edge_that_is_known_to_close_a_loop_leads_up(page: Page) -> None:
    # enter -> merge -> switch -> body -> next -> merge; without the hint, the search, which starts
    # at the body's other input, would turn another edge round.
    edges = [(0, 1), (5, 3), (1, 2), (2, 3), (3, 4), (4, 1)]
    assert lay_out(page, 6, edges, loops=(5,))["isBack"] == [0, 0, 0, 0, 0, 1]


def test_parts_without_connection_are_packed_in_rows(page: Page) -> None:
    layout = lay_out(page, 60, [])
    assert 0.8 < layout["width"] / layout["height"] < 3.5


def test_a_wide_rank_is_broken(page: Page) -> None:
    layout = lay_out(page, 81, [(i, 80) for i in range(80)])
    assert layout["width"] < 2600
