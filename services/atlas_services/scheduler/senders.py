"""Who sent the bundle of a job: nobody else puts another in its place, or has it run in their own name.

Where nobody logs in, nobody is remembered, and everybody may.
"""

from __future__ import annotations

import contextlib
import os
import uuid
from pathlib import Path

from atlas_core.errors import Forbidden


class Senders:
    """A file for each job whose bundle somebody sent, with the subject of their login."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def claim(self, job_id: str, sender: str) -> None:
        """Note who sends the bundle of a job, "" for nobody in particular. Raises `Forbidden` if somebody else has."""
        if not sender:
            self.forget(job_id)
            return
        self._root.mkdir(parents=True, exist_ok=True)
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
