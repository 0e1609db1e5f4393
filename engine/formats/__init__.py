"""TensorFlow's files: graphs, meta graphs, SavedModels and checkpoints, read and written."""

from .checkpoint import CheckpointReader
from .checkpoint_writer import write_checkpoint
from .graphdef import graph_from_def, graph_to_def, read_graph_def
from .loader import LoadedFiles, open_checkpoint, open_program_files
from .metagraph import MetaGraph, Saver, Signature, TensorInfo, Variable
from .tensor_source import TensorSource
from .writer import save_graph_def, save_meta_graph

__all__ = [
    "CheckpointReader",
    "LoadedFiles",
    "MetaGraph",
    "Saver",
    "Signature",
    "TensorInfo",
    "TensorSource",
    "Variable",
    "graph_from_def",
    "graph_to_def",
    "open_checkpoint",
    "open_program_files",
    "read_graph_def",
    "save_graph_def",
    "save_meta_graph",
    "write_checkpoint",
]
