"""What a program builds and gives, as plain data, with our module or with TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

GALLERY = Path(__file__).resolve().parents[3] / "server" / "gallery" / "sources"
DIGITS = 5
_NOT_IN_TF1 = {"_has_manual_control_dependencies"}


def describe(tf: Any, build: Callable[[Any], Any], resource: bool) -> dict[str, Any]:
    """Build a program in an empty graph and run it: its nodes, static shapes and results."""
    fresh(tf, resource)
    runs = build(tf)
    described = describe_graph(tf.get_default_graph())
    session = tf.Session()
    described["results"] = [plain(session.run(fetches, feeds)) for fetches, feeds in runs]
    fresh(tf, False)
    return described


def describe_source(tf: Any, path: Path) -> dict[str, Any]:
    """Run a program of the gallery: its nodes and static shapes."""
    text = path.read_text(encoding="utf-8").replace("import opscope.engine.tf as tf\n", "")
    fresh(tf, False)
    exec(compile(text, str(path), "exec"), {"tf": tf, "__name__": "program"})
    described = describe_graph(tf.get_default_graph())
    fresh(tf, False)
    return described


def graph_sources() -> list[Path]:
    """The programs of the gallery that build graphs."""
    return sorted(path for path in GALLERY.glob("*.py") if "eager" not in path.name)


def fresh(tf: Any, resource: bool) -> None:
    """An empty default graph, and this kind of variables."""
    (tf.enable_resource_variables if resource else tf.disable_resource_variables)()
    tf.reset_default_graph()


def describe_graph(graph: Any) -> dict[str, Any]:
    nodes: dict[str, Any] = {}
    for node in graph.as_graph_def().node:
        inputs = [name for name in node.input if not name.startswith("^")]
        controls = sorted(name for name in node.input if name.startswith("^"))
        attrs = {key: _attr(node.attr[key]) for key in sorted(node.attr) if key not in _NOT_IN_TF1}
        nodes[node.name] = [node.op, inputs + controls, node.device, attrs]
    shapes = {
        op.name: [None if t.shape.dims is None else t.shape.as_list() for t in op.outputs]
        for op in graph.get_operations()
    }
    return {"nodes": nodes, "shapes": shapes}


def _attr(value: Any) -> Any:
    if value.WhichOneof("value") == "tensor":
        return [int(value.tensor.dtype), [dim.size for dim in value.tensor.tensor_shape.dim]]
    return " ".join(str(value).split())


def plain(value: Any) -> Any:
    """Nested lists of [element type, rounded values]; None where an operation was fetched."""
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None:
        return None
    array = np.asarray(value)
    return [str(array.dtype), np.round(array.astype(float), DIGITS).tolist()]


def close(found: Any, expected: Any) -> bool:
    """Whether two plain results agree, numbers to four places."""
    if isinstance(expected, list) and isinstance(found, list):
        return len(found) == len(expected) and all(map(close, found, expected))
    if isinstance(expected, float) and isinstance(found, (int, float)):
        return bool(np.isclose(found, expected, rtol=1e-4, atol=1e-4, equal_nan=True))
    return bool(found == expected)
