"""Shapes, slices, joins: operations that move elements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from . import dtypes
from .build import apply, name_scope
from .convert import (
    constant,
    convert_to_tensor,
    is_dimension_list,
    set_packer,
    static_value,
)
from .defaults import executing_eagerly
from .dtypes import DType, as_dtype
from .operators import operator
from .tensor_shape import Dimension, TensorShape
from .tensors import Tensor

_SMALL = 1000  # elements up to which zeros and ones are constants


def placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> Tensor:
    """A tensor that each run must be fed.

    Raises:
        RuntimeError: under eager execution, which has nothing to feed.
    """
    if executing_eagerly():
        raise RuntimeError("tf.placeholder() is not compatible with eager execution.")
    return apply("Placeholder", {}, name, dtype=as_dtype(dtype), shape=TensorShape(shape))


def placeholder_with_default(input: Any, shape: Any, name: str | None = None) -> Tensor:
    """A tensor that a run may feed; `input` where it does not."""
    return apply("PlaceholderWithDefault", {"input": input}, name, shape=TensorShape(shape))


def identity(input: Any, name: str | None = None) -> Any:
    """The same tensor, by another name. Of a reference variable it aliases the buffer."""
    return apply("Identity", {"input": input}, name)


def stop_gradient(input: Any, name: str | None = None) -> Any:
    """The same tensor, which gradients do not pass."""
    return apply("StopGradient", {"input": input}, name)


def reshape(tensor: Any, shape: Any, name: str | None = None) -> Any:
    """The same elements in another shape; -1 is the length that fits."""
    return apply("Reshape", {"tensor": tensor, "shape": shape}, name)


def shape(input: Any, name: str | None = None, out_type: Any = dtypes.int32) -> Any:
    """The shape, as a tensor; a constant if it is known already."""
    with name_scope(name, "Shape", [input]) as scope:
        tensor = convert_to_tensor(input)
        if tensor.shape.is_fully_defined():
            return constant(tensor.shape.as_list(), out_type, [tensor.shape.rank], scope)
        return apply("Shape", {"input": tensor}, scope, out_type=as_dtype(out_type))


def size(input: Any, name: str | None = None, out_type: Any = dtypes.int32) -> Any:
    """How many elements, as a tensor; a constant if it is known already."""
    with name_scope(name, "Size", [input]) as scope:
        tensor = convert_to_tensor(input)
        if tensor.shape.is_fully_defined():
            return constant(tensor.shape.num_elements(), out_type, name=scope)
        return apply("Size", {"input": tensor}, scope, out_type=as_dtype(out_type))


def rank(input: Any, name: str | None = None) -> Any:
    """How many axes, as a tensor; a constant if it is known already."""
    with name_scope(name, "Rank", [input]) as scope:
        tensor = convert_to_tensor(input)
        if tensor.shape.rank is not None:
            return constant(tensor.shape.rank, dtypes.int32, name=scope)
        return apply("Rank", {"input": tensor}, scope)


def expand_dims(input: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Any:
    """A new axis of length 1 at `axis`.

    Raises:
        ValueError: no axis is given.
    """
    chosen = dim if axis is None else axis
    if chosen is None:
        raise ValueError("Must specify an axis argument to tf.expand_dims()")
    return apply("ExpandDims", {"input": input, "dim": chosen}, name)


def squeeze(input: Any, axis: Any = None, name: str | None = None, squeeze_dims: Any = None) -> Any:
    """Without the axes of length 1, or without those in `axis`."""
    chosen = squeeze_dims if axis is None else axis
    axes = [] if chosen is None else [chosen] if np.isscalar(chosen) else list(chosen)
    return apply("Squeeze", {"input": input}, name, squeeze_dims=axes)


def transpose(a: Any, perm: Any = None, name: str = "transpose") -> Any:
    """Axes in the order `perm`, by default the other way round."""
    with name_scope(name, "transpose", [a]) as scope:
        tensor = a if isinstance(a, Tensor) else convert_to_tensor(a, name="a")
        if perm is None and tensor.shape.rank is None:
            count = apply("Rank", {"input": tensor})
            perm = apply("Range", {"start": count - 1, "limit": -1, "delta": -1})
        elif perm is None:
            perm = np.arange((tensor.shape.rank or 0) - 1, -1, -1, dtype=np.int32)
        return apply("Transpose", {"x": tensor, "perm": perm}, scope)


def concat(values: Any, axis: Any, name: str = "concat") -> Any:
    """The tensors one after the other along `axis`."""
    if not isinstance(values, (list, tuple)):
        values = [values]
    parts: Sequence[Any] = values
    if len(parts) == 1:
        with name_scope(name):
            convert_to_tensor(axis, name="concat_dim", dtype=dtypes.int32)
            return identity(parts[0], name)
    return apply("ConcatV2", {"values": list(parts), "axis": axis}, name)


def stack(values: Any, axis: int = 0, name: str = "stack") -> Any:
    """The tensors along a new axis."""
    if axis == 0:
        return convert_to_tensor(values, name=name)
    return apply("Pack", {"values": list(values)}, name, axis=axis)


def _pack(values: Sequence[Any], dtype: DType | None, name: str | None) -> Tensor:
    """One tensor of a list that has tensors in it, however deep."""
    with name_scope(name or "packed") as scope:
        typed = dtype or next((v.dtype.base_dtype for v in values if isinstance(v, Tensor)), None)
        parts: list[Any] = []
        for index, value in enumerate(values):
            nested = isinstance(value, (list, tuple))
            known = isinstance(value, Tensor)
            label = f"{scope}{index}" if nested else str(index)
            parts.append(value if known else convert_to_tensor(value, typed, label))
        return apply("Pack", {"values": parts}, scope, axis=0)


set_packer(_pack)


def unstack(value: Any, num: int | None = None, axis: int = 0, name: str = "unstack") -> list[Any]:
    """The tensors that lie along `axis`.

    Raises:
        ValueError: their number is neither given nor known.
    """
    tensor = convert_to_tensor(value)
    if num is None:
        length = tensor.shape[axis].value
        if length is None:
            raise ValueError(f"Cannot infer argument `num` from shape {tensor.shape}")
        num = length
    return apply("Unpack", {"value": tensor}, name, num=num, axis=axis)


def split(value: Any, num_or_size_splits: Any, axis: Any = 0, name: str = "split") -> list[Any]:
    """Parts along `axis`: so many, or of these sizes."""
    if isinstance(num_or_size_splits, (int, np.integer, Dimension)):
        inputs = {"split_dim": axis, "value": value}
        return apply("Split", inputs, name, num_split=int(num_or_size_splits))
    sizes = convert_to_tensor(num_or_size_splits)
    inputs = {"value": value, "size_splits": sizes, "split_dim": axis}
    return apply("SplitV", inputs, name, num_split=sizes.shape[0].value)


def slice_(input_: Any, begin: Any, size: Any, name: str | None = None) -> Any:
    """The part that begins at `begin` and has this size; -1 is all that is left."""
    return apply("Slice", {"input": input_, "begin": begin, "size": size}, name)


def tile(input: Any, multiples: Any, name: str | None = None) -> Any:
    """The tensor repeated along its axes."""
    return apply("Tile", {"input": input, "multiples": multiples}, name)


def pad(
    tensor: Any,
    paddings: Any,
    mode: str = "CONSTANT",
    name: str | None = None,
    constant_values: Any = 0,
) -> Any:
    """The tensor with elements around it.

    Raises:
        ValueError: an unknown mode.
    """
    match mode.upper():
        case "CONSTANT":
            if isinstance(constant_values, Tensor) or constant_values != 0:
                inputs = {"input": tensor, "paddings": paddings, "constant_values": constant_values}
                return apply("PadV2", inputs, name)
            return apply("Pad", {"input": tensor, "paddings": paddings}, name)
        case "REFLECT" | "SYMMETRIC":
            return apply(
                "MirrorPad", {"input": tensor, "paddings": paddings}, name, mode=mode.upper()
            )
        case _:
            raise ValueError(
                "Value of argument `mode` expected to be one of 'CONSTANT', 'REFLECT', or "
                f"'SYMMETRIC'. Received {mode}."
            )


def one_hot(
    indices: Any,
    depth: Any,
    on_value: Any = None,
    off_value: Any = None,
    axis: int = -1,
    dtype: Any = None,
    name: str | None = None,
) -> Any:
    """Vectors that are `on_value` at the indices and `off_value` elsewhere."""
    with name_scope(name, "one_hot", [indices, depth, on_value, off_value]) as scope:
        wanted = as_dtype(dtype or dtypes.float32)
        on = convert_to_tensor(1 if on_value is None else on_value, wanted, "on_value")
        off = convert_to_tensor(0 if off_value is None else off_value, wanted, "off_value")
        where = convert_to_tensor(indices, name="indices")
        inputs = {"indices": where, "depth": depth, "on_value": on, "off_value": off}
        return apply("OneHot", inputs, scope, axis=axis)


def gather(
    params: Any,
    indices: Any,
    validate_indices: bool | None = None,
    name: str | None = None,
    axis: Any = None,
    batch_dims: int = 0,
) -> Any:
    """The rows of `params`, along `axis`, at `indices`."""
    del validate_indices
    where = batch_dims if axis is None else axis
    if batch_dims == 0 and not isinstance(where, Tensor) and where == 0:
        sparse_read = getattr(params, "sparse_read", None)
        if sparse_read is not None:
            return sparse_read(indices, name)
    inputs = {"params": params, "indices": indices, "axis": where}
    return apply("GatherV2", inputs, name, batch_dims=batch_dims)


def gather_nd(params: Any, indices: Any, name: str | None = None) -> Any:
    """The slices of `params` at the index vectors in `indices`."""
    return apply("GatherNd", {"params": params, "indices": indices}, name)


def where(condition: Any, x: Any = None, y: Any = None, name: str | None = None) -> Any:
    """X where the condition holds and y elsewhere; without them the indices where it holds.

    Raises:
        ValueError: only one of x and y is given.
    """
    if x is None and y is None:
        with name_scope(name, "Where", [condition]) as scope:
            tensor = convert_to_tensor(condition, dtype_hint=dtypes.bool_, name="condition")
            return apply("Where", {"input": tensor}, scope)
    if x is None or y is None:
        raise ValueError("x and y must both be non-None or both be None.")
    return apply("Select", {"condition": condition, "t": x, "e": y}, name)


def fill(dims: Any, value: Any, name: str | None = None) -> Any:
    """A tensor of shape `dims` with `value` everywhere."""
    return apply("Fill", {"dims": dims, "value": value}, name)


def _filled(default: str, shape: Any, dtype: DType, name: str | None, number: int) -> Any:
    with name_scope(name, default, [shape]) as scope:
        value: Any = b"" if dtype == dtypes.string else bool(number) if dtype.is_bool else number
        if not isinstance(shape, Tensor):
            lengths = static_value(shape)
            if lengths is not None and np.prod(lengths, dtype=np.int64) < _SMALL:
                return constant(value, dtype, np.ravel(lengths).tolist(), scope)
            if lengths is not None and is_dimension_list(shape):
                shape = constant(np.ravel(lengths).astype(np.int32), name="shape_as_tensor")
        return fill(
            convert_to_tensor(shape, dtype_hint=dtypes.int32), constant(value, dtype), scope
        )


def zeros(shape: Any, dtype: Any = dtypes.float32, name: str | None = None) -> Any:
    """A tensor of zeros (empty text, false)."""
    return _filled("zeros", shape, as_dtype(dtype).base_dtype, name, 0)


def ones(shape: Any, dtype: Any = dtypes.float32, name: str | None = None) -> Any:
    """A tensor of ones."""
    return _filled("ones", shape, as_dtype(dtype).base_dtype, name, 1)


def zeros_like(
    tensor: Any, dtype: Any = None, name: str | None = None, optimize: bool = True
) -> Any:
    """Zeros in the shape of `tensor`."""
    with name_scope(name, "zeros_like", [tensor]) as scope:
        model = convert_to_tensor(tensor, name="tensor")
        wanted = as_dtype(dtype or model.dtype).base_dtype
        if optimize and model.shape.is_fully_defined():
            return zeros(model.shape, wanted, scope)
        if wanted != model.dtype.base_dtype:
            return zeros(apply("Shape", {"input": model}), wanted, scope)
        return apply("ZerosLike", {"x": model}, scope)


def ones_like(
    tensor: Any, dtype: Any = None, name: str | None = None, optimize: bool = True
) -> Any:
    """Ones in the shape of `tensor`."""
    del optimize
    with name_scope(name, "ones_like", [tensor]) as scope:
        model = convert_to_tensor(tensor, name="tensor")
        dims = shape(model)
        result = ones(dims, dtype or model.dtype, scope)
        result.set_shape(model.shape)
        return result


# ---- indexing ----


@operator("getitem")
def getitem(tensor: Tensor, key: Any) -> Any:
    """`tensor[key]`: integers, slices, `...`, `tf.newaxis`, tensors of one integer.

    Raises:
        TypeError, IndexError: the key is none of these.
    """
    keys: tuple[Any, ...] = key if isinstance(key, tuple) else (key,)
    begin: list[Any] = []
    end: list[Any] = []
    strides: list[Any] = []
    masks = dict.fromkeys(("begin", "end", "shrink_axis", "new_axis", "ellipsis"), 0)
    for index, part in enumerate(keys):
        bit = 1 << index
        if isinstance(part, slice):
            begin.append(0 if part.start is None else part.start)
            end.append(0 if part.stop is None else part.stop)
            strides.append(1 if part.step is None else part.step)
            masks["begin"] |= bit if part.start is None else 0
            masks["end"] |= bit if part.stop is None else 0
        elif part is Ellipsis or part is None:
            begin.append(0)
            end.append(0 if part is Ellipsis else 1)
            strides.append(1)
            masks["ellipsis" if part is Ellipsis else "new_axis"] |= bit
        else:
            _check_index(part)
            begin.append(part)
            end.append(part + 1)
            strides.append(1)
            masks["shrink_axis"] |= bit
    with name_scope(None, "strided_slice", [tensor]) as scope:
        parts = [
            stack(values, name=label) if values else constant(values, dtypes.int32)
            for values, label in ((begin, "stack"), (end, "stack_1"), (strides, "stack_2"))
        ]
        inputs = dict(zip(("begin", "end", "strides"), parts, strict=True))
        attrs = {f"{mask}_mask": bits for mask, bits in masks.items()}
        return apply("StridedSlice", {"input": tensor, **inputs}, scope, **attrs)


def _check_index(index: Any) -> None:
    if isinstance(index, Tensor) and index.dtype.is_integer:
        return
    if isinstance(index, (int, np.integer, Dimension)) and not isinstance(index, bool):
        return
    raise TypeError(
        "Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar "
        f"tf.int32/tf.int64 tensors are valid indices, got {index!r}"
    )
