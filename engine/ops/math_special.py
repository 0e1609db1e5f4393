"""Op types of special functions."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import special_functions as special
from .registry import Attrs, Kernel, declare, op
from .shapes import broadcasting, explain_broadcast, unchanged


def _narrowing(function: Any) -> Any:
    """A factory: `function` computes in float64, the result has the type of the inputs."""

    def factory(attrs: Attrs) -> Kernel:
        dtype = attrs["T"].numpy
        return lambda *inputs: np.asarray(function(*inputs)).astype(dtype)

    return factory


_OF_ONE: dict[str, tuple[Any, str]] = {
    "BesselI0e": (special.bessel_i0e, "The modified Bessel function I0, scaled by exp(-|x|)."),
    "BesselI1e": (special.bessel_i1e, "The modified Bessel function I1, scaled by exp(-|x|)."),
    "Dawsn": (special.dawson, "Dawson's integral."),
    "Digamma": (special.digamma, "The logarithmic derivative of the gamma function."),
    "Erf": (special.erf, "The error function."),
    "Erfc": (special.erfc, "The complementary error function."),
    "Erfinv": (special.erfinv, "The inverse of the error function."),
    "Expint": (special.expint, "The exponential integral Ei."),
    "Lgamma": (special.lgamma, "The logarithm of the absolute value of the gamma function."),
    "Ndtri": (special.ndtri, "The quantile of the standard normal distribution."),
    "Spence": (special.spence, "Spence's integral, the dilogarithm of 1 - x."),
}

for _type, (_function, _doc) in _OF_ONE.items():
    declare(
        _type,
        "x: T",
        "y: T",
        "T: type",
        kernel=_narrowing(_function),
        doc=_doc,
        shape=unchanged,
    )

_OF_TWO: dict[str, tuple[str, Any, str]] = {
    "Igamma": ("a: T, x: T", special.igamma, "The lower regularised incomplete gamma function."),
    "Igammac": ("a: T, x: T", special.igammac, "The upper regularised incomplete gamma function."),
    "Polygamma": ("a: T, x: T", special.polygamma, "The a-th derivative of digamma."),
    "Zeta": ("x: T, q: T", special.zeta, "The Hurwitz zeta function."),
}

for _type, (_inputs, _function, _doc) in _OF_TWO.items():
    declare(
        _type,
        _inputs,
        "z: T",
        "T: type",
        kernel=_narrowing(_function),
        doc=_doc,
        shape=broadcasting,
        explain=explain_broadcast,
    )


@op("Betainc", "a: T, b: T, x: T", "z: T", "T: type", shape=broadcasting)
def betainc(attrs: Attrs) -> Kernel:
    """The regularised incomplete beta function."""
    dtype = attrs["T"].numpy
    mapped = np.vectorize(special.betainc, otypes=[np.float64])
    return lambda a, b, x: np.asarray(mapped(a, b, x)).astype(dtype)
