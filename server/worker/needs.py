"""What a run would need, before it is launched."""

from __future__ import annotations

from ...engine import Program, Session
from ...engine.errors import OpError
from ..feeds import feed_dtype, feed_name, feed_shape, fitting_text
from ..graph_json import dtype_text, shape_json
from ..protocol import requests


def plan_response(program: Program, session: Session, body: requests.Plan) -> requests.PlanResponse:
    """What a run of these fetches and targets would need and do; nothing is executed.

    Raises:
        OpscopeError: the request does not fit the graph, or the graph cannot be executed.
    """
    fed = sorted({feed_name(name) for name in body.feeds})
    try:
        plan = session.plan(body.fetches, fed, body.targets)
        missing = [
            placeholder.name
            for placeholder in program.placeholders
            if plan.op(placeholder.node) is not None and placeholder.name not in fed
        ]
        if missing:  # they will be fed as well, and what is fed is no step
            plan = session.plan(body.fetches, sorted([*fed, *missing]), body.targets)
    except OpError as error:
        index = None if error.op is None else program.flat.index(error.op)
        type = "" if index is None else program.flat.nodes[index].type
        if type not in program.unsupported:
            raise
        return requests.PlanResponse(
            steps=None,
            feeds=[],
            uninitialized=[],
            initializer=None,
            unsupported=[f"{error.op} ({type})"],
        )
    fetched = {feed_name(name) for name in body.fetches}
    used = [
        name
        for name, consumers in zip(sorted([*fed, *missing]), plan.fed, strict=True)
        if consumers or name in fetched or name in missing
    ]
    uninitialized = session.uninitialized(plan)
    initializers = program.initializers if uninitialized else []
    return requests.PlanResponse(
        steps=plan.steps,
        feeds=[_need(program, name) for name in used],
        uninitialized=uninitialized,
        initializer=initializers[0] if initializers else None,
        unsupported=[],
    )


def _need(program: Program, name: str) -> requests.FeedNeed:
    dtype, shape = feed_dtype(program.flat, name), feed_shape(program, name)
    return requests.FeedNeed(
        name=name,
        dtype=dtype_text(dtype),
        shape=shape_json(shape),
        value=fitting_text(dtype, shape),
    )
