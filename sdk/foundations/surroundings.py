"""What a run ran on: the interpreter and its packages, the machine, and the state of the code's repository."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from foundations.gpus import Gpus

#: Bytes of a difference that are kept, and seconds that git may take for each question.
_DIFF, _PATIENCE = 200_000, 5.0
#: Nothing that a repository's configuration names is run, and nothing is locked.
_GIT = ("git", "-c", "core.fsmonitor=false", "--no-optional-locks")
_DISTRIBUTION = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)\.(?:dist|egg)-info")


def interpreter() -> dict[str, Any]:
    """Return the interpreter and the packages that it finds, by name and version."""
    return {
        "python": platform.python_version(),
        "executable": sys.executable,
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "packages": packages(sys.path),
    }


def packages(path: list[str]) -> dict[str, str]:
    """Return the distributions that are installed on `path`; of those with one name, the first."""
    found: dict[str, str] = {}
    for folder in path:
        try:
            names = [entry.name for entry in os.scandir(folder or ".")]
        except OSError:
            continue
        for match in filter(None, map(_DISTRIBUTION.fullmatch, names)):
            found.setdefault(match["name"].replace("_", "-").lower(), match["version"])
    return dict(sorted(found.items()))


def machine() -> dict[str, Any]:
    """Return processors, memory and GPUs."""
    gpus = Gpus()
    facts: dict[str, Any] = {
        "cpus": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "cpu_model": _line("/proc/cpuinfo", "model name"),
        "ram_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "gpus": gpus.described(),
    }
    driver = gpus.driver()
    return facts if driver is None else {**facts, "gpu_driver": driver}


def repository(directory: Path) -> dict[str, Any] | None:
    """Return commit, branch and what differs from the commit; None outside of a git repository."""
    commit = _git(directory, "rev-parse", "HEAD")
    if commit is None:
        return None
    changes = _git(directory, "status", "--porcelain", "--untracked-files=normal")
    diff = _git(directory, "diff", "--no-ext-diff", "--no-textconv", "HEAD") or ""
    return {
        "commit": commit.strip(),
        "branch": (_git(directory, "symbolic-ref", "--short", "-q", "HEAD") or "").strip() or None,
        "is_dirty": None if changes is None else bool(changes.strip()),
        "diff": diff[:_DIFF],
        "diff_is_cut": len(diff) > _DIFF,
    }


def _git(directory: Path, *words: str) -> str | None:
    """Return what git answers; None when it cannot."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_EXTERNAL")}
    try:
        asked = subprocess.run(
            [*_GIT, *words],
            cwd=directory,
            env={**environment, "LC_ALL": "C", "FOUNDATIONS_COMMAND_LINE": "True"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return asked.stdout.decode("utf-8", "replace") if asked.returncode == 0 else None


def _line(path: str, name: str) -> str | None:
    try:
        lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), None)
