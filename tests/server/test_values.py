"""Values in and out: feeds as typed, one-line texts, exact JSON."""

from __future__ import annotations

import io

import ml_dtypes
import numpy as np
import pytest

from opscope.engine import dtypes
from opscope.engine.errors import InvalidArgumentError
from opscope.engine.memory.jsonable import json_value
from opscope.server.feeds import fitting_text, parse_feed
from opscope.server.sizes import parse_size, size_text
from opscope.server.texts import curve_number, line


@pytest.mark.parametrize(
    ("text", "dtype", "expected"),
    [
        ("1.5", dtypes.float32, 1.5),
        ("[[1, 2], [3, 4]]", dtypes.int32, [[1, 2], [3, 4]]),
        ("[1 2 3]", dtypes.int64, [1, 2, 3]),
        ("(1, -2)", dtypes.float64, [1, -2]),
        ("[nan, inf, -inf]", dtypes.float32, [np.nan, np.inf, -np.inf]),
        ("true", dtypes.bool_, True),
        ("9007199254740993", dtypes.int64, 9007199254740993),
        ("1+2j", dtypes.complex64, 1 + 2j),
        ("zeros(2, 3)", dtypes.float32, np.zeros((2, 3))),
        ("[]", dtypes.float32, []),
        ("hello, world", dtypes.string, b"hello, world"),
        ('["a, b", "c"]', dtypes.string, [b"a, b", b"c"]),
        ("", dtypes.string, b""),
    ],
)
def test_text_becomes_the_array_that_it_says(text, dtype, expected):
    array = parse_feed("x", text, dtype)
    assert array.dtype == dtype.numpy
    np.testing.assert_array_equal(array, np.array(expected, dtype.numpy))


@pytest.mark.parametrize(
    ("value", "dtype", "part"),
    [
        ("1.5", dtypes.int32, "'1.5' is not an integer"),
        ("300", dtypes.uint8, "not between 0 and 255"),
        ("[1, [2]]", dtypes.float32, "x"),
        ("[1, 2", dtypes.float32, "without its ']'"),
        ("1 2", dtypes.float32, "unexpected '2'"),
        ("yes", dtypes.bool_, "neither true nor false"),
        ("", dtypes.float32, "empty"),
        ([1.5], dtypes.int32, "not integers"),
        (b"no file", dtypes.float32, "x"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(value, dtype, part):
    with pytest.raises(InvalidArgumentError) as refused:
        parse_feed("x:0", value, dtype)
    assert "the feed of 'x:0'" in refused.value.message
    assert part in refused.value.message


def test_objects_in_a_file_are_not_unpickled():
    buffer = io.BytesIO()
    np.save(buffer, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(InvalidArgumentError):
        parse_feed("x", buffer.getvalue(), dtypes.string)


@pytest.mark.parametrize("dtype", [dtypes.float32, dtypes.int64, dtypes.bool_, dtypes.string])
@pytest.mark.parametrize("shape", [None, (), (None, 3), (2, 2), (None, 224, 224)])
def test_the_suggested_text_fits(dtype, shape):
    if dtype is dtypes.string and shape and shape[-1] == 224:
        return
    array = parse_feed("x", fitting_text(dtype, shape), dtype)
    assert array.shape == tuple(length or 1 for length in shape or ())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.float32(1), "1.0"),
        (np.float32(0.1), "0.1"),
        (np.array([0.1, 0.2, 3.0]), "[0.1 0.2 3.0]"),
        (np.arange(1000), "[0 1 2 3 4 5 ... 994 995 996 997 998 999]"),
        (np.array([[1, 2], [3, 4]]), "[[1 2] [3 4]]"),
        (np.array([np.nan, np.inf]), "[nan inf]"),
        (np.array(True), "True"),
        (np.array(b"text", object), "'text'"),
        (np.array([], np.float32), "[]"),
        (np.array(1.5, ml_dtypes.bfloat16), "1.5"),
    ],
)
def test_values_in_a_line(value, text):
    assert line(np.asarray(value)) == text


def test_lines_are_short():
    rng = np.random.default_rng(0)
    for shape in ((3,), (100,), (7, 7), (2, 3, 4, 5), (100, 100)):
        assert len(line(rng.normal(size=shape))) <= 80


def test_the_number_of_a_curve():
    assert curve_number(np.array([1.0, 3.0])) == 2.0
    assert curve_number(np.array(np.nan)) is None
    assert curve_number(np.array(b"x", object)) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.array([1.5, np.nan, -np.inf]), [1.5, "nan", "-inf"]),
        (np.array(2**62, np.int64), 2**62),
        (np.array([1 + 2j], np.complex64), [[1.0, 2.0]]),
        (np.array([b"text", b"\xff"], object), ["text", {"base64": "/w=="}]),
        (np.array(True), True),
        (np.array(0.5, ml_dtypes.bfloat16), 0.5),
        (None, None),
    ],
)
def test_values_as_json(value, expected):
    assert json_value(value) == expected


@pytest.mark.parametrize(
    ("given", "text"),
    [("0", "0 B"), ("999", "999 B"), ("1500", "1.5 kB"), ("2MB", "2.0 MB"), ("200MB", "200 MB"),
     ("1MiB", "1.0 MB"), ("4GiB", "4.3 GB"), ("5TB", "5000 GB")],
)  # fmt: skip
def test_sizes_are_read_and_written(given, text):
    assert size_text(parse_size(given)) == text
