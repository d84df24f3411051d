"""The web page in a real browser, over a real stack: a job appears, moves and ends without a reload."""

from __future__ import annotations

import json
import time
from pathlib import Path

from playwright.sync_api import Page, expect
from tests.integration.stack import RunningStack

from atlas_core.records import operation_frame


def test_an_empty_installation_shows_how_to_start(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_text("import foundations").first).to_be_visible()


def test_projects_with_their_jobs_and_tags_cost_no_request_each(page: Page, address: str, stack: RunningStack) -> None:
    for number in range(6):
        tag = operation_frame("tag", key=f"only{number}", value="x")
        start = operation_frame("start", project=f"many{number}", user="ann", time=time.time())
        stack.rest.send_journal(f"of-many-{number}", "w", 0, start + tag, "token")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/projects")
    for number in range(6):
        expect(page.get_by_role("link", name=f"many{number}").first).to_be_visible()
    assert len([url for url in asked if "/api/" in url]) <= 6
    assert [url for url in asked if "job_listing" in url or "/projects/many" in url] == []
    page.keyboard.press("/")
    page.keyboard.type("many3")
    expect(page).to_have_url(f"{address}/projects?find=many3")
    page.get_by_role("link", name="many3", exact=True).click()
    expect(page.get_by_role("grid")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("many3")


def test_a_job_appears_and_ends_without_a_reload(page: Page, address: str, stack: RunningStack, tmp_path: Path) -> None:
    project = tmp_path / "live"
    project.mkdir()
    (project / "main.py").write_text(
        "import time, foundations\n"
        "foundations.log_param('lr', 0.3)\n"
        "for step in range(8):\n"
        "    foundations.log_metric('loss', 1 / (step + 1), step=step)\n"
        "    print('step', step, flush=True)\n"
        "    time.sleep(0.3)\n"
    )
    page.goto(f"{address}/projects")
    job = stack.foundations("submit", "--json", "--stream-job-logs", "False", "scheduler", str(project), "main.py")
    assert job.returncode == 0, job.stdout
    page.get_by_role("link", name="live").first.click()
    expect(page.locator("[data-class=job-status-running]").first).to_be_visible()
    expect(page.locator("[data-class=job-status-completed]").first).to_be_visible()
    expect(page.get_by_text("0.3", exact=True)).to_be_visible()


def test_metrics_and_lines_of_the_log_appear_while_one_looks(
    page: Page, address: str, stack: RunningStack, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    (tmp_path / "main.py").write_text(
        "import pathlib, time, foundations\n"
        "for step in range(3):\n"
        "    foundations.log_metric('loss', 3 - step, step=step)\n"
        "    print('step', step, flush=True)\n"
        f"    while step == 0 and not pathlib.Path({str(go)!r}).exists():\n"
        "        time.sleep(0.1)\n"
    )
    options = ("--json", "--project-name", "looks", "--stream-job-logs", "False")
    job = stack.foundations("submit", *options, "scheduler", str(tmp_path), "main.py")
    assert job.returncode == 0, job.stdout
    page.goto(f"{address}/projects/looks/jobs/{json.loads(job.stdout)['job_id']}")
    expect(page.get_by_text("step 0", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Times")).to_have_count(0)
    go.touch()
    chart = page.get_by_role("figure", name="Chart of loss")
    expect(chart.locator("canvas")).to_be_visible()
    expect(chart.get_by_text("3 points")).to_be_visible()
    expect(page.get_by_text("step 2", exact=True)).to_be_visible()
    page.get_by_role("button", name="Times").click()
    expect(page.locator("[data-time]").last).to_be_visible()


def test_a_page_that_does_not_arrive_says_what_to_do(page: Page, address: str) -> None:
    page.route("**/assets/index-*.js", lambda route: route.abort())
    page.goto(f"{address}/projects")
    expect(page.locator(".late")).to_have_css("opacity", "1")
    page.unroute("**/assets/index-*.js")
    page.get_by_role("link", name="load the page again").click()
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()


def test_a_part_that_the_server_was_away_for_comes_by_itself(page: Page, address: str) -> None:
    page.goto(f"{address}/projects")
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    page.context.set_offline(True)
    page.get_by_role("link", name="Queue").first.click()
    expect(page.get_by_text("The server does not answer")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()


def test_the_page_of_a_job_shows_its_log_and_its_metrics(page: Page, address: str, stack: RunningStack) -> None:
    (job,) = stack.rest.job_listing("live")["jobs"]
    page.goto(f"{address}/projects/live/jobs/{job['job_id']}")
    expect(page.get_by_text("step 7")).to_be_visible()
    expect(page.locator("canvas").first).to_be_visible()


def test_an_unknown_address_helps(page: Page, address: str) -> None:
    page.goto(f"{address}/nowhere")
    expect(page.get_by_role("link", name="Projects").first).to_be_visible()


def test_a_failed_job_says_why_and_where_in_its_log(
    page: Page, address: str, stack: RunningStack, tmp_path: Path
) -> None:
    (tmp_path / "main.py").write_text(
        "import foundations\nprint('\\033[32mgreen\\033[0m')\nraise ValueError('bad shape')\n"
    )
    stack.foundations("submit", "--project-name", "ends", "scheduler", str(tmp_path), "main.py")
    (job,) = stack.rest.job_listing("ends")["jobs"]
    page.goto(f"{address}/projects/ends/jobs/{job['job_id']}")
    expect(page.get_by_text("Its code failed: ValueError: bad shape.")).to_be_visible()
    expect(page.get_by_text("foundations submit --project-name ends scheduler . main.py")).to_be_visible()
    expect(page.get_by_role("log").get_by_text("green")).to_have_css("color", "rgb(47, 111, 75)")
    page.get_by_role("button", name="Go to the error").click()
    expect(page.locator("[data-target]")).to_contain_text("Traceback")
    page.get_by_label("Find in the log").fill("GREEN")
    expect(page.locator("mark")).to_have_text("green")
