"""What the model of a graph knows: scopes, names, search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

MODEL = """async ([json, expression]) => {
    const { GraphModel } = await import("/graph/model.js");
    const model = new GraphModel(json);
    const names = (ids) => [...ids].map((id) => model.path(id));
    return new Function("model", "names", `return ${expression}`)(model, names);
}"""


def ask(page: Page, graph: dict[str, Any], expression: str) -> Any:
    return page.evaluate(MODEL, [graph, expression])


def test_children_are_in_graph_order_and_an_op_with_a_scope_is_in_it(
    page: Page, counter: dict[str, Any]
) -> None:
    assert ask(page, counter, "names(model.children(model.root))") == [
        "v",
        "one",
        "update",
        "value",
        "init",
    ]
    inside = "[...model.children(model.scopeAt('v'))].map((id) => model.label(id))"
    assert ask(page, counter, inside) == ["initial_value", "(v)", "Assign", "read"]


def test_a_call_is_the_scope_of_its_body(page: Page, build: Callable[..., Any]) -> None:
    graph = build(
        [("x", "Placeholder", []), ("f", "PartitionedCall", ["x"]), ("f/arg", "_Arg", [])],
        calls={"1": {"function": "double", "kind": "call"}},
    )
    assert ask(page, graph, "names(model.children(model.root))") == ["x", "f"]
    assert ask(page, graph, "names(model.children(model.scopeAt('f')))") == ["f/arg"]
    assert ask(page, graph, "model.nodeOf(model.scopeAt('f'))") == 1
    assert ask(page, graph, "model.anchors[1] === model.scopeAt('f')") is True


def test_adjacency_lists_the_edges_of_each_node(page: Page, counter: dict[str, Any]) -> None:
    targets = (
        "names([...model.outEdges.subarray(model.outStart[1], model.outStart[2])]"
        ".map((edge) => model.edgeTo[edge]))"
    )
    assert ask(page, counter, targets) == ["v/Assign", "v/read", "update"]


def test_an_edge_is_of_the_kind_that_it_carries(page: Page, build: Callable[..., Any]) -> None:
    graph = build(
        [
            ("v", "VariableV2", []),
            ("handle", "VarHandleOp", []),
            ("read", "Identity", ["v"]),
            ("update", "AssignAdd", ["v", "read"]),
            ("written", "AssignVariableOp", ["handle", "read"]),
            ("got", "ReadVariableOp", ["handle", "^written"]),
            ("sum", "Add", ["got", "read"]),
        ],
        refs=[0, 1],
        mutating=[1, 3],
        aliases=[2, 4, 7],
        handles=[3, 5],
    )
    kinds = page.evaluate(
        """async (json) => {
            const { GraphModel } = await import("/graph/model.js");
            const { EdgeKind } = await import("/graph/types.js");
            return [...new GraphModel(json).edgeKind].map((kind) => Object.keys(EdgeKind)[kind]);
        }""",
        graph,
    )
    assert kinds == [
        "ref", "mutating", "alias", "mutating", "alias", "handle", "value", "alias", "control",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("read", ["v/read"]),
        ("ASSIGN", ["v/Assign", "update"]),
        ("v", ["v", "v/initial_value", "v/Assign", "v/read", "value"]),
        ("/^(one|init)$/", ["one", "init"]),
        ("/^identity$/i", ["v/read", "value"]),
        ("", []),
        ("nothing here", []),
    ],
)
def test_search_by_name_and_type_gives_the_best_first(
    page: Page, counter: dict[str, Any], query: str, found: list[str]
) -> None:
    result = ask(page, counter, f"names(model.search({query!r}))")
    assert result[: len(found)] == found


def test_search_stops_at_the_limit(page: Page, layers: dict[str, Any]) -> None:
    assert len(ask(page, layers, "model.search('layer', { limit: 7 })")) == 7


def test_names_are_looked_up(page: Page, counter: dict[str, Any]) -> None:
    assert ask(page, counter, "[model.indexOf('update'), model.indexOf('none')]") == [5, -1]


def test_ten_thousand_nested_scopes_need_no_deep_stack(
    page: Page, build: Callable[..., Any]
) -> None:
    name = "/".join(["s"] * 10_000)
    graph = build([(name, "NoOp", [])])
    assert ask(page, graph, "model.scopeCount") == 10_000
