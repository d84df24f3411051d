"""The web page in a real browser, over a real stack: a job appears, moves and ends without a reload."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from tests.integration.stack import RunningStack, running_stack
from tests.redis_server import require

_ROOT = Path(__file__).parents[2]
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: Milliseconds for something to show on a busy machine.
_PATIENCE = 15_000


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """A running stack with the page built."""
    require((_ROOT / "gui" / "dist" / "index.html").exists(), "the built page (make gui)")
    with running_stack(tmp_path_factory.mktemp("stack") / "home") as running:
        yield running


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A page of a headless Chromium; any error in its console fails the test that caused it."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    require(chromium, "Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(_ARGUMENTS))
        opened = browser.new_page(viewport={"width": 1280, "height": 800})
        opened.set_default_timeout(_PATIENCE)
        errors: list[str] = []
        opened.on("pageerror", lambda error: errors.append(str(error)))
        yield opened
        browser.close()
        assert errors == []


@pytest.fixture(scope="module")
def address(stack: RunningStack) -> str:
    """Where the page is."""
    return f"http://127.0.0.1:{stack.port_base}"


def test_an_empty_installation_shows_how_to_start(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.get_by_text("import foundations").first).to_be_visible()


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
    expect(page.locator("[data-class=job-status-running]").first).to_be_visible(timeout=_PATIENCE)
    expect(page.locator("[data-class=job-status-completed]").first).to_be_visible(timeout=_PATIENCE)
    expect(page.get_by_text("0.3", exact=True)).to_be_visible()


def test_the_page_of_a_job_shows_its_log_and_its_metrics(page: Page, address: str, stack: RunningStack) -> None:
    (job,) = stack.rest.job_listing("live")["jobs"]
    page.goto(f"{address}/projects/live/jobs/{job['job_id']}")
    expect(page.get_by_text("step 7")).to_be_visible(timeout=_PATIENCE)
    expect(page.locator("canvas").first).to_be_visible(timeout=_PATIENCE)


def test_an_unknown_address_helps(page: Page, address: str) -> None:
    page.goto(f"{address}/nowhere")
    expect(page.get_by_role("link", name="Projects").first).to_be_visible()
