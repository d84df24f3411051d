"""What a run ran on: the interpreter with its packages, and the machine."""

from __future__ import annotations

import os
import platform
import re
import sys
from pathlib import Path
from typing import Any

from foundations.gpus import Gpus

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


def _line(path: str, name: str) -> str | None:
    try:
        lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), None)
