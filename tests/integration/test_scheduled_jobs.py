"""Scheduled jobs through the whole stack: the command line, the proxy, the queue, and schedulers that are killed."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.integration.stack import RunningStack, eventually, running_stack

from atlas_core.client import Connection
from atlas_core.schedule_client import ScheduleClient

pytestmark = [pytest.mark.redis, pytest.mark.stack]

TOKYO = ZoneInfo("Asia/Tokyo")
_TELLS_ITS_ID = "import os; print('ran', os.environ['FOUNDATIONS_JOB_ID'])"


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[RunningStack]:
    """A stack whose scheduler may be killed."""
    with running_stack(tmp_path / "home", ATLAS_ENGINE="process") as stack:
        yield stack


def schedules(stack: RunningStack) -> ScheduleClient:
    return ScheduleClient(Connection(stack.url))


def answer_of(stack: RunningStack, *words: str, cwd: Path | None = None) -> dict[str, Any]:
    """Return the JSON with which `foundations schedule` answers."""
    ended = stack.foundations("schedule", words[0], "--json", *words[1:], cwd=cwd)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    answer = json.loads(ended.stdout)
    assert isinstance(answer, dict)
    return answer


def lines_of(stack: RunningStack, job_id: str) -> list[str]:
    """Return what a job has written, line by line."""
    with stack.scheduler.log_stream(job_id, follow=False) as chunks:
        return b"".join(chunks).decode().splitlines()


def seconds_of(run_id: str) -> float:
    """Return the fire time that the id of a run tells."""
    return datetime.strptime(run_id[-15:], "%Y%m%d_%H%M%S").replace(tzinfo=TOKYO).timestamp()


def test_each_time_gives_one_run_while_the_scheduler_is_killed(own_stack: RunningStack, project: Path) -> None:
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    (project / "main.py").write_text(_TELLS_ITS_ID)
    yearly = ("--cron", "0 0 1 1 *", "--timezone", "Asia/Tokyo", "--name", "tick")
    answer_of(own_stack, "add", *yearly, "scheduler", ".", "main.py", cwd=project)
    client = schedules(own_stack)
    began = time.time()
    client.reschedule("tick", {"second": "*"})
    for _ in range(5):
        time.sleep(chance.uniform(0.5, 2.0))
        own_stack.kill("scheduler")
    eventually(lambda: client.get("tick")["runs"])
    time.sleep(2)
    client.pause("tick")
    ended = time.time()
    entry = client.get("tick")
    runs = entry["runs"]
    eventually(lambda: all(own_stack.scheduler.status(run_id).is_finished for run_id in runs))
    states = [own_stack.scheduler.state(run_id) for run_id in runs]
    assert [state for state in states if state["status"] != "completed"] == [], f"seed {seed}"
    assert [lines_of(own_stack, run_id).count(f"ran {run_id}") for run_id in runs] == [1] * len(runs), f"seed {seed}"
    moments = [seconds_of(run_id) for run_id in runs]
    assert moments == sorted(set(moments)), f"seed {seed}"
    assert began < moments[0] <= moments[-1] <= ended
    assert len(runs) >= 3, f"seed {seed}"
    assert {job["job_id"] for job in own_stack.rest.job_listing("small-project")["jobs"]} == set(runs)


def test_a_schedule_is_made_shown_changed_and_removed_from_the_command_line(stack: RunningStack, project: Path) -> None:
    (project / "main.py").write_text("pass")
    added = stack.foundations(
        *("schedule", "add", "scheduler", ".", "--cron", "30 2 * * 1-5", "--timezone", "Europe/Berlin"),
        *("--name", "nightly", "--priority", "5", "main.py", "--epochs", "3", "--json"),
        cwd=project,
    )
    assert added.returncode == 0, added.stdout + added.stderr
    assert "Scheduled job nightly; its next run is at " in added.stdout
    shown = answer_of(stack, "show", "nightly")
    assert shown["properties"]["spec"]["command"] == ["main.py", "--epochs", "3", "--json"]
    assert shown["properties"]["spec"]["priority"] == 5
    assert (shown["timezone"], shown["schedule"]["day_of_week"]) == ("Europe/Berlin", "mon-fri")
    listed = stack.foundations("schedule", "list", "--project", "small-project").stdout
    assert all(word in listed for word in ("nightly", "30 2 * * mon-fri", "Europe/Berlin", "active"))
    assert answer_of(stack, "pause", "nightly")["status"] == "paused"
    assert answer_of(stack, "list")["nightly"]["next_run_time"] == [None] * 3
    assert answer_of(stack, "resume", "nightly")["status"] == "active"
    edited = answer_of(stack, "edit", "nightly", "--cron", "@hourly", "--grace", "10m")
    assert (edited["timezone"], edited["misfire_grace"]) == ("Europe/Berlin", 600.0)
    assert all(moment % 3600 == 0 for moment in edited["next_run_time"])
    refused = stack.foundations("schedule", "edit", "nightly", "--cron", "0 25 * * *")
    assert refused.returncode == 1
    assert "schedule.hour: '25'" in refused.stdout
    assert answer_of(stack, "remove", "nightly")["removed"] is True
    gone = stack.foundations("schedule", "show", "nightly", "--json")
    assert gone.returncode == 1
    assert json.loads(gone.stdout)["error"]["code"] == "not_found"
