"""What a missing name of TensorFlow's gets: an AttributeError that says which names come close."""

from __future__ import annotations

import sys
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, NoReturn

_SHOWN = 5


def missing_name(module: str, spoken: str) -> Callable[[str], Any]:
    """A module's `__getattr__` for names that it does not have.

    Args:
        module: the module's `__name__`.
        spoken: what programs call it, such as `tf.nn`.
    """

    def missing(name: str) -> NoReturn:
        known = [known for known in vars(sys.modules[module]) if not known.startswith("_")]
        close = _close(name, known)
        hint = f"close to it are {', '.join(close)}" if close else "no name of it comes close"
        raise AttributeError(f"opscope's {spoken} has no name '{name}'; {hint}")

    return missing


def _close(name: str, known: list[str]) -> list[str]:
    folded = {other.lower(): other for other in known}
    matches = get_close_matches(name.lower(), folded, n=_SHOWN, cutoff=0.6)
    containing = [other for other in folded if len(name) > 3 and name.lower() in other]
    return [folded[match] for match in dict.fromkeys([*matches, *sorted(containing)])][:_SHOWN]
