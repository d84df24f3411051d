"""This machine: its Python, its disk, what runs have left to be sent, and its GPUs."""

from __future__ import annotations

import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from atlas_cli.finding import OK, PROBLEM, WARNING, Finding
from atlas_cli.phrases import SCARCE, SETTLE, age, count, size
from foundations.gpus import Gpus
from foundations.journal_directory import JournalDirectory
from foundations.journal_room import JournalRoom
from foundations.unsent import unsent_of

#: Bytes that should be free, and those without which hardly anything can be written.
_ROOM, _LEAST = 5 * 1024**3, 512 * 1024**2


def check_python() -> Finding:
    """Say which Python runs this."""
    return Finding("Python", f"{platform.python_version()} at {sys.executable}")


def check_disk(home: Path) -> Iterator[Finding]:
    """Yield how much room there is for state and for temporary files, once for each disk."""
    seen: set[int] = set()
    for what, path in (("state", home), ("temporary files", Path(tempfile.gettempdir()))):
        there = next(each for each in (path, *path.parents) if each.exists())
        device = there.stat().st_dev
        if device not in seen:
            seen.add(device)
            yield _room(what, path, shutil.disk_usage(there).free)


def _room(what: str, path: Path, free: int) -> Finding:
    message = f"{size(free)} free for {what} at {path}"
    if free >= _ROOM:
        return Finding("disk", message)
    remedy = "Delete jobs with `foundations delete job`, or move $FOUNDATIONS_HOME to a larger disk."
    return Finding("disk", message, PROBLEM if free < _LEAST else WARNING, remedy)


def check_journals(home: Path) -> Finding:
    """Say how much of what runs that are over recorded has not been sent."""
    found = [unsent_of(directory) for directory in JournalDirectory.all_in(home)]
    left = [each for each in found if each.bytes]
    message = "nothing waits to be sent"
    if left:
        waiting, oldest = sum(each.bytes for each in left), min(each.since for each in left)
        message = (
            f"{size(waiting)} of {count(len(left), 'run')} wait to be sent, the oldest for {age(time.time() - oldest)}"
        )
    remedies = ["`foundations sync` sends them, when the server answers."] if left else []
    refused = sum(each.refused for each in found)
    if refused:
        message += f"; {count(refused, 'file')} that runs saved were refused"
        root = JournalDirectory.root(home)
        remedies.append(f"What was refused stands in the files `.refused` below {root}. {SETTLE}")
    room = JournalRoom(JournalDirectory.root(home))
    room.measure()
    if room.is_full:
        remedies.append(f"{size(room.waiting)} of records, output and source wait.{SCARCE}")
    return Finding("journals", message, WARNING if remedies else OK, " ".join(remedies) or None)


def check_gpus() -> Finding:
    """Say which GPUs the driver shows."""
    gpus = Gpus()
    if not len(gpus):
        return Finding("GPUs", "none on this machine")
    names = ", ".join(f"{gpu['name']} ({size(gpu['memory_bytes'])})" for gpu in gpus.described())
    return Finding("GPUs", f"{names}; driver {gpus.driver()}", OK)
