"""Tensor arrays: per-run arrays of tensors that loops write and read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..dtypes import DType
from ..errors import InvalidArgumentError
from ..graph import Shape, shape_text
from ..memory import Handle, Site
from .registry import Attrs, Kernel, declare, op
from .run_resources import (
    CHANGES,
    CHANGES_ELEMENT,
    CONTAINER,
    CREATES,
    READS,
    create,
    drop,
    held,
    put,
)
from .tensor_list_value import merge


class _Cleared:
    """Stands for an element that was cleared by the read that took it."""


_CLEARED = _Cleared()


@dataclass(frozen=True, slots=True, eq=False)
class TensorArray:
    """What a tensor array holds at one moment.

    Attributes:
        elements: arrays; None for those never written.
        shapes: of the elements of the array that this one is the gradient of, where known.
        adds: writes to one element add up, as gradients do.
    """

    dtype: DType
    shape: Shape
    elements: tuple[Any, ...]
    grows: bool
    clears: bool
    same_shapes: bool
    adds: bool = False
    shapes: tuple[Shape, ...] = ()


def _array(handle: Handle) -> TensorArray:
    return held(handle, "TensorArray")


def _fail(handle: Handle, message: str) -> InvalidArgumentError:
    return InvalidArgumentError(f"TensorArray {handle.name}: {message}")


@op(
    "TensorArrayV3",
    "size: int32",
    "handle: resource, flow: float32",
    "dtype: type, element_shape: shape = unknown, dynamic_size: bool = false, "
    "clear_after_read: bool = true, identical_element_shapes: bool = false, "
    "tensor_array_name: string = ''",
    effects=CREATES,
    uses_site=True,
)
def tensor_array_v3(attrs: Attrs) -> Kernel:
    """A new tensor array, and the value that orders what is done with it."""
    label: str = attrs["tensor_array_name"].decode()

    def kernel(site: Site, size: Any) -> Any:
        count = int(size)
        if count < 0:
            raise InvalidArgumentError("Size should be >= 0.")
        array = TensorArray(
            attrs["dtype"],
            attrs["element_shape"],
            (None,) * count,
            attrs["dynamic_size"],
            attrs["clear_after_read"],
            attrs["identical_element_shapes"],
        )
        return create(site, label, array), np.float32(0)

    return kernel


@op(
    "TensorArrayGradV3",
    "handle: resource, flow_in: float32",
    "grad_handle: resource, flow_out: float32",
    "source: string",
    effects=CHANGES,
)
def tensor_array_grad_v3(attrs: Attrs) -> Kernel:
    """The tensor array of the gradients of another one; the same for the same source."""
    source: str = attrs["source"].decode()

    def kernel(handle: Handle, flow: Any) -> Any:
        grad = Handle(handle.memory, CONTAINER, f"{handle.name}@{source}", handle.node)
        if grad.key not in handle.memory.resources:
            forward = _array(handle)
            put(handle.memory, handle.key, replace(forward, grows=False))
            shapes = tuple(
                np.shape(item) if isinstance(item, np.ndarray | np.generic) else None
                for item in forward.elements
            )
            count = len(forward.elements)
            empty = replace(
                forward,
                elements=(None,) * count,
                grows=False,
                clears=True,
                adds=True,
                shapes=_remembered(forward, shapes),
            )
            put(handle.memory, grad.key, empty)
        return grad, flow

    return kernel


def _remembered(forward: TensorArray, shapes: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """Shapes of elements, also of those that a read has cleared since."""
    known = forward.shapes or (None,) * len(shapes)
    return tuple(b if a is None else a for a, b in zip(shapes, known, strict=True))


def _write(handle: Handle, array: TensorArray, index: int, value: Any) -> TensorArray:
    elements, shapes = array.elements, array.shapes
    if index < 0 or (index >= len(elements) and not array.grows):
        size = len(elements)
        note = "" if array.grows else f"but array is not resizeable and size is: {size}"
        raise _fail(handle, f"Tried to write to index {index} {note}")
    if index >= len(elements):
        elements += (None,) * (index + 1 - len(elements))
    try:
        shape = merge(array.shape, np.shape(value))
    except InvalidArgumentError:
        raise _fail(
            handle,
            f"Could not write to TensorArray index {index} because the value shape is "
            f"{shape_text(np.shape(value))} which is incompatible with the TensorArray's inferred "
            f"element shape: {shape_text(array.shape)} (consider setting infer_shape=False).",
        ) from None
    old = elements[index]
    if old is not None:
        if not array.adds:
            raise _fail(
                handle,
                f"Could not write to TensorArray index {index} because it has already been "
                "written to."
                if old is not _CLEARED
                else f"Could not write to TensorArray index {index} because it has already been "
                "read.",
            )
        if old is not _CLEARED:
            value = old + value
    shapes += (None,) * (len(elements) - len(shapes))
    return replace(
        array,
        shape=shape if array.same_shapes else array.shape,
        elements=(*elements[:index], value, *elements[index + 1 :]),
        shapes=(*shapes[:index], np.shape(value), *shapes[index + 1 :]),
    )


def _read(handle: Handle, array: TensorArray, index: int) -> Any:
    if not 0 <= index < len(array.elements):
        raise _fail(
            handle,
            f"Tried to read from index {index} but array size is: {len(array.elements)}",
        )
    item = array.elements[index]
    if item is _CLEARED:
        raise _fail(
            handle,
            f"Could not read index {index} twice because it was cleared after a previous read "
            "(perhaps try setting clear_after_read = false?).",
        )
    if item is not None:
        return item
    shape = array.shapes[index] if index < len(array.shapes) else None
    shape = array.shape if shape is None else shape
    if shape is None or None in shape:
        raise _fail(
            handle,
            f"Could not read from TensorArray index {index}.  Furthermore, the element shape is "
            f"not fully defined: {shape_text(shape)}.  It is possible you are working with a "
            "resizeable TensorArray and stop_gradients is not allowing the gradients to be "
            "written.  If you set the full element_shape property on the forward TensorArray, the "
            "proper all-zeros tensor will be returned instead of incurring this error.",
        )
    return np.zeros([n or 0 for n in shape], array.dtype.numpy)


def _take(handle: Handle, indices: Sequence[int]) -> list[Any]:
    """The elements at `indices`, cleared where the array clears after reading."""
    array = _array(handle)
    values = [_read(handle, array, index) for index in indices]
    if array.clears and indices:
        elements: list[Any] = list(array.elements)
        for index in indices:
            elements[index] = _CLEARED
        put(handle.memory, handle.key, replace(array, elements=tuple(elements)))
    return values


def _put_all(handle: Handle, indices: Sequence[int], values: Sequence[Any]) -> None:
    array = _array(handle)
    for index, value in zip(indices, values, strict=True):
        array = _write(handle, array, index, value)
    put(handle.memory, handle.key, array)


@op(
    "TensorArrayWriteV3",
    "handle: resource, index: int32, value: T, flow_in: float32",
    "flow_out: float32",
    "T: type",
    effects=CHANGES_ELEMENT,
)
def tensor_array_write_v3(attrs: Attrs) -> Kernel:
    """Writes one element."""

    def kernel(handle: Handle, index: Any, value: Any, flow: Any) -> Any:
        _put_all(handle, [int(index)], [value])
        return flow

    return kernel


@op(
    "TensorArrayReadV3",
    "handle: resource, index: int32, flow_in: float32",
    "value: dtype",
    "dtype: type",
    effects=CHANGES_ELEMENT,
)
def tensor_array_read_v3(attrs: Attrs) -> Kernel:
    """One element."""
    return lambda handle, index, flow: _take(handle, [int(index)])[0]


def _no_elements(handle: Handle, known: Shape) -> Any:
    array = _array(handle)
    shape = merge(array.shape, known)
    if shape is None or None in shape:
        raise InvalidArgumentError(
            f"TensorArray has size zero, but element shape {shape_text(shape)} is not fully "
            "defined. Currently only static shapes are supported when packing zero-size "
            "TensorArrays."
        )
    return np.zeros((0, *(n or 0 for n in shape)), array.dtype.numpy)


@op(
    "TensorArrayGatherV3",
    "handle: resource, indices: int32, flow_in: float32",
    "value: dtype",
    "dtype: type, element_shape: shape = unknown",
    effects=CHANGES,
)
def tensor_array_gather_v3(attrs: Attrs) -> Kernel:
    """The elements at the given places in one tensor."""
    known: Shape = attrs["element_shape"]

    def kernel(handle: Handle, indices: Any, flow: Any) -> Any:
        if not indices.size:
            return _no_elements(handle, known)
        return np.stack(_take(handle, indices.tolist()))

    return kernel


@op(
    "TensorArrayScatterV3",
    "handle: resource, indices: int32, value: T, flow_in: float32",
    "flow_out: float32",
    "T: type",
    effects=CHANGES,
)
def tensor_array_scatter_v3(attrs: Attrs) -> Kernel:
    """Writes the rows of a tensor to the given places."""

    def kernel(handle: Handle, indices: Any, value: Any, flow: Any) -> Any:
        if value.shape[:1] != indices.shape:
            raise InvalidArgumentError(
                f"Expected len(indices) == values.shape[0], but saw: {indices.size} vs. "
                f"{value.shape[0]}"
            )
        _put_all(handle, indices.tolist(), [value[i, ...] for i in range(len(value))])
        return flow

    return kernel


@op(
    "TensorArrayConcatV3",
    "handle: resource, flow_in: float32",
    "value: dtype, lengths: int64",
    "dtype: type, element_shape_except0: shape = unknown",
    effects=CHANGES,
)
def tensor_array_concat_v3(attrs: Attrs) -> Kernel:
    """All elements one after another along their first axis, and their lengths there."""
    known: Shape = attrs["element_shape_except0"]

    def kernel(handle: Handle, flow: Any) -> Any:
        array = _array(handle)
        if not array.elements:
            return _no_elements(handle, known), np.zeros(0, np.int64)
        values = _take(handle, range(len(array.elements)))
        return np.concatenate(values), np.array([len(value) for value in values], np.int64)

    return kernel


@op(
    "TensorArraySplitV3",
    "handle: resource, value: T, lengths: int64, flow_in: float32",
    "flow_out: float32",
    "T: type",
    effects=CHANGES,
)
def tensor_array_split_v3(attrs: Attrs) -> Kernel:
    """Writes parts of a tensor, of the given lengths along its first axis, to the elements."""

    def kernel(handle: Handle, value: Any, lengths: Any, flow: Any) -> Any:
        ends = np.cumsum(lengths).tolist()
        if (ends[-1] if ends else 0) != value.shape[0]:
            raise InvalidArgumentError(
                f"Expected sum of lengths to be equal to values.shape[0], but sum of lengths is "
                f"{ends[-1] if ends else 0} and value's shape is: "
                f"{shape_text(value.shape)} "
            )
        starts = [0, *ends[:-1]]
        parts = [value[a:b] for a, b in zip(starts, ends, strict=True)]
        _put_all(handle, range(len(parts)), parts)
        return flow

    return kernel


@op("TensorArraySizeV3", "handle: resource, flow_in: float32", "size: int32", effects=READS)
def tensor_array_size_v3(attrs: Attrs) -> Kernel:
    """The number of elements."""
    return lambda handle, flow: np.int32(len(_array(handle).elements))


def _close(_: Attrs) -> Kernel:
    def kernel(handle: Handle) -> tuple[()]:
        drop(handle)
        return ()

    return kernel


declare(
    "TensorArrayCloseV3",
    "handle: resource",
    "",
    "",
    kernel=_close,
    doc="Ends the tensor array.",
    effects=CHANGES,
)
