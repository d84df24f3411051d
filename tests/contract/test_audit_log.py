"""The audit log names the jobs that a request has changed, where its address does not."""

from __future__ import annotations

from typing import Any

from tests.fake_issuer import FakeIssuer
from tests.guarded_stack import GuardedStack

from atlas_core.states import JobStatus
from atlas_services.changes import HEADER, MOST_NAMED
from atlas_services.tracker import Tracker, open_tracker


def tracker_of(stack: GuardedStack) -> Tracker:
    return open_tracker(stack.environment["ATLAS_REDIS_URL"])


def last_entry(stack: GuardedStack) -> dict[str, Any]:
    tracker = tracker_of(stack)
    (entry,) = tracker.audit.entries(1)
    assert tracker.audit.verify().broken_at is None
    tracker.close()
    return entry


def add_jobs(stack: GuardedStack, count: int) -> list[str]:
    tracker = tracker_of(stack)
    job_ids = [f"ended-{number:03}" for number in range(count)]
    for job_id in job_ids:
        tracker.jobs.create(job_id, "p", JobStatus.COMPLETED, 1.0, "t", user="max")
    tracker.close()
    return job_ids


def test_many_jobs_that_are_tagged_or_deleted_are_named_and_counted(stack: GuardedStack, issuer: FakeIssuer) -> None:
    job_ids, token = add_jobs(stack, MOST_NAMED + 5), issuer.token("max")
    for path, change in (("/api/v3/jobs/tags", {"set": {"good": "yes"}}), ("/api/v3/jobs/delete", {})):
        body = {"job_ids": [*job_ids, "nobody"], **change}
        answer = stack.ask("POST", path, token, json=body)
        assert answer.json()["done"] == job_ids
        assert HEADER not in answer.headers
        entry = last_entry(stack)
        assert (entry["user"], entry["path"], entry["changed"]) == ("max", path, len(job_ids))
        assert entry["changed_ids"] == job_ids[:MOST_NAMED]


def test_what_is_read_by_post_is_no_change(stack: GuardedStack, issuer: FakeIssuer) -> None:
    token = issuer.token("max")
    stack.ask("DELETE", "/running_jobs/before", token)
    for path, body in (("/api/v3/jobs/read", {"job_ids": []}), ("/api/v3/series", {"jobs": [], "metrics": ["m"]})):
        stack.ask("POST", path, token, json=body)
    assert last_entry(stack)["path"] == "/running_jobs/before"


def test_a_request_whose_address_says_it_all_is_kept_without(stack: GuardedStack, issuer: FakeIssuer) -> None:
    assert stack.ask("DELETE", "/running_jobs/a", issuer.token("max")).status_code == 200
    entry = last_entry(stack)
    assert (entry["path"], entry["changed"], entry["changed_ids"]) == ("/running_jobs/a", None, [])
