"""`tf.errors`: the engine's error classes with TensorFlow's constructors and attributes."""

from __future__ import annotations

from typing import Any

from .. import errors as engine

OK = 0
CANCELLED = 1
UNKNOWN = 2
INVALID_ARGUMENT = 3
DEADLINE_EXCEEDED = 4
NOT_FOUND = 5
ALREADY_EXISTS = 6
PERMISSION_DENIED = 7
RESOURCE_EXHAUSTED = 8
FAILED_PRECONDITION = 9
ABORTED = 10
OUT_OF_RANGE = 11
UNIMPLEMENTED = 12
INTERNAL = 13
UNAVAILABLE = 14
DATA_LOSS = 15
UNAUTHENTICATED = 16


class OpError(engine.OpError):
    """An operation failed.

    Args:
        node_def: the node at fault, or None.
        op: the `tf.Operation` at fault, or None.
        message: what went wrong, with the node's name in TensorFlow's notation.
    """

    error_code = UNKNOWN

    def __init__(self, node_def: Any, op: Any, message: str) -> None:
        super().__init__(message)
        self.node_def = node_def
        self.op: Any = op

    def __str__(self) -> str:
        return self.message


class CancelledError(OpError, engine.CancelledError):
    error_code = CANCELLED


class UnknownError(OpError, engine.UnknownError):
    error_code = UNKNOWN


class InvalidArgumentError(OpError, engine.InvalidArgumentError):
    error_code = INVALID_ARGUMENT


class DeadlineExceededError(OpError, engine.DeadlineExceededError):
    error_code = DEADLINE_EXCEEDED


class NotFoundError(OpError, engine.NotFoundError):
    error_code = NOT_FOUND


class AlreadyExistsError(OpError, engine.AlreadyExistsError):
    error_code = ALREADY_EXISTS


class PermissionDeniedError(OpError, engine.PermissionDeniedError):
    error_code = PERMISSION_DENIED


class ResourceExhaustedError(OpError, engine.ResourceExhaustedError):
    error_code = RESOURCE_EXHAUSTED


class FailedPreconditionError(OpError, engine.FailedPreconditionError):
    error_code = FAILED_PRECONDITION


class AbortedError(OpError, engine.AbortedError):
    error_code = ABORTED


class OutOfRangeError(OpError, engine.OutOfRangeError):
    error_code = OUT_OF_RANGE


class UnimplementedError(OpError, engine.UnimplementedError):
    error_code = UNIMPLEMENTED


class InternalError(OpError, engine.InternalError):
    error_code = INTERNAL


class UnavailableError(OpError, engine.UnavailableError):
    error_code = UNAVAILABLE


class DataLossError(OpError, engine.DataLossError):
    error_code = DATA_LOSS


_CLASSES: dict[str, type[OpError]] = {
    found.__mro__[2].__dict__["code"]: found
    for found in (
        CancelledError,
        UnknownError,
        InvalidArgumentError,
        DeadlineExceededError,
        NotFoundError,
        AlreadyExistsError,
        PermissionDeniedError,
        ResourceExhaustedError,
        FailedPreconditionError,
        AbortedError,
        OutOfRangeError,
        UnimplementedError,
        InternalError,
        UnavailableError,
        DataLossError,
    )
}


def from_engine(error: engine.OpError, op: Any, suffix: str) -> OpError:
    """The engine's `error` as TensorFlow raises it.

    Args:
        error: what the engine raised.
        op: the `tf.Operation` at fault, if the graph has it.
        suffix: what follows the message, as `[[{{node NAME}}]]`.
    """
    found = _CLASSES.get(error.code, OpError)
    return found(None if op is None else op.node_def, op, error.message + suffix)
