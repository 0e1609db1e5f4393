"""Record what TensorFlow shows of random programs; run it where TensorFlow is installed.

python -m tests.engine.analysis.record [COUNT]
"""

from __future__ import annotations

import base64
import gzip
import json
import sys
from pathlib import Path
from typing import Any

from opscope.engine import outcomes
from opscope.engine.session import Program

from . import random_programs
from .tensorflow_runs import TensorFlowProgram
from .test_tensorflow import forced

FILE = Path(__file__).parent / "recorded" / "tensorflow.json.gz"
_RUNS = 20


def main(count: int) -> None:
    """Write the recording of the programs 0 to `count`."""
    recorded = [entry for seed in range(count) if (entry := record(seed))]
    text = json.dumps(recorded, separators=(",", ":"))
    FILE.write_bytes(gzip.compress(text.encode(), mtime=0))


def record(seed: int) -> dict[str, Any]:
    """The program `seed`, what it showed by chance, and what it gave when it was forced."""
    asked = random_programs.make(seed, loops=False)
    session = Program("random", asked.graph.definition).session()
    if asked.initialized:
        session.run([], targets=[asked.initializer])
    analysis = outcomes(session, asked.fetches, targets=asked.targets, budget=5)
    names = list(analysis.kinds)
    program = TensorFlowProgram(asked, names)
    shown = set()
    for threads in (1, 8):
        shown |= program.results(_RUNS, threads=threads, optimize=False)
    orders = [forced(asked, o) for o in analysis.outcomes()] if analysis.count <= 20 else []
    given = [
        (order, *TensorFlowProgram(asked, names, order).results(1, threads=8, optimize=False))
        for order in orders
        if order is not None
    ]
    return {
        "graph": base64.b64encode(asked.graph.as_graph_def().SerializeToString()).decode(),
        "initializer": asked.initializer if asked.initialized else None,
        "fetches": asked.fetches,
        "targets": asked.targets,
        "shown": sorted(shown, key=repr),
        "forced": given,
    }


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
