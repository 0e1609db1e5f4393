"""Programs and sessions: `Session.run` as TensorFlow has it, over plans and the executor."""

from .program import PlaceholderInfo, Program, Suggestion, VariableInfo, load
from .session import Request, Session

__all__ = [
    "PlaceholderInfo",
    "Program",
    "Request",
    "Session",
    "Suggestion",
    "VariableInfo",
    "load",
]
