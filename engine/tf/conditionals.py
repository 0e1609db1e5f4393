"""`tf.cond`, `tf.case` and `tf.while_loop`, built as TensorFlow 1.15 builds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import control_flow_ops as ops
from . import math_ops
from .array_ops import identity
from .build import name_scope
from .collections import GraphKeys
from .cond_context import CondContext
from .convert import constant, convert_to_tensor
from .defaults import executing_eagerly, get_default_graph
from .nest import map_structure, pack, same_structure
from .tensors import Tensor
from .while_context import WhileContext


def cond(
    pred: Any,
    true_fn: Callable[[], Any] | None = None,
    false_fn: Callable[[], Any] | None = None,
    strict: bool = False,
    name: str | None = None,
    fn1: Callable[[], Any] | None = None,
    fn2: Callable[[], Any] | None = None,
) -> Any:
    """What `true_fn` returns if `pred` holds when it runs, else what `false_fn` returns.

    Only what the functions build is conditional; what they use from outside runs in any case.

    Args:
        pred: a boolean scalar.
        true_fn: builds the branch that is taken where it holds.
        false_fn: builds the other branch.
        strict: whether a list of one result stays a list.
        name: the scope's name.
        fn1: `true_fn` by its older name.
        fn2: `false_fn` by its older name.

    Raises:
        TypeError: a branch is no function, or the predicate a Python bool.
        ValueError: the branches do not return the same number and types of results.
    """
    on_true, on_false = true_fn or fn1, false_fn or fn2
    if not callable(on_true):
        raise TypeError("'true_fn' must be callable.")
    if not callable(on_false):
        raise TypeError("'false_fn' must be callable.")
    if executing_eagerly():
        result = on_true() if pred else on_false()
        return result if strict else _single(result)
    with name_scope(name, "cond", [pred]):
        if isinstance(pred, bool):
            raise TypeError("'pred' must not be a Python bool.")
        graph = get_default_graph()
        if_false, if_true = ops.switch(pred, pred)
        pivot_true = identity(if_true, name="switch_t")
        pivot_false = identity(if_false, name="switch_f")
        chosen = identity(pred, name="pred_id")
        for tensor in (if_true, if_false, pivot_true, pivot_false, chosen):
            graph.prevent_fetching(tensor.op)
        context_true = CondContext(chosen, pivot_true, 1)
        result_true, flat_true = _branch(context_true, on_true, "true_fn")
        context_false = CondContext(chosen, pivot_false, 0)
        result_false, flat_false = _branch(context_false, on_false, "false_fn")
        if not strict:
            result_true, result_false = _single(result_true), _single(result_false)
        if not same_structure(result_true, result_false):
            raise ValueError(
                "Incompatible return values of 'true_fn' and 'false_fn': The two structures don't "
                f"have the same nested structure: {result_true} and {result_false}"
            )
        for a, b in zip(flat_true, flat_false, strict=True):
            if a.dtype.base_dtype != b.dtype.base_dtype:
                raise ValueError(
                    "Outputs of 'true_fn' and 'false_fn' must have the same type(s). Received "
                    f"{a.dtype.name} from 'true_fn' and {b.dtype.name} from 'false_fn'."
                )
        merges = [ops.merge([b, a]) for a, b in zip(flat_true, flat_false, strict=True)]
        if context_true.outer is None:
            graph.add_to_collection(GraphKeys.COND_CONTEXT, context_true)
            graph.add_to_collection(GraphKeys.COND_CONTEXT, context_false)
        result = pack(result_true, iter(merges))
        return result if strict else _single(result)


def _branch(
    context: CondContext, function: Callable[[], Any], role: str
) -> tuple[Any, list[Tensor]]:
    context.enter()
    try:
        result, flat = context.build_branch(function)
        if result is None:
            raise ValueError(f"'{role}' must have a return value.")
        context.exit_results(flat)
    finally:
        context.exit()
    if not flat:
        raise ValueError("'true_fn' and 'false_fn' must return at least one result.")
    return result, flat


def _single(result: Any) -> Any:
    if isinstance(result, (list, tuple)):
        items: Sequence[Any] = result
        return items[0] if len(items) == 1 else items
    return result


def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    shape_invariants: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
    maximum_iterations: Any = None,
    return_same_structure: bool = False,
) -> Any:
    """Repeat `body` as long as `cond` holds; both take the loop variables.

    Args:
        cond: builds the test.
        body: builds one turn; returns what the next one takes.
        loop_vars: what the first turn takes.
        shape_invariants: what is true of the variables' shapes in every turn.
        parallel_iterations: how many turns may overlap.
        back_prop: has no effect here.
        swap_memory: has no effect here.
        name: the scope's name.
        maximum_iterations: how many turns there are at most.
        return_same_structure: whether one variable comes back in a list.

    Raises:
        TypeError, ValueError: the body does not return what it takes.
    """
    del back_prop, swap_memory
    if not callable(cond):
        raise TypeError("'cond' must be callable.")
    if not callable(body):
        raise TypeError("'body' must be callable.")
    if parallel_iterations < 1:
        raise TypeError("'parallel_iterations' must be a positive integer.")
    if not loop_vars:
        raise ValueError("'loop_vars' must be provided.")
    if executing_eagerly():
        return _loop_now(cond, body, loop_vars, maximum_iterations)
    variables: Sequence[Any] = loop_vars
    with name_scope(name, "while", loop_vars):
        test, turn = cond, body
        limited = maximum_iterations is not None
        if limited:
            alone = len(variables) == 1 and not return_same_structure
            limit = convert_to_tensor(maximum_iterations, name="maximum_iterations")
            counter = constant(0, limit.dtype, name="iteration_counter")
            inner = variables[0] if alone else variables
            test, turn = _limited(cond, body, limit, alone)
            variables = (counter, inner)
            if shape_invariants is not None:
                shape_invariants = [[], *shape_invariants]
        context = WhileContext(parallel_iterations)
        if context.outer is None:
            get_default_graph().add_to_collection(GraphKeys.WHILE_CONTEXT, context)
        original, exits = context.build(test, turn, variables, shape_invariants)
        result = pack(original, iter(exits))
        if limited:
            return result[1]
        return result[0] if len(exits) == 1 and not return_same_structure else result


def _limited(
    cond: Callable[..., Any], body: Callable[..., Any], limit: Tensor, alone: bool
) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """`cond` and `body` with a counter before their variables."""

    def test(counter: Tensor, inner: Any) -> Any:
        arguments = (inner,) if alone else inner
        return math_ops.logical_and(counter < limit, cond(*arguments))

    def turn(counter: Tensor, inner: Any) -> Any:
        arguments = (inner,) if alone else inner
        return counter + 1, body(*arguments)

    return test, turn


def _loop_now(
    cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, maximum: Any
) -> Any:
    variables: Any = list(loop_vars)
    packed = False
    turns = 0
    limit = None if maximum is None else int(maximum)
    while (limit is None or turns < limit) and cond(*variables):
        variables = body(*variables)
        turns += 1
        if not isinstance(variables, (list, tuple)):
            variables, packed = [variables], True
    result = map_structure(convert_to_tensor, variables)
    return result[0] if packed else result


def case(
    pred_fn_pairs: Any,
    default: Callable[[], Any] | None = None,
    exclusive: bool = False,
    strict: bool = False,
    name: str = "case",
) -> Any:
    """What the function beside the first true predicate returns, else what `default` returns.

    Raises:
        TypeError, ValueError: the pairs are not predicates and functions.
    """
    if exclusive:
        raise ValueError(
            "tf.case takes exclusive=False here: expected the first true predicate to win"
        )
    pairs: list[tuple[Any, Callable[[], Any]]]
    if isinstance(pred_fn_pairs, Mapping):
        mapping: Mapping[Any, Callable[[], Any]] = pred_fn_pairs
        pairs = sorted(mapping.items(), key=_pair_name)
    else:
        pairs = list(pred_fn_pairs)
    if not pairs:
        raise ValueError(
            "tf.case() received an empty list or dictionary: expected predicates and functions"
        )
    with name_scope(name, "case", [pred for pred, _ in pairs]):
        last = default
        if last is None:
            *pairs, (_, last) = pairs
        function: Callable[[], Any] = last
        for pred, chosen in reversed(pairs):
            function = _choice(pred, chosen, function, strict)
        return function()


def _pair_name(pair: tuple[Any, Any]) -> str:
    return getattr(pair[0], "name", "")


def _choice(
    pred: Any, chosen: Callable[[], Any], otherwise: Callable[[], Any], strict: bool
) -> Callable[[], Any]:
    return lambda: cond(pred, chosen, otherwise, strict=strict)
