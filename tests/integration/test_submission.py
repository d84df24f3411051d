"""Submitting to a real scheduler."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.scheduler_service import scheduler_process

import foundations

pytestmark = pytest.mark.redis


def test_a_bundle_that_the_server_lost_is_sent_again(tmp_path: Path, redis_url: str) -> None:
    project, config = tmp_path / "digits", Path(os.environ["FOUNDATIONS_HOME"], "config", "submission")
    for directory in (project, config):
        directory.mkdir(parents=True)
    (project / "main.py").write_text("print('hello')\n")
    with scheduler_process(tmp_path / "server", redis_url, NUM_WORKERS="0") as (_, url):
        (config / "scheduler.config.yaml").write_text(f"scheduler_url: {url}\n")
        foundations.submit(job_directory=project, command=["main.py"])
        (bundle,) = (tmp_path / "server" / "job_bundle_store_dir").glob("*.tgz")
        bundle.unlink()
        again = foundations.submit(job_directory=project, command=["main.py"])
        assert bundle.exists()
        assert again.get_true_job_status() == "queued"
