"""Slices with and without strides, and their gradients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import InvalidArgumentError
from ..graph import Shape
from .array_join import rows_are_aligned
from .registry import Attrs, Kernel, op
from .shapes import given_by, text

_ALIGNMENT = 64

Index = tuple[Any, ...]


def _starts_aligned(array: Any, begin: int, end_or_size: int) -> bool:
    """Whether TensorFlow shares the memory of rows from `begin` on."""
    if array.ndim > 1:
        return rows_are_aligned(array)
    item = array.dtype.itemsize
    return begin * item % _ALIGNMENT == 0 and end_or_size * item % _ALIGNMENT == 0


def _slice_shape(_: Attrs, shapes: Sequence[Shape], values: Sequence[Any]) -> list[Shape]:
    shape, begin, size = shapes[0], values[1], values[2]
    if size is None:
        given = shapes[2] if shapes[2] is not None else shapes[1]
        if shape is not None:
            return [(None,) * len(shape)]
        return [(None,) * given[0] if given and given[0] is not None else None]
    result: list[int | None] = []
    for i, n in enumerate(np.ravel(size).tolist()):
        if n >= 0:
            result.append(n)
        elif shape is None or begin is None or shape[i] is None:
            result.append(None)
        else:
            result.append(shape[i] - int(np.ravel(begin)[i]))  # pyright: ignore[reportOptionalOperand]
    return [tuple(result)]


def _slice_index(x: Any, begin: Any, size: Any) -> Index:
    starts, sizes = begin.tolist(), size.tolist()
    if len(starts) != x.ndim or len(sizes) != x.ndim:
        raise InvalidArgumentError(
            f"Expected begin and size arguments to be 1-D tensors of size {x.ndim}, but got "
            f"shapes {text(begin)} and {text(size)} instead."
        )
    index: list[slice] = []
    for i, (b, s, n) in enumerate(zip(starts, sizes, x.shape, strict=True)):
        if not 0 <= b <= n:
            raise InvalidArgumentError(f"Expected begin[{i}] in [0, {n}], but got {b}")
        if s == -1:
            s = n - b
        if not 0 <= s <= n - b:
            raise InvalidArgumentError(f"Expected size[{i}] in [0, {n - b}], but got {s}")
        index.append(slice(b, b + s))
    return tuple(index)


def _slice_is_view(_: Attrs, inputs: Sequence[Any]) -> bool:
    x = np.asarray(inputs[0])
    index = _slice_index(x, inputs[1], inputs[2])
    whole = [part == slice(0, n) for part, n in zip(index, x.shape, strict=True)]
    if all(whole):
        return True
    first = index[0]
    return all(whole[1:]) and _starts_aligned(x, first.start, first.stop - first.start)


@op(
    "Slice",
    "input: T, begin: Index, size: Index",
    "output: T",
    "T: type, Index: type",
    shape=_slice_shape,
    view=_slice_is_view,
)
def slice_(attrs: Attrs) -> Kernel:
    """A block of the input: where it begins, and how long it is along each axis."""
    return lambda x, begin, size: x[_slice_index(x, begin, size)]


Indexer = Callable[..., Index]
"""(shape, begin, end, strides, checked=True) -> index; `checked` refuses indices out of bounds."""


def indexer(attrs: Attrs) -> Indexer:
    """Turns begin, end and strides into a NumPy index, as the masks of `attrs` say."""
    begin_mask: int = attrs["begin_mask"]
    end_mask: int = attrs["end_mask"]
    ellipsis_mask: int = attrs["ellipsis_mask"]
    new_axis_mask: int = attrs["new_axis_mask"]
    shrink_axis_mask: int = attrs["shrink_axis_mask"]
    if ellipsis_mask & (ellipsis_mask - 1):
        raise InvalidArgumentError("Multiple ellipses in slice spec not allowed")

    def kind(i: int) -> str:
        if ellipsis_mask >> i & 1:
            return "ellipsis"
        if new_axis_mask >> i & 1:
            return "new"
        return "shrink" if shrink_axis_mask >> i & 1 else "slice"

    def index(
        shape: Sequence[int],
        begin: list[int],
        end: list[int],
        strides: list[int],
        checked: bool = True,
    ) -> Index:
        kinds = [kind(i) for i in range(len(begin))]
        used = sum(k in ("slice", "shrink") for k in kinds)
        if used > len(shape):
            raise InvalidArgumentError(
                f"Index out of range using input dim {len(shape)}; input has only {len(shape)} dims"
            )
        result: list[Any] = []
        axis = 0
        for i, what in enumerate(kinds):
            if what == "ellipsis":
                result.append(Ellipsis)
                axis += len(shape) - used
            elif what == "new":
                result.append(None)
            else:
                if not strides[i]:
                    raise InvalidArgumentError(f"strides[{i}] must be non-zero")
                result.append(
                    _shrunk(begin[i], strides[i], axis, shape[axis], checked)
                    if what == "shrink"
                    else slice(
                        None if begin_mask >> i & 1 else begin[i],
                        None if end_mask >> i & 1 else end[i],
                        strides[i],
                    )
                )
                axis += 1
        if not ellipsis_mask:
            result.append(Ellipsis)  # keeps the result an array where every axis shrinks
        return tuple(result)

    return index


def _shrunk(begin: int, stride: int, axis: int, length: int, checked: bool) -> int:
    if stride < 0:
        raise InvalidArgumentError("only stride 1 allowed on non-range indexing.")
    if checked and not -length <= begin < length:
        raise InvalidArgumentError(f"slice index {begin} of dimension {axis} out of bounds.")
    return begin


def _strided_shape(attrs: Attrs, shapes: Sequence[Shape], values: Sequence[Any]) -> list[Shape]:
    shape, begin, end, strides = shapes[0], *values[1:4]
    if shape is None or begin is None or end is None or strides is None:
        return [None]
    index = indexer(attrs)(
        [n or 0 for n in shape], begin.tolist(), end.tolist(), strides.tolist(), checked=False
    )
    result: list[int | None] = []
    axis = 0
    for part in index:
        if part is None:
            result.append(1)
        elif part is Ellipsis:
            taken = sum(isinstance(p, (slice, int)) for p in index)
            span = len(shape) - taken
            result.extend(shape[axis : axis + span])
            axis += span
        else:
            if isinstance(part, slice):
                n = shape[axis]
                result.append(_length_of(part, n))
            axis += 1
    return [tuple(result)]


def _length_of(part: slice, n: int | None) -> int | None:
    if n is not None:
        return len(range(*part.indices(n)))
    return None


def _strided_is_view(attrs: Attrs, inputs: Sequence[Any]) -> bool:
    x = np.asarray(inputs[0])
    index = indexer(attrs)(x.shape, *(v.tolist() for v in inputs[1:4]))
    axis = 0
    taken = sum(isinstance(part, (slice, int)) for part in index)
    whole: list[bool] = []
    first = slice(0, x.shape[0] if x.ndim else 0, 1)
    for part in index:
        if part is None:
            continue
        if part is Ellipsis:
            whole += [True] * (x.ndim - taken)
            axis += x.ndim - taken
            continue
        n = x.shape[axis]
        if isinstance(part, int):
            at = part % n
            bounds = (at, at + 1, 1)
        else:
            bounds = part.indices(n)
        if bounds[2] != 1:
            return False
        whole.append(bounds == (0, n, 1))
        if not axis:
            first = slice(*bounds)
        axis += 1
    if all(whole):
        return True
    return all(whole[1:]) and _starts_aligned(x, first.start, first.stop)


@op(
    "StridedSlice",
    "input: T, begin: Index, end: Index, strides: Index",
    "output: T",
    "T: type, Index: type, begin_mask: int = 0, end_mask: int = 0, "
    "ellipsis_mask: int = 0, new_axis_mask: int = 0, shrink_axis_mask: int = 0",
    shape=_strided_shape,
    view=_strided_is_view,
)
def strided_slice(attrs: Attrs) -> Kernel:
    """What Python's `input[begin:end:strides, ...]` gives, in the encoding of masks."""
    index = indexer(attrs)
    return lambda x, begin, end, strides: x[
        index(x.shape, begin.tolist(), end.tolist(), strides.tolist())
    ]


@op(
    "StridedSliceGrad",
    "shape: Index, begin: Index, end: Index, strides: Index, dy: T",
    "output: T",
    "T: type, Index: type, begin_mask: int = 0, end_mask: int = 0, "
    "ellipsis_mask: int = 0, new_axis_mask: int = 0, shrink_axis_mask: int = 0",
    shape=given_by(0),
)
def strided_slice_grad(attrs: Attrs) -> Kernel:
    """Zeros of the given shape with the gradient of a StridedSlice in the places it took."""
    index = indexer(attrs)
    dtype = attrs["T"].numpy

    def kernel(shape: Any, begin: Any, end: Any, strides: Any, dy: Any) -> Any:
        result = np.zeros(shape.tolist(), dtype)
        result[index(result.shape, begin.tolist(), end.tolist(), strides.tolist())] = dy
        return result

    return kernel
