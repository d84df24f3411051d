"""The queue's page in a real browser: jobs that wait are moved, stopped and cancelled, schedules are paused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.integration.stack import RunningStack, eventually


@pytest.fixture(scope="module")
def jobs(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Four jobs on one worker: the first runs for as long as nobody stops it, the others wait."""
    directory = tmp_path_factory.mktemp("waits")
    (directory / "main.py").write_text("import time; time.sleep(600)\n")
    ids = [_submit(stack, directory) for _ in range(4)]
    eventually(lambda: [job["job_id"] for job in stack.scheduler.running()["jobs"]] == ids[:1])
    return ids


def _submit(stack: RunningStack, directory: Path) -> str:
    command = ("submit", "--json", "--stream-job-logs", "False", "scheduler", str(directory), "main.py")
    submitted = stack.foundations(*command)
    assert submitted.returncode == 0, submitted.stdout
    return str(json.loads(submitted.stdout)["job_id"])


def _waiting(stack: RunningStack) -> list[str]:
    """The ids of the jobs that wait, as the scheduler has them."""
    return [job["job_id"] for job in stack.scheduler.queue()["jobs"]]


def _handles(page: Page) -> Locator:
    return page.get_by_role("button", name="Move job")


def test_a_job_is_moved_with_the_keyboard(page: Page, address: str, stack: RunningStack, jobs: list[str]) -> None:
    page.goto(f"{address}/queue")
    expect(_handles(page)).to_have_count(3)
    _handles(page).nth(2).focus()
    page.keyboard.press("Home")
    eventually(lambda: _waiting(stack) == [jobs[3], jobs[1], jobs[2]])
    expect(_handles(page).first).to_have_accessible_name(f"Move job {jobs[3][:8]}, number 1 of 3")


def test_a_job_is_dragged(page: Page, address: str, stack: RunningStack, jobs: list[str]) -> None:
    page.goto(f"{address}/queue")
    expect(_handles(page)).to_have_count(3)
    _handles(page).first.scroll_into_view_if_needed()
    first, last = _handles(page).first.bounding_box(), _handles(page).last.bounding_box()
    assert first and last
    page.mouse.move(first["x"] + 10, first["y"] + 10)
    page.mouse.down()
    page.mouse.move(last["x"] + 10, last["y"] + 30, steps=8)
    page.mouse.up()
    eventually(lambda: _waiting(stack) == [jobs[1], jobs[2], jobs[3]])


def test_a_job_is_dragged_with_a_finger_while_somebody_else_moves_another(
    page: Page, address: str, stack: RunningStack, jobs: list[str]
) -> None:
    page.goto(f"{address}/queue")
    expect(_handles(page)).to_have_count(3)
    _handles(page).last.scroll_into_view_if_needed()
    held = _handles(page).nth(1).bounding_box()
    assert held
    finger = _finger(page)
    finger("touchStart", held["x"] + 10, held["y"] + 10)
    finger("touchMove", held["x"] + 10, held["y"] + 16)
    stack.scheduler.move(jobs[3], {"position": 0})
    expect(_handles(page).first).to_have_accessible_name(f"Move job {jobs[3][:8]}, number 1 of 3")
    first = _handles(page).first.bounding_box()
    assert first
    finger("touchMove", first["x"] + 10, first["y"] - 4)
    finger("touchEnd")
    eventually(lambda: _waiting(stack) == [jobs[2], jobs[3], jobs[1]])
    stack.scheduler.move(jobs[1], {"position": 0})


def _finger(page: Page) -> Callable[..., None]:
    """Return what touches the screen."""
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *place: float) -> None:
        points = [{"x": place[0], "y": place[1]}] if place else []
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    return touch


def test_stopping_a_job_is_confirmed_and_lets_the_next_one_run(
    page: Page, address: str, stack: RunningStack, jobs: list[str]
) -> None:
    page.goto(f"{address}/queue")
    page.get_by_role("button", name=f"Stop job {jobs[0]}").click()
    page.get_by_role("button", name="Stop the job").click()
    expect(page.get_by_role("button", name=f"Stop job {jobs[1]}")).to_be_visible()
    expect(_handles(page)).to_have_count(2)


def test_the_queue_is_cleared(page: Page, address: str, stack: RunningStack, jobs: list[str]) -> None:
    page.goto(f"{address}/queue")
    page.get_by_role("button", name="Clear the queue").click()
    page.get_by_role("button", name="Cancel 2 jobs").click()
    expect(page.get_by_text("No job waits")).to_be_visible()
    page.get_by_role("button", name=f"Stop job {jobs[1]}").click()
    page.get_by_role("button", name="Stop the job").click()
    expect(page.get_by_text("Nothing runs.")).to_be_visible()


def test_a_schedule_is_paused_resumed_and_removed(
    page: Page, address: str, stack: RunningStack, tmp_path: Path
) -> None:
    (tmp_path / "main.py").write_text("print('again')\n")
    added = stack.foundations(
        "schedule", "add", "--cron", "0 6 * * *", "--name", "daily", "scheduler", str(tmp_path), "main.py"
    )
    assert added.returncode == 0, added.stdout
    page.goto(f"{address}/queue")
    expect(page.get_by_text("Every day at 06:00")).to_be_visible()
    page.get_by_role("button", name="Pause daily").click()
    expect(page.get_by_text("Paused: it does not run")).to_be_visible()
    page.get_by_role("button", name="Resume daily").click()
    expect(page.get_by_role("button", name="Pause daily")).to_be_visible()
    page.get_by_role("button", name="Remove daily").click()
    page.get_by_role("button", name="Remove the schedule").click()
    expect(page.get_by_text("Nothing runs by the clock")).to_be_visible()
