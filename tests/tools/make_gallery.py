"""Rebuilds `server/gallery` from its `sources` and from the models in `tests/cases`.

    python tests/tools/make_gallery.py [FOLDER]

Each program is kept once, as TensorFlow 1 runs it; its twin with resource variables is the same
text with `tf.enable_resource_variables()` after the import.
"""

from __future__ import annotations

import io
import json
import shutil
import sys
import zipfile
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import opscope.engine.tf as tf
from opscope.engine import load
from opscope.engine.formats import read_graph_def, save_graph_def
from opscope.engine.formats.proto.opscope_graph_pb2 import SavedModel

ROOT = Path(__file__).resolve().parents[2]
GALLERY = ROOT / "server" / "gallery"
CASES = ROOT / "tests" / "cases"
IMPORT = "import opscope.engine.tf as tf\n"
ENABLE = "\ntf.enable_resource_variables()\n"
_MAX_FEED = 64  # elements of an example feed
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Example:
    """A program of ours."""

    name: str
    title: str
    reference: str
    resource: str
    fetches: tuple[str, ...]
    targets: tuple[str, ...] = ()
    feeds: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Model:
    """A case that TensorFlow saved.

    Attributes:
        rows: how many rows of the case's batch the suggested run feeds; None for all of them.
    """

    case: str
    title: str
    description: str
    fetches: tuple[str, ...]
    targets: tuple[str, ...] = ()
    rows: int | None = None


EXAMPLES = (
    Example(
        "counter",
        "A counter",
        "Adds 1 to a variable and fetches it beside the assignment. A reference variable shows "
        "its final value, so both are 1: try it after init, then again.",
        "The same with a resource variable: the fetched read may come before or after the "
        "addition, so v is 0 or 1. Step it in another order, or under another schedule. Its "
        "eager twin, counter_eager.py, runs line by line and always prints 1, 2, 3.",
        ("update", "v"),
    ),
    Example(
        "product",
        "A product beside an update",
        "a = 2 and b = 3: one operation adds b to a, another multiplies them. The product is 6 "
        "or 15, whichever runs first; a is fetched as 5 either way.",
        "With resource variables the fetched a is a read of its own: 2 or 5, independently of "
        "whether the product is 6 or 15. Four outcomes in all.",
        ("add", "mul", "a", "b"),
    ),
    Example(
        "read_before_after",
        "Read, update, read",
        "Three runs in order: v is 0, is updated, is 1. Runs of one session are ordered, "
        "operations of one run are not. Fetch v, run update, fetch v again.",
        "Three runs in order, with a resource variable: runs of one session are ordered whatever "
        "the kind.",
        (),
        ("update",),
    ),
    Example(
        "rebinding",
        "x = x + 1 changes nothing",
        "Binding a Python name to x + 1 adds an operation to the graph and leaves the variable "
        "as it was: run it as often as you like, x stays 1 and the sum 2.",
        "The same with a resource variable: without an assignment in the run, x stays 1.",
        ("x_plus_one", "x"),
    ),
    Example(
        "two_runs",
        "Sessions of their own",
        "An update is seen by later runs of its session and by no other session. Run update, "
        "then fetch doubled; open the program once more and fetch it there.",
        "An update is seen by later runs of its session and by no other, with a resource variable.",
        ("doubled",),
    ),
    Example(
        "loop_state",
        "A loop with a state",
        "Four turns of a recurrence with a variable that counts them. Step into the loop and "
        "watch seen grow; the turns may overlap.",
        "Four turns of a recurrence that counts them in a resource variable: the handle enters "
        "the loop, the weight is read once in each turn.",
        ("result", "seen"),
    ),
    Example(
        "conditional_state",
        "A branch that updates",
        "Only the branch that is taken changes the balance: feed an amount below it, then one "
        "above. Dead branches do not run.",
        "Only the branch that is taken changes the balance, here a resource variable whose "
        "handle goes through a Switch.",
        ("result",),
        (),
        {"amount:0": 30.0},
    ),
    Example(
        "cross_assign",
        "a = b + 1 beside b = a + 1",
        "Each assignment reads what the other writes. From (0, 0) the run ends with (1, 1), (1, "
        "2) or (2, 1): step it in different orders.",
        "Each assignment reads what the other writes: (1, 1), (1, 2) or (2, 1) with resource "
        "variables too.",
        (),
        ("both",),
    ),
    Example(
        "swap",
        "A swap that is none",
        "a = b beside b = a: both end up equal, 1 or 2, unless the two overlap. "
        "The target safe_swap computes copies first, so that it always swaps.",
        "a = b beside b = a with resource variables: (1, 1), (2, 2) or, where both were read "
        "first, a real swap. The target safe_swap always swaps.",
        (),
        ("swap",),
    ),
)

SAVED = "Saved by TensorFlow 2.21."
MODELS = (
    Model(
        "linreg_ref",
        "Linear regression",
        f"Gradient descent on a line, with reference variables. {SAVED} Run init, then train with "
        "the loss, and watch the weight move.",
        ("loss:0",),
        ("train",),
    ),
    Model(
        "softmax_regression_ref",
        "Softmax regression",
        f"A classifier with its cross entropy written out by hand, as a MetaGraphDef. {SAVED} Run "
        "init, then opt.",
        ("cost:0",),
        ("opt",),
        rows=5,
    ),
    Model(
        "mlp_adam_ref",
        "Two layers with Adam",
        f"A small perceptron and the slots that Adam keeps for each variable. {SAVED} After "
        "init and train, Variables says which step wrote each slot.",
        ("loss:0", "grad_norm:0"),
        ("train",),
        rows=8,
    ),
    Model(
        "lenet_ref_ckpt",
        "LeNet with a checkpoint",
        "A convolutional network with pooling, dropout and momentum; its variables come from the "
        f"checkpoint. {SAVED}",
        ("loss:0",),
        ("train",),
    ),
    Model(
        "cond_side_effects_v1",
        "Branches that assign",
        "A conditional whose branches write different variables, in TensorFlow 1's control flow. "
        f"{SAVED}",
        ("result:0",),
    ),
    Model(
        "while_updates_variable_v2",
        "A While with a variable",
        "A loop as TensorFlow 2 writes it: a function that updates a variable in each turn. "
        f"{SAVED} Step into the call.",
        ("i:0",),
    ),
    Model(
        "saved_model_resource",
        "A SavedModel",
        f"A small classifier with a signature and resource variables. {SAVED}",
        ("p:0",),
    ),
    Model(
        "scale_mlp_1k",
        "Twenty layers",
        f"A deep perceptron with Adam, about 1,400 operations. {SAVED}",
        ("loss:0",),
        ("train",),
    ),
    Model(
        "scale_resnet50",
        "A residual network",
        "A training graph in the shape of ResNet-50 with narrow layers, about 12,800 operations: "
        f"for finding your way in something large. {SAVED} Packed here as a zipped SavedModel.",
        ("loss:0",),
        ("train",),
    ),
)


def resource_source(source: str) -> str:
    """The program with resource variables."""
    assert IMPORT in source
    return source.replace(IMPORT, IMPORT + ENABLE, 1)


def build(folder: Path) -> None:
    """Write graphs, sources and `gallery.json` into `folder`."""
    entries: list[dict[str, Any]] = []
    for name in ("programs", "models"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir(parents=True)
    sources = folder / "sources"
    sources.mkdir(exist_ok=True)
    for example in EXAMPLES:
        text = (GALLERY / "sources" / f"{example.name}.py").read_text(encoding="utf-8")
        entries.append(_build_example(folder, example, "ref", text))
        entries.append(_build_example(folder, example, "resource", resource_source(text)))
    entries += [_copy_model(folder, model) for model in MODELS]
    (folder / "gallery.json").write_text(
        json.dumps(entries, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def _build_example(folder: Path, example: Example, kind: str, text: str) -> dict[str, Any]:
    source = f"{example.name}.py" if kind == "ref" else f"{example.name}_resource.py"
    (folder / "sources" / source).write_text(text, encoding="utf-8")
    run_source(text)
    path = f"programs/{example.name}_{kind}.pb"
    graph = tf.get_default_graph().definition
    save_graph_def(graph, folder / path)
    tf.reset_default_graph()
    resource = kind == "resource"
    return {
        "id": f"{example.name}_{kind}",
        "name": f"{example.name}_{kind}",
        "title": example.title + (", resource variables" if resource else ""),
        "description": example.resource if resource else example.reference,
        "kind": "example",
        "file": path,
        "source": f"sources/{source}",
        "nodes": len(graph),
        "fetches": [_fetch(graph, name, resource) for name in example.fetches],
        "targets": list(example.targets),
        "feeds": example.feeds,
    }


def _fetch(graph: Any, name: str, resource: bool) -> str:
    """What fetching the tensor, or the variable, `name` fetches."""
    op = graph.operation(name)
    if op.type == "VarHandleOp":
        return f"{name}/Read/ReadVariableOp:0"
    if resource and op.type.startswith("Assign"):
        reads = [other for other in graph if op in other.control_inputs]
        return f"{next(read for read in reads if read.type == 'ReadVariableOp').name}:0"
    return f"{name}:0"


def run_source(text: str) -> str:
    """Run a program in an empty default graph; returns what it printed."""
    tf.disable_v2_behavior()
    tf.reset_default_graph()
    printed = io.StringIO()
    try:
        with redirect_stdout(printed):
            exec(compile(text, "program", "exec"), {"__name__": "program"})
    finally:
        tf.disable_v2_behavior()
    return printed.getvalue()


def _copy_model(folder: Path, model: Model) -> dict[str, Any]:
    with zipfile.ZipFile(CASES / f"{model.case}.zip") as archive:
        case = json.loads(archive.read("case.json"))
        feeds = np.load(io.BytesIO(archive.read("feeds.npz")))
        members = [n for n in archive.namelist() if not n.endswith((".json", ".npz"))]
        files = {name: archive.read(name) for name in members}
    path = f"models/{model.case}" + _suffix(
        case["graph"], len(files["graph.pb"]) if "graph.pb" in files else 0
    )
    target = folder / path
    if path.endswith(".zip"):
        _write_zip(target, files)
    else:
        for name, data in files.items():
            target.with_suffix(Path(name).suffix).write_bytes(data)
    step = next(
        s for s in case["steps"] if [f["name"] for f in s["fetches"]][:1] == [model.fetches[0]]
    )
    return {
        "id": model.case,
        "name": model.case,
        "title": model.title,
        "description": model.description,
        "kind": "model",
        "file": path,
        "source": None,
        "nodes": len(load(target).graph),
        "fetches": list(model.fetches),
        "targets": list(model.targets),
        "feeds": {name: _feed(feeds[key], model.rows) for name, key in step["feeds"].items()},
    }


def _feed(value: np.ndarray[Any, Any], rows: int | None) -> Any:
    """The value, or where it is too long to be read, what somebody would type for one like it."""
    if value.ndim:
        value = value[:rows]
    if value.size <= _MAX_FEED:
        return value.tolist()
    return f"normal({', '.join(map(str, value.shape))})"


_LARGE = 1_000_000


def _suffix(graph: str, size: int) -> str:
    if graph == "saved_model" or size > _LARGE:
        return ".zip"
    return Path(graph).suffix


def _write_zip(path: Path, files: dict[str, bytes]) -> None:
    """A zipped SavedModel; a bare graph becomes one."""
    if "graph.pb" in files:
        model = SavedModel(saved_model_schema_version=1)
        meta_graph = model.meta_graphs.add()
        meta_graph.meta_info_def.tags.append("train")
        meta_graph.graph_def.CopyFrom(read_graph_def(files["graph.pb"]))
        files = {"saved_model/saved_model.pb": model.SerializeToString(deterministic=True)}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else GALLERY)
