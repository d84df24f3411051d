"""Which directories and volumes jobs may mount: an administrator's list, checked against what is on the disk."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from atlas_core.errors import InvalidConfig, InvalidSpec
from atlas_services.scheduler.mounts import MACHINE, MODES, READ_ONLY, READ_WRITE, Mount, is_at_or_below, overlaps


@dataclass(frozen=True)
class Permit:
    """A directory of the host below which jobs may mount, or a named volume, and whether they may write."""

    source: str
    mode: str = READ_ONLY

    @classmethod
    def from_dict(cls, entry: Mapping[str, object]) -> Permit:
        """Return the checked permit: `root` or `name`, and `mode`. Raises `InvalidConfig`."""
        if len({"root", "name"} & set(entry)) != 1 or set(entry) - {"root", "name", "mode"}:
            raise _wrong("", dict(entry), "write `root: /data` or `name: <volume>`, and `mode: ro` or `mode: rw`")
        mode = entry.get("mode", READ_ONLY)
        if mode not in MODES:
            raise _wrong("mode: ", mode, "use ro or rw")
        source = entry.get("root", entry.get("name"))
        if not isinstance(source, str) or not source or source.startswith("/") is not ("root" in entry):
            raise _wrong("", source, "a root is an absolute path, a name is that of a volume")
        if source.startswith("/"):
            _check_root(source)
        return cls(source, str(mode))

    def covers(self, mount: Mount, resolved: str) -> bool:
        """Whether this is about the mount, whose source is `resolved` without links."""
        if mount.is_volume:
            return self.source == mount.source
        return self.source.startswith("/") and is_at_or_below(resolved, str(Path(self.source).resolve()))


@dataclass(frozen=True)
class Permits:
    """What may be mounted. `kept` are directories that no mount may show: the server's own."""

    permits: tuple[Permit, ...] = ()
    kept: tuple[str, ...] = ()

    def checked(self, mount: Mount) -> Mount:
        """Return the mount, its source without links, as it is at this moment on the disk.

        Raises `InvalidSpec` when it is not permitted or not there.
        """
        if mount.is_volume:
            self._check_permitted(mount, mount.source)
            return mount
        resolved = str(Path(mount.source).resolve())
        self._check_permitted(mount, resolved)
        if overlaps(resolved, (*MACHINE, *self.kept)):
            raise _refused(mount, "holds files of the server or of the machine; mount a directory without them")
        _check_kind(mount, Path(resolved))
        return replace(mount, source=resolved)

    def _check_permitted(self, mount: Mount, resolved: str) -> None:
        modes = {permit.mode for permit in self.permits if permit.covers(mount, resolved)}
        if not modes:
            names = ", ".join(permit.source for permit in self.permits)
            allowed = f"jobs may mount {names}" if names else "this server's administrator permits no volumes"
            raise _refused(mount, f"is not open to jobs; {allowed}")
        if mount.mode == READ_WRITE and READ_WRITE not in modes:
            raise _refused(mount, "can only be read by jobs; give it the mode ro")


def _check_kind(mount: Mount, path: Path) -> None:
    """Raise `InvalidSpec` unless there is a directory or a file: docker would make a directory of root's."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise _refused(mount, f"is not there on the server ({error.strerror})") from error
    if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
        raise _refused(mount, "is neither a directory nor a file")


def _check_root(source: str) -> None:
    """Raise `InvalidConfig` for a root that would open the machine itself."""
    path = str(Path(source).resolve())
    if path == "/" or any(is_at_or_below(path, place) for place in MACHINE):
        raise _wrong("root: ", source, "it would give the machine itself to jobs; choose a directory with data")


def _refused(mount: Mount, complaint: str) -> InvalidSpec:
    return InvalidSpec(f"volumes: `{mount.source}` {complaint}.", field="volumes")


def _wrong(key: str, value: object, remedy: str) -> InvalidConfig:
    return InvalidConfig(f"volumes: {key}{value!r} cannot be used; {remedy}.", field="volumes")
