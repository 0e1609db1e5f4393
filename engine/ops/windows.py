"""The geometry of sliding windows: convolutions and pools of any number of spatial axes.

Arrays here are in the order batch, spatial axes, channels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from ..errors import InvalidArgumentError
from .registry import Attrs


@dataclass(frozen=True, slots=True)
class Layout:
    """Where an op's data format puts its axes."""

    channels_first: bool
    spatial: tuple[int, ...]

    def to_last(self, array: Any) -> Any:
        """`array` in the order batch, spatial axes, channels."""
        return np.moveaxis(array, 1, -1) if self.channels_first else array

    def from_last(self, array: Any) -> Any:
        """`array` back in the order of the data format."""
        return np.moveaxis(array, -1, 1) if self.channels_first else array

    def shape_to_last(self, shape: Sequence[int]) -> list[int]:
        return [shape[0], *shape[2:], shape[1]] if self.channels_first else list(shape)

    def of_spatial(self, values: Sequence[int]) -> list[int]:
        """The entries of a per-axis attribute that belong to spatial axes."""
        return [values[axis] for axis in self.spatial]


def layout_of(attrs: Attrs) -> Layout:
    """The layout that the attribute `data_format` names."""
    name: str = attrs["data_format"].decode()
    spatial = tuple(axis for axis, letter in enumerate(name) if letter in "DHW")
    return Layout(name[1] == "C", spatial)


@dataclass(frozen=True, slots=True)
class Windows:
    """How windows lie over an input.

    Attributes:
        sizes: of a window, per spatial axis, without the gaps of dilation.
        strides, dilations: per spatial axis.
        before, after: padding per spatial axis.
        outputs: how many windows there are per spatial axis.
    """

    sizes: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]
    outputs: tuple[int, ...]

    @property
    def padded(self) -> bool:
        return any(self.before) or any(self.after)

    def pad(self, x: Any, value: Any) -> Any:
        """`x` with `value` around it."""
        if not self.padded:
            return x
        spatial = x.shape[1:-1]
        lengths = [b + n + a for n, b, a in zip(spatial, self.before, self.after, strict=True)]
        result = np.full((x.shape[0], *lengths, x.shape[-1]), value, x.dtype)
        result[self._inner(spatial)] = x
        return result

    def unpad(self, x: Any, spatial: Sequence[int]) -> Any:
        """What lies inside the padding, `spatial` long."""
        return x[self._inner(spatial)] if self.padded else x

    def _inner(self, spatial: Sequence[int]) -> tuple[slice, ...]:
        return (
            slice(None),
            *(slice(b, b + n) for b, n in zip(self.before, spatial, strict=True)),
            slice(None),
        )

    def view(self, padded: Any) -> Any:
        """All windows of a padded input, not copied: (batch, outputs..., sizes..., channels)."""
        batch, *spatial, channel = padded.strides
        return np.lib.stride_tricks.as_strided(
            padded,
            (padded.shape[0], *self.outputs, *self.sizes, padded.shape[-1]),
            (
                batch,
                *(step * s for step, s in zip(spatial, self.strides, strict=True)),
                *(step * d for step, d in zip(spatial, self.dilations, strict=True)),
                channel,
            ),
            writeable=False,
        )

    def places(self) -> Iterator[tuple[tuple[int, ...], tuple[slice, ...]]]:
        """Each place in a window, and the slices of a padded input that it sees in all windows."""
        for place in product(*map(range, self.sizes)):
            slices = [slice(None)]
            for k, s, d, n in zip(place, self.strides, self.dilations, self.outputs, strict=True):
                slices.append(slice(k * d, k * d + (n - 1) * s + 1, s))
            yield place, tuple(slices)


def windows(
    attrs: Attrs,
    layout: Layout,
    spatial: Sequence[int],
    sizes: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int] | None = None,
) -> Windows:
    """The windows of `sizes` over an input whose spatial axes are `spatial` long.

    Raises:
        InvalidArgumentError: a window does not fit, so that a length would be negative.
    """
    dilations = dilations or [1] * len(sizes)
    padding: bytes = attrs["padding"]
    before: list[int] = []
    after: list[int] = []
    outputs: list[int] = []
    explicit: Sequence[int] = attrs.get("explicit_paddings", ())
    for i, (n, k, s, d) in enumerate(zip(spatial, sizes, strides, dilations, strict=True)):
        extent = (k - 1) * d + 1
        if padding == b"SAME":
            count = -(-n // s)
            total = max((count - 1) * s + extent - n, 0)
            pad = (total // 2, total - total // 2)
        else:
            axis = layout.spatial[i]
            pad = (explicit[2 * axis], explicit[2 * axis + 1]) if padding == b"EXPLICIT" else (0, 0)
            count = (n + sum(pad) - extent + s) // s
        if count < 0:
            raise InvalidArgumentError(
                f"Computed output size would be negative: {count} [input_size: {n}, "
                f"effective_filter_size: {extent}, stride: {s}]"
            )
        before.append(pad[0])
        after.append(pad[1])
        outputs.append(count)
    return Windows(
        tuple(sizes), tuple(strides), tuple(dilations), tuple(before), tuple(after), tuple(outputs)
    )
