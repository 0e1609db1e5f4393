"""Changes of the element type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dtypes import DType
from ..errors import InvalidArgumentError
from ..graph import Shape
from .registry import Attrs, Kernel, op
from .shapes import text, unchanged


@op(
    "Cast",
    "x: SrcT",
    "y: DstT",
    "SrcT: type, DstT: type, Truncate: bool = false",
    shape=unchanged,
    view=lambda attrs, _: attrs["SrcT"] == attrs["DstT"],
)
def cast(attrs: Attrs) -> Kernel:
    """Every element converted to another type, as C++ converts."""
    source: DType = attrs["SrcT"]
    target: DType = attrs["DstT"]
    dtype = target.numpy
    if source == target:
        return lambda x: x
    if source.is_complex and not target.is_complex:
        return lambda x: x.real.astype(dtype)
    return lambda x: x.astype(dtype)


def _bitcast_shape(attrs: Attrs, shapes: Sequence[Shape], _: Sequence[Any]) -> list[Shape]:
    shape = shapes[0]
    before, after = attrs["T"].numpy.itemsize, attrs["type"].numpy.itemsize
    if shape is None or before == after:
        return [shape]
    return [(*shape, before // after) if before > after else shape[:-1]]


@op("Bitcast", "input: T", "output: type", "T: type, type: type", shape=_bitcast_shape, view=True)
def bitcast(attrs: Attrs) -> Kernel:
    """The same bytes read as another type; the last axis makes up for different sizes."""
    target: DType = attrs["type"]
    before, after = attrs["T"].numpy.itemsize, target.numpy.itemsize
    if before == after:
        return lambda x: x.view(target.numpy)
    if before > after:

        def split(x: Any) -> Any:
            flat = np.asarray(x, order="C").reshape(-1).view(target.numpy)
            return flat.reshape((*x.shape, before // after))

        return split

    def join(x: Any) -> Any:
        if not x.ndim or x.shape[-1] != after // before:
            raise InvalidArgumentError(
                f"Cannot bitcast from {attrs['T'].runtime_name} to {target.runtime_name}: "
                f"shape {text(x)}"
            )
        return np.asarray(x, order="C").reshape(-1).view(target.numpy).reshape(x.shape[:-1])

    return join
