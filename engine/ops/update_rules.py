"""The arithmetic of the optimizers, in the order in which TensorFlow's kernels do it.

A rule maker takes the attributes of a node and returns a rule. A rule is called with the arrays
of all variables of the update, which it changes in place, followed by the other inputs in their
order; it works on whole variables and on gathered rows alike.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .registry import Attrs

add, subtract, multiply, divide, sqrt = np.add, np.subtract, np.multiply, np.divide, np.sqrt

Rule = Callable[..., None]
RuleMaker = Callable[[Attrs], Rule]


def gradient_descent(_: Attrs) -> Rule:
    """Gradient descent: var -= alpha * delta."""

    def rule(var: Any, alpha: Any, delta: Any) -> None:
        np.subtract(var, np.multiply(delta, alpha), out=var)

    return rule


def momentum(attrs: Attrs) -> Rule:
    """Momentum: accum = momentum * accum + grad; var -= lr * accum (Nesterov's looks ahead)."""
    nesterov: bool = attrs["use_nesterov"]

    def rule(var: Any, accum: Any, lr: Any, grad: Any, momentum: Any) -> None:
        np.multiply(accum, momentum, out=accum)
        np.add(accum, grad, out=accum)
        if nesterov:
            np.subtract(var, grad * lr + accum * momentum * lr, out=var)
        else:
            np.subtract(var, np.multiply(accum, lr), out=var)

    return rule


def keras_momentum(attrs: Attrs) -> Rule:
    """Momentum as Keras has it: accum = momentum * accum - lr * grad; var += accum."""
    nesterov: bool = attrs["use_nesterov"]

    def rule(var: Any, accum: Any, lr: Any, grad: Any, momentum: Any) -> None:
        np.multiply(accum, momentum, out=accum)
        np.subtract(accum, grad * lr, out=accum)
        np.add(var, accum * momentum - grad * lr if nesterov else accum, out=var)

    return rule


def adam(attrs: Attrs) -> Rule:
    """Adam (Kingma and Ba, 2015), with epsilon outside the bias correction."""
    nesterov: bool = attrs["use_nesterov"]
    one = attrs["T"].numpy.type(1)

    def rule(
        var: Any,
        m: Any,
        v: Any,
        beta1_power: Any,
        beta2_power: Any,
        lr: Any,
        beta1: Any,
        beta2: Any,
        epsilon: Any,
        grad: Any,
    ) -> None:
        # Scalars as NumPy scalars and outputs by position: on small variables the cost is in the
        # calls, not in the arithmetic.
        beta1, beta2 = beta1[()], beta2[()]
        alpha = lr[()] * np.sqrt(one - beta2_power[()]) / (one - beta1_power[()])
        scratch = subtract(grad, m)
        multiply(scratch, one - beta1, scratch)
        add(m, scratch, m)
        multiply(grad, grad, scratch)
        subtract(scratch, v, scratch)
        multiply(scratch, one - beta2, scratch)
        add(v, scratch, v)
        sqrt(v, scratch)
        add(scratch, epsilon, scratch)
        step = grad * (one - beta1) + beta1 * m if nesterov else m
        divide(multiply(step, alpha), scratch, scratch)
        subtract(var, scratch, var)

    return rule


def adam_amsgrad(attrs: Attrs) -> Rule:
    """Adam that divides by the largest second moment so far (Reddi et al., 2018)."""
    one = attrs["T"].numpy.type(1)

    def rule(
        var: Any,
        m: Any,
        v: Any,
        vhat: Any,
        beta1_power: Any,
        beta2_power: Any,
        lr: Any,
        beta1: Any,
        beta2: Any,
        epsilon: Any,
        grad: Any,
    ) -> None:
        alpha = lr * np.sqrt(one - beta2_power) / (one - beta1_power)
        np.add(m, (grad - m) * (one - beta1), out=m)
        np.add(v, (grad * grad - v) * (one - beta2), out=v)
        np.maximum(vhat, v, out=vhat)
        np.subtract(var, (m * alpha) / (np.sqrt(vhat) + epsilon), out=var)

    return rule


def ada_max(attrs: Attrs) -> Rule:
    """AdaMax (Kingma and Ba, 2015): Adam with the infinity norm."""
    one = attrs["T"].numpy.type(1)

    def rule(
        var: Any,
        m: Any,
        v: Any,
        beta1_power: Any,
        lr: Any,
        beta1: Any,
        beta2: Any,
        epsilon: Any,
        grad: Any,
    ) -> None:
        np.add(m, (grad - m) * (one - beta1), out=m)
        np.maximum(v * beta2, np.abs(grad), out=v)
        np.subtract(var, lr / (one - beta1_power) * (m / (v + epsilon)), out=var)

    return rule


def adadelta(attrs: Attrs) -> Rule:
    """ADADELTA (Zeiler, 2012)."""
    one = attrs["T"].numpy.type(1)

    def rule(
        var: Any, accum: Any, accum_update: Any, lr: Any, rho: Any, epsilon: Any, grad: Any
    ) -> None:
        np.add(accum * rho, np.square(grad) * (one - rho), out=accum)
        update = np.sqrt(accum_update + epsilon) / np.sqrt(accum + epsilon) * grad
        np.subtract(var, update * lr, out=var)
        np.add(accum_update * rho, np.square(update) * (one - rho), out=accum_update)

    return rule


def adagrad(attrs: Attrs) -> Rule:
    """AdaGrad (Duchi et al., 2011): var -= lr * grad / sqrt(accum)."""
    update_slots: bool = attrs["update_slots"]

    def rule(var: Any, accum: Any, lr: Any, grad: Any) -> None:
        if update_slots:
            np.add(accum, np.square(grad), out=accum)
        np.subtract(var, grad * lr / np.sqrt(accum), out=var)

    return rule


def adagrad_v2(attrs: Attrs) -> Rule:
    """AdaGrad with epsilon added to the square root."""
    update_slots: bool = attrs["update_slots"]

    def rule(var: Any, accum: Any, lr: Any, epsilon: Any, grad: Any) -> None:
        if update_slots:
            np.add(accum, np.square(grad), out=accum)
        np.subtract(var, grad * lr / (np.sqrt(accum) + epsilon), out=var)

    return rule


def adagrad_da(attrs: Attrs) -> Rule:
    """AdaGrad's dual averaging (Duchi et al., 2011)."""
    number = attrs["T"].numpy.type

    def rule(
        var: Any,
        gradient_accumulator: Any,
        gradient_squared_accumulator: Any,
        grad: Any,
        lr: Any,
        l1: Any,
        l2: Any,
        global_step: Any,
    ) -> None:
        np.add(gradient_accumulator, grad, out=gradient_accumulator)
        np.add(gradient_squared_accumulator, np.square(grad), out=gradient_squared_accumulator)
        steps = number(global_step)
        step = gradient_accumulator
        if l1 > 0:
            step = np.sign(step) * np.maximum(np.abs(step) - l1 * steps, number(0))
        scale = l2 * steps * lr + np.sqrt(gradient_squared_accumulator)
        np.divide(step * -lr, scale, out=var)

    return rule


def _shrink(proximal: Any, l1: Any, l2: Any, lr: Any) -> Any:
    """The proximal step for an L1 and L2 penalty."""
    one = lr.dtype.type(1)
    if l1 > 0:
        shrunk = np.maximum(np.abs(proximal) - lr * l1, one - one)
        proximal = np.sign(proximal) * shrunk
    return proximal / (one + l2 * lr)


def proximal_gradient_descent(_: Attrs) -> Rule:
    """Forward-backward splitting (Duchi and Singer, 2009) with a fixed learning rate."""

    def rule(var: Any, alpha: Any, l1: Any, l2: Any, delta: Any) -> None:
        var[...] = _shrink(var - delta * alpha, l1, l2, alpha)

    return rule


def proximal_adagrad(_: Attrs) -> Rule:
    """Forward-backward splitting with the learning rate of AdaGrad."""

    def rule(var: Any, accum: Any, lr: Any, l1: Any, l2: Any, grad: Any) -> None:
        np.add(accum, np.square(grad), out=accum)
        rate = lr / np.sqrt(accum)
        var[...] = _shrink(var - grad * rate, l1, l2, rate)

    return rule


def _ftrl(
    attrs: Attrs,
    var: Any,
    accum: Any,
    linear: Any,
    grad: Any,
    shifted: Any,
    lr: Any,
    l1: Any,
    l2: Any,
    lr_power: Any,
) -> None:
    """Follow the regularized leader (McMahan et al., 2013); `shifted` is the penalised gradient."""
    number = lr.dtype.type
    new_accum = accum + np.square(grad)
    if lr_power == number(-0.5):
        old_root, root = np.sqrt(accum), np.sqrt(new_accum)
    else:
        old_root, root = np.power(accum, -lr_power), np.power(new_accum, -lr_power)
    if attrs["multiply_linear_by_lr"]:
        np.add(linear, shifted * lr - (root - old_root) * var, out=linear)
        limit = l1 * lr
        quadratic = root + number(2) * l2 * lr
    else:
        np.add(linear, shifted - (root - old_root) / lr * var, out=linear)
        limit = l1
        quadratic = root / lr + number(2) * l2
    shrunk = (limit * np.sign(linear) - linear) / quadratic
    var[...] = np.where(np.abs(linear) > limit, shrunk, number(0))
    accum[...] = new_accum


def ftrl(attrs: Attrs) -> Rule:
    """Follow the regularized leader (McMahan et al., 2013)."""

    def rule(
        var: Any,
        accum: Any,
        linear: Any,
        grad: Any,
        lr: Any,
        l1: Any,
        l2: Any,
        lr_power: Any,
    ) -> None:
        _ftrl(attrs, var, accum, linear, grad, grad, lr, l1, l2, lr_power)

    return rule


def ftrl_v2(attrs: Attrs) -> Rule:
    """As `ftrl`, with a penalty on the size of the variable that moves with it."""

    def rule(
        var: Any,
        accum: Any,
        linear: Any,
        grad: Any,
        lr: Any,
        l1: Any,
        l2: Any,
        l2_shrinkage: Any,
        lr_power: Any,
    ) -> None:
        shifted = grad + lr.dtype.type(2) * l2_shrinkage * var
        _ftrl(attrs, var, accum, linear, grad, shifted, lr, l1, l2, lr_power)

    return rule


def rms_prop(attrs: Attrs) -> Rule:
    """RMSProp (Tieleman and Hinton, 2012) with momentum."""
    one = attrs["T"].numpy.type(1)

    def rule(
        var: Any,
        ms: Any,
        mom: Any,
        lr: Any,
        rho: Any,
        momentum: Any,
        epsilon: Any,
        grad: Any,
    ) -> None:
        np.add(ms, (np.square(grad) - ms) * (one - rho), out=ms)
        np.add(mom * momentum, (grad * lr) / np.sqrt(ms + epsilon), out=mom)
        np.subtract(var, mom, out=var)

    return rule


def centered_rms_prop(attrs: Attrs) -> Rule:
    """RMSProp that divides by the variance of the gradient, not by its second moment."""
    one = attrs["T"].numpy.type(1)

    def rule(
        var: Any,
        mg: Any,
        ms: Any,
        mom: Any,
        lr: Any,
        rho: Any,
        momentum: Any,
        epsilon: Any,
        grad: Any,
    ) -> None:
        np.add(ms, (np.square(grad) - ms) * (one - rho), out=ms)
        np.add(mg, (grad - mg) * (one - rho), out=mg)
        spread = (ms - np.square(mg)) + epsilon
        np.add(mom * momentum, (grad * lr) / np.sqrt(spread), out=mom)
        np.subtract(var, mom, out=var)

    return rule


def add_sign(attrs: Attrs) -> Rule:
    """AddSign (Bello et al., 2017)."""
    one = attrs["T"].numpy.type(1)

    def rule(var: Any, m: Any, lr: Any, alpha: Any, sign_decay: Any, beta: Any, grad: Any) -> None:
        np.add(m * beta, grad * (one - beta), out=m)
        agreement = np.sign(grad) * np.sign(m)
        np.subtract(var, lr * (alpha + sign_decay * agreement) * grad, out=var)

    return rule


def power_sign(attrs: Attrs) -> Rule:
    """PowerSign (Bello et al., 2017)."""
    one = attrs["T"].numpy.type(1)

    def rule(
        var: Any, m: Any, lr: Any, logbase: Any, sign_decay: Any, beta: Any, grad: Any
    ) -> None:
        np.add(m * beta, grad * (one - beta), out=m)
        agreement = np.sign(grad) * np.sign(m)
        np.subtract(var, lr * np.exp(logbase * sign_decay * agreement) * grad, out=var)

    return rule
