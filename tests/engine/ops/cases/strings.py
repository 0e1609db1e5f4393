"""Strings and summaries."""

import numpy as np
from op_cases import case

WORDS = [b"  Hello ", b"w\xc3\xb6rld", b""]
GRID = [[b"a", b"b"], [b"c", b"d"]]

CASES = [
    case("AsString", [1.5, -2.25]),
    case("AsString", [1.5, -2.25], precision=2, scientific=True),
    case("AsString", [1.5, -2.25], shortest=True),
    case("AsString", [1, -20], width=5, fill=b"0"),
    case("AsString", [True, False]),
    case("StringJoin", WORDS, b"x", N=2, separator=b"-"),
    case("StaticRegexFullMatch", WORDS, pattern=b"w.*"),
    case("RegexFullMatch", WORDS, b"w.*"),
    case("StaticRegexReplace", WORDS, pattern=b"l", rewrite=b"L"),
    case("RegexReplace", WORDS, b"l", b"L", replace_global=False),
    case("StringStrip", WORDS),
    case("StringLower", WORDS),
    case("StringUpper", WORDS),
    case("StringLength", WORDS),
    case("StringLength", WORDS, unit=b"UTF8_CHAR"),
    case("Substr", [b"hello", b"world"], 1, 3),
    case("StringToNumber", [b"1.5", b"-2"]),
    case("StringToNumber", [b"x"]),
    case("EncodeBase64", WORDS, pad=True),
    case("DecodeBase64", [b"aGVsbG8"]),
    case("ReduceJoin", GRID, [0], separator=b"-"),
    case("StringSplit", [b"a b", b"c"], b" "),
    case("StringFormat", np.array([1, 2], np.int32), template=b"x %s", placeholder=b"%s"),
    case("ScalarSummary", [b"loss", b"rate"], [0.5, 0.25]),
    case("HistogramSummary", b"w", [0.5, -0.25, 0.0, 3.0]),
    case("MergeSummary", b"", b"", N=2),
]
