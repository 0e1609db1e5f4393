"""Discrete Fourier transforms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .registry import Attrs, Kernel, declare
from .shapes import unchanged

_AXES = {"": (-1,), "2D": (-2, -1), "3D": (-3, -2, -1)}


def _complex(transform: Callable[..., Any], axes: tuple[int, ...]) -> Any:
    def factory(attrs: Attrs) -> Kernel:
        dtype = attrs["Tcomplex"].numpy
        return lambda x: transform(x, axes=axes).astype(dtype)

    return factory


def _real(axes: tuple[int, ...]) -> Any:
    def factory(attrs: Attrs) -> Kernel:
        dtype = attrs["Tcomplex"].numpy
        return lambda x, length: np.fft.rfftn(x, length.tolist(), axes).astype(dtype)

    return factory


def _inverse_real(axes: tuple[int, ...]) -> Any:
    def factory(attrs: Attrs) -> Kernel:
        dtype = attrs["Treal"].numpy
        return lambda x, length: np.fft.irfftn(x, length.tolist(), axes).astype(dtype)

    return factory


for _suffix, _along in _AXES.items():
    for _prefix, _transform in (("", np.fft.fftn), ("I", np.fft.ifftn)):
        declare(
            f"{_prefix}FFT{_suffix}",
            "input: Tcomplex",
            "output: Tcomplex",
            "Tcomplex: type = complex64",
            kernel=_complex(_transform, _along),
            doc=f"The {'inverse ' if _prefix else ''}Fourier transform over the last axes.",
            shape=unchanged,
        )
    declare(
        f"RFFT{_suffix}",
        "input: Treal, fft_length: int32",
        "output: Tcomplex",
        "Treal: type = float32, Tcomplex: type = complex64",
        kernel=_real(_along),
        doc="The Fourier transform of real numbers over the last axes, without its mirror image.",
    )
    declare(
        f"IRFFT{_suffix}",
        "input: Tcomplex, fft_length: int32",
        "output: Treal",
        "Treal: type = float32, Tcomplex: type = complex64",
        kernel=_inverse_real(_along),
        doc="The inverse of RFFT.",
    )
