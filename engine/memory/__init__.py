"""The state of a session and what travels on edges: values, aliases, references, handles."""

from .memory import Memory, MemorySnapshot, Site
from .tokens import Alias, Array, Handle
from .undo import UndoLog
from .variables import (
    Buffer,
    RefVariable,
    ResourceVariable,
    Variable,
    Write,
    variable_behind,
)

__all__ = [
    "Alias",
    "Array",
    "Buffer",
    "Handle",
    "Memory",
    "MemorySnapshot",
    "RefVariable",
    "ResourceVariable",
    "Site",
    "UndoLog",
    "Variable",
    "Write",
    "variable_behind",
]
