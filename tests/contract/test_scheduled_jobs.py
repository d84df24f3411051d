"""The routes of scheduled jobs: texts, codes and shapes that clients rely on."""

from __future__ import annotations

import io
import time
import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.scheduler_service import SchedulerInProcess, old_bundle, scheduler_in_process, wait_for

from atlas_core.states import Cause, JobStatus

pytestmark = pytest.mark.redis

_CRON_FIELDS = {"year", "month", "day", "week", "day_of_week", "hour", "minute", "second"}
_PROBLEM = {"Accept": "application/problem+json"}


def a_body(server: SchedulerInProcess, code: str = "pass", **more: Any) -> dict[str, Any]:
    """Return a schedule that fires once a year, unless told otherwise."""
    return {
        "job_id": str(uuid.uuid4()),
        "spec": {"bundle_id": server.upload({"main.py": code}), "command": ["main.py"]},
        "metadata": {"project_name": "digits", "username": "ada"},
        "gpu_spec": {"num_gpus": 0},
        "schedule": {"month": "2", "day": "29", "hour": "3"},
        **more,
    }


def add(server: SchedulerInProcess, **more: Any) -> str:
    body = a_body(server, **more)
    answer = server.client.post("/scheduled_jobs", json=body)
    assert (answer.status_code, answer.text) == (201, f'"{body["job_id"]}"\n')
    return str(body["job_id"])


def entry_of(server: SchedulerInProcess, job_id: str) -> dict[str, Any]:
    answer = server.client.get(f"/scheduled_jobs/{job_id}")
    assert answer.status_code == 200, answer.text
    entry = answer.get_json()[job_id]
    assert isinstance(entry, dict)
    return entry


def runs_of(server: SchedulerInProcess, job_id: str) -> list[str]:
    return list(entry_of(server, job_id)["runs"])


class TestScheduling:
    def test_an_entry_has_the_shape_that_clients_know(self, queue: SchedulerInProcess) -> None:
        body = a_body(queue)
        assert queue.client.post("/scheduled_jobs", json=body).status_code == 201
        entry = entry_of(queue, body["job_id"])
        assert set(entry["schedule"]) == {*_CRON_FIELDS, "start_date", "end_date"}
        assert [entry["schedule"][name] for name in ("month", "day", "hour", "minute", "second")] == [
            *("2", "29", "3", "0", "0")
        ]
        assert entry["status"] == "active"
        assert entry["properties"] == {name: body[name] for name in ("job_id", "spec", "metadata", "gpu_spec")}
        assert len(entry["next_run_time"]) == 3
        assert all(isinstance(moment, int) and moment > time.time() for moment in entry["next_run_time"])
        assert queue.client.get("/scheduled_jobs").get_json() == {body["job_id"]: entry}

    @pytest.mark.parametrize("missing", ["job_id", "spec"])
    def test_id_and_specification_are_needed(self, queue: SchedulerInProcess, missing: str) -> None:
        body = {name: value for name, value in a_body(queue).items() if name != missing}
        answer = queue.client.post("/scheduled_jobs", json=body)
        assert (answer.status_code, answer.text) == (400, "Job must contain 'job_id', 'spec'")

    @pytest.mark.parametrize("data", [b"", b"no json", b"[]", b"null"])
    def test_a_body_that_is_no_object_lacks_both(self, queue: SchedulerInProcess, data: bytes) -> None:
        answer = queue.client.post("/scheduled_jobs", data=data)
        assert (answer.status_code, answer.text) == (400, "Job must contain 'job_id', 'spec'")

    @pytest.mark.parametrize(
        "wrong", [{"job_id": None}, {"spec": None}, {"spec": "main.py"}, {"schedule": "daily"}, {"schedule": []}]
    )
    def test_parts_of_the_wrong_type_are_refused(self, queue: SchedulerInProcess, wrong: dict[str, Any]) -> None:
        answer = queue.client.post("/scheduled_jobs", json={**a_body(queue), **wrong})
        assert (answer.status_code, answer.text) == (400, "Job must contain valid 'job_id', 'spec'")

    @pytest.mark.parametrize("bundle_id", [None, "0" * 64])
    def test_a_job_without_a_bundle_cannot_be_scheduled(self, queue: SchedulerInProcess, bundle_id: str | None) -> None:
        body = a_body(queue, spec={"bundle_id": bundle_id, "command": ["main.py"]})
        answer = queue.client.post("/scheduled_jobs", json=body)
        assert (answer.status_code, answer.text) == (409, "Cannot schedule a job that has no uploaded bundle")
        assert queue.client.get("/scheduled_jobs").get_json() == {}

    @pytest.mark.parametrize(
        ("schedule", "field"),
        [
            ({"minute": "61"}, "schedule.minute"),
            ({"minutes": "1"}, "schedule.minutes"),
            ({"hour": "3", "timezone": "Mars/Olympus"}, "schedule.timezone"),
            ({"hour": "3", "start_date": "soon"}, "schedule.start_date"),
        ],
    )
    def test_a_field_that_cannot_be_is_named(
        self, queue: SchedulerInProcess, schedule: dict[str, str], field: str
    ) -> None:
        answer = queue.client.post("/scheduled_jobs", json=a_body(queue, schedule=schedule))
        problem = answer.get_json()
        assert (answer.status_code, problem["code"], problem["field"]) == (400, "invalid_input", field)
        assert queue.client.get("/scheduled_jobs").get_json() == {}

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"metadata": None}, "metadata"),
            ({"metadata": {}}, "project_name"),
            ({"gpu_spec": {"num_gpus": -1}}, "num_gpus"),
            ({"job_id": "../escape"}, "job_id"),
            ({"job_id": "a" * 101}, "job_id"),
        ],
    )
    def test_what_a_job_cannot_be_a_scheduled_one_cannot_be(
        self, queue: SchedulerInProcess, wrong: dict[str, Any], field: str
    ) -> None:
        answer = queue.client.post("/scheduled_jobs", json={**a_body(queue), **wrong})
        assert (answer.status_code, answer.get_json()["field"]) == (400, field)
        assert queue.client.get("/scheduled_jobs").get_json() == {}

    @pytest.mark.parametrize("schedule", [{}, None, {"minute": None}, {"timezone": "Europe/Berlin"}])
    def test_without_times_a_schedule_is_paused(self, queue: SchedulerInProcess, schedule: Any) -> None:
        entry = entry_of(queue, add(queue, schedule=schedule))
        assert (entry["status"], entry["next_run_time"]) == ("paused", [None, None, None])

    def test_the_project_is_there_at_once(self, queue: SchedulerInProcess) -> None:
        add(queue)
        assert [project.name for project in queue.tracker.projects.all()] == ["digits"]

    def test_there_may_be_more_than_ten(self, queue: SchedulerInProcess) -> None:
        ids = [add(queue) for _ in range(12)]
        assert list(queue.client.get("/scheduled_jobs").get_json()) == ids

    def test_the_same_request_again_changes_nothing(self, queue: SchedulerInProcess) -> None:
        body = a_body(queue)
        first, again = (queue.client.post("/scheduled_jobs", json=body) for _ in range(2))
        assert (first.status_code, again.status_code, again.text) == (201, 201, first.text)
        other = queue.client.post("/scheduled_jobs", json={**body, "schedule": {"hour": "4"}})
        assert (other.status_code, other.get_json()["code"]) == (409, "conflict")

    def test_secrets_are_not_shown(self, queue: SchedulerInProcess) -> None:
        body = a_body(queue)
        body["spec"]["environment"] = {"API_TOKEN": "hush", "EPOCHS": "3"}
        queue.client.post("/scheduled_jobs", json=body)
        shown = entry_of(queue, body["job_id"])["properties"]["spec"]["environment"]
        assert shown == {"API_TOKEN": "***", "EPOCHS": "3"}

    def test_a_time_zone_is_kept_and_shown(self, queue: SchedulerInProcess) -> None:
        entry = entry_of(queue, add(queue, schedule={"hour": "3", "timezone": "Asia/Tokyo"}))
        assert entry["timezone"] == "Asia/Tokyo"
        assert all(moment % 86400 == 18 * 3600 for moment in entry["next_run_time"])


class TestListing:
    def test_entries_of_one_project_are_chosen_by_query_or_by_body(self, queue: SchedulerInProcess) -> None:
        mine = add(queue)
        other = add(queue, metadata={"project_name": "other", "monitor_name": "drift"})
        client = queue.client
        assert set(client.get("/scheduled_jobs").get_json()) == {mine, other}
        assert list(client.get("/scheduled_jobs?project=other").get_json()) == [other]
        assert list(client.get("/scheduled_jobs", json={"project": "digits"}).get_json()) == [mine]
        assert client.get("/scheduled_jobs?project=none").get_json() == {}

    @pytest.mark.parametrize(
        ("method", "body"),
        [("GET", None), ("DELETE", None), ("PUT", {"status": "active"}), ("PATCH", {"schedule": {"hour": "1"}})],
    )
    def test_an_unknown_id_is_not_found(self, queue: SchedulerInProcess, method: str, body: Any) -> None:
        answer = queue.client.open("/scheduled_jobs/nowhere", method=method, json=body)
        assert (answer.status_code, answer.text) == (404, "Scheduled job nowhere not found")

    def test_a_client_that_accepts_problems_gets_one(self, queue: SchedulerInProcess) -> None:
        answer = queue.client.get("/scheduled_jobs/nowhere", headers=_PROBLEM)
        assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")


class TestPausing:
    def test_a_schedule_is_paused_and_made_active_as_often_as_one_likes(self, queue: SchedulerInProcess) -> None:
        job_id = add(queue)
        for status in ("paused", "paused", "active", "active"):
            answer = queue.client.put(f"/scheduled_jobs/{job_id}", json={"status": status})
            assert (answer.status_code, answer.data) == (204, b"")
            entry = entry_of(queue, job_id)
            assert entry["status"] == status
            assert (None in entry["next_run_time"]) == (status == "paused")

    @pytest.mark.parametrize(
        ("body", "sentence"),
        [
            ({}, "Missing status key"),
            ({"status": None}, "Missing status key"),
            ({"status": "asleep"}, "Invalid status"),
            ({"status": ["active"]}, "Invalid status"),
        ],
    )
    def test_other_states_are_refused(self, queue: SchedulerInProcess, body: dict[str, Any], sentence: str) -> None:
        answer = queue.client.put(f"/scheduled_jobs/{add(queue)}", json=body)
        assert (answer.status_code, answer.text) == (400, sentence)

    def test_one_whose_time_is_past_is_removed_when_it_is_to_become_active(self, queue: SchedulerInProcess) -> None:
        job_id = add(queue, schedule={"hour": "3", "end_date": "2020-01-01"})
        assert entry_of(queue, job_id)["status"] == "paused"
        answer = queue.client.put(f"/scheduled_jobs/{job_id}", json={"status": "active"})
        sentence = "Cannot mark expired monitor as active. Job will be removed."
        assert (answer.status_code, answer.text) == (400, sentence)
        assert queue.client.get(f"/scheduled_jobs/{job_id}").status_code == 404

    def test_one_without_times_stays_paused_until_it_gets_some(self, queue: SchedulerInProcess) -> None:
        job_id = add(queue, schedule={})
        answer = queue.client.put(f"/scheduled_jobs/{job_id}", json={"status": "active"})
        assert (answer.status_code, answer.text) == (
            400,
            f"Scheduled job {job_id} has no schedule yet; give it one.",
        )
        assert entry_of(queue, job_id)["status"] == "paused"


class TestRescheduling:
    def test_new_times_replace_the_old_and_make_it_active(self, queue: SchedulerInProcess) -> None:
        job_id = add(queue, schedule={"hour": "3", "timezone": "Asia/Tokyo"})
        queue.client.put(f"/scheduled_jobs/{job_id}", json={"status": "paused"})
        answer = queue.client.patch(f"/scheduled_jobs/{job_id}", json={"schedule": {"minute": "*/10"}})
        assert (answer.status_code, answer.data) == (204, b"")
        entry = entry_of(queue, job_id)
        assert (entry["schedule"]["minute"], entry["schedule"]["hour"]) == ("*/10", "*")
        assert (entry["status"], entry["timezone"]) == ("active", "Asia/Tokyo")

    @pytest.mark.parametrize("body", [{}, {"schedule": {}}, {"schedule": None}])
    def test_nothing_is_no_schedule(self, queue: SchedulerInProcess, body: dict[str, Any]) -> None:
        answer = queue.client.patch(f"/scheduled_jobs/{add(queue)}", json=body)
        assert (answer.status_code, answer.text) == (400, "Bad job schedule")

    @pytest.mark.parametrize("schedule", [{"minute": "61"}, "daily", {"end_date": "2090-01-01"}, {"minute": None}])
    def test_a_bad_one_is_refused_and_the_old_one_stays(self, queue: SchedulerInProcess, schedule: Any) -> None:
        job_id = add(queue)
        before = entry_of(queue, job_id)
        answer = queue.client.patch(f"/scheduled_jobs/{job_id}", json={"schedule": schedule})
        sentence = f"Cannot process schedule update: invalid schedule provided for job {job_id}"
        assert (answer.status_code, answer.text) == (400, sentence)
        assert entry_of(queue, job_id) == before

    def test_one_that_would_never_fire_is_refused(self, queue: SchedulerInProcess) -> None:
        job_id = add(queue)
        past = {"schedule": {"hour": "3", "end_date": "2020-01-01"}}
        answer = queue.client.patch(f"/scheduled_jobs/{job_id}", json=past)
        assert (answer.status_code, answer.text) == (400, f"Unable to process schedule update for job {job_id}")
        problem = queue.client.patch(f"/scheduled_jobs/{job_id}", json=past, headers=_PROBLEM).get_json()
        assert "no fire time ahead" in problem["detail"]


class TestRunning:
    def test_a_run_gets_an_id_with_the_time_and_all_that_a_job_has(self, server: SchedulerInProcess) -> None:
        code = "import os; print('I am', os.environ['FOUNDATIONS_JOB_ID'])"
        job_id = add(server, code=code, schedule={"second": "*", "timezone": "UTC"})
        wait_for(lambda: bool(runs_of(server, job_id)))
        server.client.put(f"/scheduled_jobs/{job_id}", json={"status": "paused"})
        run_id = runs_of(server, job_id)[0]
        stamp = time.strftime("%Y%m%d_%H%M", time.gmtime(server.record(run_id).creation_time))
        assert run_id.startswith(f"{job_id}_{stamp}")
        record = server.ended(run_id)
        assert (record.status, record.project, record.user) == (JobStatus.COMPLETED, "digits", "ada")
        assert server.log(run_id).endswith(f"I am {run_id}\n")

    def test_runs_wait_in_the_queue_for_their_turn_and_their_gpus(self, tmp_path: Path, redis_url: str) -> None:
        with scheduler_in_process(tmp_path, redis_url, {"CUDA_VISIBLE_DEVICES": "0"}, NUM_WORKERS="4") as server:
            holder = server.submit("import time; time.sleep(60)", num_gpus=1)
            wait_for(lambda: server.record(holder).status is JobStatus.RUNNING)
            job_id = add(server, gpu_spec={"num_gpus": 1}, schedule={"second": "*"})
            wait_for(lambda: bool(runs_of(server, job_id)))
            wait_for(lambda: entry_of(server, job_id)["last_skipped"] is not None)
            (run_id,) = runs_of(server, job_id)
            assert server.record(run_id).status is JobStatus.QUEUED
            assert server.tracker.queue.ids() == [run_id]
            server.client.put(f"/scheduled_jobs/{job_id}", json={"status": "paused"})
            server.client.delete(f"/running_jobs/{holder}")
            assert server.ended(run_id).status is JobStatus.COMPLETED

    def test_an_old_clients_bundle_serves_every_run_whatever_is_deleted(self, server: SchedulerInProcess) -> None:
        job_id = str(uuid.uuid4())
        form = {"job_bundle": (io.BytesIO(old_bundle(job_id, {"main.py": "print('old')"})), f"{job_id}.tgz")}
        assert server.client.post("/job_bundle", data=form).text == "Job bundle uploaded"
        add(server, job_id=job_id, spec={"command": ["main.py"]}, schedule={"second": "*"})
        wait_for(lambda: bool(runs_of(server, job_id)))
        first = runs_of(server, job_id)[0]
        assert server.ended(first).status is JobStatus.COMPLETED
        (server.settings.bundle_store / f"{job_id}.tgz").unlink()
        assert server.client.delete(f"/completed_jobs/{first}").status_code == 204
        wait_for(lambda: runs_of(server, job_id)[-1] != first)
        later = runs_of(server, job_id)[-1]
        assert server.ended(later).status is JobStatus.COMPLETED
        assert server.log(later).endswith("old\n")

    def test_removing_a_schedule_stops_its_run_and_leaves_no_work_behind(self, server: SchedulerInProcess) -> None:
        job_id = add(server, code="import time; time.sleep(60)", schedule={"second": "*"})
        wait_for(lambda: bool(runs_of(server, job_id)))
        (run_id,) = runs_of(server, job_id)
        wait_for(lambda: server.record(run_id).status is JobStatus.RUNNING)
        answer = server.client.delete(f"/scheduled_jobs/{job_id}")
        assert (answer.status_code, answer.data) == (204, b"")
        record = server.record(run_id)
        assert (record.status, record.cause) == (JobStatus.FAILED, Cause.STOPPED_BY_USER)
        assert record.cause_detail == "its schedule was removed"
        server.ended(run_id)
        assert list(server.settings.work_root.glob(f"{job_id}*")) == []
        assert server.client.get(f"/scheduled_jobs/{job_id}").status_code == 404

    def test_removing_a_schedule_cancels_a_run_that_waits(self, queue: SchedulerInProcess) -> None:
        job_id = add(queue, schedule={"second": "*"})
        wait_for(lambda: bool(runs_of(queue, job_id)))
        (run_id,) = runs_of(queue, job_id)
        assert queue.client.delete(f"/scheduled_jobs/{job_id}").status_code == 204
        assert queue.record(run_id).status is JobStatus.FAILED
        assert queue.tracker.queue.ids() == []

    def test_what_an_old_client_sent_goes_with_the_schedule(self, queue: SchedulerInProcess) -> None:
        job_id = str(uuid.uuid4())
        form = {"job_bundle": (io.BytesIO(old_bundle(job_id, {"main.py": ""})), f"{job_id}.tgz")}
        queue.client.post("/job_bundle", data=form)
        add(queue, job_id=job_id, spec={"command": ["main.py"]})
        queue.client.delete(f"/scheduled_jobs/{job_id}")
        assert not (queue.settings.bundle_store / f"{job_id}.tgz").exists()

    def test_schedules_outlive_the_scheduler_in_the_state_in_which_they_were(
        self, tmp_path: Path, redis_url: str
    ) -> None:
        with scheduler_in_process(tmp_path, redis_url, NUM_WORKERS="0") as first:
            paused, active = add(first), add(first)
            first.client.put(f"/scheduled_jobs/{paused}", json={"status": "paused"})
            before = first.client.get("/scheduled_jobs").get_json()
        with scheduler_in_process(tmp_path, redis_url, NUM_WORKERS="0") as second:
            assert second.client.get("/scheduled_jobs").get_json() == before
            assert (before[paused]["status"], before[active]["status"]) == ("paused", "active")

    def test_a_standby_takes_schedules_in_and_fires_them_once_it_leads(self, tmp_path: Path, redis_url: str) -> None:
        with ExitStack() as longer:
            with scheduler_in_process(tmp_path, redis_url, NUM_WORKERS="0") as leader:
                wait_for(lambda: leader.tracker.lease.holder() is not None)
                standby = longer.enter_context(scheduler_in_process(tmp_path, redis_url, NUM_WORKERS="0"))
                job_id = add(standby, schedule={"second": "*"})
                wait_for(lambda: bool(runs_of(standby, job_id)))
            (first,) = runs_of(standby, job_id)
            assert standby.client.delete("/queued_jobs/0").status_code == 204
            wait_for(lambda: runs_of(standby, job_id) != [first])
            assert standby.tracker.queue.ids() == runs_of(standby, job_id)[1:]
