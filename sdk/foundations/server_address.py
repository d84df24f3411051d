"""Where a script's records go, and where it asks for what was logged."""

from __future__ import annotations

import os
from pathlib import Path

from atlas_core.config import ExecutionConfig, load_execution_config


def server_url() -> str:
    """Return $FOUNDATIONS_SERVER_URL, or else what the execution configuration says. Raises `InvalidConfig`."""
    return os.environ.get("FOUNDATIONS_SERVER_URL") or execution_config().server_url


def execution_config(cwd: Path | None = None) -> ExecutionConfig:
    """Return the execution configuration that is found from `cwd`, or the default one. Raises `InvalidConfig`."""
    return load_execution_config(cwd=cwd) or ExecutionConfig()
