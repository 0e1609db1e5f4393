"""The distribution: what is in the wheel, and that the wheel works where nothing else is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

PACKAGES = {"engine": "opscope.engine", "server": "opscope.server", "web": "opscope.web"}
NOT_SHIPPED = {
    "web/package.json",
    "web/package-lock.json",
    "web/tsconfig.json",
    "web/vendor-manifest.json",
}
"""Files of the packages' folders that serve development only."""
NOT_BUNDLED = {"debug", "ms", "ws", "xmlhttprequest-ssl"}
"""Dependencies of the page's libraries that their builds for browsers leave out."""
NOT_OURS = {"node_modules", "vendor", "__pycache__"}


def files(root: Path, *suffixes: str) -> list[str]:
    """The files of the packages' folders with one of the suffixes, as paths from `root`."""
    found = [path for folder in PACKAGES for path in (root / folder).rglob("*")]
    return sorted(
        path.relative_to(root).as_posix()
        for path in found
        if path.is_file() and path.name.endswith(suffixes) and not NOT_OURS & set(path.parts)
    )


def installed_name(path: str) -> str:
    """The name in the wheel of a file of the project."""
    return f"opscope/{path}"


@pytest.fixture(scope="module")
def settings(root: Path) -> dict[str, object]:
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by our backend from the tree as it is.

    In a process of its own, because a build changes the working folder and `sys.argv`, and into a
    build folder of its own, so that nothing stale gets in and the tree stays clean.
    """
    folder = tmp_path_factory.mktemp("wheel")
    options = [f"egg_info --egg-base {folder}", f"build --build-base {folder / 'build'}"]
    program = (
        "import build_backend, json, sys;"
        "build_backend.build_wheel(sys.argv[1], {'--global-option': json.loads(sys.argv[2])})"
    )
    arguments = [str(folder), json.dumps(" ".join(options).split())]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=root, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def contents(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_every_package_is_listed(root: Path, settings: dict) -> None:
    found = {
        ".".join(["opscope", *Path(path).parent.parts])
        for path in files(root, "__init__.py")
        if not path.startswith("server/gallery/")
    }
    assert set(settings["tool"]["setuptools"]["packages"]) == found


def test_every_module_is_in_a_package(root: Path) -> None:
    """A folder without `__init__.py` would be left out without a word."""
    modules = [Path(path) for path in files(root, ".py") if not path.startswith("server/gallery/")]
    assert [str(m) for m in modules if not (root / m.parent / "__init__.py").exists()] == []


def test_the_wheel_has_every_file_of_the_packages(root: Path, contents: set[str]) -> None:
    suffixes = (".py", ".proto", ".pyi", ".html", ".css", ".js", ".d.ts", ".svg", ".json")
    wanted = {installed_name(path) for path in files(root, *suffixes) if path not in NOT_SHIPPED}
    gallery = (root / "server" / "gallery").rglob("*")
    wanted |= {
        installed_name(path.relative_to(root).as_posix())
        for path in gallery
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted - contents == set()


def test_the_wheel_has_the_libraries_of_the_page_with_their_licences(
    root: Path, contents: set[str]
) -> None:
    manifest = json.loads((root / "web" / "vendor-manifest.json").read_text(encoding="utf-8"))
    vendored = {name for name in contents if name.startswith("opscope/web/vendor/")}
    assert vendored == {f"opscope/web/vendor/{target}" for target in manifest}
    modules = [target for target in manifest if target.endswith(".mjs")]
    assert modules
    for module in modules:
        assert module.replace(".mjs", ".LICENSE") in manifest, f"{module} has no licence beside it"


def test_what_a_library_bundles_has_its_licence_too(root: Path) -> None:
    """A vendored module may hold the code of its dependencies, whose licences go with it."""
    manifest = json.loads((root / "web" / "vendor-manifest.json").read_text(encoding="utf-8"))
    lock = json.loads((root / "web" / "package-lock.json").read_text(encoding="utf-8"))
    pending = [
        source.removeprefix("node_modules/").split("/dist/")[0]
        for target, source in manifest.items()
        if target.endswith(".mjs")
    ]
    packages: set[str] = set()
    while pending:
        package = pending.pop()
        if package not in packages | NOT_BUNDLED:
            packages.add(package)
            pending += lock["packages"][f"node_modules/{package}"].get("dependencies", {})
    assert {f"node_modules/{package}/LICENSE" for package in packages} <= set(manifest.values())


def test_the_wheel_has_nothing_else(contents: set[str]) -> None:
    strange = {
        name
        for name in contents
        if not name.startswith(("opscope/", "opscope-"))
        or {"node_modules", "tests", "lock", "__pycache__"} & set(name.split("/"))
        or name.removeprefix("opscope/") in NOT_SHIPPED
        or name.endswith((".pyc", ".stamp"))
    }
    assert strange == set()


def test_the_installed_wheel_works_alone(wheel: Path, tmp_path: Path) -> None:
    """Away from the project, next to the same dependencies, it imports and knows its commands."""
    target = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", str(target), str(wheel)], check=True)
    program = (
        "import sys, opscope.engine, opscope.server.cli;"
        "from importlib.resources import files;"
        "assert (files('opscope.web') / 'index.html').is_file();"
        "assert (files('opscope.web') / 'vendor' / 'preact.mjs').is_file();"
        "print(opscope.engine.__file__)"
    )
    # The environment's own packages, without the .pth files that would lead back to the project.
    places = [str(target), *(path for path in sys.path if path.endswith("site-packages"))]
    done = subprocess.run(
        [sys.executable, "-S", "-P", "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(places)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()).is_relative_to(target)


def test_locks_name_no_registry(root: Path) -> None:
    for path in [*(root / "lock").iterdir(), root / "web" / "package-lock.json"]:
        text = path.read_text(encoding="utf-8")
        assert "--index-url" not in text, path
        assert "--find-links" not in text, path
        assert '"resolved"' not in text, path


@pytest.mark.parametrize("name", ["build", "conformance", "dev", "node", "runtime"])
def test_locks_pin_every_package_with_hashes(root: Path, name: str) -> None:
    text = (root / "lock" / f"{name}.txt").read_text(encoding="utf-8")
    for requirement in text.replace("\\\n", " ").splitlines():
        assert "==" in requirement, requirement
        assert "--hash=sha256:" in requirement, requirement
