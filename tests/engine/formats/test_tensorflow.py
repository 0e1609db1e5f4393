"""What we write, read by TensorFlow in the same process. Runs where TensorFlow is installed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from opscope.engine.formats import (
    CheckpointReader,
    open_program_files,
    save_graph_def,
    save_meta_graph,
    write_checkpoint,
)

pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture(scope="module")
def tf() -> Any:
    return pytest.importorskip("tensorflow")


@pytest.mark.parametrize("name", ["counter.pbtxt", "loop.pbtxt", "functions.pb", "constants.pb"])
def test_tensorflow_imports_saved_graphs(
    name: str, sample: Callable[[str], Path], tmp_path: Path, tf: Any
) -> None:
    source = open_program_files(sample("graphs") / name).graph
    save_graph_def(source, tmp_path / "copy.pb")
    graph_def = tf.compat.v1.GraphDef.FromString((tmp_path / "copy.pb").read_bytes())
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(graph_def, name="")
    imported = {op.name: op.type for op in graph.get_operations()}
    assert imported == {op.name: op.type for op in source}


def test_tensorflow_reads_written_checkpoints(tmp_path: Path, tf: Any) -> None:
    tensors = {
        "scope/w": np.arange(6, dtype=np.float32).reshape(2, 3),
        "text": np.array([[b"", b"x" * 200], [b"\xff", b"abc"]], object),
        "half": np.array([1.5, -2], ml_dtypes.bfloat16),
        "none": np.zeros((0, 2), np.int64),
        "yes": np.array(True),
    }
    tensors |= {f"many/{i}": np.array(i) for i in range(300)}
    write_checkpoint(tmp_path / "model", tensors)
    reader = tf.train.load_checkpoint(str(tmp_path / "model"))
    assert set(reader.get_variable_to_shape_map()) == set(tensors)
    for name, expected in tensors.items():
        assert np.asarray(reader.get_tensor(name)).tolist() == expected.tolist()


@pytest.mark.parametrize("rows", [1, 63, 64, 65, 8191, 8192, 9000])
def test_partitioned_variables(rows: int, tmp_path: Path, tf: Any) -> None:
    v1 = tf.compat.v1
    with tf.Graph().as_default(), v1.Session() as session:
        v1.get_variable(
            "part",
            [2 * rows, 2],
            initializer=v1.random_normal_initializer(seed=1),
            partitioner=v1.fixed_size_partitioner(2),
            use_resource=False,
        )
        session.run(v1.global_variables_initializer())
        v1.train.Saver().save(session, str(tmp_path / "model"))
    expected = tf.train.load_checkpoint(str(tmp_path / "model")).get_tensor("part")
    reader = CheckpointReader(tmp_path / "model")
    np.testing.assert_array_equal(reader.read("part"), expected)
    spec = f"{2 * rows} 2 {rows},{rows}:0,2"
    np.testing.assert_array_equal(reader.read_slice("part", spec), expected[rows:])


def test_tensorflow_restores_a_saved_meta_graph(
    sample: Callable[[str], Path], tmp_path: Path, tf: Any
) -> None:
    loaded = open_program_files(sample("checkpoint_v2") / "model.meta")
    assert loaded.meta_graph is not None
    assert loaded.checkpoint is not None
    tensors = {name: loaded.checkpoint.read(name) for name in loaded.checkpoint.names()}
    save_meta_graph(loaded.meta_graph, tmp_path / "copy.meta")
    write_checkpoint(tmp_path / "copy", tensors)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        saver = tf.compat.v1.train.import_meta_graph(str(tmp_path / "copy.meta"))
        saver.restore(session, str(tmp_path / "copy"))
        found = {v.op.name: session.run(v) for v in tf.compat.v1.global_variables()}
    for name, expected in tensors.items():
        np.testing.assert_array_equal(found[name], expected)
