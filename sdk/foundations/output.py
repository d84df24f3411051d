"""What a script has printed, on its way from a file beside the journal to the job's log."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from atlas_core.errors import JournalGap
from foundations.plain_file import plain_file

if TYPE_CHECKING:
    from atlas_core.client import ArchiveClient

#: Bytes that are sent at once.
_PIECE = 1024 * 1024


class PrintedOutput:
    """The file at `path`, to which more is written. The server compares positions, so a piece may be sent twice."""

    def __init__(self, path: Path) -> None:
        self._path = path
        #: How much of it the server has.
        self.sent = 0
        self._is_refused = False

    def is_waiting(self) -> bool:
        """Whether something was printed that is not sent."""
        with contextlib.suppress(OSError):
            return not self._is_refused and self._path.lstat().st_size > self.sent
        return False

    def send(self, archive: ArchiveClient, job_id: str, token: str) -> bool:
        """Send a piece; False when nothing is left. Raises `AtlasError` or `OSError`."""
        if not self.is_waiting():
            return False
        with plain_file(self._path) as file:
            file.seek(self.sent)
            data = file.read(_PIECE)
        try:
            self.sent = archive.append_output(job_id, self.sent, data, token)
        except JournalGap as gap:
            applied = int(gap.details.get("applied", 0))
            if applied >= self.sent:
                raise
            self.sent = applied
        return True

    def refuse(self) -> None:
        """Send no more."""
        self._is_refused = True
