"""What logging takes from a training: a call, a loop of 1 ms steps, memory, and how fast points are safe on the server.

Run with `python -m tests.benchmarks.bench_journal`. A busy machine makes every clock on the wall lie, so the loop is
measured by the processor's time: what the training's own thread computes more, in blocks that take turns with and
without logging, and which part of a processor the sender takes, for which the training may have to wait: it sends twice
a second however much is logged. The floor is one bare write of as many bytes in each step.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.benchmarks.bench_ingest import stack
from tests.unit.foundations.journal_server import running_journal_server

from atlas_core.client import Connection, RestClient

CALL_P50, CALL_P99, SLOWDOWN, MEMORY, DURABLE = 5.0, 20.0, 0.02, 30.0, 60_000
_POINTS = 300_000
#: Blocks of a hundred steps, of each kind.
_ROUNDS = 40

_BEGIN = """
import json, os, statistics, time
def resident():
    with open("/proc/self/statm") as file: return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
before = resident()
import foundations
sender = foundations.run.current.sender
foundations.log_metric("loss", 0.5)
assert sender.has_answered(60)
# What runs once, beside the script, is over: the facts, the source, the import of the HTTP library.
while any(each._thread.is_alive() for each in foundations.run.current.companions if hasattr(each, "_append")):
    time.sleep(0.05)
"""

_CALL = f"""{_BEGIN}
clock, log, times = time.perf_counter_ns, foundations.log_metric, []
for number in range(100_000):
    value = number * 0.5
    begin = clock()
    log("loss", value, step=number)
    times.append(clock() - begin)
times.sort()
print(json.dumps({{"p50": times[len(times) // 2] / 1000, "p99": times[len(times) * 99 // 100] / 1000}}))
"""

_LOOP = f"""{_BEGIN}
def step():
    value = 0.0
    for number in range(work): value += number * 0.5
work, names = 1000, [f"metric {{number}}" for number in range(10)]
while True:
    begin = time.process_time()
    for _ in range(20): step()
    if time.process_time() - begin > 0.02: break
    work = work * 11 // 10
floor = os.open(os.path.join(os.environ["FOUNDATIONS_HOME"], "floor"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def bare(number): pass
def write(number): os.write(floor, bytes(450))
def log(number): foundations.log_metrics({{name: number * 0.5 for name in names}}, step=number)
def block(more):
    begin = time.thread_time()
    for number in range(100):
        step()
        more(number)
    return time.thread_time() - begin
begin, whole, own = time.perf_counter(), time.process_time(), time.thread_time()
rounds = [(block(bare), block(write), block(log)) for _ in range({_ROUNDS})]
others = (time.process_time() - whole - time.thread_time() + own) / (time.perf_counter() - begin)
slower = [statistics.median(times[kind] / times[0] for times in rounds) - 1 for kind in (1, 2)]
print(json.dumps({{"write": slower[0], "own": slower[1], "others": others}}))
"""

_MEMORY = f"""{_BEGIN}
for number in range(200_000): foundations.log_metric("loss", number * 0.5)
time.sleep(2)
print(resident() - before)
"""

_DURABLE = f"""{_BEGIN}
journal, delivery = foundations.run.current._own_journal, sender._delivery
begin = time.perf_counter()
for number in range({_POINTS} // 10):
    foundations.log_metrics({{f"metric {{each}}": number * 0.5 for each in range(10)}}, step=number)
logged = time.perf_counter() - begin
while delivery.applied < journal.position:
    time.sleep(0.002)
durable, job = time.perf_counter() - begin, foundations.run.current.identity.job_id
print(json.dumps({{"logged": logged, "durable": durable, "job": job}}))
"""


def run(code: str, home: Path, url: str) -> Any:
    """Return what a script prints at last, as JSON."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FOUNDATIONS_")}
    alone = {"FOUNDATIONS_SYSTEM_METRICS": "0", "FOUNDATIONS_SNAPSHOT": "0", "FOUNDATIONS_CAPTURE": "0"}
    environment = {**kept, **alone, "FOUNDATIONS_HOME": str(home), "FOUNDATIONS_SERVER_URL": url}
    command = [sys.executable, "-c", code]
    said = subprocess.run(command, env=environment, cwd=home, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(next(line for line in reversed(said.splitlines()) if not line.startswith("Foundations")))


def durable(home: Path) -> dict[str, float]:
    """Return how fast points are logged, and are applied by a server whose Redis has synced them to disk."""
    with stack(home) as (url, _, _):
        found = run(_DURABLE, home, url)
        counts = RestClient(Connection(url)).job(found["job"])["metrics"]
    assert sum(counts[f"metric {each}"]["count"] for each in range(10)) == _POINTS
    return {name: _POINTS / found[name] for name in ("logged", "durable")}


def main() -> int:
    """Print each figure with its budget; returns how many are missed."""
    with tempfile.TemporaryDirectory() as folder, running_journal_server() as server:
        home = Path(folder)
        call, loop = run(_CALL, home, server.url), run(_LOOP, home, server.url)
        memory, speed = run(_MEMORY, home, server.url), durable(home)
    slower = loop["own"] + loop["others"]
    figures = (
        ("log_metric, the sender at work", f"{call['p50']:.2f} µs", f"budget {CALL_P50:.0f} µs"),
        ("  p99", f"{call['p99']:.2f} µs", f"budget {CALL_P99:.0f} µs"),
        ("loop of 1 ms steps, ten metrics", f"{slower:.2%} slower", f"budget {SLOWDOWN:.0%}"),
        (
            "  by its own thread, the sender",
            f"{loop['own']:.2%}, {loop['others']:.2%}",
            f"a bare write {loop['write']:.2%}",
        ),
        ("memory", f"{memory:.1f} MB", f"budget {MEMORY:.0f} MB"),
        ("durable, one process", f"{speed['durable']:,.0f} points/s", f"budget {DURABLE:,}"),
        ("  logged", f"{speed['logged']:,.0f} points/s", ""),
    )
    for name, value, beside in figures:
        print(f"{name:34}{value:>22}  {beside}")
    over = (call["p50"] > CALL_P50, call["p99"] > CALL_P99, slower > SLOWDOWN, memory > MEMORY)
    return sum(map(int, over)) + int(speed["durable"] < DURABLE)


if __name__ == "__main__":
    sys.exit(main())
