"""Reads and writes of single rows or elements of variables, of both kinds.

A scatter works index after index: one that is out of range fails after those before it were
applied.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import InvalidArgumentError
from ..graph import shape_text
from ..memory import Handle, RefVariable, ResourceVariable, Site
from .array_gather import index_tuple
from .array_slice import indexer
from .registry import Attrs, Cell, Effect, Kernel, Lock, declare, op
from .state_ref import updates
from .state_resource import existing

Put = Callable[[Any, Any, Any], None]


def _put(array: Any, index: Any, values: Any) -> None:
    array[index] = values


def _divide(array: Any, index: Any, values: Any) -> None:
    if array.dtype.kind in "iu":
        if np.any(values == 0):
            raise InvalidArgumentError("Integer division by zero")
        # C++ division truncates towards zero, NumPy's floors.
        for place, value in zip(np.ndindex(np.shape(index)), values, strict=True):
            array[index[place]] = np.trunc(array[index[place]] / value)
    else:
        np.divide.at(array, index, values)


_PUT: dict[str, tuple[Put, str]] = {
    "Update": (_put, "Writes updates to"),
    "Add": (np.add.at, "Adds updates to"),
    "Sub": (np.subtract.at, "Subtracts updates from"),
    "Mul": (np.multiply.at, "Multiplies by updates"),
    "Div": (_divide, "Divides by updates"),
    "Min": (np.minimum.at, "Takes the minimum with updates of"),
    "Max": (np.maximum.at, "Takes the maximum with updates of"),
}


def scatter_rows(
    variable: RefVariable | ResourceVariable, put: Put, indices: Any, values: Any
) -> None:
    """Apply `put` to the rows `indices` of `variable`; `values` has a row for each, or is a scalar.

    Raises:
        InvalidArgumentError: the shapes do not fit, or an index is out of range; then the rows
            before it have been changed.
    """
    array = variable.writable()
    indices = np.asarray(indices)
    expected = indices.shape + array.shape[1:]
    if np.ndim(values) and np.shape(values) != expected:
        raise InvalidArgumentError(
            "Must have updates.shape = indices.shape + params.shape[1:] or updates.shape = [], "
            f"got updates.shape {shape_text(np.shape(values))}, indices.shape "
            f"{shape_text(indices.shape)}, params.shape {shape_text(array.shape)}"
        )
    rows = np.broadcast_to(values, expected).reshape(-1, *array.shape[1:])
    flat = indices.reshape(-1)
    wrong = np.flatnonzero((flat < 0) | (flat >= array.shape[0]))
    count = int(wrong[0]) if wrong.size else flat.size
    if count:
        put(array, flat[:count], rows[:count])
        variable.store(array)
    _check_rows(indices, array.shape[0])


def _check_rows(indices: Any, limit: int) -> None:
    """Raise InvalidArgumentError if an index is not in [0, limit)."""
    wrong = np.flatnonzero((indices < 0) | (indices >= limit))
    if wrong.size:
        at = np.unravel_index(wrong[0], indices.shape)
        where = f"indices[{','.join(str(i) for i in at)}]" if at else "indices"
        raise InvalidArgumentError(f"{where} = {indices[at]} is not in [0, {limit})")


def scatter_elements(
    variable: RefVariable | ResourceVariable, put: Put, indices: Any, values: Any
) -> None:
    """Apply `put` at the index vectors in the last axis of `indices`."""
    array = variable.writable()
    depth = indices.shape[-1]
    shape = np.shape(values)
    if shape != indices.shape[:-1] + array.shape[depth:]:
        _explain_scatter_nd(indices, shape, array.shape)
    vectors = indices.reshape(-1, depth)
    rows = np.reshape(values, (len(vectors), *array.shape[depth:]))
    limits = np.array(array.shape[:depth], vectors.dtype)
    wrong = np.flatnonzero(((vectors < 0) | (vectors >= limits)).any(-1))
    count = int(wrong[0]) if wrong.size else len(vectors)
    if count:
        put(array, tuple(vectors[:count].T) or (...,), rows[:count])
        variable.store(array)
    if wrong.size:
        place = ",".join(str(i) for i in np.unravel_index(count, indices.shape[:-1]))
        found = ", ".join(str(i) for i in vectors[count])
        raise InvalidArgumentError(
            f"indices[{place}] = [{found}] does not index into shape {shape_text(array.shape)}"
        )


def _explain_scatter_nd(indices: Any, updates: tuple[int, ...], shape: tuple[int, ...]) -> None:
    """Raise what TensorFlow says where updates do not fit indices and variable."""
    outer, depth = indices.ndim - 1, indices.shape[-1]
    given = f"indices[shape={shape_text(indices.shape)}]"
    found = f"updates[shape={shape_text(updates)}]"
    if updates[:outer] != indices.shape[:-1]:
        lengths = ", ".join(str(n) for n in indices.shape[:-1])
        others = ", ".join(str(n) for n in updates[:outer])
        raise InvalidArgumentError(
            f"Dimensions [0,{outer}) of {given} = {lengths} must match dimensions [0,{outer}) of "
            f"{found} = {others}"
        )
    raise InvalidArgumentError(
        f"Dimensions [{depth},{len(shape)}) of input[shape={shape_text(shape)}] must match "
        f"dimensions [{outer},{len(updates)}) of {found}"
    )


def _ref_scatter(put: Put, scatter: Any) -> Any:
    def factory(_: Attrs) -> Kernel:
        def kernel(ref: RefVariable, indices: Any, values: Any) -> RefVariable:
            scatter(ref, put, indices, values)
            return ref

        return kernel

    return factory


def _resource_scatter(put: Put, scatter: Any) -> Any:
    def factory(_: Attrs) -> Kernel:
        def kernel(handle: Handle, indices: Any, values: Any) -> tuple[()]:
            variable = existing(handle)
            variable.use_sparsely()
            scatter(variable, put, indices, values)
            return ()

        return kernel

    return factory


_ROWS_SHARED = Effect("resource", Cell.VALUE, True, True, by_element=True, lock=Lock.SHARED)
_ELEMENTS_LOCKED = Effect(
    "ref", Cell.VALUE, True, True, by_element=True, lock=Lock.USE_LOCKING_OR_SHARED
)

for _name, (_function, _verb) in _PUT.items():
    declare(
        f"Scatter{_name}",
        "ref: Ref(T), indices: Tindices, updates: T",
        "output_ref: Ref(T)",
        f"T: type, Tindices: type, use_locking: bool = {'true' if _name == 'Update' else 'false'}",
        kernel=_ref_scatter(_function, scatter_rows),
        effects=[updates("ref")],
        doc=f"{_verb} rows of the variable in place, index after index.",
    )
    declare(
        f"ResourceScatter{_name}",
        "resource: resource, indices: Tindices, updates: dtype",
        "",
        "dtype: type, Tindices: type",
        kernel=_resource_scatter(_function, scatter_rows),
        effects=[_ROWS_SHARED],
        doc=f"{_verb} rows of the variable, index after index.",
    )

for _name in ("Update", "Add", "Sub", "Min", "Max"):
    _function, _verb = _PUT[_name]
    declare(
        f"ScatterNd{_name}",
        "ref: Ref(T), indices: Tindices, updates: T",
        "output_ref: Ref(T)",
        f"T: type, Tindices: type, use_locking: bool = {'true' if _name == 'Update' else 'false'},"
        " bad_indices_policy: string = ''",
        kernel=_ref_scatter(_function, scatter_elements),
        effects=[updates("ref")],
        doc=f"{_verb} elements or slices of the variable in place.",
    )
    declare(
        f"ResourceScatterNd{_name}",
        "ref: resource, indices: Tindices, updates: T",
        "",
        "T: type, Tindices: type, use_locking: bool = true, bad_indices_policy: string = ''",
        kernel=_resource_scatter(_function, scatter_elements),
        effects=[_ELEMENTS_LOCKED],
        doc=f"{_verb} elements or slices of the variable.",
    )


@op(
    "ResourceGather",
    "resource: resource, indices: Tindices",
    "output: dtype",
    "batch_dims: int = 0, validate_indices: bool = true, dtype: type, Tindices: type",
    effects=[Effect("resource", Cell.VALUE, reads=True, by_element=True, lock=Lock.SHARED)],
)
def resource_gather(attrs: Attrs) -> Kernel:
    """The rows of the variable at indices."""
    batch: int = attrs["batch_dims"]

    def kernel(handle: Handle, indices: Any) -> Any:
        variable = existing(handle)
        variable.use_sparsely()
        params, indices = variable.read(), np.asarray(indices)
        _check_rows(indices, params.shape[batch])
        if not batch:
            return params.take(indices, 0)
        lead: Any = np.ix_(*(np.arange(n) for n in indices.shape[:batch]))
        extra = (1,) * (indices.ndim - batch)
        return params[(*(axis.reshape(*axis.shape, *extra) for axis in lead), indices)]

    return kernel


@op(
    "ResourceGatherNd",
    "resource: resource, indices: Tindices",
    "output: dtype",
    "dtype: type, Tindices: type",
    effects=[Effect("resource", Cell.VALUE, reads=True, by_element=True, lock=Lock.SHARED)],
    uses_site=True,
)
def resource_gather_nd(_: Attrs) -> Kernel:
    """The elements or slices of the variable at the index vectors in the last axis of indices."""

    def kernel(site: Site, handle: Handle, indices: Any) -> Any:
        variable = existing(handle)
        variable.use_sparsely()
        params = variable.read()
        try:
            index = index_tuple(indices, params.shape, "param")
        except InvalidArgumentError as error:
            raise InvalidArgumentError(f"{error.message}, node name: {site.name}") from None
        return np.asarray(params[index], params.dtype)

    return kernel


_STRIDED = (
    "T: type, Index: type, begin_mask: int = 0, end_mask: int = 0, ellipsis_mask: int = 0,"
    " new_axis_mask: int = 0, shrink_axis_mask: int = 0"
)


def _assign_slice(
    variable: RefVariable | ResourceVariable, index: Any, bounds: tuple[Any, ...], value: Any
) -> None:
    array = variable.writable()
    place = index(array.shape, *(bound.tolist() for bound in bounds))
    try:
        array[place] = value
    except ValueError:
        raise InvalidArgumentError(
            f"Cannot broadcast input shape {shape_text(np.shape(value))} into final shape "
            f"{shape_text(array[place].shape)}"
        ) from None
    variable.store(array)


@op(
    "StridedSliceAssign",
    "ref: Ref(T), begin: Index, end: Index, strides: Index, value: T",
    "output_ref: Ref(T)",
    _STRIDED,
    effects=[Effect("ref", Cell.CONTENTS, True, True, by_element=True)],
)
def strided_slice_assign(attrs: Attrs) -> Kernel:
    """Writes value to a strided slice of the variable in place."""
    index = indexer(attrs)

    def kernel(ref: RefVariable, begin: Any, end: Any, strides: Any, value: Any) -> RefVariable:
        _assign_slice(ref, index, (begin, end, strides), value)
        return ref

    return kernel


@op(
    "ResourceStridedSliceAssign",
    "ref: resource, begin: Index, end: Index, strides: Index, value: T",
    "",
    _STRIDED,
    effects=[Effect("ref", Cell.VALUE, True, True, by_element=True, lock=Lock.EXCLUSIVE)],
)
def resource_strided_slice_assign(attrs: Attrs) -> Kernel:
    """Writes value to a strided slice of the variable."""
    index = indexer(attrs)

    def kernel(handle: Handle, begin: Any, end: Any, strides: Any, value: Any) -> tuple[()]:
        variable = existing(handle)
        variable.use_sparsely()
        _assign_slice(variable, index, (begin, end, strides), value)
        return ()

    return kernel
