"""The processes of a job: all that its entrypoint started, however they forked."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from atlas_services.scheduler.engines.workspace import Taker

#: Seconds within which the kernel buries what was killed.
_BURIAL = 1.0
_STATE, _SESSION = 0, 3  # places in /proc/<pid>/stat, counted behind the name


def terminate(taker: Taker) -> None:
    """Ask every process of the job to end. The entrypoint stays to write the outcome down."""
    if taker.lives:
        _signal_group(taker.pid, signal.SIGTERM)


def kill_command(taker: Taker, job_id: str) -> None:
    """Kill every process of the job but the entrypoint, which then writes the outcome down.

    The entrypoint is held still meanwhile, so that it starts nothing new.
    """
    if not taker.lives:
        return
    if not Path("/proc/self/stat").exists():
        _signal_group(taker.pid, signal.SIGKILL)
        return
    os.kill(taker.pid, signal.SIGSTOP)
    try:
        _kill_until_gone(taker.pid, job_id, spared=taker.pid)
    finally:
        with suppress(ProcessLookupError):
            os.kill(taker.pid, signal.SIGCONT)


def kill_all(entrypoint: int, job_id: str) -> None:
    """Kill every process of the job, those too that left its session. `entrypoint` is 0 when it is long dead."""
    if entrypoint:
        _signal_group(entrypoint, signal.SIGKILL)
    if Path("/proc/self/stat").exists():
        _kill_until_gone(entrypoint, job_id)


def kill_leftovers(group: int) -> None:
    """Kill what an entrypoint that has ended left running in its process group."""
    _signal_group(group, signal.SIGKILL)


def _signal_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _kill_until_gone(session: int, job_id: str, spared: int = 0) -> None:
    """A process may fork while we look, so look until there is none."""
    deadline = time.monotonic() + _BURIAL
    while time.monotonic() < deadline:
        members = [pid for pid in _members(session, job_id) if pid != spared]
        if not members:
            return
        for pid in members:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


def _members(session: int, job_id: str) -> Iterator[int]:
    """Yield the living processes of a session, and those that left it but still carry the job's id."""
    mark = f"FOUNDATIONS_JOB_ID={job_id}".encode()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        with suppress(OSError, IndexError):
            fields = (entry / "stat").read_bytes().rpartition(b")")[2].split()
            if fields[_STATE] in {b"Z", b"X"}:
                continue
            if (session and int(fields[_SESSION]) == session) or mark in (entry / "environ").read_bytes().split(b"\0"):
                yield int(entry.name)
