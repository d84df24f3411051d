"""Reading the scalars of a job's event files, in a process that ends with the reading."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

#: Readers at the same time: each takes a core and 80 MB.
_READERS = threading.BoundedSemaphore(2)


def scalar_lines(archive: Path, job_id: str) -> Iterator[bytes]:
    """Yield the lines of `tensorboard_api.scalars`. Without the last of them the reading failed."""
    command = [sys.executable, "-m", "atlas_services.tensorboard_api.scalars", str(os.getpid()), str(archive), job_id]
    with _READERS, subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield from process.stdout
        finally:
            process.kill()
