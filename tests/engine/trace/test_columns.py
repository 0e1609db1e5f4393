"""Steps as bytes: the layout of the wire and of the file."""

from __future__ import annotations

import numpy as np

from opscope.engine.trace import FAILED, WROTE, Trace


def test_columns_follow_one_another_and_gaps_become_durations() -> None:
    trace = Trace()
    start = trace.zero
    trace.append(7, 0, 0, start + 10, 5, WROTE, [])
    trace.append(8, 1, 2, start + 20, -1, 0, [])  # until the next one began
    trace.append(9, 1, 3, start + 50, 4, FAILED, [])
    for first, count in ((0, 3), (1, 1), (1, 2)):
        data = trace.columns(first, count)
        starts = np.frombuffer(data, "<i8", count)
        columns = np.frombuffer(data, "<u4", 5 * count, offset=8 * count).reshape(5, count)
        part = slice(first, first + count)
        assert starts.tolist() == [10, 20, 50][part]
        assert columns.tolist() == [
            column[part] for column in ([5, 30, 4], [7, 8, 9], [0, 1, 1], [0, 2, 3], [2, 0, 1])
        ]
