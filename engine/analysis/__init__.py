"""What else could have happened: races, and every outcome that the schedules of a run can give."""

from .analyze import outcomes
from .replay import replay
from .results import Access, Analysis, Effort, Group, Outcome, Race

__all__ = ["Access", "Analysis", "Effort", "Group", "Outcome", "Race", "outcomes", "replay"]
