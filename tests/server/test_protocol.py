"""Declarations, their generated reference, and the way messages travel."""

from __future__ import annotations

import pytest

from opscope.server.channel import decode, encode
from opscope.server.protocol import EVENTS, REQUESTS, reference
from opscope.server.protocol.requests import Launch, Next
from opscope.server.protocol.types import Frame, TensorText
from opscope.server.protocol.wire import BadRequest, from_wire, to_wire


@pytest.mark.parametrize("path", reference.OUTPUTS, ids=lambda path: path.name)
def test_the_generated_files_are_up_to_date(path):
    assert path.read_text(encoding="utf-8") == reference.OUTPUTS[path](), (
        "run python -m opscope.server.protocol.reference"
    )


def test_every_message_says_what_it_is_for():
    for declaration in (*REQUESTS.values(), *EVENTS.values()):
        assert not declaration.body.__doc__.startswith(f"{declaration.body.__name__}(")


def test_names_are_camel_case_on_the_wire_and_come_back():
    frame = Frame(id=1, name="loop", parent=0, parent_iteration=2)
    wire = to_wire(frame)
    assert wire == {"id": 1, "name": "loop", "parent": 0, "parentIteration": 2}
    assert from_wire(Frame, wire) == frame


def test_numbers_that_json_lacks_are_null():
    text = TensorText(dtype="float32", shape=[], text="nan", number=float("nan"))
    assert to_wire(text)["number"] is None


def test_defaults_fill_what_is_left_out():
    assert from_wire(Next, {}) == Next(op=None, frame=0, iteration=0)
    assert from_wire(Launch, {"stopOnEntry": False}).stop_on_entry is False


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "next must be an object, not a list"),
        ({"op": "a"}, "next.op must be an integer, not the text 'a'"),
        ({"op": True}, "next.op must be an integer, not true"),
        ({"op": 1.5}, "next.op must be an integer, not 1.5"),
        ({"frame": None}, "next.frame must be an integer, not null"),
        ({"step": 1}, "next has a field 'step' that it should not have"),
    ],
)
def test_a_message_that_is_not_as_declared_is_refused(value, message):
    with pytest.raises(BadRequest, match="next") as refused:
        from_wire(Next, value, "next")
    assert message in str(refused.value)


def test_binary_parts_survive_the_pipe():
    message = {"events": [["steps", {"data": b"\0\1", "x": [1, b""]}]], "answer": None}
    assert decode(encode(message)) == message
