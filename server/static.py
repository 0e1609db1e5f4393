"""The page's files, as they are in the package `opscope.web`."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.resources import files
from pathlib import Path

from flask import Blueprint, Response, abort, send_from_directory

MIME_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mjs": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".woff2": "font/woff2",
}
"""What is served, and as what: the mapping of the operating system differs between machines."""

_PRIVATE = frozenset({"node_modules", "__pycache__"})


def web_root() -> Path:
    return Path(str(files("opscope.web")))


def inline_script_hashes(root: Path) -> list[str]:
    """CSP sources for the inline scripts of `index.html`: import maps cannot be separate files."""
    index = root / "index.html"
    if not index.is_file():
        return []
    text = index.read_text(encoding="utf-8")
    bodies = re.findall(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", text, re.DOTALL)
    return [
        "sha256-" + base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        for body in bodies
    ]


def pages(root: Path) -> Blueprint:
    """Routes of the page's files. Browsers ask again each time and get 304 while unchanged."""
    blueprint = Blueprint("pages", __name__)

    def page(path: str = "index.html") -> Response:
        parts = path.split("/")
        mime = MIME_TYPES.get(Path(path).suffix)
        if mime is None or any(part.startswith(".") or part in _PRIVATE for part in parts):
            abort(404)
        response = send_from_directory(root, path, mimetype=mime, conditional=True, etag=True)
        response.headers["Cache-Control"] = "no-cache"
        return response

    blueprint.add_url_rule("/", view_func=page)
    blueprint.add_url_rule("/<path:path>", view_func=page)
    return blueprint
