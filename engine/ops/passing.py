"""Op types that pass their input on and mean something to gradients or optimizers only."""

from __future__ import annotations

from typing import Any

import numpy as np

from .registry import Attrs, Kernel, declare, op
from .shapes import unchanged

for _type, _attrs, _doc in (
    ("StopGradient", "T: type", "Passes its input on; gradients do not pass through it."),
    (
        "PreventGradient",
        "T: type, message: string = ''",
        "Passes its input on; asking for a gradient through it is an error.",
    ),
    ("GuaranteeConst", "T: type", "Passes its input on, which is promised never to change."),
):
    declare(
        _type,
        "input: T",
        "output: T",
        _attrs,
        kernel=lambda _: lambda x: x,
        doc=_doc,
        shape=unchanged,
        routes=True,
    )


@op("Snapshot", "input: T", "output: T", "T: type", shape=unchanged)
def snapshot(attrs: Attrs) -> Kernel:
    """A copy of the input as it is now."""
    return np.copy


@op("DeepCopy", "x: T", "y: T", "T: type", shape=unchanged)
def deep_copy(attrs: Attrs) -> Kernel:
    """A copy of the input as it is now."""

    def kernel(x: Any) -> Any:
        return np.copy(x)

    return kernel
