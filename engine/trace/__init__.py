"""What happened in a run: steps in columns, their tensors, the writes of variables."""

from .trace import FAILED, NOT_KEPT, TOOK_TRUE, WROTE, FrameOpened, Trace, WriteAt

__all__ = [
    "FAILED",
    "NOT_KEPT",
    "TOOK_TRUE",
    "WROTE",
    "FrameOpened",
    "Trace",
    "WriteAt",
]
