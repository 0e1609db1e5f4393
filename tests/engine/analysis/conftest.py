"""Tests that build programs start in graph mode, with reference variables and no default graph."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import opscope.engine.tf as tf


@pytest.fixture(autouse=True)
def _graph_mode() -> Iterator[None]:
    tf.disable_v2_behavior()
    tf.reset_default_graph()
    yield
    tf.reset_default_graph()
