"""Dense updates by optimizers: `Apply*` of reference, `ResourceApply*` of resource variables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InternalError, InvalidArgumentError
from ..graph import Shape
from ..memory import Variable
from . import update_rules as rules
from .registry import Attrs, Cell, Effect, Kernel, Lock, declare
from .shapes import text
from .update_rules import RuleMaker

_LOCKING = "T: type, use_locking: bool = false"


def resource_variable(handle: Any) -> Variable:
    """The variable that `handle` names.

    Raises:
        InternalError: it has not been given a value yet.
    """
    variable = handle.variable()
    if variable is None or variable.value is None:
        raise InternalError("Invalid variable reference.")
    return variable


def argument_names(arguments: str) -> list[str]:
    """The names in "a: T, b: T"."""
    return [part.partition(":")[0].strip() for part in arguments.split(",")]


def check_shapes(arrays: Sequence[Any], names: Sequence[str], gradient: Any, its_name: str) -> None:
    """Check that slots and gradient have the shape of the variable.

    Raises:
        InvalidArgumentError: one has not.
    """
    shape = arrays[0].shape
    for array, name in zip(arrays[1:], names[1:], strict=True):
        if array.shape != shape:
            raise InvalidArgumentError(
                f"var and {name} do not have the same shape{text(arrays[0])} {text(array)}"
            )
    if gradient.shape != shape:
        raise InvalidArgumentError(
            f"var and {its_name} do not have the same shape{text(arrays[0])} {text(gradient)}"
        )


def _first_shape(_: Attrs, shapes: Sequence[Shape], __: Sequence[Any]) -> list[Shape]:
    return [shapes[0]]


def _dense(slots: Sequence[str], others: Sequence[str], make_rule: RuleMaker) -> Any:
    """(kernel factory for references, kernel factory for resources) of one optimizer."""
    count = len(slots)
    gradient_name = "delta" if "delta" in others else "grad"
    gradient_at = others.index(gradient_name)

    def update(variables: Sequence[Variable], rule: Any, inputs: Sequence[Any]) -> None:
        arrays = [variable.writable() for variable in variables]
        shape = inputs[gradient_at].shape
        for array in arrays:
            if array.shape != shape:
                check_shapes(arrays, slots, inputs[gradient_at], gradient_name)
        if shape:
            rule(*arrays, *inputs)
        else:
            # NumPy gives scalars for arrays without axes; a rule needs arrays to write to.
            vectors = [np.reshape(x, 1) if at == gradient_at else x for at, x in enumerate(inputs)]
            rule(*(array.reshape(1) for array in arrays), *vectors)
        for variable, array in zip(variables, arrays):  # noqa: B905 - one array each, and hot
            variable.store(array)

    def reference(attrs: Attrs) -> Kernel:
        rule = make_rule(attrs)

        def kernel(*inputs: Any) -> Any:
            update(inputs[:count], rule, inputs[count:])
            return inputs[0]

        return kernel

    def resource(attrs: Attrs) -> Kernel:
        rule = make_rule(attrs)

        def kernel(*inputs: Any) -> tuple[()]:
            variables = [resource_variable(handle) for handle in inputs[:count]]
            update(variables, rule, inputs[count:])
            return ()

        return kernel

    return reference, resource


def _optimizer(
    name: str, slots: str, others: str, make_rule: RuleMaker, attrs: str = _LOCKING
) -> None:
    """Declare Apply<name> and ResourceApply<name>; `slots` and `others` as in signatures."""
    slot_names = argument_names(slots)
    reference, resource = _dense(slot_names, argument_names(others), make_rule)
    doc = make_rule.__doc__ or ""
    declare(
        f"Apply{name}",
        ", ".join(f"{slot}: Ref(T)" for slot in slot_names) + ", " + others,
        "out: Ref(T)",
        attrs,
        kernel=reference,
        doc=doc,
        shape=_first_shape,
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
    _resource_only(name, slot_names, others, resource, doc, attrs)


def _resource_only(
    name: str, slots: Sequence[str], others: str, kernel: Any, doc: str, attrs: str
) -> None:
    declare(
        f"ResourceApply{name}",
        ", ".join(f"{slot}: resource" for slot in slots) + ", " + others,
        "",
        attrs,
        kernel=kernel,
        doc=doc,
        effects=[
            Effect(slot, Cell.VALUE, reads=True, writes=True, lock=Lock.EXCLUSIVE) for slot in slots
        ],
    )


_NESTEROV = f"{_LOCKING}, use_nesterov: bool = false"
_SLOTS = f"{_LOCKING}, update_slots: bool = true"
_LINEAR = f"{_LOCKING}, multiply_linear_by_lr: bool = false"

_optimizer("GradientDescent", "var", "alpha: T, delta: T", rules.gradient_descent)
_optimizer("Momentum", "var, accum", "lr: T, grad: T, momentum: T", rules.momentum, _NESTEROV)
_optimizer(
    "Adam",
    "var, m, v",
    "beta1_power: T, beta2_power: T, lr: T, beta1: T, beta2: T, epsilon: T, grad: T",
    rules.adam,
    _NESTEROV,
)
_optimizer(
    "AdaMax",
    "var, m, v",
    "beta1_power: T, lr: T, beta1: T, beta2: T, epsilon: T, grad: T",
    rules.ada_max,
)
_optimizer(
    "Adadelta",
    "var, accum, accum_update",
    "lr: T, rho: T, epsilon: T, grad: T",
    rules.adadelta,
)
_optimizer("Adagrad", "var, accum", "lr: T, grad: T", rules.adagrad, _SLOTS)
_optimizer("AdagradV2", "var, accum", "lr: T, epsilon: T, grad: T", rules.adagrad_v2, _SLOTS)
_optimizer(
    "AdagradDA",
    "var, gradient_accumulator, gradient_squared_accumulator",
    "grad: T, lr: T, l1: T, l2: T, global_step: int64",
    rules.adagrad_da,
)
_optimizer(
    "ProximalGradientDescent",
    "var",
    "alpha: T, l1: T, l2: T, delta: T",
    rules.proximal_gradient_descent,
)
_optimizer(
    "ProximalAdagrad",
    "var, accum",
    "lr: T, l1: T, l2: T, grad: T",
    rules.proximal_adagrad,
)
_optimizer(
    "Ftrl",
    "var, accum, linear",
    "grad: T, lr: T, l1: T, l2: T, lr_power: T",
    rules.ftrl,
    _LINEAR,
)
_optimizer(
    "FtrlV2",
    "var, accum, linear",
    "grad: T, lr: T, l1: T, l2: T, l2_shrinkage: T, lr_power: T",
    rules.ftrl_v2,
    _LINEAR,
)
_optimizer(
    "RMSProp",
    "var, ms, mom",
    "lr: T, rho: T, momentum: T, epsilon: T, grad: T",
    rules.rms_prop,
)
_optimizer(
    "CenteredRMSProp",
    "var, mg, ms, mom",
    "lr: T, rho: T, momentum: T, epsilon: T, grad: T",
    rules.centered_rms_prop,
)
_optimizer(
    "AddSign",
    "var, m",
    "lr: T, alpha: T, sign_decay: T, beta: T, grad: T",
    rules.add_sign,
)
_optimizer(
    "PowerSign",
    "var, m",
    "lr: T, logbase: T, sign_decay: T, beta: T, grad: T",
    rules.power_sign,
)

for _name, _slots, _others, _rule, _attrs in (
    ("KerasMomentum", "var, accum", "lr: T, grad: T, momentum: T", rules.keras_momentum, _NESTEROV),
    (
        "AdamWithAmsgrad",
        "var, m, v, vhat",
        "beta1_power: T, beta2_power: T, lr: T, beta1: T, beta2: T, epsilon: T, grad: T",
        rules.adam_amsgrad,
        _LOCKING,
    ),
):
    _resource_only(
        _name,
        argument_names(_slots),
        _others,
        _dense(argument_names(_slots), argument_names(_others), _rule)[1],
        _rule.__doc__ or "",
        _attrs,
    )
