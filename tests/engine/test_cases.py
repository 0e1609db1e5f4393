"""Saved graphs and what TensorFlow gave for them."""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from opscope.engine import load
from opscope.engine.errors import OpError
from opscope.engine.session import Session

CASES = Path(__file__).parents[1] / "cases"


def arrays(path: Path) -> dict[str, Any]:
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


def assert_matches(what: str, entry: dict[str, Any], got: Any, stored: Any) -> None:
    """`got` is what `entry` of a case asks for."""
    got = np.asarray(got)
    if "sha256" in entry:
        assert (str(got.dtype), list(got.shape)) == (entry["dtype"], entry["shape"]), what
        digest = hashlib.sha256(np.ascontiguousarray(got).tobytes()).hexdigest()
        assert digest == entry["sha256"], what
        return
    want = stored[entry["array"]]
    assert got.shape == want.shape, what
    if want.dtype.kind in "SU":  # strings are stored as NumPy text
        assert got.tolist() == want.astype(bytes).tolist(), what
        return
    assert got.dtype == want.dtype, what
    tolerance = {"rtol": entry.get("rtol", 0), "atol": entry.get("atol", 0)}
    np.testing.assert_allclose(got, want, err_msg=what, **tolerance)


@pytest.mark.parametrize("name", sorted(path.stem for path in CASES.glob("*.zip")))
def test_session_gives_what_tensorflow_gave(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(CASES / f"{name}.zip") as archive:
        archive.extractall(tmp_path)
    case = json.loads((tmp_path / "case.json").read_text())
    feeds, stored = arrays(tmp_path / "feeds.npz"), arrays(tmp_path / "expected.npz")
    session = load(tmp_path / case["graph"]).session()
    for step in case["steps"]:
        names = [fetch["name"] for fetch in step["fetches"]] + step["targets"]
        feed = {tensor: feeds[key] for tensor, key in step["feeds"].items()}
        if "error" in step:
            assert_fails_as_tensorflow(session, names, feed, step["error"])
        else:
            results = session.run(names, feed)
            for entry, result in zip(step["fetches"], results, strict=False):
                assert_matches(f"{step['label']}: {entry['name']}", entry, result, stored)
        if "variables" in step:
            now = {k: v for k, v in session.variables.items() if v.dtype.kind not in "OSU"}
            assert set(now) == set(step["variables"]), step["label"]
            for variable, entry in step["variables"].items():
                assert_matches(f"{step['label']}: {variable}", entry, now[variable], stored)


def assert_fails_as_tensorflow(
    session: Session, names: list[str], feed: dict[str, Any], expected: dict[str, Any]
) -> None:
    with pytest.raises((OpError, ValueError, TypeError)) as raised:
        session.run(names, feed)
    if isinstance(raised.value, OpError):
        assert type(raised.value).__name__ == expected["code"]
        if "node" in expected:
            assert expected["message"].split(" Debug info:")[0] in str(raised.value)


RACES = json.loads(gzip.decompress((CASES / "races.json.gz").read_bytes()))["cases"]


@pytest.mark.parametrize("case", RACES, ids=lambda case: case["name"])
def test_each_atomic_outcome_is_what_its_schedule_replays_to(
    case: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "graph.pbtxt"
    path.write_text(case["graph"])
    program = load(path)
    for outcome in (o for o in case["predicted"] if o["level"] == "atomic"):
        session = program.session()
        session.run([], targets=[case["init_target"]])
        run = session.debug(
            case["fetches"], case["feeds"], targets=case["targets"], schedule=outcome["schedule"]
        )
        run.resume()
        values = dict(zip(case["fetches"], run.results(), strict=True))
        run.close()
        pairs = [(values, outcome["fetches"]), (session.variables, outcome["variables"])]
        for found, wanted in pairs:
            assert set(found) == set(wanted)
            for key, value in wanted.items():
                np.testing.assert_allclose(found[key], value, atol=1e-4, err_msg=key)
