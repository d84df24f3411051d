"""Telling a process from a later one that was given the same number."""

from __future__ import annotations

import os
from pathlib import Path


def birth_of(pid: int) -> str | None:
    """Return a mark that no other process of the same id has (its start time), or None if there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None if Path("/proc/self/stat").exists() else _birth_elsewhere(pid)
    except (ProcessLookupError, PermissionError):
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in {"Z", "X"} else fields[19]


def _birth_elsewhere(pid: int) -> str | None:
    """Without /proc there is no start time to be had cheaply: the process is told by its id alone."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return "other"
    return "alive"
