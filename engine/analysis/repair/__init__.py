"""Control edges that end races, each with the proof that it does."""

from .repairs import Repair, repairs

__all__ = ["Repair", "repairs"]
