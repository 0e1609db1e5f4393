"""The engine against TensorFlow: a training step of a 20-layer perceptron.

Both run on one thread. TensorFlow has its optimizers and oneDNN on, as it is by default; its times
are those of a plain `Session.run` after it has settled.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from measure import in_turn, row, unpack

from opscope.engine import load


def tensorflow_step(path: Path, fetches: list[str], feeds: dict[str, Any]) -> Any:
    """A call that runs the step in TensorFlow."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    v1 = tf.compat.v1
    graph = v1.Graph()
    with graph.as_default():
        definition = v1.GraphDef()
        definition.ParseFromString(path.read_bytes())
        tf.import_graph_def(definition, name="")
    config = v1.ConfigProto(inter_op_parallelism_threads=1, intra_op_parallelism_threads=1)
    session = v1.Session(graph=graph, config=config)
    session.run("init")
    return lambda: session.run(fetches, feeds)


def run(folder: Path) -> None:
    """Print the ratios."""
    case = unpack("scale_mlp_1k", folder)
    step = json.loads((case / "case.json").read_text())["steps"][1]
    with np.load(case / "feeds.npz") as file:
        feeds = {name: file[key] for name, key in step["feeds"].items()}
    fetches = [fetch["name"] for fetch in step["fetches"]] + step["targets"]
    batch = next(iter(feeds.values())).shape[0]
    program = load(case / "graph.pb")
    plain, recorded = program.session(), program.session()
    for session in (plain, recorded):
        session.run([], targets=["init"])

    def record() -> None:
        recording = recorded.debug(fetches, feeds)
        recording.resume()
        recording.close()
        recording.results()

    contenders: dict[str, Any] = {
        "TensorFlow": tensorflow_step(case / "graph.pb", fetches, feeds),
        "plain": lambda: plain.run(fetches, feeds),
        "recorded": record,
    }
    seconds = in_turn(contenders, rounds=400, warm_up=150)
    print(f"\nTraining step of scale_mlp_1k ({len(program.graph)} nodes, batch {batch}, Adam)")
    for name, value in seconds.items():
        row(f"{name}, median of 400", f"{value * 1e3:.2f} ms", "")
    base = seconds["TensorFlow"]
    row("plain / TensorFlow", f"{seconds['plain'] / base:.2f}", "at most 2")
    row("recorded / TensorFlow", f"{seconds['recorded'] / base:.2f}", "at most 3")
    row("recorded / plain", f"{seconds['recorded'] / seconds['plain']:.2f}", "at most 1.3")
