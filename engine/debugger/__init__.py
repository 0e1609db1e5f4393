"""Stepping through a run, forwards and backwards."""

from .run import Run, StepInstance, TensorAt, VersionAt

__all__ = ["Run", "StepInstance", "TensorAt", "VersionAt"]
