"""Sample files, unpacked where a test can change them."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture
def sample(tmp_path: Path) -> Callable[[str], Path]:
    """Unpacks `tests/samples/NAME.zip` into a new folder and returns that."""

    def unpack(name: str) -> Path:
        folder = tmp_path / name
        with zipfile.ZipFile(SAMPLES / f"{name}.zip") as archive:
            archive.extractall(folder)
        return folder

    return unpack


@pytest.fixture
def sample_zip() -> Callable[[str], Path]:
    """The path of `tests/samples/NAME.zip`."""
    return lambda name: SAMPLES / f"{name}.zip"
