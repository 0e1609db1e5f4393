"""The wire: every message between page, server and worker, declared once.

Plain data. Imports neither Flask nor the engine. `docs/protocol.md` and the page's JSDoc types are
generated from these declarations.
"""

from .declare import EVENTS, REQUESTS, Event, Request
from .events import Continued, Launched, Output, Steps, Stopped, Terminated, VariablesChanged
from .model_messages import CompareModels, ModelsCompared
from .outcome_messages import (
    Cancel,
    Diff,
    OutcomeRows,
    Outcomes,
    OutcomesFound,
    ProgressEnd,
    ProgressStart,
    ProgressUpdate,
    Reached,
    Replay,
)
from .repair_messages import FindRepairs, RepairedGraph, RepairsFound
from .requests import (
    Attach,
    Continue,
    Goto,
    Initialize,
    Launch,
    Next,
    Pause,
    Plan,
    Restart,
    Runs,
    StackTrace,
    StepBack,
    StepsOf,
    TensorOf,
    Terminate,
    Variables,
)

PROTOCOL_VERSION = 1
NAMESPACE = "/opscope/v1"

__all__ = [
    "EVENTS",
    "NAMESPACE",
    "PROTOCOL_VERSION",
    "REQUESTS",
    "Attach",
    "Cancel",
    "CompareModels",
    "Continue",
    "Continued",
    "Diff",
    "Event",
    "FindRepairs",
    "Goto",
    "Initialize",
    "Launch",
    "Launched",
    "ModelsCompared",
    "Next",
    "OutcomeRows",
    "Outcomes",
    "OutcomesFound",
    "Output",
    "Pause",
    "Plan",
    "ProgressEnd",
    "ProgressStart",
    "ProgressUpdate",
    "Reached",
    "RepairedGraph",
    "RepairsFound",
    "Replay",
    "Request",
    "Restart",
    "Runs",
    "StackTrace",
    "StepBack",
    "Steps",
    "StepsOf",
    "Stopped",
    "TensorOf",
    "Terminate",
    "Terminated",
    "Variables",
    "VariablesChanged",
]
