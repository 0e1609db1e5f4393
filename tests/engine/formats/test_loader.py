"""Opening what a user gives us, good and bad."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from google.protobuf import text_format

from opscope.engine import dtypes
from opscope.engine.errors import FormatError
from opscope.engine.formats import (
    MetaGraph,
    Saver,
    Signature,
    TensorInfo,
    Variable,
    open_program_files,
    save_meta_graph,
    write_checkpoint,
)
from opscope.engine.formats.proto.opscope_graph_pb2 import MetaGraphDef, SavedModel
from opscope.engine.graph import Graph

Sample = Callable[[str], Path]


@pytest.mark.parametrize("name", ["counter.pbtxt", "functions.pb"])
def test_graphs(name: str, sample: Sample) -> None:
    loaded = open_program_files(sample("graphs") / name)
    assert loaded.name == name.partition(".")[0]
    assert len(loaded.graph) > 5
    assert (loaded.meta_graph, loaded.checkpoint, loaded.init_op) == (None, None, None)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("counter.pbtxt", "counter.txt"),
        ("counter.pbtxt", "counter.pb"),
        ("functions.pb", "functions"),
        ("functions.pb", "functions.meta"),
        ("functions.pb", "saved_model.pb"),
    ],
)
def test_contents_decide_where_names_mislead(source: str, name: str, sample: Sample) -> None:
    path = sample("graphs") / source
    renamed = path.rename(path.with_name(name))
    assert open_program_files(renamed).meta_graph is None


def test_a_meta_graph_with_its_checkpoint(sample: Sample) -> None:
    folder = sample("checkpoint_v2")
    loaded = open_program_files(folder / "model.meta")
    assert loaded.meta_graph is not None
    assert loaded.checkpoint is not None
    variables = loaded.meta_graph.collections["variables"]
    assert all(isinstance(variable, Variable) for variable in variables)
    names = {variable.variable_name for variable in variables if isinstance(variable, Variable)}
    assert {f"{name}:0" for name in loaded.checkpoint.names()} <= names
    assert loaded.meta_graph.saver == Saver(
        "save/Const:0", "save/control_dependency:0", "save/restore_all"
    )
    with np.load(folder / "expected.npz") as expected:
        for name in loaded.checkpoint.names():
            np.testing.assert_array_equal(
                loaded.checkpoint.read(name), expected[name.replace("/", "|")]
            )


def test_a_meta_graph_with_a_v1_checkpoint(sample: Sample) -> None:
    loaded = open_program_files(sample("checkpoint_kinds") / "v1.meta")
    assert loaded.checkpoint is not None
    assert loaded.checkpoint.names() == ["b", "c", "empty", "part", "u8"]


def test_a_meta_graph_alone(sample: Sample) -> None:
    folder = sample("checkpoint_v2")
    alone = folder / "alone.meta"
    shutil.copy(folder / "model.meta", alone)
    assert open_program_files(alone).checkpoint is None


@pytest.mark.parametrize("kind", ["folder", "file", "zip", "text"])
def test_saved_models(kind: str, sample: Sample, sample_zip: Sample) -> None:
    folder = sample("saved_model_tf1")
    if kind == "text":
        model = SavedModel.FromString((folder / "saved_model.pb").read_bytes())
        (folder / "saved_model.pb").unlink()
        (folder / "saved_model.pbtxt").write_text(text_format.MessageToString(model))
    path = {"file": folder / "saved_model.pb", "zip": sample_zip("saved_model_tf1")}
    loaded = open_program_files(path.get(kind, folder))
    assert loaded.name == "saved_model_tf1"
    assert loaded.tags == ("serve",)
    assert loaded.checkpoint is not None
    assert "l0/w" in loaded.checkpoint.names()
    assert loaded.meta_graph is not None
    signature = loaded.meta_graph.signatures["serving_default"]
    assert [info.name for info in signature.inputs.values()] == ["x:0"]
    assert next(iter(signature.inputs.values())).dtype == dtypes.float32


def test_a_saved_model_in_a_folder_of_the_archive(sample_zip: Sample) -> None:
    loaded = open_program_files(sample_zip("saved_model_tf2_nested"))
    assert loaded.init_op == "NoOp"
    assert loaded.graph.functions
    assert loaded.checkpoint is not None
    assert loaded.meta_graph is not None
    assert "__saved_model_init_op" not in loaded.meta_graph.signatures


def test_a_compressed_index(sample: Sample) -> None:
    folder = sample("saved_model_snappy")
    loaded = open_program_files(folder)
    assert loaded.checkpoint is not None
    with np.load(folder / "expected.npz") as expected:
        assert sorted(expected.files) == loaded.checkpoint.names()
        for name in expected.files:
            np.testing.assert_array_equal(loaded.checkpoint.read(name), expected[name])


def _model(*tags: list[str]) -> SavedModel:
    model = SavedModel(saved_model_schema_version=1)
    for position, words in enumerate(tags):
        meta = model.meta_graphs.add()
        meta.meta_info_def.tags.extend(words)
        meta.graph_def.node.add(name=f"node{position}", op="NoOp")
    return model


@pytest.mark.parametrize(
    ("tags", "chosen"),
    [
        ([["train"], ["serve", "gpu"], ["serve"]], "node2"),
        ([["train"], ["serve", "gpu"]], "node1"),
        ([["train"], []], "node0"),
    ],
)
def test_which_meta_graph_is_served(tags: list[list[str]], chosen: str, tmp_path: Path) -> None:
    (tmp_path / "saved_model.pb").write_bytes(_model(*tags).SerializeToString())
    loaded = open_program_files(tmp_path)
    assert chosen in loaded.graph
    assert loaded.checkpoint is None


def _meta(edit: Callable[[MetaGraphDef], object]) -> bytes:
    meta = MetaGraphDef()
    meta.graph_def.node.add(name="init", op="NoOp")
    edit(meta)
    return meta.SerializeToString()


def test_initialisers(tmp_path: Path) -> None:
    path = tmp_path / "m.meta"

    def opened() -> str | None:
        meta_graph = open_program_files(path).meta_graph
        assert meta_graph is not None
        return meta_graph.init_op

    for key in ("saved_model_main_op", "legacy_init_op"):
        path.write_bytes(_meta(lambda m, k=key: m.collection_def[k].node_list.value.append("init")))
        assert opened() == "init"
    path.write_bytes(
        _meta(lambda m: m.collection_def["legacy_init_op"].node_list.value.append("lost"))
    )
    with pytest.raises(FormatError, match="'legacy_init_op' names the initialiser 'lost'"):
        open_program_files(path)


def test_saved_meta_graphs_are_read(tmp_path: Path) -> None:
    graph = Graph()
    variable = graph.add("v", "VariableV2", attrs={"dtype": dtypes.int32, "shape": (2,)})
    graph.add("read", "Identity", [variable.output()], attrs={"T": dtypes.int32})
    graph.add("init", "NoOp")
    info = TensorInfo("read:0", dtypes.int32, (2,))
    sparse = TensorInfo(
        "", dtypes.int32, None, {"values": "a:0", "indices": "b:0", "dense_shape": "c:0"}
    )
    meta_graph = MetaGraph(
        graph,
        signatures={"serving_default": Signature({}, {"y": info, "s": sparse}, "predict")},
        collections={
            "variables": [Variable("v:0", "v/Assign", "read:0", trainable=True)],
            "names": ["a", "b"],
            "numbers": [1, 2],
            "halves": [0.5],
            "bytes": [b"\0"],
        },
        saver=Saver("save/Const:0", "save/c:0", "save/restore_all"),
        tags=("serve",),
        init_op="init",
    )
    for name in ("model.meta", "model.pbtxt"):
        save_meta_graph(meta_graph, tmp_path / name)
        write_checkpoint(tmp_path / "model", {"v": np.array([3, 4], np.int32)})
        loaded = open_program_files(tmp_path / name)
        assert loaded.meta_graph is not None
        assert loaded.meta_graph.signatures == meta_graph.signatures
        assert loaded.meta_graph.collections == meta_graph.collections
        assert loaded.meta_graph.saver == meta_graph.saver
        assert loaded.meta_graph.init_op == "init"
        assert loaded.tags == ("serve",)
    loaded = open_program_files(tmp_path / "model.meta")
    assert loaded.checkpoint is not None
    assert loaded.checkpoint.read("v").tolist() == [3, 4]


# ---- bad input ----


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("empty.pb", b"", "found an empty file"),
        ("empty.pbtxt", b"", "found blank text|found an empty file"),
        ("blank.pbtxt", b" \n\n", "found blank text"),
        ("picture.pb", b"\x89PNG\r\n\x1a\n" + bytes(100), "found a PNG image"),
        ("weights.h5", b"\x89HDF\r\n\x1a\n" + bytes(100), "found an HDF5 file"),
        ("lite.tflite", b"\x1c\0\0\0TFL3" + bytes(100), "found a TensorFlow Lite model"),
        ("notes.txt", b"Dear reader,\nhello", "found text that starts with 'Dear reader,'"),
        ("script.py", b"import tensorflow as tf\n", "starts with 'import tensorflow as tf'"),
        ("model.json", b'{"modelTopology": {}}', "found text that starts with"),
        ("graph.pbtxt", b"node {\n  name: }", "a mistake at 2:"),
        ("graph.pbtxt", b"node { name: 'a' }", "node 'a' has no op type"),
        ("graph.pbtxt", b"versions { producer: 3 }", "found no nodes"),
        ("graph.pbtxt", b"node { name: '\xff' }", "as UTF-8 text"),
        ("graph.pbtxt", b"node { nested " * 3000, "expected a TensorFlow graph"),
        ("zeros.pb", bytes(1000), "bytes of something else"),
        ("unknown.pb", b"\x92\x01\x02ab", "found no nodes"),
        ("model.meta", b"\x0a\x00", "MetaGraphDef"),
        ("node.pb", b"\x0a\x03\x0a\x01a", "node 'a' has no op type"),
        ("names.pbtxt", b"node { name: 'a\\nb' }", r"node 'a\\nb' has no op type"),
        ("archive.zip", b"PK\x03\x04" + bytes(50), "found a damaged one"),
    ],
)
def test_bad_files_are_refused(name: str, data: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(FormatError, match=message) as raised:
        open_program_files(path)
    assert str(raised.value).startswith(f"{path}: ")
    assert "\n" not in str(raised.value)


def test_truncated_files_are_refused(sample: Sample, tmp_path: Path) -> None:
    for at in (1, 10, 100, 1000):
        for source in (
            sample("graphs") / "functions.pb",
            sample("saved_model_tf1") / "saved_model.pb",
        ):
            path = tmp_path / source.name
            path.write_bytes(source.read_bytes()[:-at])
            with pytest.raises(FormatError, match="truncated"):
                open_program_files(path)


def test_missing_files(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"nothing.pb: .* found no such file"):
        open_program_files(tmp_path / "nothing.pb")
    with pytest.raises(FormatError, match=r"found no saved_model.pb in it"):
        open_program_files(tmp_path)


def test_a_checkpoint_is_no_graph(sample: Sample) -> None:
    with pytest.raises(FormatError, match=r"found a checkpoint.*open the \.meta file"):
        open_program_files(sample("checkpoint_v2") / "model.index")


def test_a_missing_shard(sample: Sample) -> None:
    folder = sample("checkpoint_v2")
    (folder / "model.data-00000-of-00001").unlink()
    with pytest.raises(FormatError, match=r"model\.data-00000-of-00001: .* found no file"):
        open_program_files(folder / "model.meta")


def test_archives_that_lead_outside_write_nothing(sample: Sample, tmp_path: Path) -> None:
    path = tmp_path / "evil.zip"
    model = (sample("saved_model_tf1") / "saved_model.pb").read_bytes()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../outside.txt", "x")
        archive.writestr("../../up/saved_model.pb", model)
    before = sorted(tmp_path.parent.rglob("outside.txt"))
    assert len(open_program_files(path).graph) > 5
    assert sorted(tmp_path.parent.rglob("outside.txt")) == before


def test_a_zip_bomb(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("saved_model.pb", bytes(300 << 20))
    with pytest.raises(FormatError, match="that would unpack to 314,572,800"):
        open_program_files(path)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ([], "found no files"),
        (["a.txt", "b", "c", "d", "e"], "found 'a.txt', 'b', 'c' and 2 more files"),
        (["a/saved_model.pb", "b/saved_model.pb"], "found one in each of a, b"),
        (["a/saved_model.pb"], "found an empty file"),
    ],
)
def test_archives_without_one_model(members: list[str], message: str, tmp_path: Path) -> None:
    path = tmp_path / "archive.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for member in members:
            archive.writestr(member, b"")
    with pytest.raises(FormatError, match=message) as raised:
        open_program_files(path)
    assert str(raised.value).startswith(f"{path}: ")
