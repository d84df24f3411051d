"""The kill test: everything around a training that logs is killed, cut off or full, and every point arrives once.

A training logs ten metrics a step, with values that only its step and the metric decide, so that what arrived can be
counted and hashed against what should have. Meanwhile services die, the network is cut, the journal's disk fills up
and, at last, the client itself is killed; `foundations sync` sends what it left.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from atlas_core.errors import AtlasError
from tests.cutting_proxy import CuttingProxy, cutting_proxy
from tests.integration.stack import RunningStack, eventually

METRICS = 10
#: Longer than anything here takes, on a machine four times as slow.
PATIENCE = 300.0
#: Seconds after which all that waited in memory for room on the disk has long been written.
SETTLING = 3.0

#: Logs until it is killed; tells after each hundred steps how far it is, and whether anything was raised.
_TRAINING = f"""
import json, os, sys, time
import foundations
names = [f"metric {{number}}" for number in range({METRICS})]
progress = os.environ["PROGRESS"]
print(foundations.run.current.identity.job_id, flush=True)
step, raised = 0, 0
while True:
    try:
        foundations.log_metrics({{name: step * 0.5 + place for place, name in enumerate(names)}}, step=step)
    except BaseException:
        raised += 1
    step += 1
    if step % 100 == 0:
        with open(progress + ".part", "w") as file:
            json.dump({{"logged": step, "raised": raised}}, file)
        os.replace(progress + ".part", progress)
    time.sleep(0.002)
"""


@dataclass
class Training:
    """A script that logs, through a proxy that may be cut, with its journal on a disk that may be full."""

    process: subprocess.Popen[bytes]
    job_id: str
    home: Path
    progress: Path

    def said(self) -> dict[str, int]:
        """How many steps it has logged, and how often anything was raised."""
        with contextlib.suppress(FileNotFoundError):
            return dict(json.loads(self.progress.read_text()))
        return {"logged": 0, "raised": 0}

    def goes_on(self, seconds: float = 0.0) -> None:
        """Return after so many `seconds`, when it has logged some more: what happens around it must not stop it."""
        before, until = self.said()["logged"], time.monotonic() + seconds
        eventually(lambda: time.monotonic() > until and self.said()["logged"] > before + 100, PATIENCE)


@dataclass
class Findings:
    """What arrived of the steps that must have: of each metric its points, and whether they are as they should be."""

    logged: int
    raised: int
    counts: list[int] = field(default_factory=list)
    hashes: set[str] = field(default_factory=set)
    expected: set[str] = field(default_factory=set)


@contextlib.contextmanager
def training(folder: Path, home: Path, url: str) -> Iterator[Training]:
    """Yield a training that logs to the server at `url`; it is killed afterwards."""
    script, progress = folder / "train.py", folder / "progress"
    script.write_text(_TRAINING)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FOUNDATIONS_", "ATLAS_"))}
    environment = {**kept, "FOUNDATIONS_HOME": str(home), "FOUNDATIONS_SERVER_URL": url, "PROGRESS": str(progress)}
    process = subprocess.Popen([sys.executable, str(script)], cwd=folder, env=environment, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield Training(process, process.stdout.readline().decode().strip(), home, progress)
    finally:
        process.kill()
        process.communicate()


@contextlib.contextmanager
def cut(proxy: CuttingProxy) -> Iterator[None]:
    """Cut every connection inside the block."""
    proxy.limit, limit = 0, proxy.limit
    try:
        yield
    finally:
        proxy.limit = limit


@contextlib.contextmanager
def full(disk: Path) -> Iterator[None]:
    """Fill a disk inside the block."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1024**2, 4096, 1):
            with contextlib.suppress(OSError):
                while file.write(bytes(size)):
                    pass
    try:
        yield
    finally:
        filler.unlink()


@contextlib.contextmanager
def small_disk(place: Path, size: str = "64m") -> Iterator[Path]:
    """Yield a disk of its own, in memory. Raises `OSError` where one cannot be mounted: that takes an administrator."""
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], capture_output=True)
    if mounted.returncode != 0:
        raise OSError(mounted.stderr.decode().strip())
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def kill_everything(stack: RunningStack, folder: Path, disk: Path | None, seconds: float) -> Findings:
    """Do all of it, cut and full for so many `seconds` each; `disk` is one that may be filled. What arrived?"""
    home = disk or folder / "home"
    with cutting_proxy(stack.port_base + 4, 10**12) as proxy, training(folder, home, proxy.url) as job:
        eventually(lambda: arrived(stack, job.job_id), PATIENCE)
        for number in range(10):
            stack.kill("rest_api")
            job.goes_on()
            if number % 5 == 2:
                stack.kill("redis")
                job.goes_on()
        with cut(proxy):
            job.goes_on(seconds)
        if disk is not None:
            with full(disk):
                job.goes_on(seconds)
            job.goes_on(SETTLING)
        job.process.kill()
        job.process.wait()
        said = job.said()
        assert eventually(lambda: sync_all(stack, home), PATIENCE)
    return findings(stack, job.job_id, said)


def sync_all(stack: RunningStack, home: Path) -> bool:
    """Send what is left; whether nothing is left then."""
    stack.python("-m", "foundations.sync", FOUNDATIONS_HOME=str(home), FOUNDATIONS_SERVER_URL=stack.url)
    return not list((home / "journal").glob("*/*"))


def arrived(stack: RunningStack, job_id: str) -> int:
    """How many points of the last metric the server has."""
    with contextlib.suppress(AtlasError):  # it has not heard of the job yet, or is away
        return int(stack.rest.job(job_id)["metrics"].get(f"metric {METRICS - 1}", {}).get("count", 0))
    return 0


def findings(stack: RunningStack, job_id: str, said: dict[str, int]) -> Findings:
    """Return what arrived of a job that has logged at least as many steps as it said."""
    found = Findings(said["logged"], said["raised"])
    for place in range(METRICS):
        series = stack.rest.series(job_id, f"metric {place}")
        steps, values = series["steps"], series["values"]
        found.counts.append(len(steps))
        found.hashes.add(f"{place} {_hash(zip(steps, values, strict=True))}")
        expected = ((step, step * 0.5 + place) for step in range(len(steps)))
        found.expected.add(f"{place} {_hash(expected)}")
    return found


def _hash(points: Iterator[tuple[int, float]]) -> str:
    digest = hashlib.sha256()
    for step, value in points:
        digest.update(struct.pack("<qd", step, value))
    return digest.hexdigest()
