"""How long people wait for the command line before it does anything, and a script for `import foundations`.

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
_BUDGETS = {"foundations --help": 150.0, "import foundations": 100.0}
#: What a script pays: the interpreter ends at once, for what is logged is not what is measured.
_IMPORT = "import foundations, os; os._exit(0)"
_BIN = Path(sys.executable).parent
_COMMANDS = {
    "bare python": [sys.executable, "-c", "pass"],
    "import click": [sys.executable, "-c", "import click"],
    "import foundations": [sys.executable, "-c", _IMPORT],
    "foundations --help": [str(_BIN / "foundations"), "--help"],
    "foundations submit --help": [str(_BIN / "foundations"), "submit", "--help"],
    "foundations info --env": [str(_BIN / "foundations"), "info", "--env"],
}


def measure(home: Path) -> dict[str, tuple[float, float]]:
    """Return for each command the median and the least milliseconds from its start to its end."""
    environment = compiled(home)
    times: dict[str, list[float]] = {name: [] for name in _COMMANDS}
    for _ in range(_RUNS):
        for name, command in _COMMANDS.items():
            begin = time.perf_counter()
            subprocess.run(command, env=environment, cwd=home, capture_output=True, check=True)
            times[name].append((time.perf_counter() - begin) * 1000)
    return {name: (statistics.median(each), min(each)) for name, each in times.items()}


def compiled(home: Path) -> dict[str, str]:
    """Return an environment in which modules are compiled once, as they are where packages are installed."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "FOUNDATIONS_HOME": str(home), "PYTHONPYCACHEPREFIX": str(home / "compiled")}


def main() -> None:
    """Print every figure with its budget and floor."""
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(Path(folder))
    floor, _ = measured["bare python"]
    for name, (median, least) in measured.items():
        budget = f", budget {_BUDGETS[name]:.0f} ms" if name in _BUDGETS else ""
        over = f"{median / floor:4.1f} x bare, {median - floor:6.1f} ms over it"
        print(f"{name:26} {median:7.1f} ms  {over}, least {least:6.1f} ms{budget}")


if __name__ == "__main__":
    main()
