"""What TF2's loops do with lists of tensors."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from ..dtypes import DType
from ..errors import InvalidArgumentError
from ..graph import Shape, shape_text
from .registry import Attrs, Kernel, op
from .tensor_list_value import TensorList, all_elements, checked, fill, in_range, merge, shape_from


@op(
    "EmptyTensorList",
    "element_shape: shape_type, max_num_elements: int32",
    "handle: variant",
    "element_dtype: type, shape_type: type",
)
def empty_tensor_list(attrs: Attrs) -> Kernel:
    """A list without elements."""
    dtype: DType = attrs["element_dtype"]
    return lambda shape, limit: TensorList(dtype, shape_from(shape), (), int(limit))


@op(
    "TensorListReserve",
    "element_shape: shape_type, num_elements: int32",
    "handle: variant",
    "element_dtype: type, shape_type: type",
)
def reserve(attrs: Attrs) -> Kernel:
    """A list of so many elements, none of them set."""
    dtype: DType = attrs["element_dtype"]
    return lambda shape, count: TensorList(dtype, shape_from(shape), (None,) * int(count))


@op(
    "TensorListPushBack",
    "input_handle: variant, tensor: element_dtype",
    "output_handle: variant",
    "element_dtype: type",
)
def push_back(attrs: Attrs) -> Kernel:
    """The list with one more element at its end."""

    def kernel(items: TensorList, tensor: Any) -> Any:
        checked(attrs, items)
        if items.limit >= 0 and len(items.elements) >= items.limit:
            raise InvalidArgumentError(
                f"Tried to push item into a full list list size: {len(items.elements)} "
                f"max_num_elements: {items.limit}"
            )
        if not isinstance(tensor, TensorList):
            _compatible(items, tensor)
        return replace(items, elements=(*items.elements, tensor))

    return kernel


def _compatible(items: TensorList, tensor: Any) -> None:
    try:
        merge(items.shape, np.shape(tensor))
    except InvalidArgumentError:
        raise InvalidArgumentError(
            "Tried to append a tensor with incompatible shape to a list. Op element shape: "
            f"{shape_text(np.shape(tensor))} list shape: {shape_text(items.shape)}"
        ) from None


@op(
    "TensorListPopBack",
    "input_handle: variant, element_shape: int32",
    "output_handle: variant, tensor: element_dtype",
    "element_dtype: type",
)
def pop_back(attrs: Attrs) -> Kernel:
    """The list without its last element, and that element."""

    def kernel(items: TensorList, shape: Any) -> Any:
        checked(attrs, items)
        if not items.elements:
            raise InvalidArgumentError("Trying to pop from an empty list.")
        *rest, last = items.elements
        if last is None:
            last = fill(items, shape_from(shape))
        return replace(items, elements=tuple(rest)), last

    return kernel


@op("TensorListLength", "input_handle: variant", "length: int32")
def length(attrs: Attrs) -> Kernel:
    """The number of elements."""
    return lambda items: np.int32(len(items.elements))


@op(
    "TensorListElementShape",
    "input_handle: variant",
    "element_shape: shape_type",
    "shape_type: type",
)
def element_shape(attrs: Attrs) -> Kernel:
    """What is known of the shape of the elements."""
    dtype = attrs["shape_type"].numpy

    def kernel(items: TensorList) -> Any:
        if items.shape is None:
            return dtype.type(-1)
        return np.array([-1 if n is None else n for n in items.shape], dtype)

    return kernel


@op(
    "TensorListGetItem",
    "input_handle: variant, index: int32, element_shape: Tshape",
    "item: element_dtype",
    "element_dtype: type, Tshape: type = int32",
)
def get_item(attrs: Attrs) -> Kernel:
    """One element."""

    def kernel(items: TensorList, index: Any, shape: Any) -> Any:
        checked(attrs, items)
        in_range(items, int(index))
        item = items.elements[int(index)]
        return fill(items, shape_from(shape)) if item is None else item

    return kernel


@op(
    "TensorListSetItem",
    "input_handle: variant, index: int32, item: element_dtype",
    "output_handle: variant",
    "element_dtype: type, resize_if_index_out_of_bounds: bool = false",
)
def set_item(attrs: Attrs) -> Kernel:
    """The list with one element replaced."""
    grow: bool = attrs["resize_if_index_out_of_bounds"]

    def kernel(items: TensorList, index: Any, item: Any) -> Any:
        checked(attrs, items)
        at = int(index)
        elements = list(items.elements)
        if grow and at >= len(elements):
            elements += [None] * (at + 1 - len(elements))
        if not 0 <= at < len(elements):
            raise InvalidArgumentError(
                f"Trying to modify element {at} in a list with {len(elements)} elements."
            )
        if not isinstance(item, TensorList):
            _compatible(items, item)
        elements[at] = item
        return replace(items, elements=tuple(elements))

    return kernel


@op(
    "TensorListStack",
    "input_handle: variant, element_shape: int32",
    "tensor: element_dtype",
    "element_dtype: type, num_elements: int = -1",
)
def stack(attrs: Attrs) -> Kernel:
    """All elements in one tensor, along a new first axis."""
    count: int = attrs["num_elements"]
    dtype: DType = attrs["element_dtype"]

    def kernel(items: TensorList, shape: Any) -> Any:
        checked(attrs, items)
        known = merge(items.shape, shape_from(shape))
        if count >= 0 and len(items.elements) != count:
            raise InvalidArgumentError(
                f"Operation expected a list with {count} elements but got a list with "
                f"{len(items.elements)} elements."
            )
        if not items.elements:
            return _none_of(known, dtype, "Tried to stack")
        return np.stack(all_elements(items, known))

    return kernel


def _none_of(shape: Shape, dtype: DType, tried: str) -> Any:
    if shape is None or None in shape:
        raise InvalidArgumentError(
            f"{tried} elements of an empty list with non-fully-defined element_shape: "
            f"{shape_text(shape)}"
        )
    return np.zeros((0, *(n or 0 for n in shape)), dtype.numpy)


@op(
    "TensorListFromTensor",
    "tensor: element_dtype, element_shape: shape_type",
    "output_handle: variant",
    "element_dtype: type, shape_type: type",
)
def from_tensor(attrs: Attrs) -> Kernel:
    """A list of the rows of a tensor."""
    dtype: DType = attrs["element_dtype"]
    return lambda tensor, shape: TensorList(dtype, shape_from(shape), _rows(tensor))


def _rows(tensor: Any) -> tuple[Any, ...]:
    return tuple(tensor[i, ...] for i in range(tensor.shape[0]))


@op(
    "TensorListGather",
    "input_handle: variant, indices: int32, element_shape: int32",
    "values: element_dtype",
    "element_dtype: type",
)
def gather(attrs: Attrs) -> Kernel:
    """The elements at the given places in one tensor."""
    dtype: DType = attrs["element_dtype"]

    def kernel(items: TensorList, indices: Any, shape: Any) -> Any:
        checked(attrs, items)
        known = merge(items.shape, shape_from(shape))
        if not indices.size:
            return _none_of(known, dtype, "Tried to gather")
        chosen: list[Any] = []
        for index in indices.tolist():
            in_range(items, index)
            item = items.elements[index]
            chosen.append(fill(items, known) if item is None else item)
        return np.stack(chosen)

    return kernel


def _scatter(dtype: DType, tensor: Any, indices: Any, shape: Any, count: int) -> TensorList:
    places = indices.tolist()
    if any(place < 0 for place in places):
        raise InvalidArgumentError("Indices in TensorListScatter must all be non-negative.")
    size = max(places, default=-1) + 1 if count == -1 else count
    elements: list[Any] = [None] * size
    for place, row in zip(places, _rows(tensor), strict=True):
        if place >= size:
            raise InvalidArgumentError(
                f"TensorListScatter: Trying to scatter at index {place} in list with size {size}"
            )
        elements[place] = row
    return TensorList(dtype, shape_from(shape), tuple(elements))


@op(
    "TensorListScatter",
    "tensor: element_dtype, indices: int32, element_shape: shape_type",
    "output_handle: variant",
    "element_dtype: type, shape_type: type",
)
def scatter(attrs: Attrs) -> Kernel:
    """A list with the rows of a tensor at the given places."""
    dtype: DType = attrs["element_dtype"]
    return lambda tensor, indices, shape: _scatter(dtype, tensor, indices, shape, -1)


@op(
    "TensorListScatterV2",
    "tensor: element_dtype, indices: int32, element_shape: shape_type, num_elements: int32",
    "output_handle: variant",
    "element_dtype: type, shape_type: type",
)
def scatter_v2(attrs: Attrs) -> Kernel:
    """A list of so many elements with the rows of a tensor at the given places."""
    dtype: DType = attrs["element_dtype"]
    return lambda tensor, indices, shape, count: _scatter(dtype, tensor, indices, shape, int(count))


@op(
    "TensorListScatterIntoExistingList",
    "input_handle: variant, tensor: element_dtype, indices: int32",
    "output_handle: variant",
    "element_dtype: type",
)
def scatter_into(attrs: Attrs) -> Kernel:
    """The list with the rows of a tensor put at the given places."""

    def kernel(items: TensorList, tensor: Any, indices: Any) -> Any:
        checked(attrs, items)
        elements = list(items.elements)
        places = indices.tolist()
        elements += [None] * (max(places, default=-1) + 1 - len(elements))
        for place, row in zip(places, _rows(tensor), strict=True):
            elements[place] = row
        return replace(items, elements=tuple(elements))

    return kernel


@op("TensorListResize", "input_handle: variant, size: int32", "output_handle: variant")
def resize(attrs: Attrs) -> Kernel:
    """The list cut, or lengthened by elements that are not set."""

    def kernel(items: TensorList, size: Any) -> Any:
        count = int(size)
        if count < 0:
            raise InvalidArgumentError(
                f"TensorListSlice expects size to be non-negative. Got: {count}"
            )
        padding = (None,) * (count - len(items.elements))
        return replace(items, elements=(*items.elements[:count], *padding))

    return kernel


@op(
    "TensorListConcatV2",
    "input_handle: variant, element_shape: shape_type, leading_dims: int64",
    "tensor: element_dtype, lengths: int64",
    "element_dtype: type, shape_type: type",
)
def concat_v2(attrs: Attrs) -> Kernel:
    """The elements one after another along their first axis, and their lengths there."""
    dtype: DType = attrs["element_dtype"]

    def kernel(items: TensorList, shape: Any, leading_dims: Any) -> Any:
        checked(attrs, items)
        known = merge(items.shape, shape_from(shape))
        if not items.elements:
            if known is None or None in known[1:]:
                raise InvalidArgumentError(
                    "All except the first dimension must be fully defined when concating an empty "
                    f"tensor list. element_shape: {shape_text(known)}"
                )
            return np.zeros((0, *(n or 0 for n in known[1:])), dtype.numpy), np.zeros(0, np.int64)
        given = leading_dims.tolist()
        rows: list[Any] = []
        for i, item in enumerate(items.elements):
            if item is None and i < len(given) and known is not None:
                rows.append(fill(items, (given[i], *known[1:])))
            else:
                rows.append(fill(items, known) if item is None else item)
        return np.concatenate(rows), np.array([row.shape[0] for row in rows], np.int64)

    return kernel


@op(
    "TensorListConcat",
    "input_handle: variant",
    "tensor: element_dtype, lengths: int64",
    "element_dtype: type, element_shape: shape = unknown",
)
def concat(attrs: Attrs) -> Kernel:
    """The elements one after another along their first axis, and their lengths there."""
    kernel = concat_v2(attrs)
    given: Shape = attrs["element_shape"]
    shape: Any = (
        np.int64(-1)
        if given is None
        else np.array([-1 if n is None else n for n in given], np.int64)
    )
    nothing = np.zeros(0, np.int64)
    return lambda items: kernel(items, shape, nothing)


@op(
    "TensorListSplit",
    "tensor: element_dtype, element_shape: shape_type, lengths: int64",
    "output_handle: variant",
    "element_dtype: type, shape_type: type",
)
def split(attrs: Attrs) -> Kernel:
    """A list of parts of a tensor, of the given lengths along its first axis."""
    dtype: DType = attrs["element_dtype"]

    def kernel(tensor: Any, shape: Any, lengths: Any) -> Any:
        edges = np.cumsum([0, *lengths.tolist()]).tolist()
        if edges[-1] != tensor.shape[0]:
            raise InvalidArgumentError(
                "Element lengths of the split do not sum up to the length of the tensor: "
                f"{edges[-1]} vs. {tensor.shape[0]}"
            )
        parts = tuple(tensor[a:b] for a, b in pairwise(edges))
        return TensorList(dtype, shape_from(shape), parts)

    return kernel


@op(
    "TensorListConcatLists",
    "input_a: variant, input_b: variant",
    "output: variant",
    "element_dtype: type",
)
def concat_lists(attrs: Attrs) -> Kernel:
    """The elements of two lists in one."""
    return lambda a, b: replace(a, elements=a.elements + b.elements)
