"""Opscope's engine: opens saved TensorFlow graphs and executes them with NumPy, op by op.

>>> from opscope.engine import load
>>> program = load("graph.pb")                      # doctest: +SKIP
>>> session = program.session()                     # doctest: +SKIP
>>> session.run(["loss:0", "train"], {"x:0": data}) # doctest: +SKIP
"""

from .analysis import compare_models, other_model, outcomes, repairs
from .debugger import Run
from .session import Program, Session, load

__all__ = [
    "Program",
    "Run",
    "Session",
    "compare_models",
    "load",
    "other_model",
    "outcomes",
    "repairs",
]
