"""The HTTP interface: home, library, sessions, graphs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from .library import Library, LibraryError, LibraryProgram
from .runs import RunLog
from .sessions import Sessions
from .sizes import size_text


class NotFoundError(Exception):
    """The address names something that is not there."""


def routes(library: Library, sessions: Sessions, log: RunLog, upload_limit: int) -> Blueprint:
    """Everything below `/api`."""
    api = Blueprint("api", __name__, url_prefix="/api")

    def program_of(id: str) -> LibraryProgram:
        program = library.find(id)
        if program is None:
            raise NotFoundError(f"there is no program '{id}'")
        return program

    @api.get("/home")
    def home() -> ResponseReturnValue:
        return jsonify(
            programs=[program.json() for program in library.programs()],
            examples=[
                {
                    "id": example.id,
                    "name": example.name,
                    "group": example.group,
                    "title": example.title,
                    "description": example.description,
                    "nodes": example.nodes,
                }
                for example in library.examples.values()
            ],
            sessions=[
                {
                    "id": session.id,
                    "program": session.program.id,
                    "name": session.program.name,
                    "state": session.state,
                }
                for session in sessions.live()
            ],
            runs=log.recent(),
            uploadLimit=upload_limit,
        )

    @api.post("/programs")
    def upload() -> ResponseReturnValue:
        files = request.files.getlist("file")
        if not files:
            return failure(400, "BadRequest", "the upload has no field 'file' with a file in it")
        program = library.add_streams((file.filename or "graph", file.stream) for file in files)
        return jsonify(program.json())

    @api.delete("/programs/<id>")
    def remove(id: str) -> ResponseReturnValue:
        program_of(id)
        sessions.end_those_of(id)
        if not library.remove(id):
            return failure(400, "BadRequest", f"'{id}' is an example, which cannot be deleted")
        return jsonify(ok=True)

    @api.get("/programs/<id>/graph")
    def graph(id: str) -> ResponseReturnValue:
        content = library.graph_file(program_of(id)).read_bytes()
        response = Response(content, mimetype="application/json")
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Cache-Control"] = "no-cache"
        response.add_etag()
        return response.make_conditional(request)

    @api.get("/programs/<id>/operation")
    def operation(id: str) -> ResponseReturnValue:
        from .graph_json import operation_json

        loaded = library.load(program_of(id))
        name = request.args.get("name", "")
        index = loaded.flat.index(name)
        if index is None:
            raise NotFoundError(f"the graph has no operation named '{name}'")
        return jsonify(operation_json(loaded, loaded.flat.nodes[index]))

    @api.post("/sessions")
    def create_session() -> ResponseReturnValue:
        body: Any = request.get_json(silent=True)
        if not isinstance(body, dict) or not isinstance(body.get("program"), str):
            return failure(400, "BadRequest", "expected a JSON object with the text 'program'")
        return jsonify(session=sessions.create(program_of(body["program"])).id)

    api.register_error_handler(NotFoundError, lambda e: failure(404, "NotFound", str(e)))
    api.register_error_handler(LibraryError, lambda e: failure(400, "FormatError", str(e)))

    def too_large(_: Exception) -> ResponseReturnValue:
        return failure(413, "TooLarge", f"the upload is larger than {size_text(upload_limit)}")

    api.register_error_handler(RequestEntityTooLarge, too_large)
    api.register_error_handler(
        HTTPException, lambda e: failure(e.code or 500, e.name, e.description or e.name)
    )
    return api


def failure(status: int, code: str, message: str) -> ResponseReturnValue:
    """The body of every error: one sentence and a code to tell it by."""
    return jsonify(ok=False, error={"code": code, "message": message}), status
