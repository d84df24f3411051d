"""Sending a file: as it is read from the disk, and going on where an earlier attempt was broken off."""

from __future__ import annotations

import io
import logging
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Callable

from foundations.identity import Identity
from foundations.plain_file import open_plain
from foundations.spool import SpooledArtifact

if TYPE_CHECKING:
    from atlas_core.client import ArchiveClient

_log = logging.getLogger("foundations.sender")

#: Bytes from which on it is worth a question whether the server has the content, or a part of it.
_LARGE = 4 * 1024 * 1024
#: Seconds after which, on a terminal, it is told how far a file is.
_REPORT_PERIOD = 10.0


class Upload(io.FileIO):
    """A file that is being sent for as long as it takes; calls `meanwhile` whenever some more of it is wanted."""

    def __init__(self, path: Path, meanwhile: Callable[[], None]) -> None:
        super().__init__(open_plain(path))
        self._meanwhile = meanwhile

    def read(self, size: int | None = -1, /) -> bytes:
        self._meanwhile()
        return super().read(size)


class _Report:
    """Says now and then how far a file is, where somebody watches."""

    def __init__(self, artifact: SpooledArtifact, meanwhile: Callable[[], None]) -> None:
        self.content = Upload(artifact.data, self._look)
        self._artifact = artifact
        self._meanwhile = meanwhile
        self._is_watched = sys.stderr is not None and sys.stderr.isatty()
        self._next = time.monotonic() + _REPORT_PERIOD

    def _look(self) -> None:
        self._meanwhile()
        if self._is_watched and time.monotonic() > self._next:
            self._next = time.monotonic() + _REPORT_PERIOD
            sent, size = (number / 1024**2 for number in (self.content.tell(), self._artifact.size))
            _log.info('Artifact "%s": %.0f of %.0f MB are sent.', self._artifact.key, sent, size)


def send(artifact: SpooledArtifact, archive: ArchiveClient, identity: Identity, meanwhile: Callable[[], None]) -> None:
    """Bring an artifact to the archive; of a large one only what the archive does not have yet.

    Raises `AtlasError`; another attempt goes on where this one was broken off.
    """
    job_id, path, token = identity.job_id, artifact.path, identity.token
    if artifact.size < _LARGE:
        with Upload(artifact.data, meanwhile) as content:
            archive.put(job_id, path, content, artifact.sha256, token)
        return
    received = archive.received(job_id, path, artifact.size, artifact.sha256, token)
    if received < artifact.size:
        with _Report(artifact, meanwhile).content as content:
            content.seek(received)
            archive.put_rest(job_id, path, content, artifact.size, artifact.sha256, token)
