"""Take pictures of every page, light and dark, for the documentation: `python -m tests.e2e.screenshots`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.e2e.conftest import ARGUMENTS, find_chromium
from tests.e2e.seeds import submit, train
from tests.integration.stack import RunningStack, running_stack

_FOLDER = Path(__file__).parents[2] / "docs" / "images"
_PROJECT = "digits"
#: Pixels; small, since each picture is in the repository.
_WIDTH, _HEIGHT = 1120, 720
_SEARCH = """\
from foundations.search import Search, choice, log_uniform

space = {"rate": log_uniform(0.01, 0.3), "units": choice([16, 32, 64])}
Search(space, name="first", seed=3).random(24).submit(command=["trial.py"], project_name="digits").wait()
"""
_TRIAL = """\
import math

import foundations

given = foundations.load_parameters(log_parameters=True)
for step in range(20):
    reached = 1 - 0.7 * math.exp(-step * given["rate"]) - abs(given["units"] - 32) / 300
    foundations.log_metric("accuracy", reached, step=step)
"""


def main() -> None:
    """Fill a stack, and take the pictures."""
    with tempfile.TemporaryDirectory() as folder, running_stack(Path(folder, "home"), NUM_WORKERS="1") as stack:
        pages = _pages(stack, Path(folder))
        _FOLDER.mkdir(parents=True, exist_ok=True)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(ARGUMENTS))
            for scheme in ("light", "dark"):
                _take(browser, f"http://127.0.0.1:{stack.port_base}", scheme, pages)
            browser.close()


def _pages(stack: RunningStack, folder: Path) -> dict[str, str]:
    """Run jobs, and return the path of each page by the name of its picture; none shows the machine that made it."""
    jobs = [train(stack, folder / "train", _PROJECT, 0.06)]
    jobs.append(train(stack, folder / "train", _PROJECT, 0.12, saves=True, note="# a second thought\n"))
    (folder / "train" / "trial.py").write_text(_TRIAL)
    (folder / "train" / "search.py").write_text(_SEARCH)
    searched = stack.python("search.py", cwd=folder / "train")
    assert searched.returncode == 0, searched.stderr
    (folder / "train" / "wait.py").write_text("import time\ntime.sleep(600)\n")
    for _ in range(3):
        submit(stack, folder / "train", _PROJECT, "wait.py", waits=False)
    found = stack.rest.job_listing(_PROJECT)["jobs"]
    search = next(job["tags"]["search"] for job in found if "search" in job["tags"])
    project, job = f"/projects/{_PROJECT}", f"/projects/{_PROJECT}/jobs/{jobs[1]}"
    return {
        "projects": "/projects",
        "jobs": f"{project}/job_listing",
        "charts": f"{project}/charts?count=50",
        "overview": f"{project}/overview",
        "job": job,
        "artifacts": f"{job}?tab=artifacts",
        "code": f"{job}?tab=code",
        "compare": f"{project}/compare?jobs={','.join(jobs)}",
        "search": f"{project}/searches/{search}",
        "queue": "/queue",
    }


def _take(browser: Browser, address: str, scheme: str, pages: dict[str, str]) -> None:
    dark = scheme == "dark"
    context = browser.new_context(
        viewport={"width": _WIDTH, "height": _HEIGHT},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    for name, path in pages.items():
        page.goto(address + path)
        _wait(page)
        page.screenshot(path=_FOLDER / f"{name}-{scheme}.png")
        sys.stdout.write(f"{name}-{scheme}.png\n")
    context.close()


def _wait(page: Page) -> None:
    """Wait until the page has read what it shows."""
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=30_000)
    expect(page.locator(".mantine-Skeleton-root")).to_have_count(0, timeout=30_000)
    page.wait_for_timeout(1500)  # charts, editors and pictures come last, each by itself


if __name__ == "__main__":
    main()
