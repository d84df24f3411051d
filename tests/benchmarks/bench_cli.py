"""How long people wait for the command line before it does anything.

Run with `python -m tests.benchmarks.bench_cli`. Each figure stands beside an interpreter that does nothing, started in
turn with it, so that what else the machine does counts for both.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_RUNS = 21
#: Milliseconds.
_BUDGETS = {"foundations --help": 150.0}
_BIN = Path(sys.executable).parent
_COMMANDS = {
    "bare python": [sys.executable, "-c", "pass"],
    "import click": [sys.executable, "-c", "import click"],
    "foundations --help": [str(_BIN / "foundations"), "--help"],
    "foundations submit --help": [str(_BIN / "foundations"), "submit", "--help"],
    "foundations info --env": [str(_BIN / "foundations"), "info", "--env"],
}


def measure(home: Path) -> dict[str, tuple[float, float]]:
    """Return for each command the median and the least milliseconds from its start to its end."""
    environment = {**os.environ, "FOUNDATIONS_HOME": str(home)}
    times: dict[str, list[float]] = {name: [] for name in _COMMANDS}
    for _ in range(_RUNS):
        for name, command in _COMMANDS.items():
            begin = time.perf_counter()
            subprocess.run(command, env=environment, capture_output=True, check=True)
            times[name].append((time.perf_counter() - begin) * 1000)
    return {name: (statistics.median(each), min(each)) for name, each in times.items()}


def main() -> None:
    """Print every figure with its budget and floor."""
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(Path(folder))
    floor, _ = measured["bare python"]
    for name, (median, least) in measured.items():
        budget = f"  budget {_BUDGETS[name]:.0f} ms" if name in _BUDGETS else ""
        print(f"{name:26} {median:7.1f} ms  {median / floor:4.1f} x bare, least {least:6.1f} ms{budget}")


if __name__ == "__main__":
    main()
