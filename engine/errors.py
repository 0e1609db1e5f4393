"""TensorFlow's error classes, raised by everything that executes or loads a graph.

Each class carries the canonical status code of TensorFlow's runtime. `op` names the
operation at fault where there is one.
"""

from __future__ import annotations


class OpscopeError(Exception):
    """Anything wrong with what the user gave us; `str(error)` is one sentence for a person."""


class FormatError(OpscopeError):
    """A file that is not a graph, or a damaged one. The message names the file."""


class GraphError(OpscopeError, ValueError):
    """A graph that cannot be executed or extended as asked: an unknown input, a bad name."""


class OpError(OpscopeError):
    """An operation failed, as in `tf.errors.OpError`.

    Args:
        message: what went wrong, without the operation's name.
        op: the name of the operation that failed; the executor fills it in.
    """

    code = "UNKNOWN"

    def __init__(self, message: str, op: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.op = op

    def __str__(self) -> str:
        return self.message if self.op is None else f"{self.message} [[{{{{node {self.op}}}}}]]"


class CancelledError(OpError):
    code = "CANCELLED"


class UnknownError(OpError):
    code = "UNKNOWN"


class InvalidArgumentError(OpError):
    code = "INVALID_ARGUMENT"


class DeadlineExceededError(OpError):
    code = "DEADLINE_EXCEEDED"


class NotFoundError(OpError):
    code = "NOT_FOUND"


class AlreadyExistsError(OpError):
    code = "ALREADY_EXISTS"


class PermissionDeniedError(OpError):
    code = "PERMISSION_DENIED"


class ResourceExhaustedError(OpError):
    code = "RESOURCE_EXHAUSTED"


class FailedPreconditionError(OpError):
    code = "FAILED_PRECONDITION"


class AbortedError(OpError):
    code = "ABORTED"


class OutOfRangeError(OpError):
    code = "OUT_OF_RANGE"


class UnimplementedError(OpError):
    code = "UNIMPLEMENTED"


class InternalError(OpError):
    code = "INTERNAL"


class UnavailableError(OpError):
    code = "UNAVAILABLE"


class DataLossError(OpError):
    code = "DATA_LOSS"
