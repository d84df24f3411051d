"""Reading jobs' logs: whole, by range, and as they are written."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from atlas_core.client import LOG_SILENCE
from atlas_core.log_frames import UnfinishedLine
from atlas_services.scheduler.archive import Archive

_CHUNK = 64 * 1024
#: The most bytes of a log that are held in memory; what yields chunks holds none.
_LONGEST_TEXT = 8 * 1024 * 1024
#: Seconds between two looks at a file: short while it grows, longer while it does not.
_SHORTEST, _LONGEST, _GROWTH = 0.01, 0.1, 1.5
#: The longest pause before the first byte, for so many seconds: somebody who has just submitted a job looks on.
_FIRST, _EAGER = 0.02, 10.0


class JobLogs:
    """The logs of all jobs."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def size(self, job_id: str) -> int | None:
        """Return the length of the log in bytes, None when there is none yet."""
        with suppress(FileNotFoundError):
            return self._archive.log(job_id).stat().st_size
        return self._archive.stored_log_size(job_id)

    def text(self, job_id: str) -> str:
        """Return the log, "" when there is none; of a very long one its end, below a line that says so."""
        left_out = max(0, (self.size(job_id) or 0) - _LONGEST_TEXT)
        text = self.tail(job_id, _LONGEST_TEXT)
        if not left_out:
            return text
        return f"[The first {left_out} bytes are left out here; GET /api/v3/jobs/{job_id}/log has all.]\n{text}"

    def tail(self, job_id: str, length: int) -> str:
        """Return the last bytes of the log as text; bytes that are no UTF-8 are replaced."""
        size = self.size(job_id) or 0
        start = max(0, size - length)
        return b"".join(self.chunks(job_id, start, size)).decode("utf-8", "replace")

    def chunks(self, job_id: str, start: int, end: int) -> Iterator[bytes]:
        """Yield the bytes from `start` up to `end`, as far as there are any."""
        if self._archive.log(job_id).exists():
            return _read(self._archive.log(job_id), start, end)
        return self._archive.stored_log(job_id, start, min(end, self.size(job_id) or 0))

    def follow(
        self, job_id: str, offset: int, finished: Callable[[], bool], unfinished: Callable[[], bytes] = bytes
    ) -> Iterator[bytes]:
        """Yield the log from byte `offset` on, as it is written.

        Behind it comes what `unfinished` returns, as an `UnfinishedLine`, each time that it is another one. Ends when
        the job has finished and all is yielded, or when nothing was written for a while.
        """
        path, pause, begin, began = self._archive.log(job_id), _SHORTEST, offset, time.monotonic()
        deadline = began + LOG_SILENCE
        if not path.exists() and (stored := self._archive.stored_log_size(job_id)) is not None:
            yield from self._archive.stored_log(job_id, offset, stored)
            return
        shown = b""
        while True:
            is_last = finished()  # asked before reading: what was written until then is read below
            start = offset
            for chunk in _read(path, offset, None):
                offset, shown = offset + len(chunk), b""
                yield chunk
            if is_last or time.monotonic() > deadline:
                return
            if offset > start:
                pause, deadline = _SHORTEST, time.monotonic() + LOG_SILENCE
            if (line := unfinished()) != shown:
                shown, deadline = line, time.monotonic() + LOG_SILENCE
                yield UnfinishedLine(line)
            time.sleep(pause)
            eager = offset == begin and time.monotonic() < began + _EAGER
            pause = min(pause * _GROWTH, _FIRST if eager else _LONGEST)


def _read(path: Path, start: int, end: int | None) -> Iterator[bytes]:
    with suppress(FileNotFoundError), path.open("rb") as file:
        file.seek(start)
        left = end - start if end is not None else None
        while left is None or left > 0:
            chunk = file.read(_CHUNK if left is None else min(_CHUNK, left))
            if not chunk:
                return
            left = None if left is None else left - len(chunk)
            yield chunk
