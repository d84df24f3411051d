"""The queue, what runs and why: the routes that people look through."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.scheduler_service import SchedulerInProcess, scheduler_in_process, wait_for

from atlas_core.resources import Resources
from atlas_core.retries import Retries
from atlas_core.states import Cause, JobStatus

pytestmark = pytest.mark.redis

SLEEP = "import time; print('here', flush=True); time.sleep(60)"


@pytest.fixture
def server(tmp_path: Path, redis_url: str) -> Iterator[SchedulerInProcess]:
    """A scheduler with four declared GPUs and room for eight jobs."""
    variables = {"NUM_WORKERS": "8", "ATLAS_ENGINE": "process", "ATLAS_CPUS": "16", "ATLAS_RAM": "32"}
    with scheduler_in_process(tmp_path, redis_url, {"CUDA_VISIBLE_DEVICES": "0,1,2,3"}, **variables) as running:
        yield running


def get(server: SchedulerInProcess, path: str, status: int = 200) -> Any:
    answer = server.client.get(f"/api/v3/{path}")
    assert answer.status_code == status, answer.text
    return answer.get_json(force=True)


def why(server: SchedulerInProcess, job_id: str) -> Any:
    return get(server, f"jobs/{job_id}/why")


def order(server: SchedulerInProcess) -> list[str]:
    return [job["job_id"] for job in get(server, "queue")["jobs"]]


def runs(server: SchedulerInProcess, job_id: str) -> None:
    wait_for(lambda: "here" in server.log(job_id))


def explained(server: SchedulerInProcess, job_id: str, code: str) -> Any:
    wait_for(lambda: why(server, job_id)["code"] == code)
    return why(server, job_id)


class TestQueue:
    def test_the_queue_says_of_each_job_where_it_stands_and_why(self, queue: SchedulerInProcess) -> None:
        first, second = queue.submit(), queue.submit(priority=0)
        answer = get(queue, "queue")
        assert answer["total"] == 2
        assert [job["job_id"] for job in answer["jobs"]] == [first, second]
        job = answer["jobs"][1]
        assert (job["position"], job["project"], job["user"], job["priority"]) == (1, "digits", "ada", 0)
        assert job["resources"] == {"num_gpus": 0, "ram": None, "cpus": None}
        assert (job["attempt"], job["attempts"], job["time_limit"], job["promised_start"]) == (1, 1, None, None)
        assert job["since"] == queue.record(second).creation_time
        wait_for(lambda: get(queue, "queue")["jobs"][0]["code"] == "slot")

    def test_a_page_is_a_part_of_it(self, queue: SchedulerInProcess) -> None:
        jobs = [queue.submit() for _ in range(5)]
        page = get(queue, "queue?offset=1&limit=2")
        assert [(job["position"], job["job_id"]) for job in page["jobs"]] == [(1, jobs[1]), (2, jobs[2])]
        assert page["total"] == 5
        assert get(queue, "queue?offset=9")["jobs"] == []
        assert get(queue, "queue?limit=0")["jobs"] == []
        assert get(queue, "queue?limit=-1", 400)["code"] == "invalid_input"

    @pytest.mark.parametrize(
        ("moved", "wish", "expected"),
        [
            (0, {"position": 2}, [1, 2, 0, 3]),
            (3, {"position": 0}, [3, 0, 1, 2]),
            (0, {"position": 99}, [1, 2, 3, 0]),
            (0, {"before": 3}, [1, 2, 0, 3]),
            (3, {"before": 1}, [0, 3, 1, 2]),
            (0, {"after": 3}, [1, 2, 3, 0]),
            (3, {"after": 0}, [0, 3, 1, 2]),
            (1, {"after": 0}, [0, 1, 2, 3]),
        ],
    )
    def test_a_job_gets_another_place(
        self, queue: SchedulerInProcess, moved: int, wish: dict[str, int], expected: list[int]
    ) -> None:
        jobs = [queue.submit() for _ in range(4)]
        ((name, value),) = wish.items()
        body = {name: value if name == "position" else jobs[value]}
        answer = queue.client.patch(f"/api/v3/queue/{jobs[moved]}", json=body)
        assert order(queue) == [jobs[place] for place in expected]
        assert answer.get_json() == {"job_id": jobs[moved], "position": expected.index(moved)}

    def test_a_wish_that_cannot_be_met_changes_nothing(self, queue: SchedulerInProcess) -> None:
        job_id, unknown = queue.submit(), str(uuid.uuid4())
        wishes: list[tuple[str, Any, int]] = [
            (job_id, {}, 400),
            (job_id, {"position": 0, "before": unknown}, 400),
            (job_id, {"priority": 3}, 400),
            (job_id, {"position": "1"}, 400),
            (job_id, {"position": -1}, 400),
            (job_id, {"before": unknown}, 404),
            (job_id, {"after": job_id}, 409),
            (unknown, {"position": 0}, 404),
            ("..", {"position": 0}, 400),
        ]
        for moved, body, status in wishes:
            answer = queue.client.patch(f"/api/v3/queue/{moved}", json=body)
            assert answer.status_code == status, body
            assert answer.content_type == "application/problem+json"
        assert order(queue) == [job_id]

    def test_a_job_that_does_not_wait_cannot_be_moved(self, server: SchedulerInProcess) -> None:
        job_id = server.submit(SLEEP)
        runs(server, job_id)
        answer = server.client.patch(f"/api/v3/queue/{job_id}", json={"position": 0})
        assert (answer.status_code, answer.get_json(force=True)["code"]) == (409, "invalid_transition")

    def test_clearing_cancels_all_that_wait(self, queue: SchedulerInProcess) -> None:
        jobs = [queue.submit() for _ in range(3)]
        assert queue.client.delete("/api/v3/queue?project=other").get_json() == {"cancelled": 0}
        assert queue.client.delete("/api/v3/queue?project=digits").get_json() == {"cancelled": 3}
        assert queue.client.delete("/api/v3/queue").get_json() == {"cancelled": 0}
        assert get(queue, "queue") == {"total": 0, "jobs": []}
        records = [queue.record(job_id) for job_id in jobs]
        assert {(record.status, record.cause) for record in records} == {(JobStatus.FAILED, Cause.STOPPED_BY_USER)}
        assert why(queue, jobs[0])["reason"] == "It was removed from the queue."

    def test_clearing_may_remove_the_jobs_as_if_they_had_never_been(self, queue: SchedulerInProcess) -> None:
        jobs = [queue.submit() for _ in range(3)]
        assert queue.client.delete("/api/v3/queue?remove=1&project=other").get_json() == {"removed": 0}
        assert queue.client.delete("/api/v3/queue?remove=1").get_json() == {"removed": 3}
        assert get(queue, "queue") == {"total": 0, "jobs": []}
        assert {queue.client.get(f"/jobs/{job_id}").status_code for job_id in jobs} == {404}
        assert queue.client.delete("/api/v3/queue?remove=some").status_code == 400


class TestWhy:
    def test_an_unknown_job_is_not_found(self, queue: SchedulerInProcess) -> None:
        assert get(queue, f"jobs/{uuid.uuid4()}/why", 404)["code"] == "job_not_found"

    def test_a_job_waits_for_a_worker(self, queue: SchedulerInProcess) -> None:
        answer = explained(queue, queue.submit(), "slot")
        assert answer["reason"] == "This server runs no jobs: it has no worker (NUM_WORKERS is 0)."
        assert (answer["status"], answer["position"], answer["ahead"]) == ("queued", 0, 0)

    def test_a_job_waits_for_gpus_that_others_hold(self, server: SchedulerInProcess) -> None:
        holder = server.submit(SLEEP, num_gpus=3, time_limit=3600)
        runs(server, holder)
        big = server.submit(SLEEP, num_gpus=2)
        answer = explained(server, big, "gpus")
        assert answer["reason"].startswith(f"It needs 2 GPUs; 1 of 4 GPUs is free (job {holder} holds 3 until ")
        assert answer["blocking"] == [holder]
        assert answer["promised_start"] == pytest.approx((server.record(holder).start_time or 0) + 3600)
        assert "It is promised a start by " in answer["reason"]
        runs(server, server.submit(SLEEP, num_gpus=1, time_limit=7200))  # of four, the other one will need two

    def test_a_job_stays_behind_one_that_it_would_delay(self, server: SchedulerInProcess) -> None:
        holder = server.submit(SLEEP, num_gpus=3, time_limit=3600)
        runs(server, holder)
        big, late = server.submit(SLEEP, num_gpus=4), server.submit(SLEEP, num_gpus=1, time_limit=7200)
        answer = explained(server, late, "promise")
        assert answer["blocking"] == [big]
        assert answer["reason"].startswith(f"It would fit now, but what it needs is kept for job {big}, which stands")
        assert answer["promised_start"] is None
        assert answer["position"] == 1

    def test_a_job_waits_for_memory(self, server: SchedulerInProcess) -> None:
        holder = server.submit(SLEEP, resources=Resources(ram=20))
        runs(server, holder)
        answer = explained(server, server.submit(SLEEP, resources=Resources(ram=20)), "ram")
        assert answer["reason"] == (
            "It needs 20 GB of memory; 12 of 32 are free. "
            "No start can be promised, as not every job in its way has a time limit."
        )
        assert answer["blocking"] == [holder]

    def test_a_job_that_runs_or_has_ended_is_explained_too(self, server: SchedulerInProcess) -> None:
        running = server.submit(SLEEP, num_gpus=1, time_limit=3600, retries=Retries(2))
        runs(server, running)
        answer = why(server, running)
        assert (answer["code"], answer["status"], answer["position"]) == ("running", "running", None)
        assert (answer["gpus"], answer["attempt"], answer["attempts"]) == (["0"], 1, 3)
        assert answer["reason"].startswith("It has been running on GPU 0 since ")
        good, bad = server.submit(), server.submit("import sys; sys.exit(3)")
        server.ended(good)
        server.ended(bad)
        assert why(server, good)["reason"].startswith("It completed after ")
        assert why(server, bad)["reason"] == "Its command ended with exit status 3."


class TestMachine:
    def test_active_jobs_are_listed_with_what_they_hold(self, server: SchedulerInProcess) -> None:
        assert get(server, "running") == {"jobs": []}
        job_id = server.submit(SLEEP, num_gpus=2, time_limit=100)
        runs(server, job_id)
        (job,) = get(server, "running")["jobs"]
        assert (job["job_id"], job["status"], job["gpus"], job["engine"]) == (job_id, "running", ["0", "1"], "process")
        assert job["started"] == server.record(job_id).start_time
        assert 0 < job["time_left"] <= 100
        assert job["ends_by"] == pytest.approx(job["started"] + 100)

    def test_the_machine_is_listed_with_what_it_has_and_who_has_it(self, server: SchedulerInProcess) -> None:
        job_id = server.submit(SLEEP, num_gpus=1)
        runs(server, job_id)
        (node,) = get(server, "nodes")["nodes"]
        assert (node["engine"], node["leader"], node["slots"], node["slots_used"]) == ("process", True, 8, 1)
        assert (node["cpus"], node["ram"], node["cpus_used"], node["ram_used"]) == (16, 32, 0, 0)
        assert [gpu["id"] for gpu in node["gpus"]] == ["0", "1", "2", "3"]
        assert node["gpus"][0] == {
            "id": "0",
            "model": "",
            "memory": None,
            "job": job_id,
            "utilization": None,
            "memory_used": None,
        }
        assert node["jobs"] == [job_id]
