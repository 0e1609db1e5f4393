"""Every test starts in graph mode, with reference variables and an empty default graph."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import opscope.engine.tf as tf

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def _graph_mode() -> Iterator[None]:
    tf.disable_v2_behavior()
    tf.reset_default_graph()
    yield
    tf.disable_v2_behavior()
    tf.reset_default_graph()


@pytest.fixture
def eager() -> None:
    tf.enable_eager_execution()
