"""Reductions, extremes, scans, segments."""

import numpy as np
from op_cases import case

X = np.arange(24, dtype=np.float32).reshape(2, 3, 4) * 0.37 - 3
B = X > 0
IDS = np.array([0, 0, 2, 3], np.int32)
ROWS = np.arange(12, dtype=np.float32).reshape(4, 3) + 1
SPARSE = ([3, 0, 1], [0, 0, 2])

CASES = [
    *(case(op, X, [0, -1]) for op in ("Sum", "Mean", "Prod", "Max", "Min", "EuclideanNorm")),
    *(case(op, X, 1, keep_dims=True) for op in ("Sum", "Mean", "Max")),
    case("Sum", X, np.zeros(0, np.int32)),
    case("Sum", X.astype(np.float16), [0]),
    case("Sum", np.arange(6, dtype=np.int32), [0]),
    case("Mean", np.arange(6, dtype=np.int32) - 9, [0]),
    case("Mean", np.zeros((0, 2), np.float32), [0]),
    case("Max", np.zeros((0, 2), np.float32), [0]),
    case("Sum", X, [3]),
    case("Sum", X, [0, 0]),
    case("All", B, [0]),
    case("Any", B, [2]),
    case("ArgMax", X, 1),
    case("ArgMin", X, -1, output_type="int32"),
    case("ArgMax", np.zeros((0, 2), np.float32), 0),
    case("Cumsum", X, 1),
    case("Cumsum", X, 1, exclusive=True, reverse=True),
    case("Cumprod", X, -1, exclusive=True),
    case("CumulativeLogsumexp", X, 0),
    case("CumulativeLogsumexp", X, 1, reverse=True),
    *(case(f"Segment{op}", ROWS, IDS) for op in ("Sum", "Mean", "Prod", "Max", "Min")),
    case("SegmentSum", ROWS, [1, 0, 2, 3]),
    *(
        case(f"UnsortedSegment{op}", ROWS, np.array([2, 0, -1, 2], np.int32), 4)
        for op in ("Sum", "Prod", "Max", "Min")
    ),
    case("UnsortedSegmentSum", ROWS, [0, 1, 5, 0], 3),
    *(case(f"SparseSegment{op}", ROWS, *SPARSE) for op in ("Sum", "Mean", "SqrtN")),
    *(
        case(f"SparseSegment{op}WithNumSegments", ROWS, *SPARSE, 4)
        for op in ("Sum", "Mean", "SqrtN")
    ),
    *(case(f"SparseSegment{op}Grad", ROWS[:3], *SPARSE, 4) for op in ("Sum", "Mean", "SqrtN")),
]
