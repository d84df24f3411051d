"""What a program says that a service starts for one piece of work, and how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.redis_server import free_port


def sealing(home: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run one such program."""
    environment = {**os.environ, "FOUNDATIONS_HOME": str(home), **variables}
    command = [sys.executable, "-m", "atlas_services.sealing"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_a_redis_that_is_away_is_told_in_a_sentence(tmp_path: Path) -> None:
    ended = sealing(tmp_path, ATLAS_REDIS_URL=f"redis://127.0.0.1:{free_port()}")
    assert ended.returncode == 1
    assert ended.stderr.startswith("Redis does not answer: ")
    assert "Traceback" not in ended.stderr


def test_a_setting_that_is_none_is_told_in_a_sentence(tmp_path: Path) -> None:
    ended = sealing(tmp_path, ATLAS_SEAL_MINUTES="soon")
    assert ended.returncode == 1
    assert "ATLAS_SEAL_MINUTES" in ended.stderr
    assert "Traceback" not in ended.stderr
