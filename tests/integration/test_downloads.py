"""Downloads by programs that people have: parts of files, and whole directories without holding them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests
from tests.redis_server import free_port, require
from tests.served import serving

pytestmark = pytest.mark.redis

_MB = 1024 * 1024


@pytest.fixture
def archive(redis_url: str, tmp_path: Path) -> Iterator[tuple[str, Path, int]]:
    """An archive server: the address of a job, the job's directory, and the server's process."""
    port = free_port()
    directory = tmp_path / "home" / "job_data" / "archive" / "job"
    directory.mkdir(parents=True)
    environment = {"FOUNDATIONS_HOME": str(tmp_path / "home"), "ATLAS_REDIS_URL": redis_url}
    with serving("archive_server", environment, port) as process:
        yield f"http://127.0.0.1:{port}/archive/job", directory, process.pid


@pytest.mark.parametrize("command", [["curl", "-sSf", "-C", "-", "-o"], ["wget", "-q", "-c", "-O"]])
def test_a_download_that_broke_off_goes_on(archive: tuple[str, Path, int], tmp_path: Path, command: list[str]) -> None:
    require(shutil.which(command[0]), command[0])
    url, directory, _ = archive
    content = os.urandom(3 * _MB)
    (directory / "model").write_bytes(content)
    part = tmp_path / "model"
    part.write_bytes(content[: _MB + 7])
    subprocess.run([*command, str(part), f"{url}/model"], check=True, timeout=60)
    assert part.read_bytes() == content


@pytest.mark.parametrize("form", ["zip", "tar"])
def test_a_large_directory_is_sent_in_little_memory(archive: tuple[str, Path, int], form: str) -> None:
    url, directory, pid = archive
    for name in ("a", "b", "c"):
        with (directory / name).open("wb") as file:
            file.truncate(100 * _MB)  # takes no room on the disk
    requests.get(f"{url}/?format={form}", stream=True, timeout=60).close()
    before, highest, received = _memory(pid), 0, 0
    with requests.get(f"{url}/?format={form}", stream=True, timeout=60) as answer:
        for chunk in answer.iter_content(_MB):
            received += len(chunk)
            if received % (20 * _MB) < _MB:
                highest = max(highest, _memory(pid))
    assert received > 300 * _MB
    assert highest - before < 40 * _MB


def _memory(pid: int) -> int:
    """Return what the server and its workers hold."""
    processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return sum(process.memory_info().rss for process in processes)
