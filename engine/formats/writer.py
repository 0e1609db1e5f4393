"""Saving graphs as the files that TensorFlow and other tools open."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from google.protobuf import text_format
from google.protobuf.message import Message

from ..graph import Graph
from .graphdef import graph_to_def
from .metagraph import MetaGraph, meta_graph_to_def

_TEXT_SUFFIXES = (".pbtxt", ".txt")


def save_graph_def(graph: Graph, path: str | PathLike[str]) -> None:
    """Write `graph` as a GraphDef: text if `path` ends with `.pbtxt`, else binary.

    Raises:
        TypeError: an attribute has a value that no file can hold.
        OSError: the file cannot be written.
    """
    _write(graph_to_def(graph), Path(path))


def save_meta_graph(meta_graph: MetaGraph, path: str | PathLike[str]) -> None:
    """Write `meta_graph` as a MetaGraphDef: text if `path` ends with `.pbtxt`, else binary.

    With a checkpoint beside it (`model.meta`, `model.index`, …), it opens with its values.

    Raises:
        TypeError: an attribute or a collection has a value that no file can hold.
        OSError: the file cannot be written.
    """
    _write(meta_graph_to_def(meta_graph), Path(path))


def _write(message: Message, path: Path) -> None:
    if path.suffix in _TEXT_SUFFIXES:
        path.write_text(text_format.MessageToString(message), encoding="utf-8")
    else:
        path.write_bytes(message.SerializeToString(deterministic=True))
