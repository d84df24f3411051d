"""Rights that end: streams stop for whom they do, and a job has few."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

import pytest
import requests
from tests.fake_issuer import FakeIssuer
from tests.guarded_stack import GuardedStack

from atlas_core.records import operation_frame
from atlas_core.states import JobStatus
from atlas_services.tracker import open_tracker

pytestmark = pytest.mark.redis


class Stream:
    """Somebody who listens to the events. `ended` says when no more come."""

    def __init__(self, stack: GuardedStack, token: str) -> None:
        self.count = 0
        self.ended = threading.Event()
        self._answer = stack.ask("GET", "/api/v3/events", token, stream=True)
        assert self._answer.status_code == 200, self._answer.text
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        try:
            for _ in self._answer.iter_lines():
                self.count += 1
        except requests.RequestException:
            pass  # broken off: that is how it ends
        self.ended.set()


@contextmanager
def happening(stack: GuardedStack) -> Iterator[None]:
    """Have something to tell of all the time."""
    done = threading.Event()

    def happen() -> None:
        with closing(open_tracker(stack.environment["ATLAS_REDIS_URL"])) as tracker:
            number = 0
            while not done.wait(0.1):
                number += 1
                tracker.jobs.create(f"new-{number}-{id(done)}", "vision", JobStatus.QUEUED, time.time(), "t")

    thread = threading.Thread(target=happen)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def begin_job(stack: GuardedStack, job_id: str, user_token: str) -> str:
    """Begin a run of a user by hand and return the token with which its job asks."""
    frames = operation_frame("start", project="vision", user="max", time=time.time())
    headers = {"X-Atlas-User-Token": user_token}
    answer = stack.ask("POST", f"/api/v3/jobs/{job_id}/journal/w?offset=0", "s3", data=frames, headers=headers)
    assert answer.status_code == 200, answer.text
    return f"atlas_job_{job_id}.s3"


def make_token(stack: GuardedStack, user_token: str) -> tuple[str, str]:
    """Make a token for a program; returns its id and itself."""
    made = stack.ask("POST", "/api/v3/auth/tokens", user_token, json={"name": "ci"}).json()
    return made["id"], made["token"]


def test_streams_end_with_the_right_to_them_and_others_go_on(stack: GuardedStack, issuer: FakeIssuer) -> None:
    eve: dict[str, Any] = {"sub": "id-of-eve", "preferred_username": "eve"}
    revoked_id, revoked = make_token(stack, issuer.token("max"))
    expired_id, expired = make_token(stack, issuer.token("max"))
    demoted = make_token(stack, issuer.token("ada", **eve))[1]
    job = begin_job(stack, "run-stream", issuer.token("max"))
    losing = [Stream(stack, token) for token in (revoked, expired, demoted, job)]
    lasting = Stream(stack, issuer.token("max"))

    stack.ask("DELETE", f"/api/v3/auth/tokens/{revoked_id}", issuer.token("max"))
    stack.ask("GET", "/api/v3/projects", issuer.token("ada", roles=["viewer"], iat=int(time.time()) + 5, **eve))
    with closing(open_tracker(stack.environment["ATLAS_REDIS_URL"])) as tracker:
        tracker.jobs.transition("run-stream", JobStatus.COMPLETED, time.time())
        known = tracker.api_tokens.get(expired_id)
        assert known is not None
        tracker.api_tokens.add(replace(known, expires=time.time()), 0.0)
    with happening(stack):
        assert [stream.ended.wait(30) for stream in losing] == [True] * 4
        heard = lasting.count
        wait_for(lambda: lasting.count > heard)
    assert not lasting.ended.is_set()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_a_job_changes_itself_and_what_it_submitted_and_no_other_job_of_its_user(
    stack: GuardedStack, issuer: FakeIssuer
) -> None:
    job = begin_job(stack, "run-a", issuer.token("max"))
    with closing(open_tracker(stack.environment["ATLAS_REDIS_URL"])) as tracker:
        for job_id, user in (("child", "max"), ("foundling", "mia"), ("other", "max")):
            parent = None if job_id == "other" else "run-a"
            tracker.jobs.create(job_id, "vision", JobStatus.QUEUED, 1.0, "t", user=user, parent=parent)

    def tag(job_id: str) -> int:
        path = f"/api/v2beta/projects/vision/job_listing/{job_id}/tags"
        return stack.ask("POST", path, job, json={"tag": {"key": "k", "value": "v"}}).status_code

    assert [tag(job_id) for job_id in ("run-a", "child", "foundling", "other")] == [200, 200, 403, 403]
    for method, path in (("DELETE", "/completed_jobs/run-a"), ("POST", "/api/v3/projects/vision/notes")):
        refusal = stack.ask(method, path, job)
        assert (refusal.status_code, refusal.json()["detail"]) == (403, "A job may not do this; its user may.")
