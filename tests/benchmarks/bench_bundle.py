"""What a large project costs: packed, sent to a server, and submitted again when nothing has changed.

Run with `python -m tests.benchmarks.bench_bundle`, for one kind of project with its name behind it. The floor is
`tar | zstd -1` over the same files in the same run. A server has a bundle on the disk before it says that it is there,
and so has the floor of what is sent. Each is the median of several, taken in turns: a disk is not always as fast. What
one way has written is removed before the next: a machine may take far longer to find new memory than to write to it.
Set ATLAS_BENCH_MB for another size.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.redis_server import running_redis
from tests.scheduler_service import scheduler_process

from atlas_core.bundle import read_manifest
from atlas_core.bundle_stream import BundleStream

os.environ["FOUNDATIONS_COMMAND_LINE"] = "True"  # this is no job
from foundations.submission_server import SubmissionServer

_MEGABYTES = int(os.environ.get("ATLAS_BENCH_MB", "1024"))
_FILES = 16
_TURNS = 3
#: Seconds after which a change of a file counts as past, so that it need not be read again.
_SETTLED = 4
#: Of each kind of project, the part that is weights (they do not shrink) and tables (they do); the rest is source.
_KINDS = {"weights": (1.0, 0.0), "tables": (0.0, 1.0), "a mixture": (0.6, 0.35)}
_SOURCE = Path(__file__).parent
_TARGET = "written"
_FLOOR, _SYNCED = "tar | zstd -1", "the same, synced"
#: What was measured -> its floor.
_FLOORS = {"packed": _FLOOR, "packed and sent": _SYNCED}


def fill(project: Path, kind: str) -> None:
    """Write the files of a project."""
    weights, tables = (int(part * _FILES) for part in _KINDS[kind])
    piece = _table(1024**2)
    for number in range(weights + tables):
        with (project / f"{number}.dat").open("wb") as file:
            for _ in range(_MEGABYTES // _FILES):
                file.write(os.urandom(16) + (os.urandom(len(piece) - 16) if number < weights else piece[16:]))
    source = b"".join(path.read_bytes() for path in sorted(_SOURCE.glob("*.py")))
    for number in range((_FILES - weights - tables) * (_MEGABYTES // _FILES) * 1024**2 // len(source)):
        (project / f"module_{number}.py").write_bytes(b"# %d\n" % number + source)


def _table(size: int) -> bytes:
    rows = (b"%d,%f,%s\n" % (n, n * 0.37, os.urandom(4).hex().encode()) for n in range(size // 20))
    return b"".join(rows)[:size]


def seconds(work: Callable[[], object]) -> float:
    """Return how long it takes, with nothing before it that the disk has still to take."""
    os.sync()
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def measure(project: Path, folder: Path, url: str) -> dict[str, float]:
    """Return the seconds of each way, the files being in the cache of the machine for all of them."""
    turns = [_turn(project, folder / str(number), url) for number in range(_TURNS)]
    times = {what: statistics.median(turn[what] for turn in turns) for what in turns[0]}
    time.sleep(_SETTLED)
    SubmissionServer.at(url).bundle(project)
    times["unchanged again"] = seconds(lambda: _ensure(SubmissionServer.at(url), project))
    return times


def _turn(project: Path, folder: Path, url: str) -> dict[str, float]:
    """Return the seconds of each way once, for a client that knows nothing and a server that has nothing."""
    folder.mkdir()
    os.environ["FOUNDATIONS_HOME"] = str(folder / "client")
    server, target = SubmissionServer.at(url), folder.parent / _TARGET
    ways: dict[str, Callable[[], object]] = {
        _FLOOR: lambda: _floor(project, target),
        "packed": lambda: _pack(project, target),
        _SYNCED: lambda: _floor(project, target, f" && sync {target}"),
        "packed and sent": lambda: _ensure(server, project),
    }
    times = {}
    for what, work in ways.items():
        _remove_written(folder.parent)
        times[what] = seconds(work)
    server.forget(server.bundle(project))
    return times


def _remove_written(top: Path) -> None:
    """Remove what the way before has written: each then writes to memory that has just become free, or none does."""
    for written in (*top.glob("home/*/*.tgz"), top / _TARGET):
        written.unlink(missing_ok=True)


def _floor(project: Path, target: Path, then: str = "") -> None:
    """Have tar and zstd write their file, and what is to be done with it."""
    shell = f"tar -C {project} -cf - . | zstd -1 -q -o {target}{then}"
    subprocess.run(shell, shell=True, check=True)


def _pack(project: Path, target: Path) -> None:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        manifest = read_manifest(project, pool=pool)
    with target.open("wb") as file:
        file.writelines(BundleStream(manifest).pieces())


def _ensure(server: SubmissionServer, project: Path) -> None:
    server.ensure(server.bundle(project))


def _measured(kind: str, folder: Path) -> dict[str, float]:
    project = folder / "project"
    project.mkdir()
    fill(project, kind)
    with running_redis(folder) as redis, scheduler_process(folder / "home", redis) as (_, url):
        return measure(project, folder, url)


def main() -> None:
    """Print each figure with its ratio to the floor."""
    if shutil.which("zstd") is None:
        sys.exit("zstd is missing; install it to measure the floor.")
    for kind in sys.argv[1:] or _KINDS:
        with tempfile.TemporaryDirectory() as name:
            times = _measured(kind, Path(name))
        print(f"{_MEGABYTES} MB of {kind}")
        for what, taken in times.items():
            print(f"  {what:18} {taken:7.2f} s  {taken / times[_FLOORS.get(what, _FLOOR)]:.2f} x")
        ratio = times["unchanged again"] / times["packed and sent"]
        print(f"  unchanged / first  {ratio:.3f}, budget 0.05")


if __name__ == "__main__":
    main()
