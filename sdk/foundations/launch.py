"""Launches: several processes that a launcher starts as the ranks of one program are one job.

They may be on several machines, start at any time, and know nothing of each other but what the launcher tells them. So
the first of them that comes writes down, below $FOUNDATIONS_HOME, which job they are, and the others read it there:

    <home>/launches/<key>/<generation>/job.json     the job's identity
                                       rank.<n>     who takes part, and when he was started

A launcher may tell two launches the same, such as the same port twice. A rank whose place is taken, or that was started
at another time than those who are there, is of a later launch: the next generation.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Callable, NamedTuple

from atlas_core.errors import InvalidInput
from atlas_core.processes import birth_of
from foundations.identity import FILE_NAME, Identity
from foundations.plain_file import open_plain, plain_file

#: Seconds within which a launcher starts its ranks on one machine, and within which they come here from several.
_TOGETHER, _SOON = 30.0, 600.0
#: Seconds after which nobody comes any more, and what a launch left is removed.
_FORGOTTEN = 86400.0
#: Attempts to find a place while others begin generations at the same moment.
_ATTEMPTS = 100
#: What tells rank and number of ranks, and what names the launch; each launcher has its own words.
_LAUNCHERS = (
    ("RANK", "WORLD_SIZE", ("MASTER_ADDR", "MASTER_PORT", "TORCHELASTIC_RUN_ID", "TORCHELASTIC_RESTART_COUNT")),
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", ("PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid")),
    ("PMI_RANK", "PMI_SIZE", ("PMI_JOBID", "PMI_ID", "HYDI_CONTROL_FD")),
    ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS", ("SLURM_JOB_ID", "SLURM_STEP_ID", "SLURM_RESTART_COUNT")),
)


class Launch(NamedTuple):
    """A launch as one of its ranks sees it."""

    key: str
    rank: int


def launch_of(environment: Mapping[str, str]) -> Launch | None:
    """Return the launch that this process is a rank of; None where it is alone."""
    for rank, size, names in _LAUNCHERS:
        with contextlib.suppress(KeyError, ValueError):
            if int(environment[size]) > 1 and 0 <= int(environment[rank]) < int(environment[size]):
                told = [f"{name}={environment.get(name, '')}" for name in (size, *names)]
                if any(environment.get(name) for name in names):
                    return Launch(hashlib.sha256("\n".join(told).encode()).hexdigest()[:32], int(environment[rank]))
    return None


def join(launch: Launch, home: Path, begin: Callable[[], Identity]) -> Identity:
    """Return the identity that all ranks of the launch share; the first that comes begins it. Raises `OSError`."""
    root = home / "launches" / launch.key
    root.mkdir(parents=True, exist_ok=True)
    os.utime(root)  # those who tidy up leave it alone, though a launch of the same words may have been long ago
    generation = max((int(path.name) for path in root.iterdir() if path.name.isdigit()), default=0)
    _remove_forgotten(root.parent, root)
    _remove_forgotten(root, root / str(generation))
    for _ in range(_ATTEMPTS):
        place = root / str(generation)
        identity = _identity_in(place) or _begun(place, begin)
        if identity is not None and _is_of_this_launch(place) and _take(place / f"rank.{launch.rank}"):
            return identity
        generation += 1
    raise OSError("no place is left among the ranks of the launch")


def is_begun_by_rank(launch: Launch, home: Path, parent: str) -> bool:
    """Whether job `parent`, in which this process was started, is one of the launch: then it is no rank itself."""
    for path in home.glob(f"launches/{launch.key}/*/{FILE_NAME}"):
        with contextlib.suppress(OSError, InvalidInput):
            if Identity.load(path.parent).job_id == parent:
                return True
    return False


def _identity_in(place: Path) -> Identity | None:
    return Identity.load(place) if (place / FILE_NAME).exists() else None


def _begun(place: Path, begin: Callable[[], Identity]) -> Identity | None:
    """Begin a generation, in one step with its identity; what somebody else has begun meanwhile counts."""
    draft = place.with_name(f"draft.{os.getpid()}.{os.urandom(4).hex()}")
    draft.mkdir(mode=0o700)
    try:
        begin().save(draft)
        with contextlib.suppress(OSError):  # it is there already, and not empty
            draft.rename(place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return _identity_in(place)


def _is_of_this_launch(place: Path) -> bool:
    """Whether those who are there were started when we were; of those on other machines, whether they came lately."""
    with contextlib.suppress(OSError):
        if time.time() - (place / FILE_NAME).stat().st_mtime > _SOON:
            return False
    own = _self()
    for path in place.glob("rank.*"):
        with contextlib.suppress(OSError, ValueError), plain_file(path) as file:
            host, ticks = json.loads(file.read())
            if host == own[0] and abs(ticks - own[1]) > _TOGETHER * os.sysconf("SC_CLK_TCK"):
                return False
    return True


def _take(path: Path) -> bool:
    """Take a rank's place; False when somebody has it."""
    try:
        descriptor = open_plain(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    except FileExistsError:
        return False
    with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - the descriptor carries the mode
        json.dump(_self(), file)
    return True


def _self() -> tuple[str, int]:
    """Return the machine, and when this process was started there, in ticks of its clock; 0 where nobody knows."""
    birth = birth_of(os.getpid()) or ""
    return os.uname().nodename, int(birth) if birth.isdigit() else 0


def _remove_forgotten(folder: Path, needed: Path) -> None:
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            if path != needed and time.time() - path.stat().st_mtime > _FORGOTTEN:
                shutil.rmtree(path, ignore_errors=True)
