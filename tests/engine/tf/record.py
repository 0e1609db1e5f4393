"""Records what TensorFlow makes of the programs: `python record.py`, where it is installed."""

from __future__ import annotations

import json
from pathlib import Path

import tensorflow.compat.v1 as tf  # pyright: ignore[reportMissingImports]
from describe import describe, describe_source, graph_sources
from programs import PROGRAMS

EXPECTED = Path(__file__).parent / "expected.json"


def main() -> None:
    tf.disable_v2_behavior()
    found = {
        f"{build.__name__}_{kind}": describe(tf, build, kind == "resource")
        for build in PROGRAMS
        for kind in ("ref", "resource")
    }
    found |= {f"gallery_{path.stem}": describe_source(tf, path) for path in graph_sources()}
    lines = [f"{json.dumps(name)}: {json.dumps(found[name])}" for name in sorted(found)]
    EXPECTED.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
