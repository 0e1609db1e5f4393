"""The application: everything that one server is, built from its configuration."""

from __future__ import annotations

from flask import Flask

from .config import Config
from .examples import gallery_root, read_gallery
from .http import routes
from .library import Library
from .runs import RunLog
from .security import Guard
from .sessions import Sessions
from .sockets import Gateway, create_socketio
from .spare import SpareWorkers
from .static import inline_script_hashes, pages, web_root
from .store import Store


class Server:
    """The parts of one server. `app` is the WSGI application; `close` ends its workers."""

    def __init__(self, config: Config, workers: SpareWorkers | None = None) -> None:
        config.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.config = config
        self.app = Flask(__name__, static_folder=None)
        self.app.config["MAX_CONTENT_LENGTH"] = config.upload_limit
        self._store = Store(config.store_url)
        self.workers = workers or SpareWorkers()
        self.library = Library(self._store, config.data, self.workers, read_gallery(gallery_root()))
        self._log = RunLog(self._store)
        gateway = Gateway(create_socketio(self.app, config.upload_limit))
        self.sessions = Sessions(
            self.library, self._log, self.workers, config.data, config.memory, gateway
        )
        gateway.serve(self.sessions)
        self.app.register_blueprint(
            routes(self.library, self.sessions, self._log, config.upload_limit)
        )
        root = web_root()
        self.app.register_blueprint(pages(root))
        self.app.wsgi_app = Guard(self.app.wsgi_app, config, inline_script_hashes(root))

    def close(self) -> None:
        """End every worker and note what their runs came to."""
        self.sessions.close()
        self.workers.close()
        self._log.flush()
        self._store.close()


def create_app(config: Config) -> Flask:
    """The WSGI application alone, for a server of your own."""
    server = Server(config)
    server.app.extensions["opscope"] = server
    return server.app
