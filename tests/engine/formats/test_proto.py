"""The generated messages are those of the .proto file."""

from __future__ import annotations

from pathlib import Path

import pytest
from google.protobuf import descriptor_pb2

import opscope.engine.formats.proto as package
from opscope.engine.formats.proto import opscope_graph_pb2

FOLDER = Path(package.__file__).parent


def test_generated_messages_are_up_to_date(tmp_path: Path) -> None:
    protoc = pytest.importorskip("grpc_tools.protoc")
    target = tmp_path / "descriptors"
    code = protoc.main(
        ["protoc", f"-I{FOLDER}", f"--descriptor_set_out={target}", "opscope_graph.proto"]
    )
    assert code == 0
    compiled = descriptor_pb2.FileDescriptorSet.FromString(target.read_bytes()).file[0]
    generated = descriptor_pb2.FileDescriptorProto()
    opscope_graph_pb2.DESCRIPTOR.CopyToProto(generated)
    for file in (compiled, generated):
        for message in file.message_type:
            for field in message.field:
                field.ClearField("json_name")
    _drop_json_names(compiled.message_type)
    _drop_json_names(generated.message_type)
    assert compiled == generated


def _drop_json_names(messages: object) -> None:
    for message in messages:  # type: ignore[attr-defined]
        for field in message.field:
            field.ClearField("json_name")
        _drop_json_names(message.nested_type)


def test_type_stubs_declare_every_message() -> None:
    stubs = (FOLDER / "opscope_graph_pb2.pyi").read_text()
    for name, message in opscope_graph_pb2.DESCRIPTOR.message_types_by_name.items():
        assert f"class {name}(" in stubs
        for field in message.fields_by_name:
            assert f" {field}: " in stubs
