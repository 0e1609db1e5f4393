"""The same program with the other kind of variable, and what that changes."""

from .comparison import Comparison, Converted, compare_models, other_model

__all__ = ["Comparison", "Converted", "compare_models", "other_model"]
