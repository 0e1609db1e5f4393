"""Op types that reach outside the session: files, networks, Python. They are known, never run."""

from __future__ import annotations

from .registry import declare

_FILES = "it reads or writes files, and a graph that was opened never does"
_PYTHON = "it calls Python code of the program that made the graph"

declare(
    "ReadFile",
    "filename: string",
    "contents: string",
    doc="The contents of a file.",
    refused=_FILES,
)
declare(
    "WriteFile",
    "filename: string, contents: string",
    "",
    doc="Writes a string to a file.",
    refused=_FILES,
)
declare(
    "MatchingFiles",
    "pattern: string",
    "filenames: string",
    doc="The names of files that match a pattern.",
    refused=_FILES,
)
declare(
    "ShardedFilename",
    "basename: string, shard: int32, num_shards: int32",
    "filename: string",
    doc="The name of one of the files of a sharded checkpoint.",
    refused=_FILES,
)
declare(
    "ShardedFilespec",
    "basename: string, num_shards: int32",
    "filename: string",
    doc="A pattern for the files of a sharded checkpoint.",
    refused=_FILES,
)
declare(
    "MergeV2Checkpoints",
    "checkpoint_prefixes: string, destination_prefix: string",
    "",
    "delete_old_dirs: bool = true, allow_missing_files: bool = false",
    doc="Makes one checkpoint of several.",
    refused=_FILES,
)
declare(
    "Save",
    "filename: string, tensor_names: string, data: T",
    "",
    "T: list(type)",
    doc="Writes tensors to a checkpoint of version 1.",
    refused=_FILES,
)
declare(
    "SaveSlices",
    "filename: string, tensor_names: string, shapes_and_slices: string, data: T",
    "",
    "T: list(type)",
    doc="Writes slices to a checkpoint of version 1.",
    refused=_FILES,
)
declare(
    "RestoreSlice",
    "file_pattern: string, tensor_name: string, shape_and_slice: string",
    "tensor: dt",
    "dt: type, preferred_shard: int = -1",
    doc="Reads a slice from a checkpoint of version 1.",
    refused=_FILES,
)
declare(
    "PyFunc",
    "input: Tin",
    "output: Tout",
    "token: string, Tin: list(type), Tout: list(type)",
    doc="What a Python function returns.",
    refused=_PYTHON,
)
declare(
    "PyFuncStateless",
    "input: Tin",
    "output: Tout",
    "token: string, Tin: list(type), Tout: list(type)",
    doc="What a Python function returns.",
    refused=_PYTHON,
)
declare(
    "EagerPyFunc",
    "input: Tin",
    "output: Tout",
    "token: string, is_async: bool = false, Tin: list(type), Tout: list(type)",
    doc="What a Python function returns.",
    refused=_PYTHON,
)
declare(
    "ParseExample",
    "serialized: string, names: string, sparse_keys: Nsparse * string, "
    "dense_keys: Ndense * string, dense_defaults: Tdense",
    "sparse_indices: Nsparse * int64, sparse_values: sparse_types, "
    "sparse_shapes: Nsparse * int64, dense_values: Tdense",
    "Nsparse: int, Ndense: int, sparse_types: list(type), Tdense: list(type), "
    "dense_shapes: list(shape)",
    doc="Tensors parsed from serialised Example messages.",
)
declare(
    "ParseExampleV2",
    "serialized: string, names: string, sparse_keys: string, dense_keys: string, "
    "ragged_keys: string, dense_defaults: Tdense",
    "sparse_indices: num_sparse * int64, sparse_values: sparse_types, "
    "sparse_shapes: num_sparse * int64, dense_values: Tdense, "
    "ragged_values: ragged_value_types, ragged_row_splits: ragged_split_types",
    "Tdense: list(type), num_sparse: int, sparse_types: list(type), "
    "ragged_value_types: list(type), ragged_split_types: list(type), "
    "dense_shapes: list(shape)",
    doc="Tensors parsed from serialised Example messages.",
)
declare(
    "ParseSingleExample",
    "serialized: string, dense_defaults: Tdense",
    "sparse_indices: num_sparse * int64, sparse_values: sparse_types, "
    "sparse_shapes: num_sparse * int64, dense_values: Tdense",
    "num_sparse: int, sparse_keys: list(string), dense_keys: list(string), "
    "sparse_types: list(type), Tdense: list(type), dense_shapes: list(shape)",
    doc="Tensors parsed from one serialised Example message.",
)
