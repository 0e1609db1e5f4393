"""Home, uploads, graphs; who is let in and what is refused."""

from __future__ import annotations

import io
import zipfile

import pytest
import requests
import socketio

from opscope.server.protocol import NAMESPACE

TIMEOUT = 30


def post_files(server, *files, http=None):
    http = http or server.http()
    parts = [("file", file) for file in files]
    return http.post(f"{server.url}/api/programs", files=parts, timeout=TIMEOUT)


def test_the_token_is_exchanged_for_a_cookie_and_leaves_the_address(server):
    answer = requests.get(
        f"{server.url}/?token={server.token}&x=1", allow_redirects=False, timeout=TIMEOUT
    )
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/?x=1"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert server.token not in cookie


@pytest.mark.parametrize("path", ["/", "/api/home", "/main.js", "/socket.io/?EIO=4"])
def test_nothing_is_served_without_the_cookie(server, path):
    answer = requests.get(server.url + path, timeout=TIMEOUT)
    assert answer.status_code == 401
    assert "token" in answer.json()["error"]["message"]


def test_a_wrong_token_is_refused(server):
    answer = requests.get(f"{server.url}/?token=guess", timeout=TIMEOUT)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "WrongToken")


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "192.168.1.4", "localhost.evil.example", ""]
)
def test_another_host_name_is_refused(server, host):
    answer = server.http().get(f"{server.url}/api/home", headers={"Host": host}, timeout=TIMEOUT)
    assert answer.status_code in (400, 403)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_another_origin_is_refused(server, origin):
    http = server.http()
    answer = http.post(
        f"{server.url}/api/sessions", json={}, headers={"Origin": origin}, timeout=TIMEOUT
    )
    assert answer.json()["error"]["code"] == "WrongOrigin"
    answer = http.get(f"{server.url}/api/home", headers={"Origin": server.url}, timeout=TIMEOUT)
    assert answer.ok


def test_sockets_need_the_cookie_and_the_origin(server):
    for http, headers in (
        (requests.Session(), {}),
        (server.http(), {"Origin": "https://evil.example"}),
    ):
        client = socketio.Client(http_session=http)
        with pytest.raises(socketio.exceptions.ConnectionError):
            client.connect(
                server.url, headers=headers, transports=["websocket"], namespaces=[NAMESPACE]
            )


def test_every_answer_has_the_security_headers(server):
    headers = server.http().get(f"{server.url}/api/home", timeout=TIMEOUT).headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    "path",
    [
        "/../server/app.py", "/..%2fserver/app.py", "/%2e%2e/%2e%2e/pyproject.toml",
        "/__init__.py", "/node_modules/htm/package.json", "/.git/config", "/package.json/..",
    ],
)  # fmt: skip
def test_only_the_pages_files_are_served(server, path):
    http = server.http()
    request = requests.Request("GET", server.url + path, cookies=http.cookies).prepare()
    request.url = server.url + path  # as written, not as a client would tidy it
    assert http.send(request, timeout=TIMEOUT).status_code == 404


def test_the_page_is_not_sent_again_while_it_is_unchanged(server):
    http = server.http()
    first = http.get(f"{server.url}/", timeout=TIMEOUT)
    if first.status_code == 404:
        pytest.skip("the page has not been built")
    headers = {"If-None-Match": first.headers["ETag"]}
    assert http.get(f"{server.url}/", headers=headers, timeout=TIMEOUT).status_code == 304


def test_an_upload_is_listed_and_opens(server, counter):
    http = server.http()
    home = http.get(f"{server.url}/api/home", timeout=TIMEOUT).json()
    assert home["uploadLimit"] == 1_000_000
    (program,) = [p for p in home["programs"] if p["id"] == counter]
    assert (program["name"], program["kind"], program["nodes"]) == ("counter", "GraphDef", 9)

    graph = http.get(f"{server.url}/api/programs/{counter}/graph", timeout=TIMEOUT).json()
    names = graph["nodes"]["name"]
    types = [graph["types"][i] for i in graph["nodes"]["type"]]
    assert len(names) == len(types) == 9
    assert types[names.index("update")] == "AssignAdd"
    edges = [tuple(graph["edges"][i : i + 4]) for i in range(0, len(graph["edges"]), 4)]
    assert (names.index("v"), 0, names.index("update"), 0) in edges
    mutating = {edges[i][2] for i in graph["mutating"]}
    assert mutating == {names.index("update"), names.index("v/Assign")}
    assert graph["variables"] == [
        {"node": names.index("v"), "name": "v", "kind": "ref", "dtype": "int32", "shape": []}
    ]
    assert graph["initializers"] == ["init"]
    assert graph["suggestions"]


def _suggestions(server, program):
    graph = server.http().get(f"{server.url}/api/programs/{program}/graph", timeout=TIMEOUT).json()
    return graph["suggestions"]


def test_the_run_of_an_example_is_suggested_first(server):
    first, *others = _suggestions(server, "example:counter_ref")
    assert first == {
        "title": "Run the example: update:0, v:0",
        "fetches": ["update:0", "v:0"],
        "targets": [],
        "feeds": {},
    }
    assert "Initialize the variables" in [other["title"] for other in others]


def test_the_run_of_an_example_comes_with_its_feeds(server):
    first, *others = _suggestions(server, "example:conditional_state_ref")
    assert first["feeds"] == {"amount": "30.0"}
    assert all((o["fetches"], o["targets"]) != (["result:0"], []) for o in others)


def test_a_suggested_signature_names_the_tensors_that_it_feeds(server, half_plus_two):
    suggestions = {s["title"]: s for s in _suggestions(server, half_plus_two)}
    signature = suggestions["Signature serving_default"]
    assert (signature["fetches"], signature["feeds"]) == (["y:0"], {"x": None})


def test_an_operation_in_detail(server, counter):
    answer = server.http().get(
        f"{server.url}/api/programs/{counter}/operation", params={"name": "update"}, timeout=TIMEOUT
    )
    operation = answer.json()
    assert (operation["type"], operation["supported"]) == ("AssignAdd", True)
    assert operation["inputs"] == [
        {"name": "v:0", "kind": "ref", "dtype": "int32"},
        {"name": "update/value:0", "kind": "value", "dtype": "int32"},
    ]
    assert {"name": "T", "value": "int32"} in operation["attrs"]
    assert any(sentence.startswith("Reads and writes") for sentence in operation["effects"])


def test_the_loop_of_an_endless_program(server, endless):
    graph = server.http().get(f"{server.url}/api/programs/{endless}/graph", timeout=TIMEOUT).json()
    (loop,) = graph["loops"]
    names = {graph["nodes"]["name"][i] for i in loop["nodes"]}
    assert loop["frame"] == "loop"
    assert "zero" not in names
    assert {"loop/Enter", "loop/Merge", "loop/add", "result"} <= names


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.pb", b""),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(100)),
        ("text.pbtxt", b"node { name: "),
        ("noise.pb", bytes(range(256)) * 8),
        ("archive.zip", b"PK\x03\x04 broken"),
    ],
)
def test_a_bad_file_gets_one_sentence_that_names_it(server, name, content):
    answer = post_files(server, (name, content))
    assert answer.status_code == 400
    message = answer.json()["error"]["message"]
    assert name in message
    assert "/tmp" not in message
    assert "\n" not in message


def test_files_that_do_not_belong_together(server):
    answer = post_files(server, ("a.pb", b"x"), ("b.pb", b"y"))
    assert answer.status_code == 400
    assert "a.pb, b.pb" in answer.json()["error"]["message"]


def test_names_of_uploads_cannot_leave_their_folder(server, counter_file):
    answer = post_files(server, ("../../../etc/up.pbtxt", counter_file.read_bytes()))
    assert answer.json()["name"] == "up"
    assert not (server.data.parent / "etc").exists()


def test_an_upload_beyond_the_limit_is_refused(server):
    answer = post_files(server, ("large.pb", bytes(1_100_000)))
    assert answer.status_code == 413
    assert answer.json()["error"]["message"] == "the upload is larger than 1.0 MB"


def test_a_zip_bomb_is_refused(server):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model/saved_model.pb", bytes(500 << 20))
    answer = post_files(server, ("bomb.zip", buffer.getvalue()))
    assert answer.status_code == 400


def test_the_library_is_there_after_a_restart(start_server, counter_file):
    first = start_server()
    program = post_files(first, ("counter.pbtxt", counter_file.read_bytes())).json()
    again = post_files(first, ("counter.pbtxt", counter_file.read_bytes())).json()
    assert again == program
    assert first.interrupt() == 0

    second = start_server()
    http = second.http()
    assert http.get(f"{second.url}/api/home", timeout=TIMEOUT).json()["programs"] == [program]
    graph = http.get(f"{second.url}/api/programs/{program['id']}/graph", timeout=TIMEOUT)
    assert graph.json()["name"] == "counter"

    assert http.delete(f"{second.url}/api/programs/{program['id']}", timeout=TIMEOUT).ok
    assert http.get(f"{second.url}/api/home", timeout=TIMEOUT).json()["programs"] == []
    gone = http.get(f"{second.url}/api/programs/{program['id']}/graph", timeout=TIMEOUT)
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "NotFound")


def test_recent_runs_are_listed(server, connect, counter):
    client = connect()
    session = client.open(counter)
    client.request("launch", targets=["init"], stopOnEntry=False)
    client.wait_for("stopped")
    home = client.http.get(f"{server.url}/api/home", timeout=TIMEOUT).json()
    run = next(run for run in home["runs"] if run["session"] == session)
    assert (run["state"], run["fetches"], run["name"]) == ("finished", ["init"], "counter")
    assert {"id": session, "program": counter, "name": "counter", "state": "finished"} in home[
        "sessions"
    ]
