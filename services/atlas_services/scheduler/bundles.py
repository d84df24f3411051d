"""The store of bundles: each is checked before it appears, and appears whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable, Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from atlas_core.bundle import Manifest, pack, read_manifest
from atlas_core.bundle_reader import look_at, unpack
from atlas_core.errors import BundleNotFound, InvalidBundle
from atlas_core.ids import check_bundle_id, check_job_id
from atlas_services.scheduler.arrival import Read, Source, receive
from atlas_services.scheduler.senders import Senders

_SUFFIX = ".tgz"
#: What was not received to its end is removed after this many seconds, when a scheduler starts and each day.
_STALE = 24 * 3600
#: What the original's clients put the job's files under, below a directory named like the job.
_OLD_SOURCE = "job_source"
_CONTENT_HASH = re.compile(r"[0-9a-f]{64}")


class BundleStore:
    """Bundles by their id. The original's clients send one for each job, under the job's id."""

    def __init__(self, root: Path, max_bytes: int, max_unpacked_bytes: int) -> None:
        self._root = root
        self._incoming = root / ".incoming"
        self._senders = Senders(root / ".senders")
        self._max_bytes = max_bytes
        self._max_unpacked_bytes = max_unpacked_bytes

    def path(self, name: str) -> Path:
        """Return where the bundle with this id lies, or would lie."""
        return self._root / f"{check_job_id(name)}{_SUFFIX}"

    def holds(self, name: str) -> bool:
        """Whether the bundle is there. It counts as used now."""
        try:
            os.utime(self.path(name))
        except FileNotFoundError:
            return False
        return True

    def receive(self, bundle_id: str, stream: Source) -> None:
        """Store a bundle. Raises `BundleTooLarge`, or `InvalidBundle` if it is not what its id says."""
        check_bundle_id(bundle_id)
        with self._workplace() as directory:
            receive(stream, directory / "bundle.tgz", self._max_bytes, lambda read: self._check(read, bundle_id))
            (directory / "bundle.tgz").replace(self.path(bundle_id))

    def receive_of_job(self, job_id: str, stream: Source, sender: str = "") -> None:
        """Store a bundle in the form of the original: `<job id>/job_source/...`. Raises as `receive` does.

        Raises `Forbidden` when the one that is there comes from another sender.
        """
        if _CONTENT_HASH.fullmatch(check_job_id(job_id)):
            raise InvalidBundle(f"`{job_id}` is the id of a bundle, not of a job.")
        with self._workplace() as directory:
            receive(stream, directory / "bundle.tgz", self._max_bytes, lambda _read: None)  # looked at below
            self._unpack(directory / "bundle.tgz", directory / "unpacked")
            _check_source(directory / "unpacked", PurePosixPath(job_id, _OLD_SOURCE))
            with self._senders.alone():
                self._senders.claim(job_id, sender)
                (directory / "bundle.tgz").replace(self.path(job_id))

    def holds_of(self, job_id: str, sender: str) -> bool:
        """Whether the bundle of this job is there, and comes from this sender. It counts as used now."""
        return self.holds(job_id) and self._senders.sent(job_id, sender)

    def draft(self) -> IO[bytes]:
        """Return an empty file on the disk of the bundles; it is gone when it is closed."""
        self._incoming.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryFile(dir=self._incoming)

    def unpack(self, job_id: str, bundle_id: str | None, target: Path) -> None:
        """Unpack the files of a job into the new directory `target`.

        Raises `BundleNotFound`, or `InvalidBundle` when the disk has not kept what was stored.
        """
        name = bundle_id or job_id
        if not self.holds(name):
            raise BundleNotFound(f"Job bundle {name}.tgz not found")
        if bundle_id is not None:
            _check_id(self._unpack(self.path(name), target), bundle_id)
            return
        whole = target.with_name(f"{target.name}-whole")
        self._unpack(self.path(name), whole)
        (whole / job_id / _OLD_SOURCE).rename(target)
        shutil.rmtree(whole, ignore_errors=True)

    def keep_of_job(self, job_id: str) -> str:
        """Store what was sent for this job under the hash of its content, too, and return that id.

        It stays when the job's own bundle is removed or sent again. Raises `BundleNotFound`.
        """
        with self._workplace() as directory:
            self.unpack(job_id, None, directory / "source")
            manifest = read_manifest(directory / "source")
            if not self.holds(manifest.bundle_id):
                pack(manifest, directory / "bundle.tgz")
                _write_through(directory / "bundle.tgz")
                (directory / "bundle.tgz").replace(self.path(manifest.bundle_id))
        return manifest.bundle_id

    def remove_of_job(self, job_id: str) -> None:
        """Remove the bundle that was sent for this job alone, if there is one."""
        if not _CONTENT_HASH.fullmatch(check_job_id(job_id)):
            with self._senders.alone():
                self.path(job_id).unlink(missing_ok=True)
                self._senders.forget(job_id)

    def unused(self, since: float, needed: Callable[[], Collection[str]]) -> list[str]:
        """Return the ids of the bundles that nobody used after `since`, but for those that are `needed`."""
        old = [path for path in self._root.glob(f"*{_SUFFIX}") if path.stat().st_mtime < since]
        keep = needed() if old else ()  # asked after the look: a job that came later has used its bundle
        names = (path.name.removesuffix(_SUFFIX) for path in old)
        return [name for name in names if name not in keep]

    def remove_unused(self, since: float, needed: Callable[[], Collection[str]]) -> list[str]:
        """Remove these bundles; returns their ids."""
        return [name for name in self.unused(since, needed) if self.remove_if_unused(name, since)]

    def remove_if_unused(self, name: str, since: float) -> bool:
        """Remove a bundle unless somebody used it after `since`; whether it went."""
        path = self.path(name)
        # Somebody else may have removed it.
        with self._workplace() as directory, self._senders.alone(), contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime >= since:
                return False
            taken = path.rename(directory / path.name)
            if taken.stat().st_mtime < since:
                self._senders.forget(name)
                return True
            with contextlib.suppress(FileExistsError):  # sent again meanwhile
                path.hardlink_to(taken)  # it was used at this moment
        return False

    def remove_stale(self) -> None:
        """Remove what was left of transfers that were cut off long ago."""
        before = time.time() - _STALE
        if self._incoming.is_dir():
            for entry in self._incoming.iterdir():
                if entry.stat().st_mtime < before:
                    shutil.rmtree(entry, ignore_errors=True)
        self._senders.remove_left(before, lambda name: self.path(name).exists())

    @contextlib.contextmanager
    def _workplace(self) -> Iterator[Path]:
        """Yield a new directory beside the bundles, which is gone afterwards."""
        directory = self._incoming / uuid.uuid4().hex
        directory.mkdir(parents=True)
        try:
            yield directory
        finally:
            shutil.rmtree(directory, ignore_errors=True)

    def _check(self, read: Read, bundle_id: str) -> None:
        _check_id(look_at(read, self._max_unpacked_bytes), bundle_id)

    def _unpack(self, bundle: Path, target: Path) -> Manifest:
        return unpack(bundle, target, self._max_unpacked_bytes)


def _write_through(file: Path) -> None:
    """Have the content on the disk before the name: it must not outlive it in a power cut."""
    with file.open("rb") as content:
        os.fsync(content.fileno())


def _check_id(manifest: Manifest, bundle_id: str) -> None:
    if manifest.bundle_id != bundle_id:
        raise InvalidBundle(f"The bundle's content has the id {manifest.bundle_id}, not {bundle_id}.")


def _check_source(top: Path, place: PurePosixPath) -> None:
    """Raise `InvalidBundle` unless there is a directory at `place` that is safe when it is moved elsewhere, alone."""
    if (top / place.parts[0]).is_symlink() or (top / place).is_symlink() or not (top / place).is_dir():
        raise InvalidBundle(f"The bundle holds no directory `{place}`.")
    for path in (top / place).rglob("*"):
        # `..` only ever comes first in a link: unpacking made sure of that
        inside = path.relative_to(top / place)
        if path.is_symlink() and path.readlink().parts.count("..") >= len(inside.parts):
            raise InvalidBundle(f"The bundle holds the link `{inside}`, which leads out of `{place}`.")
