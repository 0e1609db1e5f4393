"""`tf.train.Saver`: variables to and from V2 checkpoints."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np

from ..formats import CheckpointReader, write_checkpoint
from . import errors
from .variables import Variable, global_variables


class Saver:
    """Saves variables of a session to files, and restores them.

    Unlike TensorFlow's it adds no save and restore operations to the graph: the program touches
    files, a graph never does.

    Args:
        var_list: which variables: a list, or a mapping from names in the file; all by default.
        max_to_keep: kept for compatibility; nothing is deleted.

    Raises:
        ValueError: there are none.
    """

    def __init__(
        self, var_list: Any = None, max_to_keep: int | None = 5, name: str | None = None
    ) -> None:
        del max_to_keep, name
        chosen: Any = global_variables() if var_list is None else var_list
        if not chosen:
            raise ValueError("No variables to save")
        if isinstance(chosen, Mapping):
            mapping: Mapping[str, Variable] = chosen
            self._variables = dict(mapping)
        else:
            self._variables = {variable.name.split(":")[0]: variable for variable in chosen}
        self.last_checkpoints: list[str] = []

    def save(self, sess: Any, save_path: str | PathLike[str], global_step: Any = None) -> str:
        """Write the variables' values to `save_path` (with the step's number); returns that prefix.

        Raises:
            FailedPreconditionError: a variable is uninitialised.
            OSError: the files cannot be written.
        """
        prefix = fspath(save_path)
        if global_step is not None:
            step = sess.run(global_step) if hasattr(global_step, "graph") else global_step
            prefix = f"{prefix}-{int(step)}"
        values = sess.run(dict(self._variables))
        write_checkpoint(prefix, {key: np.asarray(value) for key, value in values.items()})
        self.last_checkpoints.append(prefix)
        state = Path(prefix).parent / "checkpoint"
        lines = [f'model_checkpoint_path: "{prefix}"']
        lines += [f'all_model_checkpoint_paths: "{path}"' for path in self.last_checkpoints]
        state.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return prefix

    def restore(self, sess: Any, save_path: str | PathLike[str]) -> None:
        """Give the variables the values in the checkpoint `save_path`.

        Raises:
            ValueError: there is no such checkpoint.
            NotFoundError: it lacks a variable.
            InvalidArgumentError: a value has another shape than its variable.
        """
        prefix = Path(save_path)
        if not prefix.with_name(prefix.name + ".index").exists():
            raise ValueError(f"The passed save_path is not a valid checkpoint: {save_path}")
        reader = CheckpointReader(prefix)
        names = set(reader.names())
        for key, variable in self._variables.items():
            if key not in names:
                raise errors.NotFoundError(None, None, f"Key {key} not found in checkpoint")
            value = reader.read(key)
            if not variable.shape.is_compatible_with(value.shape):
                raise errors.InvalidArgumentError(
                    None,
                    None,
                    "Assign requires shapes of both tensors to match. lhs shape= "
                    f"{variable.shape.as_list()} rhs shape= {list(value.shape)}",
                )
            sess.engine.assign(variable.op.name, value)


def latest_checkpoint(checkpoint_dir: str | PathLike[str]) -> str | None:
    """The prefix of the checkpoint that was last saved in this folder, or None."""
    state = Path(checkpoint_dir) / "checkpoint"
    if not state.is_file():
        return None
    for line in state.read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(":")
        if key == "model_checkpoint_path":
            path = Path(value.strip().strip('"'))
            return str(path if path.is_absolute() or path.parent != Path() else state.parent / path)
    return None
