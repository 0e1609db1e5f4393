"""Tensors in files: every way to write them, and hostile ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

from opscope.engine import dtypes
from opscope.engine.errors import FormatError
from opscope.engine.formats.graphdef import graph_from_def, read_graph_def
from opscope.engine.formats.proto.opscope_graph_pb2 import TensorProto
from opscope.engine.formats.tensor_proto import check_tensor, tensor_from_proto, tensor_to_proto


def tensor(dtype: dtypes.DType, shape: list[int], **values: object) -> TensorProto:
    proto = TensorProto(dtype=dtypes.to_enum(dtype), **values)
    proto.tensor_shape.SetInParent()
    for length in shape:
        proto.tensor_shape.dim.add(size=length)
    return proto


def test_every_encoding_of_constants_decodes_as_in_tensorflow(
    sample: Callable[[str], Path],
) -> None:
    folder = sample("graphs")
    graph = graph_from_def(read_graph_def((folder / "constants.pb").read_bytes()))
    with np.load(folder / "constants_expected.npz") as expected:
        assert len(expected.files) > 40
        for name in expected.files:
            value = graph.operation(name).attrs["value"]
            assert value.dtype == expected[name].dtype, name
            np.testing.assert_array_equal(value, expected[name], name)


@pytest.mark.parametrize(
    ("proto", "expected"),
    [
        (tensor(dtypes.float32, [3], float_val=[1.5, 2]), np.array([1.5, 2, 2], np.float32)),
        (tensor(dtypes.int64, [2, 2]), np.zeros((2, 2), np.int64)),
        (tensor(dtypes.int32, [2], int_val=[1, 2, 3]), np.array([1, 2], np.int32)),
        (tensor(dtypes.uint8, [1], int_val=[-1]), np.array([255], np.uint8)),
        (tensor(dtypes.float16, [1], half_val=[0x3C00]), np.array([1], np.float16)),
        (tensor(dtypes.bfloat16, [1], half_val=[0x3FC0]), np.array([1.5], ml_dtypes.bfloat16)),
        (
            tensor(dtypes.float8_e5m2, [2], float8_val=b"\x3c\x40"),
            np.array([1, 2], ml_dtypes.float8_e5m2),
        ),
        (tensor(dtypes.complex64, [2], scomplex_val=[1, 2]), np.array([1 + 2j] * 2, np.complex64)),
        (tensor(dtypes.bool_, [], bool_val=[True]), np.array(True)),
        (tensor(dtypes.string, [2], string_val=[b"a"]), np.array([b"a", b"a"], object)),
        (tensor(dtypes.string, [2], tensor_content=b"\1\2abc"), np.array([b"a", b"bc"], object)),
        (tensor(dtypes.float64, [0, 3]), np.zeros((0, 3))),
    ],
)
def test_decoding(proto: TensorProto, expected: np.ndarray) -> None:
    found = tensor_from_proto(proto)
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    assert found.tolist() == expected.tolist()


@pytest.mark.parametrize("dtype", [d for d in dtypes.BY_ENUM.values() if d.numpy.kind != "O"])
def test_round_trip(dtype: dtypes.DType) -> None:
    array = np.array([[0, 1, 2], [3, 1, 0]]).astype(dtype.numpy)
    proto = TensorProto()
    tensor_to_proto(array, proto, dtype)
    assert proto.dtype == dtype.enum
    found = tensor_from_proto(proto)
    assert found.dtype == array.dtype
    assert found.tobytes() == array.tobytes()


def test_strings_round_trip() -> None:
    array = np.array([[b"", b"\xff"], ["text", b"x" * 1000]], object)
    proto = TensorProto()
    tensor_to_proto(array, proto)
    assert tensor_from_proto(proto).tolist() == [[b"", b"\xff"], [b"text", b"x" * 1000]]


def test_decoded_arrays_are_read_only() -> None:
    assert not tensor_from_proto(tensor(dtypes.int32, [2], int_val=[1])).flags.writeable


@pytest.mark.parametrize(
    ("proto", "message"),
    [
        (tensor(dtypes.float32, [-1]), "a known shape"),
        (tensor(dtypes.float32, [-2]), "the length -2"),
        (tensor(dtypes.float32, [1 << 40], float_val=[1]), "1 of 1,099,511,627,776 elements"),
        (tensor(dtypes.float32, [1 << 62, 1 << 62]), "0 of"),
        (tensor(dtypes.float32, [1 << 40], tensor_content=b"1234"), "found 4"),
        (tensor(dtypes.float32, [2], tensor_content=b"1234"), "expected 8 bytes"),
        (tensor(dtypes.string, [1 << 40], tensor_content=b"1234"), "found 4 bytes"),
        (tensor(dtypes.string, [2], tensor_content=b"\1\5ab"), "expected strings of 6 bytes"),
        (tensor(dtypes.float32, [1] * 100), "at most 64 dimensions"),
        (TensorProto(dtype=99), "the number 99"),
        (TensorProto(), "the number 0"),
    ],
)
def test_hostile_tensors_are_refused(proto: TensorProto, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        tensor_from_proto(proto)


def test_a_constant_of_a_type_without_values_is_refused_only_when_it_is_read() -> None:
    proto = tensor(dtypes.variant, [])
    check_tensor(proto)
    with pytest.raises(FormatError, match="found the type variant"):
        tensor_from_proto(proto)
