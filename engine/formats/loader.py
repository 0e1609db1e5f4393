"""Opening what a user gives us: which format it is, and which files belong together."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Generic, TypeVar

from ..errors import FormatError, GraphError
from ..graph import Graph
from .checkpoint import CheckpointReader
from .checkpoint_v1 import CheckpointV1Reader, find_v1_checkpoint
from .file_tree import FileTree, Folder, ZipTree
from .graphdef import graph_from_def, read_graph_def
from .messages import describe, first_field, is_foreign, looks_like_text
from .metagraph import MetaGraph, meta_graph_from_def, read_meta_graph_def
from .proto.opscope_graph_pb2 import SavedModel
from .saved_model import (
    MODEL_FILES,
    choose_meta_graph,
    model_file,
    model_root,
    open_variables,
    read_saved_model,
)
from .table import is_table
from .tensor_source import TensorSource

_MAX_BYTES = (1 << 31) - 1  # of a protocol buffer message
_EXPECTED = "a TensorFlow graph (GraphDef, MetaGraphDef, SavedModel, or a zip archive of one)"

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class LoadedFiles:
    """A program's files, read.

    Attributes:
        name: what to call the program: its file's or folder's name without the ending.
        meta_graph: what the file says about the graph; None for a bare GraphDef.
        checkpoint: the values to restore; None where there are none.
        init_op: the operation to run once they are restored, or None.
        tags: those of the meta graph that was chosen.
    """

    name: str
    graph: Graph
    meta_graph: MetaGraph | None = None
    checkpoint: TensorSource | None = None
    init_op: str | None = None
    tags: tuple[str, ...] = ()


def open_program_files(path: str | PathLike[str]) -> LoadedFiles:
    """Open a saved graph with what lies beside it.

    Args:
        path: a GraphDef (`.pb`, `.pbtxt`), a MetaGraphDef (`.meta`, with its checkpoint beside it
            or without), a SavedModel's folder, its `saved_model.pb`, or a zip archive of it. The
            contents decide where the name does not tell.

    Raises:
        FormatError: anything else; the message names the file, what was expected and what found.
    """
    path = Path(path)
    with _naming(path):
        if path.is_dir():
            return _open_folder(path)
        if _is_zip(path):
            return _open_zip(path)
        data = _read(path)
        if is_table(data):
            raise FormatError(
                f"expected {_EXPECTED}, found a checkpoint, which has no graph; open the .meta "
                "file beside it"
            )
        return _open_message(path, data)


@contextmanager
def _naming(path: Path) -> Generator[None]:
    """Make every failure to open `path` a FormatError whose message begins with it."""
    try:
        yield
    except (FormatError, GraphError) as error:
        text = _printable(str(error))
        prefix = "" if text.startswith(str(path)) else f"{path}: "
        raise FormatError(prefix + text) from error
    except FileNotFoundError:
        raise FormatError(f"{path}: expected {_EXPECTED}, found no such file") from None
    except OSError as error:
        found = f"a file that cannot be read: {error.strerror}"
        raise FormatError(f"{path}: expected {_EXPECTED}, found {found}") from error


def _printable(text: str) -> str:
    """`text` on one line: the names in a damaged file may hold anything."""
    return "".join(
        character if character.isprintable() else repr(character)[1:-1] for character in text
    )


def _is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def _read(path: Path) -> bytes:
    size = path.stat().st_size
    if size > _MAX_BYTES:
        raise FormatError(f"expected {_EXPECTED} of at most 2 GiB, found {size:,} bytes")
    return path.read_bytes()


# ---- SavedModels and meta graphs ----


def _open_folder(path: Path) -> LoadedFiles:
    return _open_saved_model(Folder(path), path.resolve().name)


def _open_zip(path: Path) -> LoadedFiles:
    root = model_root(ZipTree(path))
    return _open_saved_model(ZipTree(path, root), path.stem)


def _open_saved_model(tree: FileTree, name: str) -> LoadedFiles:
    with tree.open(model_file(tree)) as file:
        return _saved_model(tree, read_saved_model(file.read()), name)


def _saved_model(tree: FileTree, model: SavedModel, name: str) -> LoadedFiles:
    meta_graph = meta_graph_from_def(choose_meta_graph(model))
    return LoadedFiles(
        name=name,
        graph=meta_graph.graph,
        meta_graph=meta_graph,
        checkpoint=open_variables(tree),
        init_op=meta_graph.init_op,
        tags=meta_graph.tags,
    )


def _meta_graph(path: Path, meta_graph: MetaGraph) -> LoadedFiles:
    return LoadedFiles(
        name=path.stem,
        graph=meta_graph.graph,
        meta_graph=meta_graph,
        checkpoint=_checkpoint_beside(path),
        tags=meta_graph.tags,
    )


def _checkpoint_beside(path: Path) -> TensorSource | None:
    """The checkpoint that a Saver wrote with the meta graph, if it is there."""
    if path.suffix != ".meta":
        return None
    return open_checkpoint(path.with_suffix(""))


def open_checkpoint(prefix: str | PathLike[str]) -> TensorSource | None:
    """The checkpoint whose files are named `prefix` and a suffix, V2 or V1; None if there is none.

    Raises:
        FormatError: its files are damaged or incomplete.
    """
    prefix = Path(prefix)
    if prefix.with_name(f"{prefix.name}.index").is_file():
        return CheckpointReader(prefix)
    files = find_v1_checkpoint(prefix)
    return CheckpointV1Reader(files) if files else None


# ---- messages ----


@dataclass(frozen=True, slots=True)
class _MessageFormat(Generic[_T]):
    """A message that a file may hold.

    Attributes:
        named: whether a file of this name should hold it.
        fields: what its text form may start with.
        read: parses and checks it; a FormatError says that it is something else.
        open: reads what belongs to it.
    """

    named: Callable[[Path], bool]
    fields: frozenset[str]
    read: Callable[[bytes], _T]
    open: Callable[[Path, _T], LoadedFiles]


def _open_message(path: Path, data: bytes) -> LoadedFiles:
    if looks_like_text(data):
        start = first_field(data)
        for candidate in _MESSAGES:
            if start in candidate.fields:
                return candidate.open(path, candidate.read(data))
        raise FormatError(f"expected {_EXPECTED}, found {describe(data)}")
    if is_foreign(data):
        raise FormatError(f"expected {_EXPECTED}, found {describe(data)}")
    errors: list[FormatError] = []
    # Binary messages have no signature: what parses and makes sense is what it is.
    for candidate in sorted(_MESSAGES, key=lambda one: not one.named(path)):
        try:
            message = candidate.read(data)
        except FormatError as error:
            errors.append(error)
        else:
            return candidate.open(path, message)
    raise errors[0]


_MESSAGES: tuple[_MessageFormat[Any], ...] = (
    _MessageFormat(
        named=lambda path: path.suffix == ".pb" and path.name not in MODEL_FILES,
        fields=frozenset({"node", "library", "versions", "version"}),
        read=read_graph_def,
        open=lambda path, message: LoadedFiles(name=path.stem, graph=graph_from_def(message)),
    ),
    _MessageFormat(
        named=lambda path: path.suffix == ".meta",
        fields=frozenset(
            {"meta_info_def", "graph_def", "saver_def", "collection_def", "signature_def"}
        ),
        read=read_meta_graph_def,
        open=lambda path, message: _meta_graph(path, meta_graph_from_def(message)),
    ),
    _MessageFormat(
        named=lambda path: path.name in MODEL_FILES,
        fields=frozenset({"saved_model_schema_version", "meta_graphs"}),
        read=read_saved_model,
        open=lambda path, message: _saved_model(
            Folder(path.parent), message, path.resolve().parent.name
        ),
    ),
)
