"""What the embedded stack costs: seconds from the command to the first answer, and memory when nothing happens.

Run with `python -m tests.benchmarks.bench_embedded`. The floor of the start is an interpreter that imports what the
services are made of, and a Redis that answers; the floor of the memory is one such interpreter.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil
from tests.integration.stack import RunningStack, eventually, free_port_base, start_stack, wait_until_ready
from tests.redis_server import running_redis

_RUNS = 5
_IMPORTS = "import flask, gunicorn.arbiter, gunicorn.workers.gthread, redis, requests"
#: Seconds for caches to settle before memory is read.
_SETTLE = 3.0
_MEGABYTE = 1e6


def first_answer(home: Path) -> tuple[float, RunningStack]:
    """Return seconds until the proxy passes an answer of the REST API on, and the stack."""
    begin = time.perf_counter()
    stack = start_stack(home, free_port_base())

    def answers() -> bool:
        try:
            with urllib.request.urlopen(f"{stack.url}/api/v2beta/projects", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    eventually(answers)
    return time.perf_counter() - begin, stack


def memory(pid: int) -> float:
    """Return the proportional set size of a process and its descendants, in MB."""
    root = psutil.Process(pid)
    family = [root, *root.children(recursive=True)]
    return sum(process.memory_full_info().pss for process in family) / _MEGABYTE


def floors(directory: Path) -> tuple[float, float]:
    """Return seconds of a bare start, and MB of one interpreter that has imported the libraries."""
    begin = time.perf_counter()
    with running_redis(directory):
        subprocess.run([sys.executable, "-c", _IMPORTS], check=True)
        seconds = time.perf_counter() - begin
    waiting = f"{_IMPORTS}, sys; print(flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", waiting], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        size = memory(process.pid)
        process.kill()
    return seconds, size


def main() -> None:
    """Measure and print."""
    starts, sizes, bare_starts, bare_sizes = [], [], [], []
    for _ in range(_RUNS):
        with tempfile.TemporaryDirectory() as folder:
            bare_start, bare_size = floors(Path(folder))
            seconds, stack = first_answer(Path(folder) / "home")
            wait_until_ready(stack)
            time.sleep(_SETTLE)
            sizes.append(memory(stack.process.pid))
            stack.stop()
        starts.append(seconds)
        bare_starts.append(bare_start)
        bare_sizes.append(bare_size)
    start, floor = statistics.median(starts), statistics.median(bare_starts)
    size, bare = statistics.median(sizes), statistics.median(bare_sizes)
    sys.stdout.write(
        f"embedded start to first answer  {start:6.2f} s   budget 1.5 s   "
        f"{start / floor:.1f} x Redis and one interpreter with its libraries ({floor:.2f} s)\n"
        f"idle memory, all processes      {size:6.0f} MB  budget 150 MB  "
        f"{size / bare:.1f} x one interpreter with its libraries ({bare:.0f} MB)\n"
    )


if __name__ == "__main__":
    main()
