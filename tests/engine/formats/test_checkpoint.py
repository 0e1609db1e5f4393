"""Checkpoints that TensorFlow wrote, checkpoints that we write, and damaged ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

from opscope.engine import dtypes
from opscope.engine.errors import FormatError, InvalidArgumentError, NotFoundError
from opscope.engine.formats import CheckpointReader, open_checkpoint, write_checkpoint
from opscope.engine.formats.snappy import decompress
from opscope.engine.formats.table import read_table, write_table

DATA = ".data-00000-of-00001"


@pytest.fixture
def kinds(sample: Callable[[str], Path]) -> Path:
    return sample("checkpoint_kinds")


@pytest.mark.parametrize("prefix", ["v1", "v2"])
def test_tensors_are_those_that_tensorflow_reads(prefix: str, kinds: Path) -> None:
    reader = open_checkpoint(kinds / prefix)
    assert reader is not None
    with np.load(kinds / "expected.npz") as expected:
        for name in expected.files:
            found = reader.read(name)
            assert reader.shape_and_dtype(name) == (found.shape, dtypes.from_numpy(found.dtype))
            assert found.dtype == expected[name].dtype
            np.testing.assert_array_equal(found, expected[name], name)


def test_strings_and_bfloat16(kinds: Path) -> None:
    reader = CheckpointReader(kinds / "v2")
    assert reader.read("s").tolist() == [[b"a", b"bcd"], [b"", b"x" * 300]]
    assert reader.read("h").dtype == ml_dtypes.bfloat16
    assert reader.read("h").tolist() == [1.5, 2, 3]


@pytest.mark.parametrize("prefix", ["v1", "v2"])
def test_slices(prefix: str, kinds: Path) -> None:
    reader = open_checkpoint(kinds / prefix)
    assert reader is not None
    whole = reader.read("part")
    for spec, expected in {
        "": whole,
        "300 10 100,100:0,10": whole[100:200],
        "300 10 99,3:-": whole[99:102],
        "300 10 -:2,3": whole[:, 2:5],
    }.items():
        np.testing.assert_array_equal(reader.read_slice("part", spec), expected)
    for spec, message in {
        "300 11 -:-": "does not match the shape stored in checkpoint",
        "300 10 -": "as many slice extents",
        "300 10 299,2:-": "outside the shape",
        "a": "Expected 'lengths slice'",
    }.items():
        with pytest.raises(InvalidArgumentError, match=message):
            reader.read_slice("part", spec)
    with pytest.raises(NotFoundError, match="Key nothing not found in checkpoint"):
        reader.read_slice("nothing", "1 -")


def test_a_file_without_a_checkpoint_beside_it(tmp_path: Path) -> None:
    assert open_checkpoint(tmp_path / "model") is None


def test_written_checkpoints_are_read(tmp_path: Path) -> None:
    tensors = {
        "scope/w": np.arange(6, dtype=np.float32).reshape(2, 3),
        "text": np.array([b"", b"x" * 200, b"\xff"], object),
        "half": np.array(1.5, ml_dtypes.bfloat16),
        "none": np.zeros((0, 2), np.int64),
    }
    tensors |= {f"many/{i}": np.array(i) for i in range(500)}
    write_checkpoint(tmp_path / "model.ckpt-1", tensors)
    reader = CheckpointReader(tmp_path / "model.ckpt-1")
    assert reader.names() == sorted(tensors)
    for name, expected in tensors.items():
        found = reader.read(name)
        assert found.dtype == expected.dtype
        assert found.tolist() == expected.tolist()


def change(path: Path, edit: Callable[[bytearray], object]) -> None:
    data = bytearray(path.read_bytes())
    edit(data)
    path.write_bytes(data)


def flip(position: int) -> Callable[[bytearray], object]:
    def edit(data: bytearray) -> None:
        data[position] ^= 1

    return edit


def test_damage_is_found(kinds: Path) -> None:
    change(kinds / f"v2{DATA}", flip(-1))
    reader = CheckpointReader(kinds / "v2")
    with pytest.raises(FormatError, match=r"v2\.data-00000-of-00001: tensor 'u8' is damaged"):
        reader.read("u8")


@pytest.mark.parametrize(
    ("suffix", "edit", "message"),
    [
        (DATA, None, "expected the checkpoint's tensors, found no file"),
        (".index", None, "expected a checkpoint's index, found no file"),
        (DATA, lambda data: data.clear(), "at least 12,331 bytes of tensors, found 0"),
        (".index", lambda data: data.clear(), "expected a table of tensors, found 0 bytes"),
        (".index", lambda data: data.__delitem__(slice(10, 20)), "expected"),
        (".index", flip(10), "expected the checksum"),
    ],
)
def test_missing_and_damaged_files(
    suffix: str, edit: Callable[[bytearray], object] | None, message: str, kinds: Path
) -> None:
    if edit is None:
        (kinds / f"v2{suffix}").unlink()
    else:
        change(kinds / f"v2{suffix}", edit)
    with pytest.raises(FormatError, match=message) as raised:
        CheckpointReader(kinds / "v2")
    assert str(raised.value).startswith(f"{kinds}/v2{suffix}: ")


def test_a_damaged_v1_checkpoint(kinds: Path) -> None:
    change(kinds / "v1", flip(100))
    with pytest.raises(FormatError, match="v1: expected the checksum"):
        open_checkpoint(kinds / "v1")


def test_tables_hold_what_was_written() -> None:
    entries = [(b"%05d" % i, bytes([i % 256]) * (i % 97)) for i in range(20_000)]
    assert list(read_table(write_table(entries))) == entries
    assert list(read_table(write_table([]))) == []


@pytest.mark.parametrize(
    ("compressed", "expected"),
    [
        (b"\x00", b""),
        (b"\x03\x08abc", b"abc"),
        (b"\x07\x00a\x09\x01", b"aaaaaaa"[:7]),
        (b"\x08\x04ab\x16\x02\x00", b"abababab"),
        (b"\x48\xf0\x47" + b"y" * 72, b"y" * 72),
    ],
)
def test_snappy(compressed: bytes, expected: bytes) -> None:
    assert decompress(compressed) == expected


@pytest.mark.parametrize("data", [b"", b"\x05\x08ab", b"\x04\x05\x01", b"\xff\xff\xff\xff\x0f\0"])
def test_damaged_snappy(data: bytes) -> None:
    with pytest.raises(FormatError):
        decompress(data)
