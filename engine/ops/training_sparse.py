"""Updates of single rows by optimizers: `SparseApply*` and `ResourceSparseApply*`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..errors import InvalidArgumentError
from ..memory import ResourceVariable, Variable
from . import update_rules as rules
from .registry import Attrs, Cell, Effect, Kernel, Lock, declare
from .shapes import like, text
from .training import argument_names, resource_variable
from .update_rules import RuleMaker

_LOCKING = "T: type, Tindices: type, use_locking: bool = false"


def _rounds(indices: Any) -> Iterator[Any]:
    """Positions in `indices`, in rounds without repeats: first all first occurrences, and so on.

    Rows do not influence each other, so that this gives what one after another gives.
    """
    _, inverse, counts = np.unique(indices, return_inverse=True, return_counts=True)
    if not counts.size or counts.max() == 1:
        yield np.arange(indices.size)
        return
    order = np.argsort(inverse, kind="stable")
    starts = np.cumsum(counts) - counts
    turn = np.empty(indices.size, np.int64)
    turn[order] = np.arange(indices.size) - np.repeat(starts, counts)
    for number in range(int(counts.max())):
        yield np.flatnonzero(turn == number)


def _check(arrays: Sequence[Any], slots: Sequence[str], gradient: Any, indices: Any) -> None:
    shape = arrays[0].shape
    if not shape:
        raise InvalidArgumentError("var must be at least 1 dimensional")
    if indices.ndim != 1:
        raise InvalidArgumentError("indices must be one-dimensional")
    for array, name in zip(arrays[1:], slots[1:], strict=True):
        if array.shape != shape:
            raise InvalidArgumentError(
                f"var and {name} do not have the same shape{text(arrays[0])} {text(array)}"
            )
    if gradient.shape[:1] != indices.shape:
        raise InvalidArgumentError("grad must be the same size as indices in the first dimension.")
    for axis in range(1, len(shape)):
        if gradient.shape[axis] != shape[axis]:
            raise InvalidArgumentError(f"var and grad must match in dimension {axis}")


def _update(
    variables: Sequence[Variable],
    slots: Sequence[str],
    rule: Any,
    inputs: list[Any],
    gradient_at: int,
    indices: Any,
    *,
    checks_first: bool,
    complaint: str,
) -> None:
    arrays = [variable.writable() for variable in variables]
    gradient = inputs[gradient_at]
    _check(arrays, slots, gradient, indices)
    wrong = np.flatnonzero((indices < 0) | (indices >= arrays[0].shape[0]))
    if wrong.size:
        first = int(wrong[0])
        if not checks_first:
            # TensorFlow fails when it gets there: the rows before are updated.
            _apply(arrays, rule, inputs, gradient_at, indices[:first])
            _store(variables, arrays)
        raise InvalidArgumentError(
            complaint.format(index=indices[first], offset=first, rows=arrays[0].shape[0])
        )
    _apply(arrays, rule, inputs, gradient_at, indices)
    _store(variables, arrays)


def _apply(
    arrays: Sequence[Any], rule: Any, inputs: list[Any], gradient_at: int, indices: Any
) -> None:
    gradient = inputs[gradient_at]
    for positions in _rounds(indices):
        rows = indices[positions]
        parts = [array[rows] for array in arrays]
        inputs[gradient_at] = gradient[positions]
        rule(*parts, *inputs)
        for array, part in zip(arrays, parts, strict=True):
            array[rows] = part


def _store(variables: Sequence[Variable], arrays: Sequence[Any]) -> None:
    for variable, array in zip(variables, arrays, strict=True):
        variable.store(array)


def _sparse(
    slots: Sequence[str],
    others: Sequence[str],
    make_rule: RuleMaker,
    *,
    checks_first: bool,
    complaint: str,
) -> Any:
    """(kernel factory for references, kernel factory for resources) of one optimizer."""
    count = len(slots)
    indices_at = others.index("indices")
    dense = [name for name in others if name != "indices"]
    gradient_at = dense.index("grad")

    def split(inputs: Sequence[Any]) -> tuple[list[Any], Any]:
        rest = list(inputs[count:])
        indices = rest.pop(indices_at)
        return rest, indices

    def update(variables: Sequence[Variable], rule: Any, inputs: list[Any], indices: Any) -> None:
        _update(
            variables,
            slots,
            rule,
            inputs,
            gradient_at,
            indices,
            checks_first=checks_first,
            complaint=complaint,
        )

    def reference(attrs: Attrs) -> Kernel:
        rule = make_rule(attrs)

        def kernel(*inputs: Any) -> Any:
            rest, indices = split(inputs)
            update(inputs[:count], rule, rest, indices)
            return inputs[0]

        return kernel

    def resource(attrs: Attrs) -> Kernel:
        rule = make_rule(attrs)

        def kernel(*inputs: Any) -> tuple[()]:
            variables = [resource_variable(handle) for handle in inputs[:count]]
            for variable in variables:
                assert isinstance(variable, ResourceVariable)
                variable.use_sparsely()
            rest, indices = split(inputs)
            update(variables, rule, rest, indices)
            return ()

        return kernel

    return reference, resource


def _optimizer(
    name: str,
    slots: str,
    others: str,
    make_rule: RuleMaker,
    attrs: str = _LOCKING,
    *,
    references: bool = True,
    checks_first: bool = False,
    complaint: str = "Index {index} at offset {offset} in indices is out of range",
) -> None:
    """Declare SparseApply<name> and ResourceSparseApply<name>.

    With `checks_first`, a wrong index fails before any row is updated; `complaint` says so.
    """
    slot_names = argument_names(slots)
    reference, resource = _sparse(
        slot_names,
        argument_names(others),
        make_rule,
        checks_first=checks_first,
        complaint=complaint,
    )
    doc = f"{make_rule.__doc__ or ''} Only the rows that the indices name are updated."
    if references:
        declare(
            f"SparseApply{name}",
            ", ".join(f"{slot}: Ref(T)" for slot in slot_names) + ", " + others,
            "out: Ref(T)",
            attrs,
            kernel=reference,
            doc=doc,
            shape=like(0),
            effects=[
                Effect(
                    slot,
                    Cell.CONTENTS,
                    reads=True,
                    writes=True,
                    by_element=True,
                    lock=Lock.USE_LOCKING,
                )
                for slot in slot_names
            ],
        )
    declare(
        f"ResourceSparseApply{name}",
        ", ".join(f"{slot}: resource" for slot in slot_names) + ", " + others,
        "",
        attrs,
        kernel=resource,
        doc=doc,
        effects=[
            Effect(
                slot,
                Cell.VALUE,
                reads=True,
                writes=True,
                by_element=True,
                lock=Lock.USE_LOCKING_OR_SHARED,
            )
            for slot in slot_names
        ],
    )


_NESTEROV = f"{_LOCKING}, use_nesterov: bool = false"
_SLOTS = f"{_LOCKING}, update_slots: bool = true"
_LINEAR = f"{_LOCKING}, multiply_linear_by_lr: bool = false"

_optimizer(
    "Momentum",
    "var, accum",
    "lr: T, grad: T, indices: Tindices, momentum: T",
    rules.momentum,
    _NESTEROV,
)
_optimizer(
    "KerasMomentum",
    "var, accum",
    "lr: T, grad: T, indices: Tindices, momentum: T",
    rules.keras_momentum,
    _NESTEROV,
    references=False,
    complaint="indices[{offset}] = {index} is not in [0, {rows})",
)
_optimizer(
    "Adadelta",
    "var, accum, accum_update",
    "lr: T, rho: T, epsilon: T, grad: T, indices: Tindices",
    rules.adadelta,
    checks_first=True,
)
_optimizer(
    "Adagrad",
    "var, accum",
    "lr: T, grad: T, indices: Tindices",
    rules.adagrad,
    _SLOTS,
    checks_first=True,
)
_optimizer(
    "AdagradV2",
    "var, accum",
    "lr: T, epsilon: T, grad: T, indices: Tindices",
    rules.adagrad_v2,
    _SLOTS,
    checks_first=True,
)
_optimizer(
    "AdagradDA",
    "var, gradient_accumulator, gradient_squared_accumulator",
    "grad: T, indices: Tindices, lr: T, l1: T, l2: T, global_step: int64",
    rules.adagrad_da,
)
_optimizer(
    "ProximalGradientDescent",
    "var",
    "alpha: T, l1: T, l2: T, grad: T, indices: Tindices",
    rules.proximal_gradient_descent,
)
_optimizer(
    "ProximalAdagrad",
    "var, accum",
    "lr: T, l1: T, l2: T, grad: T, indices: Tindices",
    rules.proximal_adagrad,
)
_optimizer(
    "Ftrl",
    "var, accum, linear",
    "grad: T, indices: Tindices, lr: T, l1: T, l2: T, lr_power: T",
    rules.ftrl,
    _LINEAR,
)
_optimizer(
    "FtrlV2",
    "var, accum, linear",
    "grad: T, indices: Tindices, lr: T, l1: T, l2: T, l2_shrinkage: T, lr_power: T",
    rules.ftrl_v2,
    _LINEAR,
)
_optimizer(
    "RMSProp",
    "var, ms, mom",
    "lr: T, rho: T, momentum: T, epsilon: T, grad: T, indices: Tindices",
    rules.rms_prop,
    checks_first=True,
)
_optimizer(
    "CenteredRMSProp",
    "var, mg, ms, mom",
    "lr: T, rho: T, momentum: T, epsilon: T, grad: T, indices: Tindices",
    rules.centered_rms_prop,
    checks_first=True,
)
