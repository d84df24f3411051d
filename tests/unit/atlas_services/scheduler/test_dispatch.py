"""Dispatch goes on whatever happens around it."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from tests.scheduler_service import scheduler_in_process, wait_for

from atlas_core.states import JobStatus
from atlas_services.scheduler.bundles import BundleStore

pytestmark = pytest.mark.redis


def test_a_lock_that_cannot_be_taken_is_tried_again(tmp_path: Path, redis_url: str) -> None:
    lock = tmp_path / "home" / "server" / "scheduler.lock"
    lock.mkdir(parents=True)
    with scheduler_in_process(tmp_path, redis_url) as server:
        job_id = server.submit()
        assert server.client.get("/readyz").status_code == 200
        lock.rmdir()
        assert server.ended(job_id).status is JobStatus.COMPLETED


def test_a_stray_file_does_not_keep_leftovers_from_being_cleared(tmp_path: Path, redis_url: str) -> None:
    root = tmp_path / "home" / "local_docker_scheduler" / "work_dir"
    (root / "left-by-a-deleted-job").mkdir(parents=True)
    (root / "notes.txt").touch()
    with scheduler_in_process(tmp_path, redis_url):
        wait_for(lambda: [path.name for path in root.iterdir()] == ["notes.txt"])


def test_jobs_end_while_others_are_long_in_beginning(
    tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, unpack = threading.Semaphore(0), threading.Event(), BundleStore.unpack

    def unpack_slowly(store: BundleStore, job_id: str, bundle_id: str | None, target: Path) -> None:
        begun.release()
        go_on.wait(60)
        unpack(store, job_id, bundle_id, target)

    with scheduler_in_process(tmp_path, redis_url, NUM_WORKERS="20") as server:
        end = tmp_path / "end"
        short = server.submit(f"import os, time\nwhile not os.path.exists({str(end)!r}): time.sleep(0.01)")
        wait_for(lambda: server.record(short).status is JobStatus.RUNNING)
        monkeypatch.setattr(BundleStore, "unpack", unpack_slowly)
        long = [server.submit() for _ in range(10)]
        assert all(begun.acquire(timeout=10) for _ in range(8))
        end.touch()
        assert server.ended(short, 10).status is JobStatus.COMPLETED
        go_on.set()
        assert all(server.ended(job_id).status is JobStatus.COMPLETED for job_id in long)


def test_a_scheduler_with_a_dead_thread_is_not_ready(tmp_path: Path, redis_url: str) -> None:
    with scheduler_in_process(tmp_path, redis_url) as server:
        assert server.client.get("/readyz").status_code == 200
        server.scheduler._reaper.close()
        wait_for(lambda: server.client.get("/readyz").status_code == 503)
        assert "reaper" in server.client.get("/readyz").get_json()["detail"]


def test_a_stop_asked_of_a_scheduler_that_waits_to_lead_returns_with_the_end(tmp_path: Path, redis_url: str) -> None:
    with (
        scheduler_in_process(tmp_path, redis_url) as first,
        scheduler_in_process(tmp_path, redis_url, ATLAS_STOP_GRACE="60") as second,
    ):
        job_id = first.submit("import time; time.sleep(60)")
        wait_for(lambda: (first.settings.work_root / job_id / "started").exists())
        answers: list[int] = []
        stop = threading.Thread(
            target=lambda: answers.append(second.client.delete(f"/running_jobs/{job_id}").status_code)
        )
        stop.start()
        stop.join(20)
        assert answers == [204]
        assert first.record(job_id).status is JobStatus.FAILED


def test_a_job_that_ends_while_redis_takes_no_writes_ends_as_it_did(
    tmp_path: Path, redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    end = tmp_path / "end"
    with scheduler_in_process(tmp_path, redis_url) as server:
        job_id = server.submit(f"import os, time\nwhile not os.path.exists({str(end)!r}): time.sleep(0.01)")
        wait_for(lambda: server.record(job_id).status is JobStatus.RUNNING)
        server.tracker.client.config_set("maxmemory", "1")
        try:
            end.touch()
            wait_for(lambda: f"job {job_id} waits: Redis takes no writes now" in caplog.text)
        finally:
            server.tracker.client.config_set("maxmemory", "0")
        assert server.ended(job_id).status is JobStatus.COMPLETED
        assert "ERROR" not in server.log(job_id)
