"""Variables do what TensorFlow's do, its errors included (`record.py` asked it)."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from opscope.engine import load
from opscope.engine.errors import OpError

RECORDED = Path(__file__).with_name("recorded.zip")
with zipfile.ZipFile(RECORDED) as archive:
    STEPS: dict[str, list[dict[str, Any]]] = json.loads(archive.read("steps.json"))


@pytest.mark.parametrize("name", sorted(STEPS))
def test_variables_behave_as_in_tensorflow(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(RECORDED) as archive:
        path = tmp_path / f"{name}.pb"
        path.write_bytes(archive.read(path.name))
    session = load(path).session()
    for number, step in enumerate(STEPS[name]):
        what = f"step {number}: {step['fetches']} with {step['feeds']}"
        if "error" not in step:
            results = session.run(step["fetches"], step["feeds"])
            found = [None if x is None else np.asarray(x).tolist() for x in results]
            assert found == step["results"], what
            continue
        with pytest.raises((OpError, ValueError)) as raised:
            session.run(step["fetches"], step["feeds"])
        error = raised.value
        if isinstance(error, OpError):
            assert (type(error).__name__, error.message) == (step["error"], step["message"]), what
        else:
            assert step["error"] == "ValueError", what
            assert str(error).replace("'", "") == step["message"].replace("'", ""), what
