"""`tf.random`: random numbers under their newer names."""

from __future__ import annotations

from .names import missing_name
from .random_ops import random_normal as normal
from .random_ops import random_shuffle as shuffle
from .random_ops import random_uniform as uniform
from .random_ops import set_random_seed, truncated_normal

__all__ = ["normal", "set_random_seed", "shuffle", "truncated_normal", "uniform"]

__getattr__ = missing_name(__name__, "tf.random")
