"""Graphs in files: reading, errors, saving."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from google.protobuf import text_format

from opscope.engine import dtypes
from opscope.engine.errors import FormatError, GraphError
from opscope.engine.formats.attributes import attr_from_proto, attr_to_proto
from opscope.engine.formats.graphdef import graph_from_def, graph_to_def, read_graph_def
from opscope.engine.formats.proto.opscope_graph_pb2 import AttrValue, GraphDef
from opscope.engine.formats.writer import save_graph_def
from opscope.engine.graph import AttrPlaceholder, FunctionRef, Graph


def parse(text: str) -> Graph:
    return graph_from_def(text_format.Parse(text, GraphDef()))


def test_inputs_are_connected_whatever_the_order_of_nodes() -> None:
    graph = parse("""
        node { name: 'sum' op: 'Add' input: 'split:1' input: 'x' input: '^x' input: '^loop' }
        node { name: 'split' op: 'Split' input: 'x' input: 'x:0' }
        node { name: 'x' op: 'Placeholder' device: '/cpu:0' }
        node { name: 'loop' op: 'NextIteration' input: 'loop' }
        versions { producer: 1395 min_consumer: 12 }
    """)
    total = graph.operation("sum")
    assert [tensor.name for tensor in total.inputs] == ["split:1", "x:0"]
    assert [op.name for op in total.control_inputs] == ["x", "loop"]
    assert graph.operation("x").device == "/cpu:0"
    assert graph.versions == (1395, 12)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("node { name: 'a' op: 'Neg' input: 'b' }", "node 'a' has the input 'b', but .* node 'b'"),
        ("node { name: 'a' op: 'Neg' input: 'b:1' }", "the input 'b:1', but there is no node 'b'"),
        ("node { name: 'a' op: 'Neg' input: '^b' }", "the input '\\^b', but there is no node 'b'"),
        ("node { name: 'a' op: 'Neg' input: 'a:x' }", "'x' is no output number"),
        ("node { name: 'a' op: 'Neg' input: 'a:' }", "'' is no output number"),
        ("node { name: 'a' op: 'Neg' input: 'a:-1' }", "'-1' is no output number"),
        ("node { name: 'a' op: 'Neg' input: '' }", "there is no node ''"),
        ("node { name: 'a' op: 'NoOp' } node { name: 'a' op: 'NoOp' }", "two operations .* 'a'"),
        ("node { name: 'a:0' op: 'NoOp' }", "'a:0' cannot name a node"),
        (
            "library { function { signature { name: 'f' } ret { key: 'y' value: 'z:y:0' } } }",
            "function 'f' has the result 'z:y:0', but there is no node 'z'",
        ),
        (
            "library { function { signature { name: 'f' } node_def { name: 'n' op: 'Neg' "
            "input: 'x' } } }",
            "node 'n' of function 'f' has the input 'x'",
        ),
    ],
)
def test_broken_graphs_are_refused(text: str, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        parse(text)


def test_a_constant_that_claims_too_much_is_refused_when_the_graph_is_read() -> None:
    with pytest.raises(FormatError, match=r"attribute 'value' of 'big': .* 0 of 1,000,000,000,000"):
        parse("""node { name: 'big' op: 'Const' attr { key: 'value' value { tensor {
            dtype: DT_FLOAT tensor_shape { dim { size: 1000000000000 } } } } } }""")


def test_attributes_are_decoded_when_they_are_looked_at() -> None:
    graph = parse("""node { name: 'a' op: 'Odd'
        attr { key: 'good' value { i: 3 } } attr { key: 'bad' value { type: 99 } } }""")
    attrs = graph.operation("a").attrs
    assert attrs["good"] == 3
    assert sorted(attrs) == ["bad", "good"]
    assert "worse" not in attrs
    assert attrs.get("worse") is None
    with pytest.raises(FormatError, match=r"attribute 'bad' of 'a': .* the number 99"):
        attrs["bad"]


@pytest.mark.parametrize(
    "value",
    [
        b"bytes\xff",
        -3,
        1.5,
        True,
        dtypes.float32,
        dtypes.float32.ref,
        None,
        (),
        (2, None),
        FunctionRef("f", {"T": dtypes.int32}),
        AttrPlaceholder("T"),
        [],
        [1, 2],
        [b"a", b"b"],
        [dtypes.int32, dtypes.string],
        [(1,), None],
        [FunctionRef("f"), FunctionRef("g")],
        [True, False],
        [0.5],
    ],
)
def test_attributes_round_trip(value: object) -> None:
    proto = AttrValue()
    attr_to_proto(value, proto)
    found = attr_from_proto(proto)
    assert found == value
    assert type(found) is type(value)


def test_an_attribute_that_no_file_can_hold_is_refused() -> None:
    graph = Graph()
    graph.add("a", "NoOp", attrs={"x": object()})
    with pytest.raises(TypeError, match=r"node 'a' cannot be saved: .* hold a object"):
        graph_to_def(graph)


@pytest.mark.parametrize("name", ["counter.pbtxt", "loop.pbtxt", "functions.pb", "constants.pb"])
@pytest.mark.parametrize("ending", [".pb", ".pbtxt"])
def test_saving_loses_nothing(
    name: str, ending: str, sample: Callable[[str], Path], tmp_path: Path
) -> None:
    original = read_graph_def((sample("graphs") / name).read_bytes())
    path = tmp_path / f"copy{ending}"
    save_graph_def(graph_from_def(original), path)
    copy = read_graph_def(path.read_bytes())
    for function in original.library.function:
        function.arg_attr.clear()
        function.resource_arg_unique_id.clear()
    for node in [*original.node, *(n for f in original.library.function for n in f.node_def)]:
        node.ClearField("experimental_debug_info")
        node.DiscardUnknownFields()
        for position, reference in enumerate(node.input):
            if node in original.node:
                node.input[position] = reference.removesuffix(":0")
    original.DiscardUnknownFields()
    assert copy == original


def test_a_built_graph_is_saved_with_its_values(tmp_path: Path) -> None:
    graph = Graph()
    value = np.array([[1, 2]], np.int8)
    a = graph.add("a", "Const", attrs={"dtype": dtypes.qint8, "value": value})
    graph.add("b", "Identity", [a.output()], [a], {"T": dtypes.qint8})
    save_graph_def(graph, tmp_path / "built.pb")
    definition = read_graph_def((tmp_path / "built.pb").read_bytes())
    assert definition.node[0].attr["value"].tensor.dtype == dtypes.qint8.enum
    assert list(definition.node[1].input) == ["a", "^a"]
    copy = graph_from_def(definition)
    np.testing.assert_array_equal(copy.operation("a").attrs["value"], value)


def test_functions_are_read(sample: Callable[[str], Path]) -> None:
    definition = read_graph_def((sample("graphs") / "functions.pb").read_bytes())
    graph = graph_from_def(definition)
    assert len(graph.functions) == len(definition.library.function)
    for function in graph.functions.values():
        assert set(function.returns) == {output.name for output in function.signature.outputs}
        assert all(argument.dtype is not None for argument in function.signature.inputs)


def test_function_attributes_survive() -> None:
    text = """
        node { name: 'x' op: 'NoOp' }
        library {
          function {
            signature {
              name: 'twice'
              input_arg { name: 'x' type_attr: 'T' }
              output_arg { name: 'y' type_attr: 'T' }
              attr { name: 'T' type: 'type' default_value { type: DT_FLOAT } }
              is_stateful: true
              control_output: 'done'
            }
            node_def { name: 'add' op: 'AddV2' input: 'x' input: 'x'
                       attr { key: 'T' value { placeholder: 'T' } } }
            ret { key: 'y' value: 'add:z:0' }
            control_ret { key: 'done' value: 'add' }
            attr { key: '_noinline' value { b: true } }
          }
          gradient { function_name: 'twice' gradient_func: 'twice_grad' }
        }"""
    definition = text_format.Parse(text, GraphDef())
    graph = graph_from_def(definition)
    function = graph.functions["twice"]
    assert function.signature.attr_defaults == {"T": dtypes.float32}
    assert function.nodes[0].attrs["T"] == AttrPlaceholder("T")
    assert function.control_returns == {"done": "add"}
    assert graph.gradients == {"twice": "twice_grad"}
    assert graph_to_def(graph) == definition
