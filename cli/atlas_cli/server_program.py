"""The services' own programs, run beside a stack that runs on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from atlas_cli.outcome import CommandFailed
from atlas_cli.stack import running_stack, server_directory


def report_of(home: Path, module: str, words: Sequence[str], purpose: str) -> dict[str, Any]:
    """Run a module of the services with what it needs to reach the stack of this home, and return its report.

    Raises `CommandFailed` when no stack runs, which `purpose` says the need of, or when the program reports nothing.
    """
    stack = running_stack(home)
    if stack is None:
        raise CommandFailed(f"Atlas is not running. Start it with `atlas-server start`; it {purpose}.")
    variables = {
        "FOUNDATIONS_HOME": str(home),
        "ATLAS_REDIS_URL": f"{stack.url('redis')}/0",
        "ATLAS_REDIS_PASSWORD_FILE": str(server_directory(home) / "redis.secret"),
    }
    command = [sys.executable, "-m", module, *words]
    done = subprocess.run(
        command, env={**os.environ, **variables}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if not done.stdout:  # one that reports something bad fails, too
        raise CommandFailed(done.stderr.strip() or "The services' program failed.")
    report: dict[str, Any] = json.loads(done.stdout)
    return report
