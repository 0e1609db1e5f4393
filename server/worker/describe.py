"""Engine words in, protocol words out."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from ...engine import Program
from ...engine.debugger import Run, StepInstance
from ...engine.errors import OpError, OpscopeError
from ...engine.trace import FrameOpened
from ..protocol.requests import StackFrame
from ..protocol.types import ErrorBody, Frame, OpInstance
from ..protocol.wire import BadRequest
from .parts import op_node, told_ready

MAX_READY = 2000


def next_op(run: Run) -> OpInstance | None:
    """What the next step executes."""
    instance = run.next_instance
    if instance is None:
        return None
    node, part = op_node(run, instance.node), run.request.parts.get(instance.node)
    return OpInstance(
        op=node.index,
        name=node.name,
        type=node.type,
        part=None if part is None else part.does,
        frame=instance.frame,
        iteration=instance.iteration,
    )


def ready_ops(run: Run) -> bytes:
    """Node, frame and iteration of each op that could run next, as little-endian int32."""
    ready = told_ready(run, MAX_READY)
    return struct.pack(f"<{len(ready)}i", *ready)


def frames(found: Sequence[FrameOpened]) -> list[Frame]:
    return [
        Frame(
            id=frame.id,
            name=frame.name,
            parent=frame.parent,
            parent_iteration=frame.parent_iteration,
        )
        for frame in found
    ]


def error_body(program: Program | None, error: Exception) -> ErrorBody:
    """What a page shows of an error; an uninitialised variable comes with the op to run."""
    if isinstance(error, BadRequest):
        return ErrorBody(code="BadRequest", message=str(error))
    if isinstance(error, OpError):
        initializer = program.initializer_for(error) if program else None
        detail = None if initializer is None else {"initializer": initializer}
        return ErrorBody(
            code=type(error).__name__, message=error.message, op=error.op, detail=detail
        )
    if isinstance(error, OpscopeError):
        return ErrorBody(code=type(error).__name__, message=str(error))
    return ErrorBody(code="InternalError", message=f"{type(error).__name__}: {error}")


def call_stack(program: Program, run: Run, instance: StepInstance) -> list[StackFrame]:
    """The loops and calls around an op, innermost first."""
    stack: list[StackFrame] = []
    by_id = {frame.id: frame for frame in run.trace.opened}
    frame_id, iteration = instance.frame, instance.iteration
    while frame_id and frame_id in by_id:
        frame = by_id[frame_id]
        stack.append(StackFrame(name=frame.name, kind="loop", iteration=iteration))
        frame_id, iteration = frame.parent, frame.parent_iteration
    nodes = program.flat.nodes
    call = op_node(run, instance.node).call
    while call >= 0:
        expansion = nodes[call].expansion
        kind = "call" if expansion is None else expansion.kind
        stack.append(StackFrame(name=nodes[call].name, kind=kind))
        call = nodes[call].call
    return stack
