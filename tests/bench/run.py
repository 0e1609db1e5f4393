"""All benchmarks. Each figure is a ratio within one run, or a time with its target beside it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

# One thread for NumPy too; it is read when NumPy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def main() -> None:
    """Run every benchmark and print its figures."""
    import bench_browser
    import bench_engine
    import bench_outcomes

    with tempfile.TemporaryDirectory() as folder:
        bench_engine.run(Path(folder))
        bench_outcomes.run(Path(folder))
        bench_browser.run(Path(folder))


if __name__ == "__main__":
    main()
