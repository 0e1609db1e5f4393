"""Opening files, good and bad ones, and keeping them."""

from __future__ import annotations

import base64
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from . import programs
from .conftest import Case, Saved, StartServer, Tabs
from .debugger_page import DebuggerPage
from .server_process import ServerProcess

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

DROP = """(element, { name, base64 }) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], name));
    for (const type of ["dragover", "drop"]) {
        const init = { dataTransfer, bubbles: true, cancelable: true };
        element.dispatchEvent(new DragEvent(type, init));
    }
}"""


def drop(debugger: DebuggerPage, path: Path) -> None:
    """Let go of a file over the page."""
    content = base64.b64encode(path.read_bytes()).decode()
    debugger.page.get_by_role("main").evaluate(DROP, {"name": path.name, "base64": content})


def test_a_text_graph_is_opened(debugger: DebuggerPage, case: Case) -> None:
    debugger.add(case("article_counter_ref") / "graph.pbtxt")
    expect(debugger.banner.get_by_role("heading", name="graph")).to_be_visible()
    debugger.initialize()
    debugger.launch(["step:0"])
    debugger.finish()
    debugger.expect_results({"step:0": "1"})


def half_plus_two(case: Case, folder: Path) -> Path:
    """The path of a zipped SavedModel."""
    archive = folder / "half_plus_two.zip"
    (model,) = case("serving_half_plus_two_tf1").rglob("saved_model.pb")
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted(model.parent.rglob("*")):
            file.write(path, path.relative_to(model.parent))
    return archive


def test_a_saved_model_in_a_zip_is_opened_with_its_variables(
    debugger: DebuggerPage, case: Case, tmp_path: Path
) -> None:
    debugger.add(half_plus_two(case, tmp_path))
    debugger.expect_variable("a", "0.5", written_by="at the start")
    debugger.launch(["a:0", "b:0"])
    debugger.finish()
    debugger.expect_results({"a:0": "0.5", "b:0": "2.0"})


def test_a_signature_is_fed_in_place_of_ops_that_cannot_run(
    debugger: DebuggerPage, case: Case, tmp_path: Path
) -> None:
    debugger.add(half_plus_two(case, tmp_path))
    debugger.button("Run").click()
    debugger.dialog.get_by_role("button", name="Signature serving_default", exact=True).click()
    feed = debugger.dialog.get_by_role("textbox", name="Feed x", exact=True)
    expect(feed).to_have_value("[[1.0]]")
    expect(debugger.dialog).not_to_contain_text("cannot run")
    feed.fill("[[1], [2]]")
    debugger.start()
    debugger.expect_status(re.compile("^Paused before step 0 of 7: "))
    debugger.finish()
    debugger.expect_results({"y:0": "[[2.5] [3.0]]"})

    debugger.button("Run").click()
    expect(feed).to_have_value("[[1], [2]]")
    debugger.dialog.get_by_role("combobox", name="Fetches").fill("y2:0")
    expect(debugger.dialog).to_contain_text("The engine cannot run ParseExample")
    expect(feed).to_be_hidden()


def test_a_meta_graph_is_opened_with_its_checkpoint(debugger: DebuggerPage, case: Case) -> None:
    folder = case("mlp_adam_resource_ckpt")
    debugger.add(*(folder / f"model.{end}" for end in ("meta", "index", "data-00000-of-00001")))
    expect(debugger.banner.get_by_role("heading", name="model")).to_be_visible()
    debugger.expect_variable("global_step", "0", written_by="at the start")


def test_a_file_is_dropped_on_the_page(debugger: DebuggerPage, saved: Saved) -> None:
    drop(debugger, saved(programs.counter(), "dropped.pb"))
    debugger.expect_status("Ready to run dropped")
    drop(debugger, saved(programs.product(), "dropped_again.pb"))
    debugger.expect_status("Ready to run dropped_again")
    expect(debugger.outline_item("mul")).to_be_visible()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        pytest.param("empty.pb", b"", "found an empty file", id="empty"),
        pytest.param("picture.pb", PNG, "found a PNG image", id="picture"),
        pytest.param("cut.zip", b"PK\x03\x04 and no more", "found a damaged one", id="archive"),
        pytest.param("text.pbtxt", b"node { name: 'a' op: ", "found a mistake at 1:22", id="text"),
        pytest.param("large.pb", bytes(3_000_000), "larger than 2.0 MB", id="too large"),
    ],
)
def test_a_bad_file_gets_a_sentence_and_harms_nothing(
    tabs: Tabs, debugger: DebuggerPage, tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    tabs.expect_refusals()
    expect(debugger.library).to_be_visible()
    before = debugger.library.get_by_role("listitem").all_inner_texts()
    path = tmp_path / name
    path.write_bytes(content)
    debugger.upload(path)
    debugger.expect_notice(re.compile(re.escape(sentence)))
    expect(debugger.notice).not_to_contain_text("Traceback")
    debugger.page.reload()
    expect(debugger.library).to_be_visible()
    assert debugger.library.get_by_role("listitem").all_inner_texts() == before


def test_a_truncated_graph_gets_a_sentence(
    tabs: Tabs, debugger: DebuggerPage, saved: Saved, tmp_path: Path
) -> None:
    tabs.expect_refusals()
    whole = saved(programs.product(), "whole.pb").read_bytes()
    path = tmp_path / "truncated.pb"
    path.write_bytes(whole[: len(whole) - 7])
    debugger.upload(path)
    debugger.expect_notice(re.compile(r"^truncated\.pb: expected .*\(or a truncated file\)$"))
    expect(debugger.home).to_be_visible()


def test_a_program_is_removed_from_the_library(debugger: DebuggerPage, saved: Saved) -> None:
    debugger.add(saved(programs.chain(3), "short_lived.pb"))
    debugger.go_home()
    expect(debugger.library.get_by_role("button", name="short_lived", exact=True)).to_be_visible()
    debugger.library.get_by_role("button", name="Remove short_lived").click()
    expect(debugger.library.get_by_role("button", name="short_lived", exact=True)).to_be_hidden()


def test_the_library_outlives_the_server(
    tabs: Tabs, start_server: StartServer, saved: Saved
) -> None:
    first = start_server()
    debugger = tabs.open(first.address)
    debugger.add(saved(programs.counter(), "kept.pb"))
    debugger.initialize()
    debugger.page.close()
    first.stop()

    debugger = tabs.open(start_server().address)
    expect(debugger.home.get_by_role("region", name="Recent runs")).to_contain_text(
        "init: finished, 4 steps"
    )
    debugger.library.get_by_role("button", name="kept", exact=True).click()
    debugger.expect_status("Ready to run kept")
    debugger.expect_variable("v", "uninitialized")


def test_a_program_on_the_command_line_is_open_at_once(
    tabs: Tabs, start_server: StartServer, saved: Saved
) -> None:
    server = start_server(str(saved(programs.counter(), "named.pb")))
    debugger = tabs.open(server.address)
    debugger.expect_status("Ready to run named")
    assert "token" not in debugger.page.url


def test_without_the_token_nothing_is_answered(tabs: Tabs, server: ServerProcess) -> None:
    tabs.expect_refusals()
    debugger = tabs.open(server.url)
    expect(debugger.home).to_be_hidden()
    expect(debugger.page.get_by_text("needs the token")).to_be_visible()
    for path in ("/", "/api/home", "/main.js", "/socket.io/?EIO=4&transport=websocket"):
        assert debugger.page.request.get(server.url + path).status == 401

    debugger.page.goto(server.address)
    expect(debugger.home).to_be_visible()
    assert debugger.page.url.rstrip("/#") == server.url
    assert debugger.page.request.get(f"{server.url}/api/home").ok
