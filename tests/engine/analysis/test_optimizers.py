"""The statements of the optimizers compute what the kernels compute, to the last bit."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from opscope.engine import dtypes
from opscope.engine.analysis.split.optimizers import optimizer
from opscope.engine.analysis.split.scratch import contents, scratch_variable
from opscope.engine.analysis.split.statements import input_of, run
from opscope.engine.memory import Handle, Memory, RefVariable
from opscope.engine.ops import OpDef, all_ops

FLAGS = ("multiply_linear_by_lr", "update_slots", "use_nesterov")
KNOWN = [
    declaration
    for declaration in all_ops()
    if optimizer(declaration.type, dict.fromkeys(FLAGS, True)) is not None
]
ELEMENTS = 4


def test_all_sparse_steps_are_known() -> None:
    names = {declaration.type for declaration in KNOWN}
    sparse = {d.type for d in all_ops() if d.type.startswith(("SparseApply", "ResourceSparseA"))}
    assert sparse <= names
    assert {"ApplyAdam", "ApplyMomentum"} <= names
    assert not any(name.startswith("ResourceApply") for name in names)


@pytest.mark.parametrize("declaration", KNOWN, ids=lambda d: d.type)
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "bfloat16"])
def test_statements_compute_what_the_kernel_does(declaration: OpDef, dtype: str) -> None:
    rng = np.random.default_rng(7)
    number = dtypes.as_dtype(dtype)
    for attrs, _ in itertools.product(all_attrs(declaration, number), range(10)):
        rule = optimizer(declaration.type, attrs)
        assert rule is not None
        assert declaration.kernel is not None
        values = drawn(declaration, number.numpy, rng)
        operands = [operand(a.name, values, a.is_ref, a.dtype) for a in declaration.inputs]
        with np.errstate(all="ignore"):
            declaration.kernel(attrs)(*operands)
            for element in range(ELEMENTS):
                begin = {
                    "grad" if name == "delta" else name: value.reshape(-1)[
                        element if value.size == ELEMENTS else 0
                    ]
                    for name, value in values.items()
                }
                results = run(rule.statements, begin)
                for statement in rule.statements:
                    name = statement.writes
                    at = [a.name for a in declaration.inputs].index(name)
                    expected = contents(operands[at]).reshape(-1)[element]
                    found = np.asarray(results[name])
                    assert found.dtype == number.numpy
                    both = np.float64(found), np.float64(expected)
                    np.testing.assert_array_equal(*both, f"{name} with {dict(attrs)}")


@pytest.mark.parametrize("declaration", KNOWN, ids=lambda d: d.type)
def test_statements_name_inputs(declaration: OpDef) -> None:
    names = {"grad" if a.name == "delta" else a.name for a in declaration.inputs}
    for attrs in all_attrs(declaration, dtypes.float32):
        rule = optimizer(declaration.type, attrs)
        assert rule is not None
        written = [statement.writes for statement in rule.statements]
        assert {input_of(n) for s in rule.statements for n in s.reads} | set(written) <= names
        assert rule.at_once is None or set(rule.at_once) == set(written)
        assert rule.reread | rule.once <= {a.name for d in KNOWN for a in d.inputs}


def all_attrs(declaration: OpDef, dtype: dtypes.DType) -> Iterator[Mapping[str, Any]]:
    """Attributes of a node of the op type, with each value of its flags."""
    flags = [attr.name for attr in declaration.attrs if attr.name in FLAGS]
    for values in itertools.product([False, True], repeat=len(flags)):
        chosen = dict(zip(flags, values, strict=True))
        yield declaration.complete({"T": dtype, "Tindices": dtypes.int32, **chosen})


def drawn(declaration: OpDef, number: Any, rng: np.random.Generator) -> dict[str, Any]:
    """A value for each input; rows are as wide as there are elements."""
    found: dict[str, Any] = {}
    for argument in declaration.inputs:
        name = argument.name
        if name == "indices":
            continue
        if name == "global_step":
            found[name] = np.array(3, np.int64)
        elif name == "lr_power":
            found[name] = np.array(rng.choice([-0.5, -0.75]), number)
        elif name in ("grad", "delta", "var", "linear", "mom"):
            found[name] = rng.normal(size=(1, ELEMENTS)).astype(number)
        elif argument.is_ref or argument.dtype is dtypes.resource:
            found[name] = rng.uniform(0.5, 2, (1, ELEMENTS)).astype(number)
        else:
            least = 0 if name in ("l1", "l2") else 0.25
            found[name] = np.array(rng.choice([least, 0.25, 0.375]), number)
    return found


def operand(name: str, values: Mapping[str, Any], is_ref: bool, dtype: Any) -> Any:
    """What the kernel gets for the input `name`."""
    if name == "indices":
        return np.array([0], np.int32)
    value = values[name]
    if is_ref:
        return scratch_variable(RefVariable(Memory(), name, dtype, value.shape), value)
    if dtype is dtypes.resource:
        number = dtypes.from_numpy(value.dtype)
        return scratch_variable(Handle(Memory(), "", name, name, number, value.shape), value)
    return value
