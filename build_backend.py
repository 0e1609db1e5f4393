"""The build backend: setuptools, after the page's libraries were put into `web/vendor/`.

The libraries come from npm in the versions that `web/package-lock.json` locks. Which of their files
are needed is said by `web/vendor-manifest.json`, a map from the name in `web/vendor/` to the path
in the installed packages. A stamp tells that the folder is up to date, so that an unchanged tree or
a source distribution, is built without npm and without a network.

`python build_backend.py` does only this and builds nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from setuptools import build_meta
from setuptools.build_meta import (
    get_requires_for_build_sdist as _sdist_requires,
)
from setuptools.build_meta import (
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

ROOT = Path(__file__).resolve().parent
WEB = ROOT / "web"
LOCK = WEB / "package-lock.json"
MANIFEST = WEB / "vendor-manifest.json"
VENDOR = WEB / "vendor"
STAMP = VENDOR / ".stamp"
NODE_LOCK = ROOT / "lock" / "node.txt"
"""Node.js as a Python package: what serves where the machine has no npm."""

Settings = dict[str, Any] | None


def build_wheel(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    vendor()
    return build_meta.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_editable(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    vendor()
    return build_meta.build_editable(wheel_directory, config_settings, metadata_directory)


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    vendor()
    return build_meta.build_sdist(sdist_directory, config_settings)


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    return [*build_meta.get_requires_for_build_wheel(config_settings), *node_requirements()]


def get_requires_for_build_editable(config_settings: Settings = None) -> list[str]:
    return [*build_meta.get_requires_for_build_editable(config_settings), *node_requirements()]


def get_requires_for_build_sdist(config_settings: Settings = None) -> list[str]:
    return [*_sdist_requires(config_settings), *node_requirements()]


def vendor() -> None:
    """Bring `web/vendor/` up to date; does nothing where it is.

    Raises:
        SystemExit: npm is missing or failed, or the manifest names a file that no package has.
    """
    manifest: dict[str, str] = json.loads(MANIFEST.read_text(encoding="utf-8"))
    if is_vendored(manifest):
        return
    npm = find_npm()
    if npm is None:
        raise SystemExit(
            "opscope: npm is needed to fetch the libraries of the page, and there is none; "
            "install Node.js, or `pip install -r lock/node.txt`."
        )
    with tempfile.TemporaryDirectory(prefix="opscope-npm-") as folder:
        packages = Path(folder)
        for source in (WEB / "package.json", LOCK):
            shutil.copyfile(source, packages / source.name)
        install(npm, packages)
        copy_libraries(manifest, packages)
    STAMP.write_text(fingerprint() + "\n", encoding="ascii")


def is_vendored(manifest: dict[str, str]) -> bool:
    """Whether every library is there, as the present lock and manifest want it."""
    return (
        STAMP.is_file()
        and STAMP.read_text(encoding="ascii").strip() == fingerprint()
        and all((VENDOR / target).is_file() for target in manifest)
    )


def fingerprint() -> str:
    """Changes with the lock and with the manifest, however their lines end."""
    digest = hashlib.sha256()
    for path in (LOCK, MANIFEST):
        digest.update(path.read_text(encoding="utf-8").encode())
    return digest.hexdigest()


def find_npm() -> str | None:
    """The npm to use: the machine's, or that of the Python environment."""
    scripts = sysconfig.get_path("scripts")
    return shutil.which("npm", path=os.pathsep.join([os.environ.get("PATH", ""), scripts]))


def node_requirements() -> list[str]:
    """The Python packages that a build needs to have npm: none where it has one or needs none."""
    if find_npm() is not None or is_vendored(json.loads(MANIFEST.read_text(encoding="utf-8"))):
        return []
    lines = NODE_LOCK.read_text(encoding="utf-8").splitlines()
    return [line.rstrip(" \\") for line in lines if "==" in line]


def install(npm: str, folder: Path) -> None:
    """Install the locked packages in `folder`, without running any script of theirs."""
    command = [npm, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise SystemExit(
            f"opscope: `{' '.join(command)}` could not install the packages of {LOCK} "
            f"(exit code {done.returncode}; npm says why above)."
        )


def copy_libraries(manifest: dict[str, str], packages: Path) -> None:
    """Make `web/vendor/` hold what the manifest lists and nothing else.

    File by file, each at once, because a running server may be serving them.
    """
    VENDOR.mkdir(exist_ok=True)
    for target, source in manifest.items():
        if not (packages / source).is_file():
            raise SystemExit(f"opscope: {MANIFEST} wants {source}, which no installed package has.")
        fresh = VENDOR / f".{target}.new"
        shutil.copyfile(packages / source, fresh)
        fresh.replace(VENDOR / target)
    for present in VENDOR.iterdir():
        if present.name not in manifest:
            present.unlink()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        raise SystemExit(f"opscope: {Path(sys.argv[0]).name} takes no arguments.")
    vendor()
