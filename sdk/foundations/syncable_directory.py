"""Directories that are kept alike on this machine and in a job's archive, while the job runs and in other jobs.

Only what has changed travels: files are compared by hash. What was removed on one side goes from the other side if
that still has what both sides had when they were last alike; nobody's new file is ever removed.
"""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import tempfile
import threading
import time
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Union

from atlas_core.errors import AtlasError, InvalidInput, NotFound, ServerError
from foundations import run as _run
from foundations.delivery import Server
from foundations.given_path import given_path
from foundations.identity import EXECUTION, Identity
from foundations.left_directory import leave_directory
from foundations.local_tree import LocalFile, LocalTree
from foundations.spool import folder_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atlas_core.client import ArchiveClient

_log = logging.getLogger("foundations.syncable_directory")

#: How often a directory that changes while it is sent or fetched is looked at again.
_ROUNDS = 8
#: The part of the time at the end of a run in which files are copied; the rest is for saying so.
_FOR_COPIES = 0.9

_PathLike = Union[str, os.PathLike[str]]


class SyncableDirectory:
    """A directory with a key. `str` of it is its path. Made by `create_syncable_directory`.

    For example:

        checkpoints = foundations.create_syncable_directory("checkpoints")
        with open(f"{checkpoints}/1.txt", "w") as file:
            file.write("weights")
        checkpoints.upload()
    """

    def __init__(
        self,
        key: str,
        directory_path: _PathLike | None = None,
        local_directory_key: str | None = None,
        remote_job_id: str | None = None,
        auto_download: bool = True,
        package_name: str = "synced",
    ) -> None:
        """Keep `directory_path` for the job `local_directory_key`, beginning with what `remote_job_id` has.

        Both are the current job by default. Raises `ValueError` for a key that is empty or no text, `InvalidInput` for
        one that is too long, `OSError` when the directory cannot be made, and what `download` raises.
        """
        if not isinstance(key, str) or not key:
            raise ValueError(f"key: {key!r} cannot name a directory; give a text that is not empty.")
        if package_name != "synced":
            raise ValueError(f"package_name: {package_name!r} is not known; the only one is 'synced'.")
        own = None if _run.current is None else _run.current.identity.job_id
        self.key = key
        self._folder = folder_of(key)
        self._job = local_directory_key or own
        self._source = remote_job_id or self._job
        self._tree = LocalTree(self._place(directory_path))
        self._lock = threading.RLock()
        #: Path -> hash of what both sides had when they were last alike: we and the job, we and the source.
        self._sent: dict[str, str] = {}
        self._fetched = self._sent if self._source == self._job else {}
        #: Whether the last upload failed; the run tries again at its end.
        self._is_behind = False
        if auto_download:
            self.download()

    def __str__(self) -> str:
        return str(self._tree.root)

    def __fspath__(self) -> str:
        return str(self._tree.root)

    def upload(self) -> None:
        """Bring the job's archive in line with the directory: new and changed files, and what was removed.

        It returns when the archive has everything. When that cannot be done a warning says so, the script goes on, and
        the next call tries again.
        """
        run = _run.current
        if _run.is_disabled:
            return
        if run is None or run.identity.job_id != self._job:
            _log.warning("local_job_id required for uploading artifacts")
            return
        self._is_behind = True
        try:
            self.send(run)
            self._is_behind = False
        except (AtlasError, OSError) as error:
            _log.warning("The directory `%s` could not be uploaded: %s", self, error)
            if self not in run.companions:
                run.companions.append(self)

    def download(self) -> None:
        """Bring the directory in line with the archive: fetch what is new there, remove what is gone from there.

        A file that was changed here alone stays; where both changed, the newer one wins. Raises `AtlasError` when
        another job's files cannot be had, and `OSError`; for those of this job, and where there is no such directory,
        a warning says so.
        """
        if _run.is_disabled:
            return
        if self._source is None:
            _log.warning("There is no job to download the directory `%s` from.", self.key)
            return
        try:
            with self._lock:
                self._fetch(self._source)
        except NotFound:
            if self._source != self._job:
                _log.warning("Job `%s` has no synced directory `%s`.", self._source, self.key)
        except AtlasError as error:
            if self._source != self._job:
                raise
            _log.warning("The directory `%s` could not be downloaded: %s", self, error)

    def close(self, seconds: float) -> None:
        """Leave what could not be uploaded to be sent with the journal, within `seconds`.

        A temporary directory is removed, unless something of it would be lost.
        """
        if self._is_behind:
            leaving = threading.Thread(target=self.leave, args=(seconds,), name="foundations-directory", daemon=True)
            leaving.start()
            leaving.join(seconds)
            if leaving.is_alive():
                _log.warning("The directory `%s` could not be read in time; not all of it is sent.", self)
        if self._is_temporary and not self._is_behind:
            shutil.rmtree(self._tree.root, ignore_errors=True)

    def leave(self, seconds: float) -> None:
        """Put what is still to be uploaded where it is sent from with the journal of the run, now or later."""
        run, deadline = _run.current, time.monotonic() + seconds * _FOR_COPIES
        try:
            files = self._tree.files()
            changed = {name: file for name, file in files.items() if self._sent.get(name) != file.sha256}
            removed = self._change(files)["removed"]
            if run is not None and (changed or removed):
                links = run.identity.mode == EXECUTION  # of a scheduled job the server takes no links
                place = run.place_of_directory(self._folder, sum(file.size for file in changed.values()))
                lost = leave_directory(place, self._folder, changed, removed, deadline, links)
                if lost:
                    _log.warning("%d files of the directory `%s` could not be copied; they are not sent.", lost, self)
                    return
            self._is_behind = False
        except OSError as error:
            _log.warning("The directory `%s` could not be kept to be sent; not all of it is: %s", self, error)

    def send(self, run: _run.Run) -> None:
        """Upload for `run`. Raises `AtlasError` or `OSError`."""
        with self._lock:
            files = self._tree.files()
            change = self._change(files)
            if not any(change.values()):
                return
            server, identity = run.connect()
            for _ in range(_ROUNDS):
                missing = server.archive.change_synced(identity.job_id, self._folder, change, identity.token)
                if not missing:
                    self._sent.clear()
                    self._sent.update({name: file.sha256 for name, file in files.items()})
                    return
                by_hash = {file.sha256: file for file in files.values()}
                _store_objects(server.archive, identity, by_hash, missing)
                files = self._tree.files()
                change = self._change(files)
            raise ServerError("its files change faster than they can be sent.")

    def _place(self, chosen: _PathLike | None) -> Path:
        self._is_temporary = chosen is None
        if chosen is not None:
            given = given_path("directory_path", chosen)
            path = Path(os.path.abspath(given))  # noqa: PTH100 - the script may change its directory, links keep names
            path.mkdir(parents=True, exist_ok=True)
            return path
        if _run.current is not None:
            _run.current.companions.append(self)
        else:
            atexit.register(self.close, 0.0)
        return Path(tempfile.mkdtemp(prefix="foundations-"))

    def _change(self, files: dict[str, LocalFile]) -> dict[str, dict[str, Any]]:
        changed = {name: file.described() for name, file in files.items() if self._sent.get(name) != file.sha256}
        return {"files": changed, "removed": {name: sha for name, sha in self._sent.items() if name not in files}}

    def _fetch(self, job_id: str) -> None:
        server = _reading(job_id)
        for _ in range(_ROUNDS):
            theirs = _checked(server.archive.synced(job_id, self._folder))
            ours = self._tree.files()
            wanted = {name: file for name, file in theirs.items() if self._is_wanted(ours.get(name), name, file)}
            if all(self._fetch_file(server, job_id, name, file) for name, file in wanted.items()):
                self._remove_gone(theirs, ours)
                return
        raise ServerError(f"The directory `{self.key}` of job `{job_id}` changes faster than it can be fetched.")

    def _is_wanted(self, own: LocalFile | None, name: str, file: dict[str, Any]) -> bool:
        before = self._fetched.get(name)
        if own is None:
            return True
        if own.sha256 == file["sha256"]:
            self._fetched[name] = own.sha256
            return False
        if own.sha256 == before:
            return True
        return file["sha256"] != before and float(file.get("modified", 0.0)) >= own.modified

    def _fetch_file(self, server: Server, job_id: str, name: str, file: dict[str, Any]) -> bool:
        """Fetch a file; False if its bytes are no longer there, for it has changed meanwhile."""
        try:
            with server.archive.read(job_id, f"synced_objects/{file['sha256']}") as content:
                whole = self._tree.write(name, content, file)
        except NotFound:
            return False
        if whole:
            self._fetched[name] = file["sha256"]
        return whole

    def _remove_gone(self, theirs: dict[str, dict[str, Any]], ours: dict[str, LocalFile]) -> None:
        for name in [name for name in self._fetched if name not in theirs]:
            sha256 = self._fetched.pop(name)
            if name in ours and ours[name].sha256 == sha256:
                self._tree.remove(name)


def create_syncable_directory(
    key: str, directory_path: Union[str, os.PathLike[str], None] = None, source_job_id: str | None = None
) -> SyncableDirectory:
    """Return a directory that can be uploaded to this job, and begins as the one of `source_job_id` with this key.

    Without a path it is a temporary one, which is removed at exit. Where the other job has none with this key a warning
    says so. Raises `ValueError` or `InvalidInput` for an impossible key, `OSError` when the directory cannot be made,
    and `AtlasError` when the other job's files cannot be had.

        models = foundations.create_syncable_directory("models", "models")
        with open(f"{models}/model.txt", "w") as file:
            file.write("weights")
        models.upload()
    """
    return SyncableDirectory(key, directory_path, None, source_job_id)


def _reading(job_id: str) -> Server:
    """Return clients for reading what a job has. Raises `InvalidConfig`, or `ServerUnreachable`."""
    run = _run.current
    if run is not None and run.identity.job_id == job_id:
        run.connect()  # a server that does not answer is asked nothing else: each question takes its time
    url = import_module("foundations.server_address").server_url() if run is None else run.server_url()
    given = os.environ.get("FOUNDATIONS_TOKEN")
    token = given or (None if run is None else f"atlas_job_{run.identity.job_id}.{run.identity.token}")
    return Server.connect(url, token)


def _store_objects(
    archive: ArchiveClient, identity: Identity, files: Mapping[str, LocalFile], missing: Sequence[str]
) -> None:
    """Store those of the `files`, by their hashes, that are missing in the archive. Raises `AtlasError`, `OSError`."""
    for digest in missing:
        if digest in files:
            content = files[digest].open()
            try:
                archive.put(identity.job_id, f"synced_objects/{digest}", content, digest, identity.token)
            except InvalidInput as error:
                _log.debug("`%s` changed while it was sent: %s", files[digest].path, error)
            finally:
                if not isinstance(content, bytes):
                    content.close()


def _checked(files: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the files of a manifest whose names lead nowhere else."""
    for name in files:
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or ".." in parts or "\0" in name:
            raise ServerError(f"The server names a file `{name}`, which leads out of the directory.")
    return files
