"""What is drawn of a graph: folds, hubs, expanded scopes, ports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

SCENE = """async ([json, paths]) => {
    const { GraphModel } = await import("/graph/model.js");
    const { DisplayTree } = await import("/graph/tree.js");
    const { SceneBuilder } = await import("/graph/scene.js");
    const { EdgeKind } = await import("/graph/types.js");
    const { Ways, linesAt } = await import("/graph/ways.js");
    const model = new GraphModel(json);
    const tree = new DisplayTree(model);
    const builder = new SceneBuilder(tree, (text) => text.length * 7);
    builder.build();
    for (const path of paths) builder.setExpanded(model.scopeAt(path), true);
    const scene = builder.build();
    const ways = new Ways(builder, scene);
    const name = (box) => (box < 0 ? null : tree.fullName(scene.ids[box]));
    return {
        boxes: [...scene.ids].map((id, box) => ({
            name: tree.fullName(id),
            parent: tree.parents[id],
            count: tree.end[id] - tree.start[id],
            children: tree.isContainer(id) ? tree.children(id).length : 0,
            bounds: [
                scene.left[box],
                scene.top[box],
                scene.left[box] + scene.width[box],
                scene.top[box] + scene.height[box],
            ],
        })),
        hubs: [...builder.levels.hubs(tree.root)].map((id) => tree.fullName(id)),
        edges: scene.edges.map(({ edge, from, to, points }) => ({
            from: name(from),
            to: name(to),
            count: edge.count,
            kind: Object.keys(EdgeKind)[edge.kind],
            points: [...points],
        })),
        lines: [...scene.ids].map((id, box) => [
            tree.fullName(id),
            linesAt(ways, box).map(({ kind }) => Object.keys(EdgeKind)[kind]),
        ]),
        ways: Array.from({ length: model.edgeCount }, (_, edge) => {
            const way = ways.wayOf(edge);
            return way && [...way];
        }),
    };
}"""


def scene_of(page: Page, graph: dict[str, Any], *expanded: str) -> dict[str, Any]:
    return page.evaluate(SCENE, [graph, list(expanded)])


def box(scene: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in scene["boxes"] if each["name"] == name)


def test_edges_of_a_collapsed_scope_are_drawn_as_one(page: Page, counter: dict[str, Any]) -> None:
    scene = scene_of(page, counter)
    drawn = {(edge["from"], edge["to"]): edge for edge in scene["edges"]}
    assert set(drawn) == {
        ("v/", "update"),
        ("one", "update"),
        ("v/", "value"),
        ("update", "value"),
        ("v/", "init"),
    }
    assert drawn["v/", "update"]["kind"] == "mutating"
    assert drawn["update", "value"]["kind"] == "control"


def test_edges_drawn_as_one_show_what_can_surprise_most(
    page: Page, build: Callable[..., Any]
) -> None:
    kinds = ["value", "handle", "alias", "ref", "mutating"]
    ops = [("x", "Add", []), ("x/more", "Add", [])]
    for kind in kinds:
        count = 1 + kinds.index(kind)
        ops += [(f"{kind}/{number}", "Add", ["x/more"]) for number in range(count)]
        ops.append((f"{kind}/after", "NoOp", ["^x"]))
    # In the scope named by each kind, the first op is given a value, and so on up to that kind.
    graph = build(
        ops,
        handles=[2, 4, 7, 11], aliases=[5, 8, 12], refs=[9, 13, 14], mutating=[14],
    )  # fmt: skip
    scene = scene_of(page, graph)
    drawn = {edge["to"]: edge["kind"] for edge in scene["edges"]}
    assert drawn == {f"{kind}/": kind for kind in kinds}
    assert dict(scene["lines"])["ref/"] == ["ref"]
    assert sorted(dict(scene["lines"])["x/"]) == sorted(kinds)


def test_a_selected_op_shows_the_kinds_of_its_edges(page: Page, counter: dict[str, Any]) -> None:
    lines = dict(scene_of(page, counter, "v")["lines"])
    assert lines["v/read"] == ["alias", "ref"]
    assert lines["update"] == ["control", "mutating", "value"]


def test_an_expanded_scope_holds_its_content(page: Page, counter: dict[str, Any]) -> None:
    scene = scene_of(page, counter, "v")
    left, top, right, bottom = box(scene, "v/")["bounds"]
    for name in ("v", "v/Assign", "v/read", "v/initial_value"):
        inner = box(scene, name)["bounds"]
        assert left < inner[0]
        assert top < inner[1]
        assert inner[2] < right
        assert inner[3] < bottom


def test_a_way_leads_through_the_border_from_op_to_op(page: Page, counter: dict[str, Any]) -> None:
    scene = scene_of(page, counter, "v")
    read, value = box(scene, "v/read")["bounds"], box(scene, "value")["bounds"]
    # Data edges: Assign has two, read one, update two, then value's.
    way = scene["ways"][5]
    assert read[0] <= way[0] <= read[2]
    assert abs(way[1] - read[3]) < 0.01
    assert value[0] <= way[-2] <= value[2]
    assert abs(way[-1] - value[1]) < 0.01
    # The pieces meet: no jump across, and never upwards.
    xs, ys = way[::2], way[1::2]
    border = box(scene, "v/")["bounds"][3]
    at_border = [x for x, y in zip(xs, ys, strict=True) if abs(y - border) < 0.01]
    assert len(at_border) >= 2
    assert max(at_border) - min(at_border) < 0.01
    assert ys == sorted(ys)


def test_within_one_collapsed_scope_nothing_is_seen_to_flow(
    page: Page, counter: dict[str, Any]
) -> None:
    assert scene_of(page, counter)["ways"][0] is None


def test_what_reads_every_layer_is_a_hub_beside_the_level(
    page: Page, layers: dict[str, Any]
) -> None:
    scene = scene_of(page, layers)
    assert scene["hubs"] == ["gradients/"]
    assert not any("gradients/" in (edge["from"], edge["to"]) for edge in scene["edges"])


def test_a_crowded_level_is_folded_by_series(page: Page, build: Callable[..., Any]) -> None:
    ops = [("x", "Placeholder", [])]
    ops += [(f"square_{i}" if i else "square", "Square", ["x"]) for i in range(120)]
    ops += [("stage1", "Neg", ["x"]), ("stage2", "Neg", ["stage1"])]
    scene = scene_of(page, build(ops))
    fold = box(scene, "square* (120 operations)")
    assert fold["count"] == 120
    assert fold["children"] == 3
    assert {each["name"] for each in scene["boxes"]} >= {"x", "stage1", "stage2"}


def test_dotted_names_fold_like_scopes(page: Page, build: Callable[..., Any]) -> None:
    ops = [(f"block{b}.conv{c}", "Neg", []) for b in range(4) for c in range(30)]
    names = [each["name"] for each in scene_of(page, build(ops))["boxes"]]
    assert names == [f"block{b}.* (30 operations)" for b in range(4)]


def test_no_level_has_more_than_sixty_boxes(page: Page, build: Callable[..., Any]) -> None:
    ops = [(f"op{i:05}x", "Neg", []) for i in range(5000)]
    scene = scene_of(page, build(ops))
    assert len(scene["boxes"]) <= 60
    assert sum(each["count"] for each in scene["boxes"]) == 5000
    assert all(each["children"] <= 60 for each in scene["boxes"])
