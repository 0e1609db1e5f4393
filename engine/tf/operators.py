"""What Python's operators do to tensors and variables.

The functions behind them are filled in by the modules that define them (`operator`), so that
tensors need not import the operations that are made of tensors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NoReturn, TypeVar

_FUNCTIONS: dict[str, Callable[..., Any]] = {}
_F = TypeVar("_F", bound=Callable[..., Any])


def operator(*names: str) -> Callable[[_F], _F]:
    """Decorator: the function is what the operators called `names` do."""

    def decorate(function: _F) -> _F:
        for name in names:
            _FUNCTIONS[name] = function
        return function

    return decorate


def set_operator(name: str, function: Callable[..., Any]) -> None:
    _FUNCTIONS[name] = function


class Operators:
    """Arithmetic, comparison and indexing for whatever converts to a tensor."""

    __slots__ = ()
    __array_priority__ = 100

    def operand(self) -> Any:
        """The tensor that the operators work on."""
        return self

    def __add__(self, other: Any) -> Any:
        return _FUNCTIONS["add"](self.operand(), other)

    def __radd__(self, other: Any) -> Any:
        return _FUNCTIONS["radd"](self.operand(), other)

    def __sub__(self, other: Any) -> Any:
        return _FUNCTIONS["sub"](self.operand(), other)

    def __rsub__(self, other: Any) -> Any:
        return _FUNCTIONS["rsub"](self.operand(), other)

    def __mul__(self, other: Any) -> Any:
        return _FUNCTIONS["mul"](self.operand(), other)

    def __rmul__(self, other: Any) -> Any:
        return _FUNCTIONS["rmul"](self.operand(), other)

    def __truediv__(self, other: Any) -> Any:
        return _FUNCTIONS["truediv"](self.operand(), other)

    def __rtruediv__(self, other: Any) -> Any:
        return _FUNCTIONS["rtruediv"](self.operand(), other)

    def __floordiv__(self, other: Any) -> Any:
        return _FUNCTIONS["floordiv"](self.operand(), other)

    def __rfloordiv__(self, other: Any) -> Any:
        return _FUNCTIONS["rfloordiv"](self.operand(), other)

    def __mod__(self, other: Any) -> Any:
        return _FUNCTIONS["mod"](self.operand(), other)

    def __rmod__(self, other: Any) -> Any:
        return _FUNCTIONS["rmod"](self.operand(), other)

    def __pow__(self, other: Any) -> Any:
        return _FUNCTIONS["pow"](self.operand(), other)

    def __rpow__(self, other: Any) -> Any:
        return _FUNCTIONS["rpow"](self.operand(), other)

    def __matmul__(self, other: Any) -> Any:
        return _FUNCTIONS["matmul"](self.operand(), other)

    def __rmatmul__(self, other: Any) -> Any:
        return _FUNCTIONS["rmatmul"](self.operand(), other)

    def __and__(self, other: Any) -> Any:
        return _FUNCTIONS["and"](self.operand(), other)

    def __rand__(self, other: Any) -> Any:
        return _FUNCTIONS["rand"](self.operand(), other)

    def __or__(self, other: Any) -> Any:
        return _FUNCTIONS["or"](self.operand(), other)

    def __ror__(self, other: Any) -> Any:
        return _FUNCTIONS["ror"](self.operand(), other)

    def __xor__(self, other: Any) -> Any:
        return _FUNCTIONS["xor"](self.operand(), other)

    def __rxor__(self, other: Any) -> Any:
        return _FUNCTIONS["rxor"](self.operand(), other)

    def __neg__(self) -> Any:
        return _FUNCTIONS["neg"](self.operand())

    def __abs__(self) -> Any:
        return _FUNCTIONS["abs"](self.operand())

    def __invert__(self) -> Any:
        return _FUNCTIONS["invert"](self.operand())

    def __lt__(self, other: Any) -> Any:
        return _FUNCTIONS["lt"](self.operand(), other)

    def __le__(self, other: Any) -> Any:
        return _FUNCTIONS["le"](self.operand(), other)

    def __gt__(self, other: Any) -> Any:
        return _FUNCTIONS["gt"](self.operand(), other)

    def __ge__(self, other: Any) -> Any:
        return _FUNCTIONS["ge"](self.operand(), other)

    def __getitem__(self, key: Any) -> Any:
        return _FUNCTIONS["getitem"](self.operand(), key)

    def __iter__(self) -> Iterator[Any]:
        return _not_iterable()

    def __bool__(self) -> bool:
        raise TypeError(
            "Using a `tf.Tensor` as a Python `bool` is not allowed. Use `if t is not None:` "
            "instead of `if t:` to test if a tensor is defined, and use TensorFlow ops such as "
            "tf.cond to execute subgraphs conditioned on the value of a tensor."
        )


def _not_iterable() -> NoReturn:
    raise TypeError(
        "Tensor objects are only iterable when eager execution is enabled. To iterate over this "
        "tensor use tf.map_fn."
    )
