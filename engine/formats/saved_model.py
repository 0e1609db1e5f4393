"""SavedModels: a folder, or a zip archive of one, with a graph and its variables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from ..errors import FormatError
from .checkpoint import CheckpointReader
from .file_tree import FileTree, ZipTree
from .graphdef import check_graph_def
from .messages import describe, parse
from .proto.opscope_graph_pb2 import MetaGraphDef, SavedModel

MODEL_FILES = ("saved_model.pb", "saved_model.pbtxt")
_VARIABLES = "variables/variables"
_SERVE = "serve"
_EXPECTED = "a SavedModel"


def read_saved_model(data: bytes) -> SavedModel:
    """The SavedModel message in `data`, which is binary or text.

    Raises:
        FormatError: `data` is neither, or a message without meta graphs.
    """
    model = parse(SavedModel(), data, _EXPECTED)
    if not model.meta_graphs:
        raise FormatError(f"expected {_EXPECTED}, found {describe(data)} without meta graphs")
    return model


def choose_meta_graph(model: SavedModel) -> MetaGraphDef:
    """The meta graph to serve: tagged `serve` alone, else `serve` among others, else the first.

    Raises:
        FormatError: its graph has no nodes.
    """
    meta_graphs = list(model.meta_graphs)
    exact = [meta for meta in meta_graphs if list(meta.meta_info_def.tags) == [_SERVE]]
    among = [meta for meta in meta_graphs if _SERVE in meta.meta_info_def.tags]
    chosen = (exact or among or meta_graphs)[0]
    check_graph_def(chosen.graph_def)
    return chosen


def model_file(tree: FileTree) -> str:
    """The name of the file that holds the model.

    Raises:
        FormatError: there is none.
    """
    for name in MODEL_FILES:
        if tree.exists(name):
            return name
    raise FormatError("expected a SavedModel's folder, found no saved_model.pb in it")


def open_variables(tree: FileTree) -> CheckpointReader | None:
    """The values of the model's variables; None if it was saved without any.

    Raises:
        FormatError: they are damaged or incomplete.
    """
    if not tree.exists(f"{_VARIABLES}.index"):
        return None
    return CheckpointReader(
        lambda suffix: tree.open(_VARIABLES + suffix), name=f"{tree.name}/{_VARIABLES}"
    )


def model_root(archive: ZipTree) -> str:
    """The folder of `archive` that holds the SavedModel: empty, or with a `/` at its end.

    Raises:
        FormatError: there is no SavedModel in it, or more than one at the same depth.
    """
    found = sorted(
        (path for path in map(PurePosixPath, archive.members) if path.name in MODEL_FILES),
        key=lambda path: len(path.parts),
    )
    if not found:
        raise FormatError(
            f"expected a SavedModel in the zip archive, found {_some(archive.members)}"
        )
    folders = {path.parent for path in found if len(path.parts) == len(found[0].parts)}
    if len(folders) > 1:
        raise FormatError(
            "expected one SavedModel in the zip archive, found one in each of "
            + ", ".join(sorted(str(folder) for folder in folders))
        )
    folder = str(found[0].parent)
    return "" if folder == "." else f"{folder}/"


def _some(names: Sequence[str]) -> str:
    if not names:
        return "no files"
    shown = ", ".join(f"'{name}'" for name in names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3:,} more files"
