"""Updates by optimizers, dense and sparse, of reference and resource variables."""

import numpy as np
from op_cases import case

RNG = np.random.default_rng(3)
VAR = RNG.standard_normal((4, 3)).astype(np.float32)
SLOTS = [np.abs(RNG.standard_normal((4, 3))).astype(np.float32) + 0.1 for _ in range(3)]
G = RNG.standard_normal((4, 3)).astype(np.float32)
ROWS = RNG.standard_normal((3, 3)).astype(np.float32)
INDICES = np.array([2, 0, 2], np.int32)

# name: (slots, inputs in order; "grad" is the gradient, and where indices follow it is "rows")
OPTIMIZERS = {
    "Momentum": (1, [0.1, "grad", 0.9]),
    "Adadelta": (2, [0.5, 0.9, 1e-3, "grad"]),
    "Adagrad": (1, [0.1, "grad"]),
    "AdagradV2": (1, [0.1, 1e-3, "grad"]),
    "AdagradDA": (2, ["grad", 0.1, 0.01, 0.02, np.int64(3)]),
    "ProximalGradientDescent": (0, [0.1, 0.01, 0.02, "grad"]),
    "ProximalAdagrad": (1, [0.1, 0.01, 0.02, "grad"]),
    "Ftrl": (2, ["grad", 0.1, 0.01, 0.02, -0.5]),
    "FtrlV2": (2, ["grad", 0.1, 0.01, 0.02, 0.03, -0.5]),
    "RMSProp": (2, [0.1, 0.9, 0.5, 1e-3, "grad"]),
    "CenteredRMSProp": (3, [0.1, 0.9, 0.5, 10.0, "grad"]),
}
DENSE_ONLY = {
    "GradientDescent": (0, [0.1, "grad"]),
    "Adam": (2, [0.9, 0.99, 0.1, 0.9, 0.99, 1e-3, "grad"]),
    "AdaMax": (2, [0.9, 0.1, 0.9, 0.99, 1e-3, "grad"]),
    "AddSign": (1, [0.1, 1.0, 0.5, 0.9, "grad"]),
    "PowerSign": (1, [0.1, 1.0, 0.5, 0.9, "grad"]),
}
RESOURCE_ONLY = {
    "KerasMomentum": (1, [0.1, "grad", 0.9]),
    "AdamWithAmsgrad": (3, [0.9, 0.99, 0.1, 0.9, 0.99, 1e-3, "grad"]),
}


def dense(op, slots, inputs, **attrs):
    values = [G if isinstance(value, str) else value for value in inputs]
    return case(op, VAR, *SLOTS[:slots], *values, **attrs, T="float32")


def sparse(op, slots, inputs, **attrs):
    values = []
    for value in inputs:
        values += [ROWS, INDICES] if isinstance(value, str) else [value]
    return case(op, VAR, *SLOTS[:slots], *values, **attrs, T="float32", Tindices="int32")


NESTEROV = {"use_nesterov": True}
CASES = [
    *(dense(f"Apply{name}", *how) for name, how in {**OPTIMIZERS, **DENSE_ONLY}.items()),
    *(
        dense(f"ResourceApply{name}", *how)
        for name, how in {**OPTIMIZERS, **DENSE_ONLY, **RESOURCE_ONLY}.items()
    ),
    *(sparse(f"SparseApply{name}", *how) for name, how in OPTIMIZERS.items()),
    *(sparse(f"ResourceSparseApply{name}", *how) for name, how in OPTIMIZERS.items()),
    sparse("ResourceSparseApplyKerasMomentum", *RESOURCE_ONLY["KerasMomentum"]),
    dense("ApplyMomentum", *OPTIMIZERS["Momentum"], **NESTEROV),
    dense("ApplyAdam", *DENSE_ONLY["Adam"], **NESTEROV),
    dense("ResourceApplyKerasMomentum", *RESOURCE_ONLY["KerasMomentum"], **NESTEROV),
    dense("ApplyFtrl", 2, ["grad", 0.1, 0.01, 0.02, -0.7]),
    dense("ApplyFtrl", *OPTIMIZERS["Ftrl"], multiply_linear_by_lr=True),
    case("ApplyGradientDescent", VAR, 0.1, G[:2]),
    case("ResourceApplyGradientDescent", VAR, 0.1, G[:2], T="float32"),
]
