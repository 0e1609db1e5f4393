"""One session: a program's variables and the runs that change them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from .. import dtypes
from ..debugger import Run
from ..dtypes import DType
from ..errors import GraphError
from ..executor.executor import Executor
from ..executor.flat import FlatGraph, variable_key
from ..executor.plan import Plan, PlanOp, resolve_target, resolve_tensor
from ..executor.request import Request
from ..executor.schedule import ScheduleLike, make_schedule, refuse_leftover
from ..executor.straightline import StraightProgram
from ..graph import Shape, Tensor
from ..memory import Array, Handle, Memory, RefVariable
from .fetches import flatten


class Session:
    """Variables and runs of one program.

    Args:
        flat: the program's nodes.
        initial: values to start with, by node name of the variable.
    """

    def __init__(self, flat: FlatGraph, initial: Mapping[str, Array] | None = None) -> None:
        self.flat = flat
        self.memory = Memory()
        self._plans: dict[tuple[Any, ...], tuple[Plan, StraightProgram | None]] = {}
        for name, value in (initial or {}).items():
            self.assign(name, value)

    # Running

    def run(
        self,
        fetches: Any,
        feed_dict: Mapping[Any, Any] | None = None,
        *,
        targets: Iterable[str] = (),
        schedule: ScheduleLike = "fifo",
    ) -> Any:
        """Run everything that `fetches` and `targets` need, once; return the fetched values.

        Args:
            fetches: a tensor (`name:0`) or operation, or a nested structure of them.
            feed_dict: tensor -> value that replaces it.
            targets: operations to run besides.
            schedule: `fifo`, `lifo`, `random:SEED`, or the entries of a schedule to replay.

        Returns:
            The structure of `fetches` with arrays in place of tensors, None in place of operations.

        Raises:
            OpError: an operation failed. What ran before, and what does not depend on it, has run.
            GraphError, TypeError, ValueError: the request does not fit the graph.
        """
        request = self.request(fetches, feed_dict, targets)
        executor = Executor(
            request.plan,
            self.memory,
            request.feeds,
            make_schedule(schedule),
            program=request.program,
        )
        try:
            with np.errstate(all="ignore"):
                executor.advance()
                refuse_leftover(executor.schedule)
                return request.restore(executor.results())
        finally:
            executor.close()

    def debug(
        self,
        fetches: Any,
        feed_dict: Mapping[Any, Any] | None = None,
        *,
        targets: Iterable[str] = (),
        schedule: ScheduleLike = "fifo",
    ) -> Run:
        """The run that `run` would do, paused before its first step.

        Raises:
            GraphError, TypeError, ValueError, OpError: the request does not fit the graph.
        """
        return Run(self.memory, self.request(fetches, feed_dict, targets), schedule)

    def request(
        self,
        fetches: Any,
        feed_dict: Mapping[Any, Any] | None = None,
        targets: Iterable[str] = (),
        *,
        privileged: bool = False,
    ) -> Request:
        """Check a run and make or find its plan; nothing is executed.

        The arguments are those of `run`. In a privileged plan there may be ops that touch files,
        as in the loader's restore op.
        """
        leaves, rebuild = flatten(fetches, self.flat)
        feed_names, feeds, given = self._feeds(feed_dict or {})
        fed = set(feed_names)
        tensors = [leaf.name for leaf in leaves if not leaf.is_operation]
        # TensorFlow numbers the fetches of a run in the order of their names.
        wanted = sorted(name for name in tensors if _canonical(name) not in fed)
        target_names = [leaf.name for leaf in leaves if leaf.is_operation]
        target_names += [name for name in targets if name not in target_names]
        plan, program = self._plan(wanted, feed_names, target_names, privileged)
        return Request(
            plan,
            program,
            leaves,
            rebuild,
            wanted,
            feeds,
            feed_names,
            target_names,
            {name: given[_canonical(name)] for name in tensors if _canonical(name) in fed},
        )

    def plan(self, fetches: Any, feeds: Iterable[str] = (), targets: Iterable[str] = ()) -> Plan:
        """The plan of a run that feeds the tensors `feeds`; nothing is executed."""
        leaves, _ = flatten(fetches, self.flat)
        names = [_canonical(name) for name in feeds]
        tensors = [leaf.name for leaf in leaves if not leaf.is_operation]
        wanted = sorted(name for name in tensors if _canonical(name) not in names)
        target_names = [leaf.name for leaf in leaves if leaf.is_operation] + list(targets)
        return self._plan(wanted, names, target_names)[0]

    def _plan(
        self, tensors: list[str], feeds: list[str], targets: list[str], privileged: bool = False
    ) -> tuple[Plan, StraightProgram | None]:
        key = (tuple(tensors), tuple(feeds), tuple(targets))
        found = self._plans.get(key)
        if found is None:
            plan = Plan(
                self.flat,
                [resolve_tensor(self.flat, name) for name in tensors],
                [resolve_tensor(self.flat, name) for name in feeds],
                [resolve_target(self.flat, name) for name in targets],
                names=tensors,
                privileged=privileged,
            )
            program = StraightProgram(plan, self.memory) if plan.is_straight else None
            found = (plan, program)
            if not privileged:
                self._plans[key] = found
        return found

    def _feeds(self, feed_dict: Mapping[Any, Any]) -> tuple[list[str], list[Any], dict[str, Any]]:
        names: list[str] = []
        values: list[Any] = []
        given: dict[str, Any] = {}
        for key, value in feed_dict.items():
            name = _canonical(_feed_name(key, self.flat))
            array = _fed_value(self.flat, name, value)
            names.append(name)
            values.append(array)
            given[name] = value if isinstance(value, np.ndarray) else array
        order = sorted(range(len(names)), key=names.__getitem__)
        return [names[i] for i in order], [values[i] for i in order], given

    # Variables

    @property
    def variables(self) -> Mapping[str, Array]:
        """The value of every initialised variable, by the name of its node; copies.

        Where several nodes declare one variable, each has an entry.
        """
        return {name: value.copy() for name, value in self._values().items()}

    def _values(self) -> dict[str, Array]:
        values = self.memory.values()
        for name, key in self.flat.sharing.items():
            record = self.memory.record(*key)
            if record is not None and record.name in values:
                values[name] = values[record.name]
        return values

    def assign(self, name: str, value: Any) -> None:
        """Set the variable whose node is `name`, as an assignment between two runs.

        Raises:
            GraphError: there is no such variable, or the type does not fit.
        """
        index = self.flat.index(name)
        node = None if index is None else self.flat.nodes[index]
        key = None if node is None else variable_key(node)
        if node is None or key is None:
            raise GraphError(f"the graph has no variable named '{name}'")
        dtype: DType = node.attrs["dtype"]
        array = _as_array(value, dtype)
        if key.is_resource:
            handle = Handle(self.memory, key.container, key.name, name, dtype)
            handle.create_variable().store(array)
        else:
            shape: Shape = node.attrs["shape"]
            self.memory.ref_variable(key.container, key.name, name, dtype, shape).assign(array)

    def uninitialized(self, plan: Plan) -> list[str]:
        """The variables that `plan` reads or updates, and that have no value before it runs."""
        values = self._values()
        fetched = {source.id for source, _ in plan.fetches if isinstance(source, PlanOp)}
        return [
            op.node.name
            for op in plan.ops
            if op.node.type in ("VariableV2", "Variable", "VarHandleOp")
            and op.node.name not in values
            and (op.id in fetched or any(map(_needs_value, op.consumers)))
        ]


def _needs_value(edge: tuple[int, PlanOp, int]) -> bool:
    """Whether the op at the end of `edge` uses a variable's value: an assignment does not."""
    _, consumer, _ = edge
    return consumer.node.type not in _INITIALIZING


_INITIALIZING = ("Assign", "AssignVariableOp", "IsVariableInitialized", "VarIsInitializedOp")


def _canonical(name: str) -> str:
    return name if ":" in name else f"{name}:0"


def _feed_name(key: Any, flat: FlatGraph) -> str:
    convert = getattr(key, "_as_graph_element", None)
    if convert is not None:
        key = convert()
    name = key.name if isinstance(key, Tensor) else key
    if not isinstance(name, str):
        raise TypeError(
            f"Cannot interpret feed_dict key as Tensor: Can not convert a {type(key).__name__} "
            "into a Tensor."
        )
    if flat.graph.get(name.partition(":")[0]) is None:
        raise GraphError(
            f"Cannot interpret feed_dict key as Tensor: The name '{name}' refers to a Tensor "
            "which does not exist. The operation, "
            f"'{name.partition(':')[0]}', does not exist in the graph."
        )
    return name


def _fed_value(flat: FlatGraph, name: str, value: Any) -> Any:
    """`value` as a private array of the type of tensor `name`.

    Raises:
        ValueError: its shape does not fit the placeholder.
        TypeError: its elements do not fit the type.
    """
    tensor = flat.graph.tensor(name)
    node = flat.nodes[tensor.op.index]
    dtype: DType | None = None
    if node.declaration is not None:
        types = node.declaration.output_dtypes(node.attrs)
        if tensor.index < len(types):
            dtype = types[tensor.index].base
    array = _as_array(value, dtype)
    if node.type in ("Placeholder", "PlaceholderV2", "PlaceholderWithDefault"):
        shape: Shape = node.attrs["shape"]
        if node.type == "Placeholder" and shape == () and not _knows_scalars(flat):
            shape = None
        if shape is not None and not _fits(array.shape, shape):
            wanted = "(" + ", ".join(str(n) for n in shape) + ("," if len(shape) == 1 else "") + ")"
            raise ValueError(
                f"Cannot feed value of shape {array.shape} for Tensor {name}, which has shape "
                f"{wanted}"
            )
    return array


def _knows_scalars(flat: FlatGraph) -> bool:
    """Whether an empty shape of a Placeholder is a scalar: graphs of version 24 on say so."""
    return flat.graph.versions[0] >= 24


def _fits(shape: tuple[int, ...], declared: tuple[int | None, ...]) -> bool:
    return len(shape) == len(declared) and all(
        wanted in (None, length) for length, wanted in zip(shape, declared, strict=True)
    )


def _as_array(value: Any, dtype: DType | None) -> Array:
    """A private array of `dtype` with `value` in it, as `Session.run` converts what is fed.

    Raises:
        TypeError: the value does not fit the type.
    """
    if isinstance(value, (Tensor, RefVariable)):
        raise TypeError(
            "The value of a feed cannot be a tf.Tensor object. Acceptable feed values include "
            "Python scalars, strings, lists, numpy ndarrays, or TensorHandles."
        )
    if dtype is None:
        return np.array(value)
    if dtype is dtypes.string:
        return _as_strings(value)
    if isinstance(value, int) and not isinstance(value, bool) and dtype.is_integer:
        limits = np.iinfo(dtype.numpy)
        if not limits.min <= value <= limits.max:
            raise TypeError(
                f"Type of feed value {value} with type <class 'int'> is not compatible with "
                f"Tensor type {dtype.numpy}. Try explicitly setting the type of the feed tensor to "
                "a larger type (e.g. int64)."
            )
    try:
        return np.array(value, dtype.numpy)
    except (ValueError, TypeError, OverflowError) as error:
        kind = ValueError if isinstance(error, ValueError) else TypeError
        raise kind(f"{value!r} cannot be fed as {dtype.name}: {error}") from None


def _as_strings(value: Any) -> Array:
    raw = np.array(value, object)
    flat = [item.encode() if isinstance(item, str) else item for item in raw.reshape(-1).tolist()]
    if not all(isinstance(item, bytes) for item in flat):
        raise TypeError(f"{value!r} cannot be fed as string: expected text or bytes")
    result = np.empty(len(flat), object)
    result[:] = flat
    return result.reshape(raw.shape)
