"""Small random programs whose runs race: variables of both kinds, everything that touches them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import opscope.engine.tf as tf
from opscope.engine.tf.build import apply

from . import random_functions


@dataclass
class RandomProgram:
    """A graph, what to run first, and what to ask.

    Attributes:
        initialized: whether the initialiser runs before; else the run races with it.
    """

    graph: tf.Graph
    initializer: str
    initialized: bool
    fetches: list[str]
    targets: list[str]


SIMPLE = ("assign", "add", "add", "sub", "read", "read", "compute", "compute", "view", "ref")
SIMPLE += ("noop", "initialized", "numerics", "random", "apply", "apply")
LARGE = ("check", "cond", "guarded", "function")
"""Those that are many nodes: a program has at most one of them, or there are too many orders."""
SHAPED = ("scatter", "scatter", "gather", "half_scatter", "reshape")
LOOPS = ("loop", "random_loop", "function_loop")


def make(seed: int, *, size: int = 5, loops: bool = True) -> RandomProgram:
    """The program number `seed`: some `size` ops on one or two variables."""
    return _Maker(random.Random(seed), size, loops).make()


class _Maker:
    """Adds one op after the other; the methods that are called as `KINDS` are named add it.

    Attributes:
        tensors: what may be fetched.
        operations: what may be a target, and come before another.
    """

    def __init__(self, rng: random.Random, size: int, loops: bool) -> None:
        self.rng = rng
        self.size = size
        self.tensors: list[tf.Tensor] = []
        self.operations: list[tf.Operation] = []
        self.shape: list[int] = rng.choice([[], [], [2]])
        self.kinds = [*SIMPLE, *(SHAPED if self.shape else ())]
        self.large = [*LARGE, *(LOOPS if loops else ())]

    def make(self) -> RandomProgram:
        rng = self.rng
        graph = tf.Graph()
        with graph.as_default():
            self.variables = [
                self.variable(name, rng.random() < 0.5) for name in "vw"[: rng.choice([1, 1, 2])]
            ]
            kinds = rng.choices(self.kinds, k=rng.randint(3, self.size))
            if rng.random() < 0.4:
                kinds[rng.randint(1, 2) :] = [rng.choice(self.large)]
                rng.shuffle(kinds)
            for kind in kinds:
                controls = self.some(self.operations, rng.choice([0, 0, 1, 2]))
                with tf.control_dependencies(controls):
                    getattr(self, "_" + kind)(rng.choice(self.variables))
            fetches = sorted({tensor.name for tensor in self.some(self.tensors, rng.randint(1, 4))})
            targets = [op.name for op in self.some(self.operations, rng.randint(1, 4))]
            initializer = tf.global_variables_initializer()
            initialized = rng.random() < 0.9
            if not initialized:
                targets.append(initializer.name)
        return RandomProgram(graph, initializer.name, initialized, fetches, targets)

    # What ops are made of

    def variable(self, name: str, is_resource: bool) -> tf.Variable:
        with tf.control_dependencies(None):
            start = tf.constant(self.number(1, 3), shape=self.shape)
        return tf.Variable(start, name=name, use_resource=is_resource)

    def some(self, items: Sequence[Any], count: int) -> list[Any]:
        return self.rng.sample(items, min(count, len(items)))

    def keep(self, result: Any) -> None:
        """Note what was added: an operation, a tensor, or what an update of a variable gives."""
        if isinstance(result, tf.Operation):
            self.operations.append(result)
            return
        tensor = tf.convert_to_tensor(result)
        self.tensors.append(tensor)
        self.operations.append(tensor.op)
        if isinstance(result, tf.Variable) and result.op is not tensor.op:
            self.operations.append(result.op)

    def number(self, low: int, high: int) -> float:
        return float(self.rng.randint(low, high))

    def operand(self) -> tf.Tensor:
        """Something of the variables' shape."""
        same = [t for t in self.tensors if t.dtype == tf.float32 and t.shape == self.shape]
        if same and self.rng.random() < 0.5:
            return self.rng.choice(same)
        if self.rng.random() < 0.4:
            return self.rng.choice(self.variables).value()
        return tf.constant(self.number(1, 5), shape=self.shape)

    def is_small(self, variable: tf.Variable) -> tf.Tensor:
        return tf.less(tf.reduce_sum(variable.value()), self.number(2, 6))

    # Ops

    def _assign(self, variable: tf.Variable) -> None:
        self.keep(tf.assign(variable, self.operand()))

    def _add(self, variable: tf.Variable) -> None:
        self.keep(tf.assign_add(variable, self.operand()))

    def _sub(self, variable: tf.Variable) -> None:
        self.keep(tf.assign_sub(variable, self.operand()))

    def _read(self, variable: tf.Variable) -> None:
        self.keep(variable.read_value())

    def _ref(self, variable: tf.Variable) -> None:
        """The reference itself, where there is one: a fetch looks at it when all else is over."""
        if is_resource(variable):
            self._read(variable)
        else:
            self.keep(cell(variable))

    def _compute(self, variable: tf.Variable) -> None:
        self.keep(self.rng.choice([tf.add, tf.multiply])(variable.value(), self.operand()))

    def _view(self, variable: tf.Variable) -> None:
        self.keep(tf.identity(self.operand()))

    def _noop(self, variable: tf.Variable) -> None:
        self.keep(tf.group(*self.some(self.operations, 2)))

    def _initialized(self, variable: tf.Variable) -> None:
        self.keep(tf.is_variable_initialized(variable))

    def _check(self, variable: tf.Variable) -> None:
        self.keep(tf.Assert(self.is_small(variable), ["bad"]))

    def _numerics(self, variable: tf.Variable) -> None:
        """Fails where the variable has one certain value."""
        quotient = tf.constant(1.0) / (variable.value() - self.number(1, 4))
        self.keep(apply("CheckNumerics", {"tensor": quotient}, message="bad"))

    def _random(self, variable: tf.Variable) -> None:
        self.keep(tf.assign_add(variable, self.drawn()))

    def drawn(self) -> tf.Tensor:
        shape = tf.constant(self.shape, tf.int32)
        drawn = apply("RandomUniform", {"shape": shape}, dtype=tf.float32, seed=3, seed2=5)
        drawn.set_shape(self.shape)
        return drawn

    def _apply(self, variable: tf.Variable) -> None:
        """A step of an optimizer."""
        prefix = "ResourceApply" if is_resource(variable) else "Apply"
        rate, gradient = tf.constant(0.5), self.operand()
        name = self.rng.choice(["GradientDescent", "Momentum", "Adam"])
        slots = {"GradientDescent": (), "Momentum": ("accum",), "Adam": ("m", "v")}[name]
        inputs: dict[str, Any] = {"var": cell(variable)}
        for slot in slots:
            kept = self.rng.choice([*self.variables, None])
            if kept is None or kept is variable or is_resource(kept) != is_resource(variable):
                kept = self.variable(f"{variable.op.name}_{slot}", is_resource(variable))
            inputs[slot] = cell(kept)
        if name == "GradientDescent":
            inputs |= {"alpha": rate, "delta": gradient}
        elif name == "Momentum":
            inputs |= {"lr": rate, "grad": gradient, "momentum": rate}
        else:
            inputs |= dict.fromkeys(
                ("beta1_power", "beta2_power", "lr", "beta1", "beta2", "epsilon"), rate
            )
            inputs["grad"] = gradient
        self.keep(apply(prefix + name, inputs))

    # Control flow

    def _cond(self, variable: tf.Variable) -> None:
        def written() -> tf.Tensor:
            return tf.identity(tf.assign_add(variable, self.operand()))

        def inner() -> tf.Tensor:
            return tf.cond(tf.constant(True), written, variable.value)

        first = inner if self.rng.random() < 0.3 else written
        self.keep(tf.cond(self.is_small(variable), first, lambda: tf.identity(variable.value())))

    def _guarded(self, variable: tf.Variable) -> None:
        """A branch that fails, beside one that is dead then."""

        def failing() -> tf.Tensor:
            with tf.control_dependencies([tf.Assert(tf.constant(False), ["bad"])]):
                return tf.constant(1.0)

        self.keep(tf.cond(self.is_small(variable), lambda: tf.constant(2.0), failing))

    def _loop(self, variable: tf.Variable) -> None:
        self.turns(lambda: tf.assign_add(variable, tf.ones(self.shape)))

    def _random_loop(self, variable: tf.Variable) -> None:
        self.turns(lambda: tf.assign_add(variable, self.drawn()))

    def turns(self, update: Any) -> None:
        def body(i: tf.Tensor) -> tf.Tensor:
            with tf.control_dependencies([update()] if is_awaited else []):
                return tf.add(i, 1)

        is_awaited = self.rng.random() < 0.8
        turns = tf.while_loop(
            lambda i: tf.less(i, 2),
            body,
            [tf.constant(0)],
            parallel_iterations=self.rng.choice([1, 10]),
        )
        self.keep(turns)

    def _function(self, variable: tf.Variable) -> None:
        """`If` with functions for branches."""
        predicate = self.is_small(variable)
        self.keep(random_functions.choose(predicate, self.given(variable), self.shape))

    def _function_loop(self, variable: tf.Variable) -> None:
        """`While` with functions."""
        turns = self.rng.choice([1, 2])
        self.keep(random_functions.repeat(turns, self.given(variable), self.shape))

    def given(self, variable: tf.Variable) -> tf.Tensor:
        """What a function gets: the handle, or the value, which may be an alias."""
        return cell(variable) if is_resource(variable) else variable.value()

    # Vectors

    def _scatter(self, variable: tf.Variable) -> None:
        scatter = self.rng.choice([tf.scatter_update, tf.scatter_add, tf.scatter_mul])
        self.keep(scatter(variable, [self.rng.randint(0, 1)], [self.number(5, 9)]))

    def _half_scatter(self, variable: tf.Variable) -> None:
        """Writes an element and fails at the next."""
        self.keep(tf.scatter_add(variable, [0, 7], [1.0, 2.0]))

    def _gather(self, variable: tf.Variable) -> None:
        self.keep(tf.gather(variable, [0]))

    def _reshape(self, variable: tf.Variable) -> None:
        """Assigns a value of another shape, over the same buffer or not."""
        if is_resource(variable):
            self._assign(variable)
        else:
            other = tf.constant([[7.0, 8.0]] if self.rng.random() < 0.5 else [7.0, 8.0, 9.0])
            self.keep(tf.assign(variable, other, validate_shape=False))


def cell(variable: tf.Variable) -> tf.Tensor:
    """The reference, or the handle."""
    return variable.op.outputs[0]


def is_resource(variable: tf.Variable) -> bool:
    return variable.op.type == "VarHandleOp"
