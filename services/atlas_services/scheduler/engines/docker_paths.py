"""Paths as the Docker engine sees them. A scheduler that runs in a container itself sees others."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from atlas_services.scheduler.engines import EngineFailure
from atlas_services.scheduler.engines.docker_daemon import Daemon

#: Files that the daemon mounts into every container; their path names the container.
_OWN_FILES = re.compile(r"/containers/([0-9a-f]{64})/(?:hostname|hosts|resolv\.conf)")


class HostPaths:
    """Translates paths of this process into paths of the daemon's machine."""

    def __init__(self, daemon: Daemon, mountinfo: Path = Path("/proc/self/mountinfo")) -> None:
        self._daemon = daemon
        self._mountinfo = mountinfo
        self._mounts: list[tuple[PurePosixPath, PurePosixPath]] | None = None

    def of(self, path: Path) -> str:
        """Return what the daemon calls `path`. Raises `EngineFailure` if it cannot see it, or `EngineAway`."""
        if self._mounts is None:
            self._mounts = self._find_mounts()
        return translate(path, self._mounts)

    def _find_mounts(self) -> list[tuple[PurePosixPath, PurePosixPath]]:
        """Return where which directories of the daemon's machine are mounted; none when we run on it.

        A container of which the daemon knows nothing belongs to another one; ours then runs inside of it, as we do.
        """
        for name in self._own_names():
            own = self._daemon.find(lambda client, name=name: client.inspect_container(name))  # type: ignore[misc]
            if own is not None:
                mounts = own.get("Mounts") or []
                return [
                    (PurePosixPath(each["Destination"]), PurePosixPath(each["Source"]))
                    for each in mounts
                    if each.get("Source")
                ] or [(PurePosixPath("/dev/null"), PurePosixPath("/dev/null"))]
        return []

    def _own_names(self) -> list[str]:
        if not Path("/.dockerenv").exists():
            return []
        found = _OWN_FILES.findall(self._mountinfo.read_text()) if self._mountinfo.exists() else []
        return list(dict.fromkeys([*found, socket.gethostname()]))


def translate(path: Path, mounts: Iterable[tuple[PurePosixPath, PurePosixPath]]) -> str:
    """Return `path` below the source of the innermost mount that holds it; as it is without any mounts."""
    known = list(mounts)
    if not known:
        return str(path)
    holding = [each for each in known if path.is_relative_to(each[0])]
    if not holding:
        raise EngineFailure(
            f"The scheduler runs in a container, and {path} lies on none of its volumes, so that no other container "
            "could see it; mount a volume there."
        )
    target, source = max(holding, key=lambda each: len(each[0].parts))
    return str(source / path.relative_to(target))
