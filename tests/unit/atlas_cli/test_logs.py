"""`foundations logs`."""

from __future__ import annotations

import json

import pytest
from tests.unit.atlas_cli.conftest import Foundations
from tests.unit.atlas_cli.scheduler_double import Job, SchedulerDouble


def test_the_usual_configuration_need_not_be_named(foundations: Foundations, scheduler: SchedulerDouble) -> None:
    scheduler.jobs["j-1"] = Job("completed", "one\ntwo\n")
    assert foundations("logs", "j-1").out == "one\ntwo\n"
    assert foundations("logs", "scheduler", "j-1").out == "one\ntwo\n"


@pytest.mark.parametrize(("end", "code"), [("completed", 0), ("failed", 1)])
def test_following_ends_as_the_job_does(
    foundations: Foundations, scheduler: SchedulerDouble, end: str, code: int
) -> None:
    scheduler.jobs["j-1"] = Job("running", "one\n", end)
    ended = foundations("logs", "-f", "j-1")
    assert ended.code == code
    assert "one\n" in ended.out


def test_json(foundations: Foundations, scheduler: SchedulerDouble) -> None:
    scheduler.jobs["j-1"] = Job("completed", "one\n")
    facts = json.loads(foundations("logs", "j-1", "--json").out)
    assert facts == {"job_id": "j-1", "status": "completed", "logs": "one\n"}


def test_a_log_that_is_followed_is_no_json(foundations: Foundations, scheduler: SchedulerDouble) -> None:
    scheduler.jobs["j-1"] = Job("running", "one\n", "completed")
    ended = foundations("logs", "-f", "j-1", "--json")
    assert ended.code == 2
    assert "leave one of them out" in ended.err


def test_more_than_one_job_is_a_usage_error(foundations: Foundations, scheduler: SchedulerDouble) -> None:
    ended = foundations("logs", "scheduler", "a", "b")
    assert ended.code == 2
    assert "Name one job, behind the scheduler config if it is not `scheduler`." in ended.err
