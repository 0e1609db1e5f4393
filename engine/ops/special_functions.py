"""Special functions, computed in double precision.

Where Python's `math` has the function it is used; the others follow the cited sources.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Double = Any

_BERNOULLI = (
    1 / 6,
    -1 / 30,
    1 / 42,
    -1 / 30,
    5 / 66,
    -691 / 2730,
    7 / 6,
    -3617 / 510,
    43867 / 798,
    -174611 / 330,
    854513 / 138,
    -236364091 / 2730,
)
"""The Bernoulli numbers B2, B4, …"""


def elementwise(function: Callable[[float], float]) -> Callable[[Any], Double]:
    """A function of one number, made one of arrays; results are float64."""

    def mapped(x: Any) -> Double:
        wide = np.asarray(x, np.float64)
        return np.array([function(v) for v in wide.ravel().tolist()], np.float64).reshape(
            wide.shape
        )

    return mapped


def _lgamma(x: float) -> float:
    if math.isinf(x) or (x <= 0 and x == math.floor(x)):
        return math.inf
    return math.lgamma(x)


erf = elementwise(math.erf)
erfc = elementwise(math.erfc)
lgamma = elementwise(_lgamma)


def _inverse_normal(p: float) -> float:
    """The quantile of the standard normal distribution for p <= 1/2, by Newton's method."""
    # The tail's asymptotic form is close enough for Newton's method on the logarithm to converge.
    x = -math.sqrt(max(-2 * math.log(2 * p), 0.0))
    for _ in range(60):
        tail = 0.5 * math.erfc(-x / math.sqrt(2))
        density = math.exp(-x * x / 2) / math.sqrt(2 * math.pi)
        if not tail or not density:
            break
        step = (math.log(tail) - math.log(p)) * tail / density
        x -= step
        if abs(step) <= 1e-16 * abs(x):
            break
    return x


def _ndtri(p: float) -> float:
    if not 0 <= p <= 1:
        return math.nan
    if p in (0, 1):
        return math.copysign(math.inf, p - 0.5)
    return _inverse_normal(p) if p <= 0.5 else -_inverse_normal(1 - p)


def _erfinv(y: float) -> float:
    if not -1 <= y <= 1:
        return math.nan
    if abs(y) == 1:
        return math.copysign(math.inf, y)
    if abs(y) < 0.5:
        x = y * math.sqrt(math.pi) / 2
        for _ in range(30):
            step = (math.erf(x) - y) * math.sqrt(math.pi) / 2 * math.exp(x * x)
            x -= step
            if abs(step) <= 1e-17 * abs(x):
                break
        return x
    return math.copysign(-_inverse_normal((1 - abs(y)) / 2) / math.sqrt(2), y)


ndtri = elementwise(_ndtri)
erfinv = elementwise(_erfinv)


def digamma(x: Any) -> Double:
    """The logarithmic derivative of gamma: recurrence, then the asymptotic series (DLMF 5.11)."""
    x = np.asarray(x, np.float64)
    pole = (x <= 0) & (x == np.floor(x))
    reflected = x < 0
    y = np.where(reflected, 1 - x, x)
    shift = np.zeros_like(y)
    for _ in range(10):
        small = y < 10
        shift = np.where(small, shift - 1 / np.where(small, y, 1), shift)
        y = np.where(small, y + 1, y)
    inverse = 1 / (y * y)
    series = np.zeros_like(y)
    power = inverse
    for n, b in enumerate(_BERNOULLI[:8], 1):
        series = series + b / (2 * n) * power
        power = power * inverse
    value = np.log(y) - 0.5 / y - series + shift
    value = np.where(reflected, value - math.pi / np.tan(math.pi * x), value)
    return np.where(pole, math.nan, value)


def zeta(x: Any, q: Any) -> Double:
    """The Hurwitz zeta function: some terms, then Euler and Maclaurin's sum (DLMF 25.11)."""
    x, q = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(q, np.float64))
    total = np.zeros(x.shape)
    terms = 12
    for k in range(terms):
        total = total + np.power(q + k, -x)
    w = q + terms
    total = total + np.power(w, 1 - x) / (x - 1) + 0.5 * np.power(w, -x)
    factor = x * np.power(w, -x - 1)
    factorial = 2.0
    for n, b in enumerate(_BERNOULLI, 1):
        total = total + b / factorial * factor
        factor = factor * (x + 2 * n - 1) * (x + 2 * n) / (w * w)
        factorial *= (2 * n + 1) * (2 * n + 2)
    # Negative q that are no integers take whole powers only.
    total = np.where((q < 0) & (x != np.floor(x)), math.nan, total)
    total = np.where((q <= 0) & (q == np.floor(q)), math.inf, total)
    return np.where(x == 1, math.inf, np.where(x < 1, math.nan, total))


def polygamma(n: Any, x: Any) -> Double:
    """The n-th derivative of digamma."""
    n, x = np.broadcast_arrays(np.asarray(n, np.float64), np.asarray(x, np.float64))
    order = np.where(n > 0, n, 1)
    sign = np.where(order % 2 == 1, 1.0, -1.0)
    value = sign * np.exp(lgamma(order + 1)) * zeta(order + 1, x)
    value = np.where(n == 0, digamma(x), value)
    return np.where((n < 0) | (n != np.floor(n)), math.nan, value)


def _igamma_series(a: float, x: float) -> float:
    """The lower regularised incomplete gamma function by its power series (DLMF 8.11)."""
    term = total = 1 / a
    n = a
    for _ in range(2000):
        n += 1
        term *= x / n
        total += term
        if term <= total * 1e-17:
            break
    return total * math.exp(a * math.log(x) - x - math.lgamma(a))


def _igammac_fraction(a: float, x: float) -> float:
    """The upper regularised one by its continued fraction, after Lentz (Press et al., 6.2)."""
    tiny = 1e-300
    b = x + 1 - a
    c = 1 / tiny
    d = 1 / b if b else 1 / tiny
    h = d
    for i in range(1, 5000):
        an = -i * (i - a)
        b += 2
        d = an * d + b
        d = 1 / (d if abs(d) > tiny else tiny)
        c = b + an / c
        c = c if abs(c) > tiny else tiny
        delta = c * d
        h *= delta
        if abs(delta - 1) < 1e-16:
            break
    return h * math.exp(a * math.log(x) - x - math.lgamma(a))


def _igamma_pair(a: float, x: float) -> tuple[float, float]:
    if math.isnan(a) or math.isnan(x) or x < 0 or a <= 0:
        return math.nan, math.nan
    if x == 0:
        return 0.0, 1.0
    if math.isinf(a):
        return (math.nan, math.nan) if math.isinf(x) else (0.0, 1.0)
    if math.isinf(x):
        return 1.0, 0.0
    if x < a + 1:
        lower = _igamma_series(a, x)
        return lower, 1 - lower
    upper = _igammac_fraction(a, x)
    return 1 - upper, upper


def of_two(function: Callable[[float, float], float]) -> Callable[[Any, Any], Double]:
    """A function of two numbers, made one of arrays that broadcast; results are float64."""

    def mapped(x: Any, y: Any) -> Double:
        a, b = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
        pairs = zip(a.ravel().tolist(), b.ravel().tolist(), strict=True)
        return np.array([function(*pair) for pair in pairs], np.float64).reshape(a.shape)

    return mapped


igamma = of_two(lambda a, x: _igamma_pair(a, x)[0])
igammac = of_two(lambda a, x: _igamma_pair(a, x)[1])


def _bessel(order: int) -> Callable[[float], float]:
    def scaled(x: float) -> float:
        """exp(-|x|) times the modified Bessel function: by series (DLMF 10.25, 10.40)."""
        size = abs(x)
        if math.isnan(x):
            return x
        if math.isinf(x):
            return 0.0
        if size < 30:
            term = total = 1.0 if not order else size / 2
            quarter = size * size / 4
            for k in range(1, 500):
                term *= quarter / (k * (k + order))
                total += term
                if term < total * 1e-18:
                    break
            value = total * math.exp(-size)
        else:
            mu = 4.0 * order * order
            term = total = 1.0
            for k in range(1, 60):
                following = -term * (mu - (2 * k - 1) ** 2) / (k * 8 * size)
                if abs(following) > abs(term) or abs(following) < 1e-18:
                    break
                term = following
                total += term
            value = total / math.sqrt(2 * math.pi * size)
        return math.copysign(value, x) if order else value

    return scaled


bessel_i0e = elementwise(_bessel(0))
bessel_i1e = elementwise(_bessel(1))


def _dawson(x: float) -> float:
    """Dawson's integral by Rybicki's sampled sum (Press et al., 6.10)."""
    if math.isnan(x):
        return x
    if math.isinf(x):
        return math.copysign(0.0, x)
    size = abs(x)
    if size < 0.3:
        term = total = size
        for k in range(1, 40):
            term *= -2 * size * size / (2 * k + 1)
            total += term
        return math.copysign(total, x)
    if size > 60:
        inverse = 1 / (size * size)
        return math.copysign((1 + inverse / 2 + 0.75 * inverse**2) / (2 * size), x)
    h = 0.2
    nearest = 2 * round(size / (2 * h))
    offset = size - nearest * h
    total = 0.0
    for n in range(-61, 62, 2):
        if nearest + n:
            total += math.exp(-((offset - n * h) ** 2)) / (nearest + n)
    return math.copysign(total / math.sqrt(math.pi), x)


dawson = elementwise(_dawson)


def _expint(x: float) -> float:
    """The exponential integral Ei: series, or asymptotic (DLMF 6.6, 6.12)."""
    if math.isnan(x):
        return math.nan
    if x == 0:
        return -math.inf
    if x < 0:
        return -_e1(-x)
    if math.isinf(x):
        return x
    if x < 40:
        term, total = 1.0, 0.0
        for k in range(1, 500):
            term *= x / k
            total += term / k
            if term / k < abs(total) * 1e-18:
                break
        return total + math.log(x) + 0.5772156649015329
    term = total = 1.0
    for k in range(1, 60):
        following = term * k / x
        if following > term:
            break
        term = following
        total += term
    return total * math.exp(x) / x if x < 700 else math.inf


def _e1(x: float) -> float:
    if math.isinf(x):
        return 0.0
    if x <= 1:
        term, total = 1.0, 0.0
        for k in range(1, 100):
            term *= -x / k
            total -= term / k
        return total - math.log(x) - 0.5772156649015329
    b = x + 1
    c, d = 1e300, 1 / b
    h = d
    for i in range(1, 500):
        a = -i * i
        b += 2
        d = 1 / (a * d + b)
        c = b + a / c
        h *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return h * math.exp(-x)


expint = elementwise(_expint)


def _dilogarithm(z: float) -> float:
    """The sum of z**k / k**2 for |z| <= 1/2."""
    power, total = 1.0, 0.0
    for k in range(1, 80):
        power *= z
        total += power / (k * k)
    return total


def _spence(x: float) -> float:
    """The dilogarithm of 1 - x, moved to where its series converges fast (DLMF 25.12)."""
    if x < 0 or math.isnan(x):
        return math.nan
    if x == 0:
        return math.pi**2 / 6
    if math.isinf(x):
        return -math.inf
    if x > 2:
        return -_spence(1 / x) - 0.5 * math.log(x) ** 2
    if x < 0.5:
        return math.pi**2 / 6 - math.log(x) * math.log1p(-x) - _dilogarithm(x)
    if x > 1.5:
        return -_dilogarithm(1 - 1 / x) - 0.5 * math.log(x) ** 2
    return _dilogarithm(1 - x)


spence = elementwise(_spence)


def _beta_fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function (Press et al., 6.4)."""
    tiny = 1e-300
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > tiny else tiny)
    h = d
    for m in range(1, 3000):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 + numerator * d
            d = 1 / (d if abs(d) > tiny else tiny)
            c = 1 + numerator / c
            c = c if abs(c) > tiny else tiny
            delta = d * c
            h *= delta
        if abs(delta - 1) < 1e-16:
            break
    return h


def betainc(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function."""
    if not (a > 0 and b > 0 and 0 <= x <= 1):
        return math.nan
    if x in (0, 1):
        return x
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    if x < (a + 1) / (a + b + 2):
        return front * _beta_fraction(a, b, x) / a
    return 1 - front * _beta_fraction(b, a, 1 - x) / b
