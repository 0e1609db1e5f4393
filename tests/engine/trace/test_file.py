"""Trace files: what was written is read again, whatever happened to the writer."""

from __future__ import annotations

import numpy as np
import pytest

from opscope.engine.errors import FormatError
from opscope.engine.trace.file import (
    COLUMNS,
    FrameRow,
    RunDescription,
    TraceFile,
    VersionRow,
    open_trace,
    pack,
    unpack,
)


def description(**changes):
    given = {
        "program": "graph.pb",
        "fetches": ["a:0", "b:0"],
        "targets": [],
        "schedule": "fifo",
        "feeds": {"x:0": np.array([1.5, 2.5], np.float32)},
        "nodes": {0: ("a", "Const"), 3: ("b", "Add")},
    }
    return RunDescription(**{**given, **changes})


def steps(count, first=0):
    table = np.zeros(count, COLUMNS)
    table["start"] = np.arange(first, first + count) * 1000
    table["op"] = 3
    return table


def test_a_trace_comes_back(tmp_path):
    path = tmp_path / "run.trace"
    file = TraceFile(path, description())
    file.add_steps(0, 5, pack(steps(5)))
    file.add_steps(5, 2, pack(steps(2, 5)))
    file.add_frames([FrameRow(1, "loop", 0, 4)])
    values = [
        np.arange(6, dtype=np.int64).reshape(2, 3),
        np.array([b"", b"text"], object),
        np.array(True),
        None,
    ]
    file.add_versions(VersionRow("v", n, n, "b", value) for n, value in enumerate(values))
    file.close()

    with open_trace(path) as trace:
        assert trace.count == 7
        np.testing.assert_array_equal(trace.steps(), steps(7))
        assert trace.columns(4, 2) == pack(steps(7)[4:6])
        assert trace.frames() == [FrameRow(1, "loop", 0, 4)]
        assert trace.node_names() == {0: "a", 3: "b"}
        assert (trace.fetches, trace.targets, trace.schedule) == (["a:0", "b:0"], [], "fifo")
        np.testing.assert_array_equal(trace.feeds()["x:0"], [1.5, 2.5])
        for version, value in zip(trace.versions("v"), values, strict=True):
            assert (version.value is None) == (value is None)
            if value is not None:
                assert version.value.dtype == value.dtype
                np.testing.assert_array_equal(version.value, value)


def test_what_the_run_found_is_there_at_once(tmp_path):
    path = tmp_path / "run.trace"
    found = [VersionRow("v", 1, -1, None, np.array(3.0))]
    file = TraceFile(path, description(found=found))
    with open_trace(path) as trace:
        assert trace.versions()[0].value == 3.0
    file.close()


def test_beyond_the_budget_versions_have_no_contents(tmp_path):
    path = tmp_path / "run.trace"
    file = TraceFile(path, description(), budget=100)
    file.add_versions(VersionRow("v", n, n, "b", np.zeros(10)) for n in range(2))
    file.close()
    with open_trace(path) as trace:
        assert [version.value is None for version in trace.versions()] == [False, True]


def test_packing_is_undone_by_unpacking():
    np.testing.assert_array_equal(unpack(pack(steps(3)), 3), steps(3))


def test_other_files_are_refused(tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("hello" * 100)
    with pytest.raises(FormatError, match="expected an Opscope trace"):
        open_trace(text)
    with pytest.raises(FormatError, match="no such file"):
        open_trace(tmp_path / "missing.trace")


def test_a_newer_version_is_refused(tmp_path):
    import sqlite3
    from contextlib import closing

    path = tmp_path / "run.trace"
    TraceFile(path, description()).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=99")
    with pytest.raises(FormatError, match="version 99"):
        open_trace(path)
