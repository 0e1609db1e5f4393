"""`tf.TensorShape` and `tf.Dimension`: partly known shapes, as TensorFlow 1 shows them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any, overload

from ..graph import Shape


class Dimension:
    """The length of one axis, or unknown. `value` is an int or None."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        if isinstance(value, Dimension):
            value = value.value
        self.value: int | None = None if value is None else operator.index(value)
        if self.value is not None and self.value < 0:
            raise ValueError(f"Dimension {value} must be >= 0")

    def is_compatible_with(self, other: Any) -> bool:
        theirs = Dimension(other).value
        return self.value is None or theirs is None or self.value == theirs

    def _combine(self, other: Any, function: Callable[[int, int], int]) -> Dimension:
        theirs = Dimension(other).value
        known = self.value is not None and theirs is not None
        return Dimension(function(self.value, theirs) if known else None)  # pyright: ignore[reportArgumentType]

    def __add__(self, other: Any) -> Dimension:
        return self._combine(other, operator.add)

    def __sub__(self, other: Any) -> Dimension:
        return self._combine(other, operator.sub)

    def __mul__(self, other: Any) -> Dimension:
        return self._combine(other, operator.mul)

    def __floordiv__(self, other: Any) -> Dimension:
        return self._combine(other, operator.floordiv)

    __radd__ = __add__
    __rmul__ = __mul__

    def __int__(self) -> int:
        if self.value is None:
            raise TypeError("__int__ returned non-int (type NoneType)")
        return self.value

    def __index__(self) -> int:
        return int(self)

    def __eq__(self, other: object) -> Any:
        try:
            theirs = Dimension(other).value
        except (TypeError, ValueError):
            return NotImplemented
        return None if self.value is None or theirs is None else self.value == theirs

    def __hash__(self) -> int:
        return hash(self.value)

    def __repr__(self) -> str:
        return f"Dimension({self.value})"

    def __str__(self) -> str:
        return "?" if self.value is None else str(self.value)


class TensorShape:
    """A shape of which the rank (`None`) or single lengths (None among them) may be unknown.

    Args:
        dims: None, a length, a list of lengths, or another shape.
    """

    __slots__ = ("_dims",)

    def __init__(self, dims: Any) -> None:
        self._dims: Shape
        if dims is None:
            self._dims = None
        elif isinstance(dims, TensorShape):
            self._dims = dims.as_tuple
        else:
            try:
                items: list[Any] = list(dims)
            except TypeError:
                items = [dims]
            self._dims = tuple(Dimension(item).value for item in items)

    @property
    def as_tuple(self) -> Shape:
        """The shape in the engine's form."""
        return self._dims

    @property
    def dims(self) -> list[Dimension] | None:
        return None if self._dims is None else [Dimension(length) for length in self._dims]

    @property
    def rank(self) -> int | None:
        return None if self._dims is None else len(self._dims)

    ndims = rank

    def as_list(self) -> list[int | None]:
        """The lengths, None where unknown.

        Raises:
            ValueError: the rank is unknown.
        """
        if self._dims is None:
            raise ValueError("as_list() is not defined on an unknown TensorShape.")
        return list(self._dims)

    def is_fully_defined(self) -> bool:
        return self._dims is not None and None not in self._dims

    def num_elements(self) -> int | None:
        """How many elements a tensor of this shape has, or None if that is unknown."""
        if self._dims is None or None in self._dims:
            return None
        count = 1
        for length in self._dims:
            count *= length or 0
        return count

    def is_compatible_with(self, other: Any) -> bool:
        """Whether one tensor could have both shapes."""
        return compatible(self._dims, TensorShape(other).as_tuple)

    def assert_is_compatible_with(self, other: Any) -> None:
        """Raise ValueError unless one tensor could have both shapes."""
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {TensorShape(other)} are incompatible")

    def merge_with(self, other: Any) -> TensorShape:
        """What is known from this shape and from `other` together.

        Raises:
            ValueError: they contradict each other.
        """
        other = TensorShape(other)
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {other} are not compatible")
        return TensorShape(merged(self._dims, other.as_tuple))

    def concatenate(self, other: Any) -> TensorShape:
        theirs = TensorShape(other).as_tuple
        return TensorShape(None if self._dims is None or theirs is None else self._dims + theirs)

    def with_rank(self, rank: int) -> TensorShape:
        return self.merge_with([None] * rank)

    @overload
    def __getitem__(self, key: int) -> Dimension: ...
    @overload
    def __getitem__(self, key: slice) -> TensorShape: ...
    def __getitem__(self, key: int | slice) -> Dimension | TensorShape:
        if self._dims is None:
            return TensorShape(None) if isinstance(key, slice) else Dimension(None)
        if isinstance(key, slice):
            return TensorShape(self._dims[key])
        return Dimension(self._dims[key])

    def __iter__(self) -> Iterator[Dimension]:
        if self._dims is None:
            raise ValueError("Cannot iterate over a shape with unknown rank.")
        return iter([Dimension(length) for length in self._dims])

    def __len__(self) -> int:
        if self._dims is None:
            raise ValueError("Cannot take the length of shape with unknown rank.")
        return len(self._dims)

    def __bool__(self) -> bool:
        return self._dims is not None

    def __eq__(self, other: object) -> bool:
        try:
            return self._dims == TensorShape(other).as_tuple
        except (TypeError, ValueError):
            return NotImplemented

    def __hash__(self) -> int:
        return hash(self._dims)

    def __repr__(self) -> str:
        if self._dims is None:
            return "TensorShape(None)"
        return f"TensorShape([{', '.join(f'Dimension({n})' for n in self._dims)}])"

    def __str__(self) -> str:
        """As TensorFlow 1 prints it: `(2, ?)`, or `<unknown>`."""
        if self._dims is None:
            return "<unknown>"
        lengths = ["?" if length is None else str(length) for length in self._dims]
        return f"({lengths[0]},)" if len(lengths) == 1 else f"({', '.join(lengths)})"


def compatible(a: Shape, b: Shape) -> bool:
    """Whether one tensor could have both shapes."""
    if a is None or b is None:
        return True
    return len(a) == len(b) and all(
        m is None or n is None or m == n for m, n in zip(a, b, strict=True)
    )


def merged(a: Shape, b: Shape) -> Shape:
    """What two compatible shapes say together."""
    if a is None or b is None:
        return b if a is None else a
    return tuple(n if m is None else m for m, n in zip(a, b, strict=True))


def common(a: Shape, b: Shape) -> Shape:
    """What holds for either of two shapes."""
    if a is None or b is None or len(a) != len(b):
        return None
    return tuple(m if m == n else None for m, n in zip(a, b, strict=True))
