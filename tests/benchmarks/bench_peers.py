"""What logging costs beside trackio, wandb (offline) and MLflow: the same steps, each in an environment of its own.

Run with `python -m tests.benchmarks.bench_peers`. The environments are made once, below `$XDG_CACHE_HOME`; that takes
some minutes and a network. Nothing leaves this machine: each library keeps what it is given on the disk.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Steps of two metrics each, at most; and seconds after which a library that needs longer for them is stopped.
STEPS, SECONDS = 20_000, 20.0

#: The loop that all of them run: `begin`, `log` and `end` are what differs.
_LOOP = f"""
import json, os, sys, time
{{begin}}
clock, times, started = time.perf_counter, [], time.perf_counter()
for step in range({STEPS}):
    metrics = {{{{"loss": step * 0.5, "accuracy": step * 0.25}}}}
    before = clock()
    {{log}}
    times.append(clock() - before)
    if clock() - started > {SECONDS}:
        break
{{end}}
taken = clock() - started
times.sort()
median, p99 = times[len(times) // 2], times[len(times) * 99 // 100]
result = {{{{"steps": len(times), "median": median, "p99": p99, "taken": taken}}}}
with open(os.environ["RESULT"], "w") as file:
    json.dump(result, file)
"""


@dataclass(frozen=True)
class Library:
    """What is installed for a library, and its words for a run, a step and the end."""

    requirement: str
    begin: str
    log: str
    end: str


OURS = "foundations"
LIBRARIES = {
    OURS: Library("", "import foundations", "foundations.log_metrics(metrics, step=step)", ""),
    "trackio": Library(
        "trackio==0.43.0",
        "import trackio; trackio.init(project='bench', embed=False)",
        "trackio.log(metrics, step=step)",
        "trackio.finish()",
    ),
    "wandb": Library(
        "wandb==0.31.0",
        "import wandb; run = wandb.init(project='bench', mode='offline', dir=os.getcwd())",
        "run.log(metrics, step=step)",
        "run.finish()",
    ),
    "mlflow": Library(
        "mlflow==3.17.2",
        "import mlflow; mlflow.set_tracking_uri('sqlite:///mlflow.db'); mlflow.start_run()",
        "mlflow.log_metrics(metrics, step=step)",
        "mlflow.end_run()",
    ),
}


def interpreter(name: str, library: Library) -> str:
    """Return the Python of the environment that holds the library, made now if there is none."""
    if not library.requirement:
        return sys.executable
    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "atlas-benchmarks"
    place = cache / library.requirement.replace("==", "-")
    python = place / "bin" / "python"
    if not (place / "whole").exists():
        shutil.rmtree(place, ignore_errors=True)
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, str(place)], check=True)
        subprocess.run(
            [*uv, "pip", "install", "--quiet", "--python", str(python), *library.requirement.split()], check=True
        )
        (place / "whole").touch()
    return str(python)


def measure(name: str, library: Library, folder: Path) -> dict[str, Any]:
    """Return the steps that were logged, and the seconds: of a call in the median and at p99, and of all of them."""
    code = _LOOP.format(begin=library.begin, log=library.log, end=library.end)
    result = folder / "result.json"
    homes = dict.fromkeys(("HOME", "FOUNDATIONS_HOME", "HF_HOME", "TRACKIO_DIR", "WANDB_DIR"), str(folder))
    environment = {**os.environ, **homes, "FOUNDATIONS_MODE": "offline", "RESULT": str(result)}
    subprocess.run(
        [interpreter(name, library), "-c", code], cwd=folder, env=environment, check=True, capture_output=True
    )
    measured: dict[str, Any] = json.loads(result.read_text())
    return measured


def main() -> None:
    """Print every library's figures, and how many times ours they are."""
    measured: dict[str, dict[str, Any]] = {}
    for name, library in LIBRARIES.items():
        with tempfile.TemporaryDirectory() as folder:
            try:
                measured[name] = measure(name, library, Path(folder))
            except subprocess.CalledProcessError as error:
                words = (error.stderr or b"").decode(errors="replace").strip().splitlines()
                print(f"{name:12} could not be measured: {words[-1] if words else error}")
    ours = measured[OURS]
    for name, each in measured.items():
        rate = 2 * each["steps"] / each["taken"]
        part = rate / (2 * ours["steps"] / ours["taken"])
        print(
            f"{name:12} {each['median'] * 1e6:10.1f} µs a call, p99 {each['p99'] * 1e6:10.1f} µs "
            f"({each['median'] / ours['median']:8.1f} x ours)   {rate:10.0f} points/s ({part:.3f} x ours)"
        )


if __name__ == "__main__":
    main()
