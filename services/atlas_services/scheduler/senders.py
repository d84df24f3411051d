"""Who sent the bundle of a job: nobody else puts another in its place, or has it run in their own name.

Where nobody logs in, nobody is remembered, and everybody may.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from atlas_core.errors import Forbidden
from atlas_core.ids import is_job_id

_LOCK = ".lock"


class Senders:
    """A file for each job whose bundle somebody sent, with the subject of their login."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other threads and processes from claims inside the block: one comes and goes with its bundle."""
        self._root.mkdir(parents=True, exist_ok=True)
        with (self._root / _LOCK).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def claim(self, job_id: str, sender: str) -> None:
        """Note who sends the bundle of a job, "" for nobody in particular, `alone`.

        Raises `Forbidden` if somebody else has.
        """
        if not sender:
            self.forget(job_id)
            return
        draft = self._root / f".{uuid.uuid4().hex}"
        draft.write_text(sender)
        try:
            os.link(draft, self._root / job_id)  # whole at once, and for the first alone
        except FileExistsError:
            if not self.sent(job_id, sender):
                raise Forbidden(
                    f"Somebody else has sent a bundle for job `{job_id}`; take a new id.", job_id=job_id
                ) from None
        finally:
            draft.unlink()

    def sent(self, job_id: str, sender: str) -> bool:
        """Whether the bundle of a job comes from this sender; from nobody in particular any does."""
        if not sender:
            return True
        with contextlib.suppress(FileNotFoundError):
            return (self._root / job_id).read_text() == sender
        return False

    def forget(self, job_id: str) -> None:
        """Forget who sent the bundle of a job: it is gone."""
        (self._root / job_id).unlink(missing_ok=True)

    def remove_left(self, before: float, is_there: Callable[[str], bool]) -> None:
        """Remove what died before that time left: drafts, and claims to ids of which no bundle is there."""
        if not self._root.is_dir():
            return
        with self.alone():
            for entry in self._root.iterdir():
                is_kept = entry.name == _LOCK or entry.stat().st_mtime >= before
                if not is_kept and not (is_job_id(entry.name) and is_there(entry.name)):
                    entry.unlink()
