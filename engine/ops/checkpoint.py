"""Saving and restoring of variables by ops of the graph.

Never executed from an opened file: only the loader runs the restore op, on the checkpoint that lies
beside the graph and on no other file.
"""

from __future__ import annotations

from typing import Any

from ..errors import PermissionDeniedError
from ..memory import Site
from .registry import Attrs, Kernel, declare, op

_REFUSED = "it reads and writes files; the values of a checkpoint are restored when it is opened"


@op(
    "RestoreV2",
    "prefix: string, tensor_names: string, shape_and_slices: string",
    "tensors: dtypes",
    "dtypes: list(type)",
    uses_site=True,
    refused=_REFUSED,
)
def restore_v2(_: Attrs) -> Kernel:
    """Tensors of a checkpoint, by name, whole or in part."""

    def kernel(site: Site, prefix: Any, tensor_names: Any, shape_and_slices: Any) -> list[Any]:
        checkpoint = site.memory.checkpoint
        if checkpoint is None:
            raise PermissionDeniedError(f"RestoreV2 is not executed: {_REFUSED}")
        return [
            checkpoint.read_slice(name.decode(), part.decode())
            if part
            else checkpoint.read(name.decode())
            for name, part in zip(
                tensor_names.reshape(-1), shape_and_slices.reshape(-1), strict=True
            )
        ]

    return kernel


declare(
    "Restore",
    "file_pattern: string, tensor_name: string",
    "tensor: dt",
    "dt: type, preferred_shard: int = -1",
    refused=_REFUSED,
    doc="A tensor of a checkpoint of TensorFlow's first format.",
)
declare(
    "SaveV2",
    "prefix: string, tensor_names: string, shape_and_slices: string, tensors: dtypes",
    "",
    "dtypes: list(type)",
    refused=_REFUSED,
    doc="Writes tensors to a checkpoint.",
)
