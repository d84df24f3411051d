"""What the SDK costs a training script: importing it, logging a point, a loop that logs, and memory.

Run with `python -m tests.benchmarks.bench_sdk`. Each figure stands beside a floor measured in the same run: an
interpreter that does nothing, and the system call that puts the same bytes on disk.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks.bench_cli import compiled
from tests.unit.foundations.journal_server import running_journal_server

from atlas_core.records import Point, point_frame

_RUNS = 15
_POINTS = 200_000
_STEPS = 3_000

_IMPORT = """
import time
begin = time.perf_counter()
import foundations
print((time.perf_counter() - begin) * 1000)
os._exit(0)
"""

_LOG = f"""
import json, time
import foundations
clock, log, times = time.perf_counter_ns, foundations.log_metric, []
for number in range({_POINTS}):
    value = number * 0.5
    begin = clock()
    log("loss", value)
    times.append(clock() - begin)
times.sort()
print(json.dumps({{
    "median": times[len(times) // 2] / 1000,
    "p99": times[len(times) * 99 // 100] / 1000,
    "mean": sum(times) / len(times) / 1000,
    "longest": times[-1] / 1000,
}}))
"""

_WRITE = f"""
import json, os, sys, time
descriptor = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
data, clock, times = b"x" * int(sys.argv[2]), time.perf_counter_ns, []
for number in range({_POINTS}):
    begin = clock()
    os.write(descriptor, data)
    times.append(clock() - begin)
times.sort()
print(json.dumps({{"median": times[len(times) // 2] / 1000, "p99": times[len(times) * 99 // 100] / 1000}}))
"""

#: Two loops of steps that compute for a millisecond, taking turns, so that both see the same machine: time
#: that the training's thread computes for the work alone, and with ten metrics a step.
_LOOP = f"""
import json, time
import foundations

def step():
    value = 0.0
    for number in range(work):
        value += number * 0.5

work, clock = 1000, time.thread_time
while True:
    begin = clock()
    for _ in range(20): step()
    if clock() - begin > 0.02: break
    work = work * 5 // 4
bare = logging = 0.0
for part in range({_STEPS} // 50):
    begin = clock()
    for _ in range(50): step()
    middle = clock()
    for number in range(50):
        step()
        foundations.log_metrics({{f"metric {{each}}": number * 0.5 for each in range(10)}}, step=part * 50 + number)
    bare, logging = bare + middle - begin, logging + clock() - middle
print(json.dumps({{"bare": bare, "logging": logging}}))
"""

_MEMORY = """
import time
def resident():
    with open("/proc/self/statm") as file: return int(file.read().split()[1]) * 4096 / 1e6
before = resident()
import foundations
for number in range(20000): foundations.log_metric("loss", number * 0.5)
time.sleep(2)
print(resident() - before)
"""


def measure_loop(home: Path) -> float:
    """Return by which part ten metrics a step slow a loop of 1 ms steps, the sender at work."""
    with running_journal_server() as server:
        times = json.loads(_python(_LOOP, home, FOUNDATIONS_SERVER_URL=server.url))
    return float(times["logging"] / times["bare"] - 1)


def measure_memory(home: Path) -> float:
    """Return the MB that the SDK holds after 20,000 points, the sender at work."""
    with running_journal_server() as server:
        return float(_python(_MEMORY, home, FOUNDATIONS_SERVER_URL=server.url))


def measure_import(home: Path) -> dict[str, Any]:
    """Return milliseconds that the statement takes, and those of an interpreter that does nothing."""
    statement = statistics.median(float(_python(_IMPORT, home)) for _ in range(_RUNS))
    return {"import_ms": statement, "bare_python_ms": statistics.median(_bare(home) for _ in range(_RUNS))}


def measure_log_metric(home: Path) -> dict[str, Any]:
    """Return microseconds a call, the sender at work and at rest without a server, and those of a bare write."""
    frame = point_frame("loss", 0.5, 0.0)
    assert frame is not None
    with running_journal_server() as server:
        sending = json.loads(_python(_LOG, home, FOUNDATIONS_SERVER_URL=server.url))
        arrived = sum(isinstance(each, Point) for records in server.records.values() for each in records)
    alone = json.loads(_python(_LOG, home, FOUNDATIONS_SERVER_URL="http://127.0.0.1:9").splitlines()[-1])
    floor = json.loads(_python(_WRITE, home, str(home / "floor"), str(len(frame))))
    return {"sending": sending, "offline": alone, "write": floor, "arrived": arrived}


def _bare(home: Path) -> float:
    code = "import subprocess, sys, time\nbegin = time.perf_counter()\nsubprocess.run([sys.executable, '-c', 'pass'])\n"
    return float(_python(code + "print((time.perf_counter() - begin) * 1000)", home))


def _python(code: str, home: Path, *arguments: str, **environment: str) -> str:
    kept = {name: value for name, value in compiled(home).items() if not name.startswith("FOUNDATIONS_")}
    command = [sys.executable, "-c", code, *arguments]
    ended = subprocess.run(
        command,
        env={**kept, "FOUNDATIONS_HOME": str(home), "FOUNDATIONS_SERVER_URL": "http://127.0.0.1:9", **environment},
        cwd=home,
        check=True,
        capture_output=True,
        text=True,
    )
    return next(line for line in reversed(ended.stdout.splitlines()) if not line.startswith("Foundations"))


def main() -> None:
    """Print every figure with its budget and floor."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        started, logged = measure_import(home), measure_log_metric(home)
        slowdown, memory = measure_loop(home), measure_memory(home)
    bare, write = started["bare_python_ms"], logged["write"]["median"]
    print(f"import foundations    {started['import_ms']:7.1f} ms  budget 100 ms")
    print(f"  bare python         {bare:7.1f} ms  ours is {started['import_ms'] / bare:.1f} x")
    for name in ("sending", "offline"):
        times = logged[name]
        print(f"log_metric, {name}   {times['median']:7.2f} µs  p99 {times['p99']:.2f} µs, budget 20 µs")
        print(f"  longest             {times['longest'] / 1000:7.1f} ms")
        print(f"  bare write          {write:7.2f} µs  ours is {times['median'] / write:.1f} x")
    print(f"loop of 1 ms steps    {slowdown:7.1%}     slower with ten metrics a step, budget 2 %")
    print(f"memory                {memory:7.1f} MB  budget 30 MB")
    print(f"points that arrived   {logged['arrived']:7}     of {_POINTS}")


if __name__ == "__main__":
    main()
