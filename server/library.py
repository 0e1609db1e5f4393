"""The library: programs that were uploaded or opened, and the examples."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from sqlalchemy import delete, select

from .examples import PREFIX, Example, LibraryError
from .protocol.wire import to_wire
from .spare import SpareWorkers
from .store import ProgramRecord, SessionRecord, Store
from .worker.control import Inspect, Suggested

if TYPE_CHECKING:
    from ..engine import Program

Body = dict[str, Any]

_INSPECT_SECONDS = 120.0
_ID_LENGTH = 16
_CHUNK = 1 << 20
_UPLOADED = "0"
_GRAPH_FORMAT = 2  # raised when the graph JSON changes, so that older ones are made again
_MOST_LOADED = 4


@dataclass(frozen=True, kw_only=True)
class LibraryProgram:
    """A program that can be opened.

    Attributes:
        path: what `opscope.engine.load` takes.
        size: bytes of its files.
        added: when, in ISO 8601, UTC; empty for an example.
        suggested: what to suggest before what the program itself does.
    """

    id: str
    name: str
    kind: str
    nodes: int
    size: int
    added: str
    path: Path
    suggested: list[Suggested] = field(default_factory=list[Suggested])

    def json(self) -> Body:
        return {
            "id": self.id,
            "name": self.name,
            "kind": self.kind,
            "nodes": self.nodes,
            "size": self.size,
            "added": self.added,
        }


class Library:
    """Programs in the folder `data`, listed in the store.

    A program's id is the hash of its files: the same upload again is the same program. Files are
    read by a worker process, never by the server, so that no file can harm it.
    """

    def __init__(
        self, store: Store, data: Path, workers: SpareWorkers, examples: Iterable[Example]
    ) -> None:
        self._store = store
        self._data = data
        self._workers = workers
        self.examples = {example.id: example for example in examples}
        self._inspecting = threading.Lock()
        self._loading = threading.Lock()
        self._loaded: dict[str, Program] = {}

    def programs(self) -> list[LibraryProgram]:
        """What was added, newest first."""
        with self._store.transaction() as database:
            records = database.scalars(select(ProgramRecord).order_by(ProgramRecord.added.desc()))
            return [self._program(record) for record in records]

    def find(self, id: str) -> LibraryProgram | None:
        """The program or example `id`."""
        example = self.examples.get(id)
        if example is not None:
            return LibraryProgram(
                id=id,
                name=example.name,
                kind=kind_of(example.path),
                nodes=example.nodes,
                size=_size(example.path),
                added="",
                path=example.path,
                suggested=example.suggested,
            )
        with self._store.transaction() as database:
            record = database.get(ProgramRecord, id)
            return None if record is None else self._program(record)

    def add_streams(self, uploads: Iterable[tuple[str, IO[bytes]]]) -> LibraryProgram:
        """Add uploaded files: one graph or archive, or a `.meta` with its checkpoint.

        Raises:
            LibraryError: they are no program.
        """

        def save(folder: Path) -> Path:
            paths: list[Path] = []
            for name, stream in uploads:
                path = folder / safe_name(name)
                with path.open("wb") as file:
                    shutil.copyfileobj(stream, file, _CHUNK)
                paths.append(path)
            return _main_file(paths)

        return self._add(save)

    def add_path(self, path: Path) -> LibraryProgram:
        """Add a copy of a file or a SavedModel's folder.

        Raises:
            LibraryError: it does not exist or is no program.
        """
        if not path.exists():
            raise LibraryError(f"{path}: there is no such file or folder")
        source = path.parent if path.name in ("saved_model.pb", "saved_model.pbtxt") else path

        def save(folder: Path) -> Path:
            target = folder / safe_name(source.resolve().name)
            if source.is_dir():
                shutil.copytree(source, target)
            else:
                shutil.copyfile(source, target)
                for companion in _companions(source):
                    shutil.copyfile(companion, folder / companion.name)
            return target

        return self._add(save)

    def remove(self, id: str) -> bool:
        """Delete a program, its files, its sessions and its runs; False if there is none."""
        with self._store.transaction() as database:
            record = database.get(ProgramRecord, id)
            if record is None:
                return False
            database.execute(delete(SessionRecord).where(SessionRecord.program == id))
            database.delete(record)
        shutil.rmtree(self._folder(id), ignore_errors=True)
        return True

    def graph_file(self, program: LibraryProgram) -> Path:
        """The gzipped graph JSON of a program, made if this version has not made it yet.

        Raises:
            LibraryError: the program cannot be read.
        """
        path = self._graph_path(program.id, _stamp(program))
        if not path.is_file():
            self._inspect(program.path, program.id, program.name, path, program.suggested)
        return path

    def load(self, program: LibraryProgram) -> Program:
        """The program in this process, to look things up in. One that was read by a worker before.

        Raises:
            LibraryError: it cannot be read.
        """
        self.graph_file(program)
        with self._loading:
            loaded = self._loaded.pop(program.id, None)
            if loaded is None:
                loaded = _load(program)
            self._loaded[program.id] = loaded
            while len(self._loaded) > _MOST_LOADED:
                del self._loaded[next(iter(self._loaded))]
            return loaded

    def _add(self, save: Callable[[Path], Path]) -> LibraryProgram:
        incoming = self._data / "incoming"
        incoming.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=incoming) as temporary:
            folder = Path(temporary) / "files"
            folder.mkdir()
            main = save(folder)
            id = _hash_of(folder)[:_ID_LENGTH]
            known = self.find(id)
            if known is not None:
                return known
            graph = Path(temporary) / "graph.json.gz"
            found = self._inspect(main, id, "", graph)
            target = self._folder(id)
            if target.exists():  # left by a server that was killed before it noted the program
                shutil.rmtree(target)
            target.parent.mkdir(parents=True, exist_ok=True)
            folder.rename(target)
            cached = self._graph_path(id, _UPLOADED)
            cached.parent.mkdir(parents=True, exist_ok=True)
            graph.rename(cached)
            record = ProgramRecord(
                id=id,
                name=found["name"],
                kind=kind_of(main),
                main=main.name,
                nodes=found["nodes"],
                size=_size(target),
            )
            with self._store.transaction() as database:
                database.add(record)
            return self._program(record)

    def _inspect(
        self, path: Path, id: str, name: str, graph: Path, suggested: Iterable[Suggested] = ()
    ) -> Body:
        request = Inspect(
            path=str(path), program=id, name=name, graph=str(graph), suggested=list(suggested)
        )
        with self._inspecting, self._workers.borrow() as worker:
            answer = worker.ask("inspect", to_wire(request), _INSPECT_SECONDS)
        if not answer["ok"]:
            raise LibraryError(_without_folder(answer["error"]["message"], path))
        return answer

    def _graph_path(self, id: str, stamp: str) -> Path:
        name = f"{id.replace(':', '-')}-{stamp}-{version('opscope')}-{_GRAPH_FORMAT}.json.gz"
        return self._data / "graphs" / name

    def _folder(self, id: str) -> Path:
        return self._data / "programs" / id

    def _program(self, record: ProgramRecord) -> LibraryProgram:
        return LibraryProgram(
            id=record.id,
            name=record.name,
            kind=record.kind,
            nodes=record.nodes,
            size=record.size,
            added=f"{record.added.isoformat(timespec='seconds')}Z",
            path=self._folder(record.id) / record.main,
        )


def _load(program: LibraryProgram) -> Program:
    # Imported when needed: the first page is there sooner without the engine.
    from ..engine import load
    from ..engine.errors import OpscopeError

    try:
        return load(program.path)
    except OpscopeError as error:
        raise LibraryError(_without_folder(str(error), program.path)) from None


def kind_of(path: Path) -> str:
    """The file format in words."""
    if path.is_dir() or path.suffix == ".zip" or path.name.startswith("saved_model"):
        return "SavedModel"
    return "MetaGraphDef" if path.suffix == ".meta" else "GraphDef"


def safe_name(name: str) -> str:
    """The last part of an uploaded file's name, without what a file system may take amiss."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c if c.isprintable() and c not in '<>:"|?*' else "_" for c in last)
    return kept.lstrip(".")[-200:] or "graph"


def _main_file(paths: list[Path]) -> Path:
    if not paths:
        raise LibraryError("the upload has no file")
    if len(paths) == 1:
        return paths[0]
    metas = [path for path in paths if path.suffix == ".meta"]
    if len(metas) != 1:
        names = ", ".join(path.name for path in paths)
        raise LibraryError(
            f"several files must be one .meta file with its checkpoint; found {names} "
            "(put a SavedModel into a zip file)"
        )
    return metas[0]


def _companions(path: Path) -> list[Path]:
    """The checkpoint beside a `.meta` file."""
    if path.suffix != ".meta":
        return []
    stem = path.name.removesuffix(".meta")
    return [
        other
        for other in path.parent.iterdir()
        if other.is_file()
        and (other.name in (stem, f"{stem}.index") or other.name.startswith(f"{stem}.data-"))
    ]


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())


def _size(path: Path) -> int:
    return sum(file.stat().st_size for file in _files(path))


def _stamp(program: LibraryProgram) -> str:
    """Distinguishes the contents of an example between installations; ids do so for the rest."""
    if not program.id.startswith(PREFIX):
        return _UPLOADED
    suggested = json.dumps(to_wire(program.suggested)).encode()
    return hashlib.sha256(_hash_of(program.path).encode() + suggested).hexdigest()[:8]


def _hash_of(path: Path) -> str:
    """The hash of a file, or of a folder's files with their names."""
    digest = hashlib.sha256()
    for file in _files(path):
        digest.update(
            f"{file.relative_to(path.parent).as_posix()}\0{file.stat().st_size}\0".encode()
        )
        with file.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()


def _without_folder(message: str, path: Path) -> str:
    """Messages name the file as the user knows it, not where the server put it."""
    return message.replace(f"{path.parent}/", "")
