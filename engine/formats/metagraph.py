"""MetaGraphDef: a graph with what is said about it: signatures, collections, a saver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from google.protobuf.message import DecodeError

from .. import dtypes
from ..dtypes import DType
from ..errors import FormatError
from ..graph import Graph, Shape
from .graphdef import check_graph_def, graph_from_def, graph_to_def
from .messages import describe, parse
from .proto import opscope_graph_pb2 as pb
from .tensor_proto import dtype_from_number, shape_from_proto, shape_to_proto

VARIABLE_COLLECTIONS = frozenset(
    {
        "variables",
        "trainable_variables",
        "local_variables",
        "model_variables",
        "moving_average_variables",
        "metric_variables",
        "global_step",
    }
)
"""The collections whose bytes are VariableDef messages."""

INIT_OP_KEY = "__saved_model_init_op"
_INIT_COLLECTIONS = ("saved_model_main_op", "legacy_init_op")


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """An input or output of a signature.

    Attributes:
        name: the tensor, such as `x:0`; empty where `components` are several tensors.
        components: role -> tensor name, for sparse (`values`, `indices`, `dense_shape`) and
            composite tensors (`0`, `1`, …).
    """

    name: str
    dtype: DType | None = None
    shape: Shape = None
    components: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def tensors(self) -> tuple[str, ...]:
        """The tensors that it consists of."""
        return (self.name,) if self.name else tuple(self.components.values())


@dataclass(frozen=True, slots=True)
class Signature:
    """Named inputs and outputs to call a graph by."""

    inputs: Mapping[str, TensorInfo]
    outputs: Mapping[str, TensorInfo]
    method_name: str = ""


@dataclass(frozen=True, slots=True)
class Variable:
    """What a collection says about a variable: tensors and operations, by name."""

    variable_name: str
    initializer_name: str = ""
    snapshot_name: str = ""
    initial_value_name: str = ""
    is_resource: bool = False
    trainable: bool = False


@dataclass(frozen=True, slots=True)
class Saver:
    """The operations that save and restore the graph's variables."""

    filename_tensor: str
    save_tensor: str
    restore_op: str


Collection = Sequence[str] | Sequence[bytes] | Sequence[int] | Sequence[float] | Sequence[Variable]


@dataclass(frozen=True, slots=True)
class MetaGraph:
    """A graph and what its file says about it.

    Attributes:
        signatures: by key, such as `serving_default`.
        collections: by key: names of operations or tensors, `Variable`s, numbers, or messages as
            bytes.
        tags: the words a SavedModel chooses among its meta graphs by, such as `serve`.
        assets: tensor name -> name of the file in the SavedModel's `assets` folder.
        init_op: the operation to run once the variables are restored, or None.
    """

    graph: Graph
    signatures: Mapping[str, Signature] = field(default_factory=dict[str, Signature])
    collections: Mapping[str, Collection] = field(default_factory=dict[str, Collection])
    saver: Saver | None = None
    tags: tuple[str, ...] = ()
    assets: Mapping[str, str] = field(default_factory=dict[str, str])
    init_op: str | None = None


def read_meta_graph_def(data: bytes) -> pb.MetaGraphDef:
    """The MetaGraphDef in `data`, which is binary or text.

    Raises:
        FormatError: `data` is neither, or its graph has no nodes.
    """
    expected = "a TensorFlow meta graph (MetaGraphDef)"
    meta = parse(pb.MetaGraphDef(), data, expected)
    if not meta.HasField("graph_def"):
        raise FormatError(f"expected {expected}, found {describe(data)}")
    check_graph_def(meta.graph_def)
    return meta


def meta_graph_from_def(meta: pb.MetaGraphDef) -> MetaGraph:
    """The meta graph that `meta` describes.

    Raises:
        FormatError: a damaged collection or signature, or an initialiser that does not exist.
        GraphError: see `graph_from_def`.
    """
    graph = graph_from_def(meta.graph_def)
    collections = {
        name: _collection_from_def(name, meta.collection_def[name])
        for name in sorted(meta.collection_def)
    }
    saver_def = meta.saver_def
    return MetaGraph(
        graph=graph,
        signatures={
            name: _signature_from_def(meta.signature_def[name])
            for name in sorted(meta.signature_def)
            if name != INIT_OP_KEY
        },
        collections=collections,
        saver=Saver(
            saver_def.filename_tensor_name,
            saver_def.save_tensor_name,
            saver_def.restore_op_name,
        )
        if meta.HasField("saver_def")
        else None,
        tags=tuple(meta.meta_info_def.tags),
        assets={asset.tensor_info.name: asset.filename for asset in meta.asset_file_def},
        init_op=_init_op(meta, graph),
    )


def _init_op(meta: pb.MetaGraphDef, graph: Graph) -> str | None:
    """The initialiser, looked for where TensorFlow's loader does, in its order."""
    if INIT_OP_KEY in meta.signature_def:
        outputs = meta.signature_def[INIT_OP_KEY].outputs
        names = [outputs[INIT_OP_KEY].name] if INIT_OP_KEY in outputs else []
        where = f"signature '{INIT_OP_KEY}'"
    else:
        key = next((key for key in _INIT_COLLECTIONS if key in meta.collection_def), None)
        if key is None:
            return None
        names = list(meta.collection_def[key].node_list.value)
        where = f"collection '{key}'"
    if len(names) != 1:
        raise FormatError(f"expected one initialiser in the {where}, found {len(names)}")
    name = names[0].partition(":")[0]
    if name not in graph:
        raise FormatError(f"the {where} names the initialiser '{name}', which the graph lacks")
    return name


def _collection_from_def(name: str, collection: pb.CollectionDef) -> Collection:
    match collection.WhichOneof("kind"):
        case "node_list":
            return list(collection.node_list.value)
        case "int64_list":
            return list(collection.int64_list.value)
        case "float_list":
            return list(collection.float_list.value)
        case "bytes_list" if name in VARIABLE_COLLECTIONS:
            return [_variable_from_bytes(name, value) for value in collection.bytes_list.value]
        case "bytes_list":
            return list(collection.bytes_list.value)
        case _:
            return []


def _variable_from_bytes(collection: str, data: bytes) -> Variable:
    try:
        variable = pb.VariableDef.FromString(data)
    except DecodeError:
        raise FormatError(
            f"expected variables (VariableDef) in the collection '{collection}', found "
            f"{len(data):,} bytes of something else"
        ) from None
    return Variable(
        variable_name=variable.variable_name,
        initializer_name=variable.initializer_name,
        snapshot_name=variable.snapshot_name,
        initial_value_name=variable.initial_value_name,
        is_resource=variable.is_resource,
        trainable=variable.trainable,
    )


def _signature_from_def(signature: pb.SignatureDef) -> Signature:
    return Signature(
        inputs={key: _info_from_def(signature.inputs[key]) for key in sorted(signature.inputs)},
        outputs={key: _info_from_def(signature.outputs[key]) for key in sorted(signature.outputs)},
        method_name=signature.method_name,
    )


def _info_from_def(info: pb.TensorInfo) -> TensorInfo:
    components: dict[str, str] = {}
    match info.WhichOneof("encoding"):
        case "coo_sparse":
            components = {
                "values": info.coo_sparse.values_tensor_name,
                "indices": info.coo_sparse.indices_tensor_name,
                "dense_shape": info.coo_sparse.dense_shape_tensor_name,
            }
        case "composite_tensor":
            parts = info.composite_tensor.components
            components = {str(position): part.name for position, part in enumerate(parts)}
        case _:
            pass
    return TensorInfo(
        name=info.name,
        dtype=dtype_from_number(info.dtype) if info.dtype else None,
        shape=shape_from_proto(info.tensor_shape),
        components=components,
    )


def meta_graph_to_def(meta_graph: MetaGraph) -> pb.MetaGraphDef:
    """The MetaGraphDef of `meta_graph`.

    Raises:
        TypeError: an attribute or a collection has a value that no file can hold.
    """
    meta = pb.MetaGraphDef()
    meta.meta_info_def.tags.extend(meta_graph.tags)
    meta.graph_def.CopyFrom(graph_to_def(meta_graph.graph))
    if meta_graph.saver is not None:
        meta.saver_def.filename_tensor_name = meta_graph.saver.filename_tensor
        meta.saver_def.save_tensor_name = meta_graph.saver.save_tensor
        meta.saver_def.restore_op_name = meta_graph.saver.restore_op
        meta.saver_def.version = pb.SaverDef.V2
    for name, collection in meta_graph.collections.items():
        _collection_to_def(name, collection, meta.collection_def[name])
    for name, signature in meta_graph.signatures.items():
        target = meta.signature_def[name]
        target.method_name = signature.method_name
        for key, info in signature.inputs.items():
            _info_to_def(info, target.inputs[key])
        for key, info in signature.outputs.items():
            _info_to_def(info, target.outputs[key])
    for tensor, filename in meta_graph.assets.items():
        meta.asset_file_def.add(filename=filename).tensor_info.name = tensor
    if meta_graph.init_op is not None:
        meta.signature_def[INIT_OP_KEY].outputs[INIT_OP_KEY].name = meta_graph.init_op
    return meta


def _collection_to_def(name: str, values: Collection, target: pb.CollectionDef) -> None:
    target.node_list.SetInParent()
    for value in values:
        match value:
            case str():
                target.node_list.value.append(value)
            case bytes():
                target.bytes_list.value.append(value)
            case int():
                target.int64_list.value.append(value)
            case float():
                target.float_list.value.append(value)
            case Variable():
                target.bytes_list.value.append(_variable_to_bytes(value))


def _variable_to_bytes(variable: Variable) -> bytes:
    return pb.VariableDef(
        variable_name=variable.variable_name,
        initializer_name=variable.initializer_name,
        snapshot_name=variable.snapshot_name,
        initial_value_name=variable.initial_value_name,
        is_resource=variable.is_resource,
        trainable=variable.trainable,
    ).SerializeToString()


def _info_to_def(info: TensorInfo, target: pb.TensorInfo) -> None:
    if info.dtype is not None:
        target.dtype = dtypes.to_enum(info.dtype)  # pyright: ignore[reportAttributeAccessIssue]
    shape_to_proto(info.shape, target.tensor_shape)
    if "values" in info.components:
        target.coo_sparse.values_tensor_name = info.components["values"]
        target.coo_sparse.indices_tensor_name = info.components["indices"]
        target.coo_sparse.dense_shape_tensor_name = info.components["dense_shape"]
    elif info.components:
        for name in info.components.values():
            target.composite_tensor.components.add(name=name)
    else:
        target.name = info.name
