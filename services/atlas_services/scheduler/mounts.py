"""What a job asks to have mounted: docker's forms understood, and the places where nothing may be mounted."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from atlas_core.errors import InvalidSpec

READ_ONLY, READ_WRITE = "ro", "rw"
MODES = (READ_ONLY, READ_WRITE)
#: What no job gets a mount of, with everything below it, whatever is permitted: the machine itself.
MACHINE = ("/boot", "/dev", "/etc", "/proc", "/run", "/sys", "/var/lib/docker", "/var/run")
#: Where a container has what is not the job's to replace: nothing is mounted there, below or above.
_KEPT = ("/job", "/environments", "/proc", "/sys", "/dev", "/etc", "/run", "/var/run")
_VOLUME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class Mount:
    """A directory or file of the host, or a named volume, and where the container has it."""

    source: str
    bind: str
    mode: str = READ_WRITE

    @property
    def is_volume(self) -> bool:
        """Whether the source is the name of a volume."""
        return not self.source.startswith("/")


def read_mounts(volumes: object) -> tuple[Mount, ...]:
    """Return the mounts that docker's `volumes` describes: `{source: {"bind", "mode"}}` or `["source:bind:mode"]`.

    Raises `InvalidSpec` when they cannot be, wherever they would lie on the host.
    """
    mounts = tuple(_read(source, wish) for source, wish in _pairs(volumes))
    for names in ([mount.source for mount in mounts], [mount.bind for mount in mounts]):
        for name in names:
            if names.count(name) > 1:
                raise _refused(name, "is mounted twice; leave one of the two out")
    return mounts


def written(mounts: Iterable[Mount]) -> dict[str, Any]:
    """Return mounts in the form of a specification: `{source: {"bind", "mode"}}`."""
    return {mount.source: {"bind": mount.bind, "mode": mount.mode} for mount in mounts}


def is_at_or_below(path: str, place: str) -> bool:
    """Whether a normalised absolute path is this place or lies below it."""
    return path == place or path.startswith(place if place.endswith("/") else f"{place}/")


def overlaps(path: str, places: Iterable[str]) -> bool:
    """Whether a path is one of these places, lies below one, or has one below it."""
    return any(is_at_or_below(path, place) or is_at_or_below(place, path) for place in places)


def _pairs(volumes: object) -> list[tuple[str, object]]:
    if isinstance(volumes, Mapping):
        return [(str(source), wish) for source, wish in volumes.items()]
    if isinstance(volumes, (list, tuple)) and all(isinstance(line, str) for line in volumes):
        return [_pair(line) for line in volumes]
    raise InvalidSpec(f"volumes: expected an object (key: value), but got {volumes!r}.", field="volumes")


def _pair(line: str) -> tuple[str, object]:
    source, *wish = line.split(":")
    if not 1 <= len(wish) <= 2:
        raise _refused(line, "is no mount; write source:bind or source:bind:mode")
    return source, dict(zip(("bind", "mode"), wish, strict=False))


def _read(source: str, wish: object) -> Mount:
    facts = wish if isinstance(wish, Mapping) else {"bind": wish}
    for name in facts:
        if name not in {"bind", "mode"}:
            raise _refused(source, f"has no `{name}`; give bind and mode")
    mode = facts.get("mode") or READ_WRITE
    if mode not in MODES:
        raise _refused(source, f"cannot be mounted with mode {mode!r}; use ro or rw")
    return Mount(_source(source), _target(source, facts.get("bind")), str(mode))


def _source(text: str) -> str:
    if _VOLUME.fullmatch(text):
        return text
    return _absolute(text, text, "names no directory of the server; give an absolute path, without `..`")


def _target(source: str, bind: object) -> str:
    target = _absolute(source, bind, f"cannot be mounted at {bind!r}; give an absolute path, without `..`")
    if overlaps(target, _KEPT):
        raise _refused(
            source, f"cannot be mounted at `{target}`, which is not the job's to replace; choose another place"
        )
    return target


def _absolute(source: str, path: object, complaint: str) -> str:
    """Return a path in its normal form; raises `InvalidSpec` with the complaint."""
    if isinstance(path, str) and path.startswith("/") and ".." not in path.split("/") and path.isprintable():
        return posixpath.normpath(f"/{path.strip('/')}")
    raise _refused(source, complaint)


def _refused(source: str, complaint: str) -> InvalidSpec:
    return InvalidSpec(f"volumes: `{source}` {complaint}.", field="volumes")
