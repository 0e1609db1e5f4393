"""What else could have happened: races, and every outcome that the schedules of a run can give."""

from .analyze import outcomes
from .models import Comparison, Converted, compare_models, other_model
from .repair import Repair, repairs
from .replay import debug_replay, replay
from .results import Access, Analysis, Effort, Group, Outcome, Race

__all__ = [
    "Access",
    "Analysis",
    "Comparison",
    "Converted",
    "Effort",
    "Group",
    "Outcome",
    "Race",
    "Repair",
    "compare_models",
    "debug_replay",
    "other_model",
    "outcomes",
    "repairs",
    "replay",
]
