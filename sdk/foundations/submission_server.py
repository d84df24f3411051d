"""The server that this process submits to: one connection an address, and what is known of it.

A search that submits a thousand jobs asks once who it is and sends its code once.
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import threading
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Callable

from atlas_core.bundle import Manifest, pieces, read_manifest
from atlas_core.bundle_stream import BundleStream
from atlas_core.client import Connection, RestClient, SchedulerClient
from atlas_core.errors import BundleNotFound, InvalidInput
from atlas_core.ignore_rules import FILE_NAME
from atlas_core.jobs import NOBODY, Submission
from atlas_core.login_client import user_connection
from atlas_core.schedule_client import ScheduleClient
from atlas_core.settings import Settings

_log = logging.getLogger("foundations.submission")

#: Bytes of files above which a bundle is remarked upon: such a directory usually holds data by mistake.
_LARGE = 1024**3
#: A project up to this many bytes is packed first, as small as it gets; a larger one is packed while it is sent.
_PACKED_FIRST = 16 * 1024**2

#: A lock for each process, for a forked one must not wait for what a thread of its parent had begun.
_making: dict[int, threading.Lock] = {}

Advance = Callable[[int], None]
#: Begins to show how far something of so many bytes is; yields what takes how many more are done.
Progress = Callable[[str, int], contextlib.AbstractContextManager[Advance]]


@contextlib.contextmanager
def _in_silence(_what: str, _size: int) -> Iterator[Advance]:
    yield lambda _size: None


class SubmissionServer:
    """A server's clients. Safe to use from several threads."""

    def __init__(self, connection: Connection) -> None:
        self.scheduler = SchedulerClient(connection)
        self.rest = RestClient(connection)
        self.schedules = ScheduleClient(connection)
        self._held: set[str] = set()
        self._uploads: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._user: str | None = None
        self._lock = threading.Lock()
        #: How people see that a bundle is packed and sent.
        self.progress: Progress = _in_silence

    @staticmethod
    def at(url: str) -> SubmissionServer:
        """Return the server at `url`, the same one each time in this process."""
        process = os.getpid()
        with _making.setdefault(process, threading.Lock()):  # or two threads that ask at once would make one each
            return _server(url, process)

    def user_name(self) -> str:
        """Return who the server says we are, which is asked once; where nobody logs in, `$FOUNDATIONS_USER`."""
        with self._lock:
            if self._user is None:
                self._user = self.rest.user_name()
            return os.environ.get("FOUNDATIONS_USER") or self._user if self._user == NOBODY else self._user

    def bundle(self, directory: Path) -> Manifest:
        """Return what a bundle of `directory` holds, with a warning when that is much.

        Raises `InvalidInput` or `BundleTooLarge`.
        """
        settings = Settings.from_environment()
        with ThreadPoolExecutor(os.cpu_count(), "bundle") as pool:
            bundle = read_manifest(directory, settings.max_bundle_bytes, settings.home, pool)
        if bundle.size > _LARGE:
            _log.warning(
                "The job directory `%s` holds %.1f GB, which every job gets a copy of; a file `%s` keeps data sets out "
                "of it.",
                directory,
                bundle.size / 1024**3,
                FILE_NAME,
            )
        return bundle

    def ensure(self, bundle: Manifest) -> None:
        """Send the bundle unless the server has it. Raises `InvalidInput`, `BundleTooLarge` or `ServerUnreachable`."""
        name = bundle.bundle_id
        with self._lock:
            upload = self._uploads[name]
        with upload:
            if name in self._held:
                return
            if not self.scheduler.has_bundle(name):
                self._upload(bundle, name)
            self._held.add(name)

    def submit(self, submission: Submission, bundle: Manifest) -> None:
        """Append a job to the queue; its bundle is sent again if the server has removed it since it was ensured.

        With the same job id it may be repeated. Raises what `ensure` raises.
        """
        try:
            self.scheduler.submit(submission)
        except BundleNotFound:
            self.forget(bundle)
            self.ensure(bundle)
            self.scheduler.submit(submission)

    def forget(self, bundle: Manifest) -> None:
        """Ask the server again next time whether it has the bundle."""
        self._held.discard(bundle.bundle_id)

    def _upload(self, bundle: Manifest, name: str) -> None:
        if bundle.size > _PACKED_FIRST:
            self._upload_packing(bundle, name)
            return
        with _unchanged():
            packed = b"".join(pieces(bundle))
        with self.progress("Sending the job directory", len(packed)) as advance:
            self.scheduler.upload_bundle(name, _Watched(packed, advance))

    def _upload_packing(self, bundle: Manifest, name: str) -> None:
        with _unchanged():
            stream = BundleStream(bundle)
        size = stream.size
        with self.progress("Sending the job directory", bundle.size) as advance:
            body = _OnTheWay(stream, advance) if size is None else _OfSize(stream, advance, size)
            self.scheduler.upload_bundle(name, body)


class _Watched(io.BytesIO):
    """Bytes that tell how many of them have been read."""

    def __init__(self, data: bytes, advance: Advance) -> None:
        super().__init__(data)
        self._advance = advance

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self._advance(len(data))
        return data


class _OnTheWay:
    """A bundle that is packed while somebody takes it, each time anew. Raises `InvalidInput` to whom takes it."""

    def __init__(self, bundle: BundleStream, advance: Advance) -> None:
        self._bundle = bundle
        self._advance = advance
        self._done = 0

    def __iter__(self) -> Iterator[bytes]:
        self._note(-self._done)
        with _unchanged():
            yield from self._bundle.pieces(self._note)

    def _note(self, size: int) -> None:
        self._done += size
        self._advance(size)


class _OfSize(_OnTheWay):
    """A bundle that is as long as was said: it needs no marks of how long each piece is."""

    def __init__(self, bundle: BundleStream, advance: Advance, size: int) -> None:
        super().__init__(bundle, advance)
        self._size = size

    def __len__(self) -> int:
        return self._size


@contextlib.contextmanager
def _unchanged() -> Iterator[None]:
    """Raise `InvalidInput` when a file cannot be read as it was hashed."""
    try:
        yield
    except OSError as error:
        raise InvalidInput(
            f"job_directory: `{error.filename}` could not be packed ({error.strerror or error}); "
            "submit again when nothing changes the directory.",
            field="job_directory",
        ) from error


@cache
def _server(url: str, _process: int) -> SubmissionServer:
    # Connections must not be shared between processes, so a forked one gets its own.
    return SubmissionServer(user_connection(url))
