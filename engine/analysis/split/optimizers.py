"""The optimizers, each as the statements of its kernel.

The statements are those of TensorFlow 2.21's training_ops.cc for the CPU; the arithmetic is that of
the kernels of this engine, to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from ...ops.registry import Attrs
from .statements import Optimizer, Statement, Value


def optimizer(type: str, attrs: Attrs) -> Optimizer | None:
    """What the kernel of op type `type` does; None if it is not known as statements.

    Dense updates of resources are not: they keep everybody out.
    """
    name = type.removeprefix("Resource")
    sparse = name.startswith("SparseApply")
    if not sparse and not type.startswith("Apply"):
        return None
    make = _OPTIMIZERS.get(name.removeprefix("Sparse").removeprefix("Apply"))
    return None if make is None else make(attrs, sparse)


def _statement(writes: str, reads: str, value: Value) -> Statement:
    return Statement(writes, tuple(reads.split()), value)


def _momentum(attrs: Attrs, _: bool) -> Optimizer:
    if attrs["use_nesterov"]:
        step = _statement(
            "var",
            "var accum grad lr momentum",
            lambda x: x.var - (x.grad * x.lr + x.accum * x.momentum * x.lr),
        )
    else:
        step = _statement("var", "var accum lr", lambda x: x.var - x.accum * x.lr)
    return Optimizer(
        [_statement("accum", "accum momentum grad", lambda x: x.accum * x.momentum + x.grad), step]
    )


def _keras_momentum(attrs: Attrs, _: bool) -> Optimizer:
    if attrs["use_nesterov"]:
        step = _statement(
            "var",
            "var accum grad lr momentum",
            lambda x: x.var + (x.accum * x.momentum - x.grad * x.lr),
        )
    else:
        step = _statement("var", "var accum", lambda x: x.var + x.accum)
    return Optimizer(
        [
            _statement(
                "accum",
                "accum momentum grad lr",
                lambda x: x.accum * x.momentum - x.grad * x.lr,
            ),
            step,
        ],
        reread=frozenset({"lr", "momentum"}),
    )


def _moved(slot: str, others: str, to: Value, by: Value, *, twice: bool = True) -> Statement:
    """A slot that moves towards `to` by the fraction `by` of the way.

    Args:
        slot: the slot.
        others: what is looked at besides.
        to: where it moves.
        by: how far.
        twice: whether the kernel takes the difference to what the slot holds.
    """
    again = f"{slot}_2" if twice else slot

    def value(x: SimpleNamespace) -> Any:
        return getattr(x, slot) + (to(x) - getattr(x, again)) * by(x)

    return _statement(slot, " ".join(dict.fromkeys((slot, again))) + f" {others}", value)


def _adam(attrs: Attrs, _: bool) -> Optimizer:
    nesterov: bool = attrs["use_nesterov"]

    def step(x: SimpleNamespace) -> Any:
        alpha = x.lr * np.sqrt(1 - x.beta2_power) / (1 - x.beta1_power)
        mean = x.grad * (1 - x.beta1) + x.beta1 * x.m if nesterov else x.m
        return x.var - mean * alpha / (np.sqrt(x.v) + x.epsilon)

    return Optimizer(
        [
            _moved("m", "grad beta1", lambda x: x.grad, lambda x: 1 - x.beta1),
            _moved("v", "grad beta2", lambda x: x.grad * x.grad, lambda x: 1 - x.beta2),
            _statement(
                "var",
                "var m v lr beta1_power beta2_power epsilon" + (" beta1 grad" if nesterov else ""),
                step,
            ),
        ],
        once=frozenset({"lr", "beta1_power", "beta2_power"}),
    )


def _ada_max(_attrs: Attrs, _: bool) -> Optimizer:
    return Optimizer(
        [
            _moved("m", "grad beta1", lambda x: x.grad, lambda x: 1 - x.beta1),
            _statement("v", "v grad beta2", lambda x: np.maximum(x.v * x.beta2, np.abs(x.grad))),
            _statement(
                "var",
                "var m v lr beta1_power epsilon",
                lambda x: x.var - x.lr / (1 - x.beta1_power) * (x.m / (x.v + x.epsilon)),
            ),
        ]
    )


def _adadelta(_attrs: Attrs, _: bool) -> Optimizer:
    def change(x: SimpleNamespace) -> Any:
        return np.sqrt(x.accum_update + x.epsilon) / np.sqrt(x.accum + x.epsilon) * x.grad

    return Optimizer(
        [
            _statement(
                "accum",
                "accum rho grad",
                lambda x: x.accum * x.rho + np.square(x.grad) * (1 - x.rho),
            ),
            _statement(
                "var",
                "var accum accum_update lr epsilon grad",
                lambda x: x.var - change(x) * x.lr,
            ),
            _statement(
                "accum_update",
                "accum accum_update accum_update_2 rho epsilon grad",
                lambda x: x.accum_update_2 * x.rho + np.square(change(x)) * (1 - x.rho),
            ),
        ],
        reread=frozenset({"lr", "rho", "epsilon"}),
    )


_SQUARED = _statement("accum", "accum grad", lambda x: x.accum + np.square(x.grad))


def _adagrad(attrs: Attrs, _: bool) -> Optimizer:
    step = _statement(
        "var", "var accum grad lr", lambda x: x.var - x.grad * x.lr / np.sqrt(x.accum)
    )
    return _with_slots(attrs, step)


def _adagrad_v2(attrs: Attrs, _: bool) -> Optimizer:
    step = _statement(
        "var",
        "var accum grad lr epsilon",
        lambda x: x.var - x.grad * x.lr / (np.sqrt(x.accum) + x.epsilon),
    )
    return _with_slots(attrs, step, frozenset({"epsilon"}))


def _with_slots(attrs: Attrs, step: Statement, reread: frozenset[str] = frozenset()) -> Optimizer:
    if attrs["update_slots"]:
        return Optimizer([_SQUARED, step], ("accum", "var"), reread)
    return Optimizer([step], ("var",), reread)


def _adagrad_da(_attrs: Attrs, _: bool) -> Optimizer:
    def step(x: SimpleNamespace) -> Any:
        mean = x.gradient_accumulator
        steps = mean.dtype.type(x.global_step)
        if x.l1 > 0:
            rest = np.maximum(np.abs(x.gradient_accumulator_2) - x.l1 * steps, 0 * steps)
            mean = np.sign(mean) * rest
        return mean * -x.lr / (x.l2 * steps * x.lr + np.sqrt(x.gradient_squared_accumulator))

    total, squares = "gradient_accumulator", "gradient_squared_accumulator"
    return Optimizer(
        [
            _statement(total, f"{total} grad", lambda x: x.gradient_accumulator + x.grad),
            _statement(
                squares,
                f"{squares} grad",
                lambda x: x.gradient_squared_accumulator + np.square(x.grad),
            ),
            _statement("var", f"{total} {total}_2 {squares} lr l1 l2 global_step", step),
        ],
        (total, squares, "var"),
        once=frozenset({"global_step"}),
    )


def _shrunk(x: SimpleNamespace, rate: Any, rate_again: Any) -> Any:
    """The proximal step for an L1 and L2 penalty."""
    var = x.var
    if x.l1 > 0:
        var = np.sign(var) * np.maximum(np.abs(x.var_2) - rate * x.l1, 0 * rate)
    return var / (1 + x.l2 * rate_again)


def _proximal_gradient_descent(_attrs: Attrs, _: bool) -> Optimizer:
    return Optimizer(
        [
            _statement("var", "var alpha grad", lambda x: x.var - x.grad * x.alpha),
            _statement("var", "var var_2 alpha l1 l2", lambda x: _shrunk(x, x.alpha, x.alpha)),
        ],
        ("var",),
    )


def _proximal_adagrad(_attrs: Attrs, _: bool) -> Optimizer:
    def rate(x: SimpleNamespace) -> Any:
        return x.lr / np.sqrt(x.accum)

    return Optimizer(
        [
            _SQUARED,
            _statement("var", "var accum lr grad", lambda x: x.var - x.grad * rate(x)),
            _statement(
                "var",
                "var var_2 accum accum_2 lr l1 l2",
                lambda x: _shrunk(x, rate(x), x.lr / np.sqrt(x.accum_2)),
            ),
        ],
        ("accum", "var"),
    )


def _ftrl(attrs: Attrs, sparse: bool) -> Optimizer:
    return _follow_the_leader(attrs, sparse, lambda x: x.grad, "")


def _ftrl_v2(attrs: Attrs, sparse: bool) -> Optimizer:
    def shifted(x: SimpleNamespace) -> Any:
        return x.grad + 2 * x.l2_shrinkage * x.var_2

    return _follow_the_leader(attrs, sparse, shifted, "var_2 l2_shrinkage")


def _follow_the_leader(attrs: Attrs, sparse: bool, shifted: Value, others: str) -> Optimizer:
    """FTRL; `shifted` gives the penalised gradient, for which it looks at `others`."""
    by_rate: bool = attrs["multiply_linear_by_lr"]

    def root(x: SimpleNamespace, accum: Any) -> Any:
        return np.sqrt(accum) if x.lr_power == -0.5 else np.power(accum, -x.lr_power)

    def linear(x: SimpleNamespace) -> Any:
        change = root(x, x.accum + np.square(x.grad_2)) - root(x, x.accum_2)
        if by_rate:
            return x.linear + (shifted(x) * x.lr - change * x.var)
        return x.linear + (shifted(x) - change / x.lr * x.var)

    def var(x: SimpleNamespace) -> Any:
        new = root(x, x.accum + np.square(x.grad))
        limit = x.l1 * x.lr if by_rate else x.l1
        quadratic = new + 2 * x.l2 * x.lr if by_rate else new / x.lr + 2 * x.l2
        if sparse:
            return (np.maximum(np.minimum(x.linear, limit), -limit) - x.linear_2) / quadratic
        shrunk = (limit * np.sign(x.linear) - x.linear_2) / quadratic
        return shrunk if np.abs(x.linear_3) > limit else 0 * x.lr

    return Optimizer(
        [
            _statement(
                "linear", f"linear accum accum_2 var grad grad_2 lr lr_power {others}", linear
            ),
            _statement(
                "var",
                "linear linear_2 accum grad lr lr_power l1 l2" + ("" if sparse else " linear_3"),
                var,
            ),
            _SQUARED,
        ],
        ("var", "accum", "linear"),
    )


def _mean_square(sparse: bool) -> Statement:
    return _moved(
        "ms", "rho grad", lambda x: np.square(x.grad), lambda x: 1 - x.rho, twice=not sparse
    )


_BY_MOMENTUM = _statement("var", "var mom", lambda x: x.var - x.mom)


def _rms_prop(_: Attrs, sparse: bool) -> Optimizer:
    return Optimizer(
        [
            _mean_square(sparse),
            _statement(
                "mom",
                "mom ms momentum lr epsilon grad",
                lambda x: x.mom * x.momentum + (x.grad * x.lr) / np.sqrt(x.ms + x.epsilon),
            ),
            _BY_MOMENTUM,
        ]
    )


def _centered_rms_prop(_: Attrs, sparse: bool) -> Optimizer:
    def momentum(x: SimpleNamespace) -> Any:
        spread = (x.ms - np.square(x.mg)) + x.epsilon
        return x.mom * x.momentum + (x.grad * x.lr) / np.sqrt(spread)

    return Optimizer(
        [
            _mean_square(sparse),
            _moved("mg", "rho grad", lambda x: x.grad, lambda x: 1 - x.rho, twice=not sparse),
            _statement("mom", "mom mg ms momentum lr epsilon grad", momentum),
            _BY_MOMENTUM,
        ]
    )


def _add_sign(_attrs: Attrs, _: bool) -> Optimizer:
    return _signed(
        "lr alpha sign_decay",
        lambda x, agreement: x.lr * (x.alpha + x.sign_decay * agreement) * x.grad,
    )


def _power_sign(_attrs: Attrs, _: bool) -> Optimizer:
    return _signed(
        "lr logbase sign_decay",
        lambda x, agreement: x.lr * np.exp(x.logbase * x.sign_decay * agreement) * x.grad,
    )


def _signed(scalars: str, change: Callable[[SimpleNamespace, Any], Any]) -> Optimizer:
    return Optimizer(
        [
            _statement("m", "m beta grad", lambda x: x.m * x.beta + x.grad * (1 - x.beta)),
            _statement(
                "var",
                f"var m grad grad_2 {scalars}",
                lambda x: x.var - change(x, np.sign(x.grad_2) * np.sign(x.m)),
            ),
        ]
    )


_OPTIMIZERS: Mapping[str, Callable[[Attrs, bool], Optimizer]] = {
    "AdaMax": _ada_max,
    "Adadelta": _adadelta,
    "Adagrad": _adagrad,
    "AdagradDA": _adagrad_da,
    "AdagradV2": _adagrad_v2,
    "Adam": _adam,
    "AddSign": _add_sign,
    "CenteredRMSProp": _centered_rms_prop,
    "Ftrl": _ftrl,
    "FtrlV2": _ftrl_v2,
    "KerasMomentum": _keras_momentum,
    "Momentum": _momentum,
    "PowerSign": _power_sign,
    "ProximalAdagrad": _proximal_adagrad,
    "ProximalGradientDescent": _proximal_gradient_descent,
    "RMSProp": _rms_prop,
}
