"""A job's page in a real browser: its files, its code, its tags and comments, how it compares, and its end."""

from __future__ import annotations

import pytest
import requests
from playwright.sync_api import Page, expect
from tests.e2e.seeds import train
from tests.integration.stack import RunningStack, eventually

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.timeout(300)]

_PROJECT = "kept"


@pytest.fixture(scope="module")
def jobs(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Two jobs of a project: the second has another rate and other code, and saves files."""
    folder = tmp_path_factory.mktemp("kept")
    first = train(stack, folder / "a", _PROJECT, 0.1)
    return first, train(stack, folder / "b", _PROJECT, 0.2, saves=True, note="# a second thought\n")


def _open(page: Page, address: str, job: str, tab: str = "") -> None:
    page.goto(f"{address}/projects/{_PROJECT}/jobs/{job}{f'?tab={tab}' if tab else ''}")
    expect(page.get_by_role("navigation", name="Parts of this job")).to_be_visible()


def test_each_kind_of_artifact_is_shown(page: Page, address: str, jobs: tuple[str, str]) -> None:
    _open(page, address, jobs[1], "artifacts")
    files = page.get_by_role("list", name="Files")
    shown = {
        "bars.vl.json": page.locator("svg.marks"),
        "confusion.plotly.json": page.locator(".js-plotly-plot .main-svg").first,
        "config.json": page.get_by_text("784"),
        "scores.csv": page.get_by_text("3 rows, 2 columns"),
        "notes.md": page.get_by_text("The run went well."),
        "report.html": page.frame_locator("iframe").get_by_text("script ran"),
        "samples": page.get_by_role("img", name="samples.png"),
        "tone.wav": page.locator("audio"),
        "plain.txt": page.get_by_text("plain words"),
        "turn.gif": page.get_by_role("img", name="turn.gif"),
        "walk.webm": page.locator("video"),
        "weights.bin": page.get_by_text("cannot be shown here"),
    }
    for name, sign in shown.items():
        files.get_by_text(name, exact=True).click()
        expect(sign).to_be_visible()
    files.get_by_text("walk.webm", exact=True).click()
    expect(page.locator("video")).to_have_js_property("videoWidth", 16)


def test_a_page_of_a_job_reaches_nothing_of_ours(page: Page, address: str, jobs: tuple[str, str]) -> None:
    _open(page, address, jobs[1], "artifacts")
    page.get_by_role("list", name="Files").get_by_text("report.html", exact=True).click()
    expect(page.frame_locator("iframe").get_by_text("script ran")).to_be_visible()
    frame = page.frames[-1]
    asked = "fetch('/api/v3/projects').then(() => 'answered').catch(() => 'refused')"
    assert frame.evaluate(asked) == "refused"


def test_the_code_of_a_job_is_read(page: Page, address: str, jobs: tuple[str, str]) -> None:
    _open(page, address, jobs[1], "code")
    expect(page.get_by_text("# a second thought")).to_be_visible()
    _open(page, address, jobs[1], "environment")
    expect(page.get_by_text("foundations-sdk")).to_be_visible()


def test_two_jobs_are_compared_with_their_code(page: Page, address: str, jobs: tuple[str, str]) -> None:
    page.goto(f"{address}/projects/{_PROJECT}/charts")
    expect(page.get_by_role("figure", name="Chart of loss").locator("canvas")).to_be_visible()
    page.get_by_role("link", name="Compare").click()
    expect(page.get_by_role("heading", name="Compare")).to_be_visible()
    page.goto(f"{address}/projects/{_PROJECT}/compare?jobs={','.join(jobs)}")
    expect(page.get_by_role("columnheader", name="rate")).to_be_visible()
    expect(page.get_by_role("columnheader", name="units")).to_have_count(0)
    expect(page.get_by_role("figure", name="Chart of loss").locator("canvas")).to_be_visible()
    page.locator("[data-class=code-difference]").scroll_into_view_if_needed()
    expect(page.locator("[data-class=code-difference]").get_by_text("# a second thought")).to_be_visible()


def test_a_tag_is_set_and_removed(page: Page, address: str, stack: RunningStack, jobs: tuple[str, str]) -> None:
    _open(page, address, jobs[0])
    page.get_by_role("button", name="Add a tag").click()
    page.get_by_label("Name of the tag").fill("best")
    page.get_by_label("Value of the tag").fill("yes")
    page.keyboard.press("Enter")
    expect(page.get_by_title("best: yes")).to_be_visible()
    eventually(lambda: _tags(stack, jobs[0]) == {"best": "yes"})
    page.get_by_role("button", name="Remove the tag best").click()
    expect(page.get_by_title("best: yes")).to_have_count(0)
    eventually(lambda: _tags(stack, jobs[0]) == {})


def _tags(stack: RunningStack, job_id: str) -> object:
    (tags,) = [job["tags"] for job in stack.rest.job_listing(_PROJECT)["jobs"] if job["job_id"] == job_id]
    return tags


def test_a_comment_stays(page: Page, address: str, jobs: tuple[str, str]) -> None:
    _open(page, address, jobs[0])
    page.get_by_role("textbox", name="Comment").fill("worth a second look")
    page.get_by_role("button", name="Add comment").click()
    expect(page.get_by_role("paragraph").get_by_text("worth a second look")).to_be_visible()
    page.reload()
    expect(page.get_by_text("worth a second look")).to_be_visible()


def test_a_job_is_found_from_the_keyboard(page: Page, address: str, jobs: tuple[str, str]) -> None:
    page.goto(f"{address}/queue")
    expect(page.get_by_role("heading", name="Queue")).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill(jobs[0][:10])
    expect(page.get_by_role("option", name=jobs[0])).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"Job {jobs[0][:8]}")).to_be_visible()


def test_deleting_is_confirmed_and_reported(page: Page, address: str, jobs: tuple[str, str]) -> None:
    _open(page, address, jobs[0])
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete the job").click()
    expect(page.get_by_text(f"Job {jobs[0][:8]} was deleted with its files.")).to_be_visible()
    page.goto(f"{address}/projects/{_PROJECT}/jobs/{jobs[0]}")
    expect(page.get_by_role("heading", name="There is no such job")).to_be_visible()


def test_the_page_goes_on_after_the_server_was_away(
    page: Page, address: str, stack: RunningStack, jobs: tuple[str, str]
) -> None:
    _open(page, address, jobs[1])
    mark = page.locator("[data-state]").first
    expect(mark).to_have_attribute("data-state", "live")
    stack.kill("proxy")
    expect(mark).to_have_attribute("data-state", "lost", timeout=60_000)
    expect(mark).to_have_attribute("data-state", "live", timeout=60_000)
    expect(page.get_by_text("epoch 39")).to_be_visible()
    tagged = {"job_ids": [jobs[1]], "set": {"seen": "again"}}
    assert requests.post(f"{stack.url}/api/v3/jobs/tags", json=tagged, timeout=30).json()["failed"] == []
    expect(page.get_by_title("seen: again")).to_be_visible()
