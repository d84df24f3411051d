"""The source of jobs: what their bundles hold, and in what two of them differ."""

from __future__ import annotations

import difflib
import stat
import tarfile
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from atlas_core.client import SchedulerClient
from atlas_core.errors import NotFound, ServerError
from atlas_core.file_hash import sha256_of

#: A longer file is not compared line by line.
_MAX_BYTES = 512 * 1024


@dataclass(frozen=True)
class FileDifference:
    """How a file differs: it is `added`, `removed` or `changed`. Without lines it is no text, or too long."""

    kind: str
    lines: tuple[str, ...]


def source_differences(
    client: SchedulerClient, one: Mapping[str, Any], other: Mapping[str, Any]
) -> tuple[dict[str, FileDifference], str | None]:
    """Return the files in which two jobs differ, and a remark where that cannot be said.

    Raises `ServerUnreachable`.
    """
    names = [_bundle_of(job) for job in (one, other)]
    if names[0] == names[1]:
        return {}, None if names[0] else "neither job kept any."
    for job, name in zip((one, other), names, strict=True):
        if name is None:
            return {}, f"job {job['job_id']} kept none."
    with tempfile.TemporaryDirectory(prefix="foundations-diff-") as folder:
        paths = [Path(folder, "one.tgz"), Path(folder, "other.tgz")]
        for job, name, path in zip((one, other), names, paths, strict=True):
            try:
                client.download_bundle(str(name), path)
            except NotFound:
                return {}, f"the server has removed what job {job['job_id']} kept."
        return _compare(paths), None


def _bundle_of(job: Mapping[str, Any]) -> str | None:
    """Return the name of the bundle that holds a job's source. Old clients sent one for each job, under its id."""
    source = (job.get("facts") or {}).get("source") or {}
    name = (job.get("spec") or {}).get("bundle_id") or source.get("bundle_id")
    if name is None and job["mode"] == "scheduled":
        return str(job["job_id"])
    return None if name is None else str(name)


def _compare(paths: list[Path]) -> dict[str, FileDifference]:
    try:
        one, other = (_contents(path) for path in paths)
        names = sorted(name for name in {*one, *other} if one.get(name) != other.get(name))
        texts = [_texts(path, names) for path in paths]
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ServerError(f"A bundle of the server cannot be read ({error}).") from error
    return {name: _difference(name, one, other, texts) for name in names}


class _Content(NamedTuple):
    """What a file or link holds, by its hash or target, and its mode in git's words."""

    content: str
    mode: str


def _contents(path: Path) -> dict[str, _Content]:
    found: dict[str, _Content] = {}
    with tarfile.open(path, "r|*") as tar:
        for member in tar:
            file = tar.extractfile(member) if member.isreg() else None
            if file is not None:
                mode = "100755" if member.mode & stat.S_IXUSR else "100644"
                found[_plain(member.name)] = _Content(sha256_of(file), mode)
            elif member.issym():
                found[_plain(member.name)] = _Content(member.linkname, "120000")
    return found


def _texts(path: Path, names: Collection[str]) -> dict[str, list[str]]:
    """Return the lines of the files of these names that are short texts; of a link, where it leads."""
    wanted, found = set(names), {}
    with tarfile.open(path, "r|*") as tar:
        for member in tar:
            name = _plain(member.name)
            file = tar.extractfile(member) if member.isreg() and name in wanted and member.size <= _MAX_BYTES else None
            if file is not None:
                content = file.read()
                if b"\0" not in content:
                    found[name] = content.decode("utf-8", "replace").splitlines()
            elif member.issym() and name in wanted:
                found[name] = [member.linkname]
    return found


def _plain(name: str) -> str:
    """Return the name of a file without what old bundles put before it: the job's id and a directory."""
    name = name.removeprefix("./")
    return name.split("/job_source/", 1)[-1]


def _difference(
    name: str, one: Mapping[str, _Content], other: Mapping[str, _Content], texts: list[dict[str, list[str]]]
) -> FileDifference:
    kind = "added" if name not in one else "removed" if name not in other else "changed"
    before, after = one.get(name), other.get(name)
    old, new = f"a/{name}" if before else "/dev/null", f"b/{name}" if after else "/dev/null"
    modes = (
        ("@@ mode @@", f"-{before.mode}", f"+{after.mode}") if before and after and before.mode != after.mode else ()
    )
    if before and after and before.content == after.content:
        return FileDifference(kind, (f"--- {old}", f"+++ {new}", *modes))
    if any(name in side and name not in text for side, text in zip((one, other), texts, strict=True)):
        return FileDifference(kind, ())
    old_lines, new_lines = (text.get(name, []) for text in texts)
    return FileDifference(kind, (*difflib.unified_diff(old_lines, new_lines, old, new, lineterm=""), *modes))
