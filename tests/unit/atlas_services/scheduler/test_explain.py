"""Why a job is where it is, in words."""

from __future__ import annotations

from typing import Any

import pytest

from atlas_core.resources import Resources
from atlas_core.states import Cause, JobStatus
from atlas_services.scheduler.engines import Capacity, Gpu
from atlas_services.scheduler.explain import Explanation, explain
from atlas_services.scheduler.limits import Limit, Limits
from atlas_services.scheduler.outlook import Outlook
from atlas_services.scheduler.plan import Waiting
from atlas_services.tracker import JobRecord

#: 12:00 UTC on a Monday.
NOON = 1_700_481_600.0
MACHINE = Capacity(4, tuple(Gpu(str(place), "A100", 40.0) for place in range(4)), 8.0, 32.0)


def record(job_id: str = "job", status: JobStatus = JobStatus.QUEUED, **facts: Any) -> JobRecord:
    spec: dict[str, Any] = {name: facts.pop(name) for name in ("resources", "time_limit", "retries") if name in facts}
    facts = {"user": "ada", "project": "digits", **facts}
    return JobRecord(job_id=job_id, status=status, creation_time=NOON - 60, spec=spec, **facts)


def running(job_id: str, gpus: str = "", time_limit: float | None = None, **facts: Any) -> JobRecord:
    resources = {"num_gpus": len(gpus.split(",")) if gpus else 0, **facts.pop("resources", {})}
    limit = {} if time_limit is None else {"time_limit": time_limit}
    return record(job_id, JobStatus.RUNNING, start_time=NOON, gpu_ids=gpus, resources=resources, **limit, **facts)


def outlook(
    *active: JobRecord, queue: tuple[JobRecord, ...] = (), limits: Limits | None = None, **more: Any
) -> Outlook:
    capacity = more.pop("capacity", MACHINE)
    waiting = [
        Waiting(
            job.job_id,
            Resources.from_dict(job.spec.get("resources") or {}),
            job.project,
            job.user or "",
            job.spec.get("time_limit"),
        )
        for job in queue
    ]
    return Outlook.of(NOON, capacity, limits or Limits(), active, waiting, **more)


def why(job: JobRecord, *active: JobRecord, before: tuple[JobRecord, ...] = (), **more: Any) -> Explanation:
    return explain(job, len(before), outlook(*active, queue=(*before, job), **more))


class TestQueued:
    def test_with_room_it_is_about_to_start(self) -> None:
        assert why(record()) == Explanation("starting", "It is about to start.")

    def test_nobody_dispatches(self) -> None:
        explanation = why(record(), is_led=False)
        assert explanation.code == "no_scheduler"

    def test_it_pauses_before_the_next_attempt(self) -> None:
        job = record(attempt=2, not_before=NOON + 30, retries={"limit": 3})
        explanation = explain(job, 0, outlook())
        assert explanation == Explanation(
            "pause", "Attempt 1 of 4 failed; the next one may begin by 12:01 UTC, after a pause."
        )

    def test_gpus_are_busy_and_it_is_known_until_when(self) -> None:
        job = record(resources={"num_gpus": 3})
        explanation = why(job, running("x", "0,1", 630.0), running("y", "2"))
        assert explanation == Explanation(
            "gpus",
            "It needs 3 GPUs; 1 of 4 GPUs is free (job x holds 2 until 12:11 UTC at the latest and job y holds 1). "
            "It is promised a start by 12:11 UTC.",
            ("x", "y"),
            NOON + 630.0,
        )

    def test_gpus_of_a_kind_are_counted_among_their_kind(self) -> None:
        capacity = Capacity(4, (Gpu("0", "A100"), Gpu("1", "T4"), Gpu("2", "T4")))
        explanation = why(record(resources={"num_gpus": 1, "gpu_model": "a100"}), running("x", "0"), capacity=capacity)
        assert explanation.reason.startswith(
            "It needs 1 GPU of model `a100`; the only such GPU is busy (job x holds 1)."
        )

    def test_no_start_is_promised_that_nobody_can_know(self) -> None:
        explanation = why(record(resources={"cpus": 6}), running("x", resources={"cpus": 3}))
        assert explanation == Explanation(
            "cpus",
            "It needs 6 CPU cores; 5 of 8 are free. "
            "No start can be promised, as not every job in its way has a time limit.",
            ("x",),
        )

    def test_a_limit_beyond_all_calendars_is_as_good_as_none(self) -> None:
        explanation = why(record(resources={"num_gpus": 4}), running("x", "0", 1e300))
        assert "UTC" not in explanation.reason

    def test_several_things_may_be_lacking(self) -> None:
        explanation = why(
            record(resources={"num_gpus": 4, "ram": 32}), running("x", "0", resources={"ram": 1}, time_limit=60.0)
        )
        assert explanation.code == "ram"
        assert explanation.reason == (
            "It needs 32 GB of memory; 31 of 32 are free. "
            "It needs 4 GPUs; 3 of 4 GPUs are free (job x holds 1 until 12:01 UTC at the latest). "
            "It is promised a start by 12:01 UTC."
        )

    def test_all_workers_are_busy_and_others_stand_before_it(self) -> None:
        active = [running(str(place), time_limit=60.0) for place in range(4)]
        explanation = why(record(), *active, before=(record("first"),))
        assert explanation == Explanation(
            "slot", "All 4 workers are busy. 1 job stands before it.", ("0", "1", "2", "3")
        )

    def test_the_only_worker_is_busy(self) -> None:
        explanation = why(record(), running("x"), capacity=Capacity(1))
        assert explanation.reason.startswith("The only worker is busy. ")

    def test_it_would_break_a_promise(self) -> None:
        big, job = record("big", resources={"num_gpus": 4}), record(resources={"num_gpus": 1}, time_limit=700.0)
        explanation = why(job, running("x", "0", 600.0), before=(big,))
        assert explanation == Explanation(
            "promise",
            "It would fit now, but what it needs is kept for job big, which stands before it and is promised a start "
            "by 12:10 UTC; only a job whose time limit ends before that may pass.",
            ("big",),
        )

    def test_it_would_take_what_a_job_waits_for_that_nobody_can_promise_anything(self) -> None:
        big, job = record("big", resources={"num_gpus": 4}), record(resources={"num_gpus": 1}, time_limit=1.0)
        explanation = why(job, running("x", "0"), before=(big,))
        assert explanation.reason == (
            "It would fit now, but what it needs is kept for job big, which stands before it and waits for more."
        )

    @pytest.mark.parametrize(
        ("limits", "code", "sentence"),
        [
            (
                Limits(project=Limit(jobs=1)),
                "project_limit",
                "Project `digits` may run 1 job at a time on this server; 1 is active.",
            ),
            (
                Limits(user=Limit(gpus=2)),
                "user_limit",
                "User `ada` may hold 2 GPUs at a time on this server; it holds 1, and the job needs 2.",
            ),
            (
                Limits(users={"ada": Limit(gpus=1)}),
                "user_limit",
                "User `ada` may hold 1 GPU at a time on this server, and the job needs 2: it cannot start unless an "
                "administrator raises that limit.",
            ),
        ],
    )
    def test_a_limit_keeps_it(self, limits: Limits, code: str, sentence: str) -> None:
        job, other = record(resources={"num_gpus": 2}), running("other", "3", project="p", user="bob")
        explanation = why(job, running("x", "0"), other, limits=limits)
        assert explanation == Explanation(code, sentence, ("x",))

    def test_what_can_never_run_is_about_to_be_removed(self) -> None:
        explanation = why(record(resources={"num_gpus": 9}))
        assert (explanation.code, explanation.reason) == (
            "impossible",
            "Job 'job' expects to use more GPUs (9) than available (4), removing from the queue.",
        )

    def test_far_back_in_the_queue_only_the_position_is_told(self) -> None:
        assert explain(record(), 5000, outlook()) == Explanation("behind", "5000 jobs stand before it.")


class TestActive:
    def test_it_is_prepared(self) -> None:
        job = record(status=JobStatus.PENDING, gpu_ids="0,2")
        assert explain(job, None, outlook()) == Explanation(
            "preparing", "It has what it needs on GPUs 0 and 2; its files and its environment are made ready."
        )

    def test_it_runs(self) -> None:
        job = running("x", "1", 5400.0, attempt=2, retries={"limit": 2})
        assert explain(job, None, outlook(job)) == Explanation(
            "running",
            "It has been running on GPU 1 since 12:00 UTC. Its time limit ends it by 13:30 UTC. "
            "This is attempt 2 of 3.",
        )

    def test_it_was_told_to_stop(self) -> None:
        job = running("x", stop_cause=Cause.STOPPED_BY_USER, stop_reason="stopped by the user")
        assert explain(job, None, outlook(job)) == Explanation(
            "stopping", "It was told to stop (stopped by the user) and is about to end."
        )

    def test_it_runs_outside_of_the_scheduler(self) -> None:
        job = running("x", mode="execution")
        assert explain(job, None, outlook()).reason == "It runs outside of the scheduler, since 12:00 UTC."


class TestEnded:
    def test_it_completed(self) -> None:
        job = record(status=JobStatus.COMPLETED, start_time=NOON, completed_time=NOON + 7500)
        assert explain(job, None, outlook()) == Explanation("completed", "It completed after 2 h 5 min.")

    @pytest.mark.parametrize(
        ("cause", "facts", "reason"),
        [
            (Cause.USER_CODE, {"cause_detail": "ValueError: no"}, "Its code failed: ValueError: no."),
            (Cause.EXIT_CODE, {"exit_code": 3}, "Its command ended with exit status 3."),
            (
                Cause.EXIT_CODE,
                {"exit_code": 137, "cause_detail": "killed by signal 9"},
                "Its command ended with exit status 137 (killed by signal 9).",
            ),
            (Cause.STOPPED_BY_USER, {"cause_detail": "stopped by the user"}, "It was stopped by the user."),
            (
                Cause.STOPPED_BY_USER,
                {"cause_detail": "the server was shut down"},
                "It was stopped: the server was shut down.",
            ),
            (Cause.OOM, {"resources": {"ram": 16}}, "It used more memory than the 16 GB it was given."),
            (Cause.OOM, {}, "It used more memory than there was."),
            (Cause.IMAGE_PULL, {"cause_detail": "404"}, "Its image could not be fetched: 404."),
            (Cause.DEPENDENCY_INSTALL, {"cause_detail": "x"}, "Its environment could not be made: x."),
            (Cause.TIMEOUT, {"time_limit": 7200.0}, "It ran for longer than its time limit, 2 h."),
            (Cause.ENGINE_LOST, {"cause_detail": "gone."}, "What ran it was lost: gone."),
            (Cause.LOST_HEARTBEAT, {}, "It gave no sign of life any more."),
            (Cause.INVALID_SPEC, {"cause_detail": "no"}, "It could not run as it was submitted: no."),
        ],
    )
    def test_it_failed(self, cause: Cause, facts: dict[str, Any], reason: str) -> None:
        job = record(status=JobStatus.FAILED, cause=cause, **facts)
        assert explain(job, None, outlook()) == Explanation(cause.value, reason)

    @pytest.mark.parametrize("cause", Cause)
    def test_every_cause_has_its_words(self, cause: Cause) -> None:
        job = record(status=JobStatus.FAILED, cause=cause, attempt=3)
        assert explain(job, None, outlook()).reason.endswith(". It was tried 3 times.")


class TestJobsOfOthers:
    """Who sees the project `digits` alone is told what is in the way, and no name of a job of another project."""

    def seen(self, job: JobRecord, *active: JobRecord, before: tuple[JobRecord, ...] = ()) -> Explanation:
        everything = outlook(*active, queue=(*before, job))
        return explain(job, len(before), everything.as_seen(lambda project: project == "digits"))

    def test_a_job_that_holds_what_is_lacking_has_no_name(self) -> None:
        job = record(resources={"num_gpus": 3})
        explanation = self.seen(job, running("secret", "0,1", 630.0, project="other"), running("y", "2"))
        assert explanation == Explanation(
            "gpus",
            "It needs 3 GPUs; 1 of 4 GPUs is free (a job of another project holds 2 until 12:11 UTC at the latest and "
            "job y holds 1). It is promised a start by 12:11 UTC.",
            ("y",),
            NOON + 630.0,
        )

    def test_a_job_that_stands_before_it_has_no_name(self) -> None:
        first = record("secret", project="other", resources={"num_gpus": 4})
        explanation = self.seen(record(resources={"num_gpus": 1}), running("y", "0,1", 60.0), before=(first,))
        assert explanation.code == "promise"
        assert "is kept for a job of another project, which stands before it" in explanation.reason
        assert explanation.blocking == ()

    def test_that_no_start_can_be_promised_is_told_all_the_same(self) -> None:
        explanation = self.seen(
            record(resources={"cpus": 6}), running("secret", project="other", resources={"cpus": 3})
        )
        assert "No start can be promised" in explanation.reason
        assert "secret" not in explanation.reason
        assert explanation.blocking == ()
