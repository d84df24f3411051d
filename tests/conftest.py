"""Fixtures that more than one folder of tests needs."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.redis_server import running_redis

# A shell that starts the tests in the background lets them ignore Ctrl-C, and every process that they start would too.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The tests import foundations; that must not make each of them a job.
os.environ["FOUNDATIONS_COMMAND_LINE"] = "True"


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors, for most tests wait for a process or a socket most of the time."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Redis for the whole session; use `redis_url`, which empties it first."""
    with running_redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The URL of an empty Redis."""
    with redis.Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the home directory of whoever runs it, nor settings from their shell."""
    for name in [name for name in os.environ if name.startswith(("FOUNDATIONS_", "ATLAS_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FOUNDATIONS_COMMAND_LINE", "True")
    monkeypatch.setenv("FOUNDATIONS_HOME", str(tmp_path / "home"))
