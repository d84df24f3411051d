"""Every page, light and dark, asked by axe: nothing serious keeps anybody from using it."""

from __future__ import annotations

import pytest
import requests
from playwright.sync_api import Page, expect
from tests.e2e.conftest import built_axe
from tests.e2e.seeds import submit, train
from tests.integration.stack import RunningStack

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.timeout(300)]

_PROJECT = "read"
#: What axe finds serious enough to keep somebody out.
_SERIOUS = {"serious", "critical"}
#: Pages with tables, which are another thing on a phone.
_WITH_TABLES = {"projects", "jobs", "compare", "search", "queue"}
_ASK = "() => axe.run(document, {resultTypes: ['violations']}).then(found => found.violations)"


@pytest.fixture(scope="module")
def pages(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The path of each page, with jobs to show."""
    folder = tmp_path_factory.mktemp("read")
    jobs = [train(stack, folder, _PROJECT, 0.1), train(stack, folder, _PROJECT, 0.2, saves=True)]
    tagged = {"job_ids": jobs, "set": {"search": "first"}}
    assert requests.post(f"{stack.url}/api/v3/jobs/tags", json=tagged, timeout=30).json()["failed"] == []
    (folder / "wait.py").write_text("import time; time.sleep(600)\n")
    for _ in range(2):
        submit(stack, folder, _PROJECT, "wait.py", waits=False)
    command = ("schedule", "add", "--cron", "0 6 * * *", "--name", "daily", "scheduler", str(folder), "main.py")
    assert stack.foundations(*command).returncode == 0
    project, job = f"/projects/{_PROJECT}", f"/projects/{_PROJECT}/jobs/{jobs[1]}"
    return {
        "projects": "/projects",
        "jobs": f"{project}/job_listing",
        "charts": f"{project}/charts",
        "overview": f"{project}/overview",
        "job": job,
        "artifacts": f"{job}?tab=artifacts",
        "code": f"{job}?tab=code",
        "environment": f"{job}?tab=environment",
        "compare": f"{project}/compare?jobs={','.join(jobs)}",
        "search": f"{project}/searches/first",
        "queue": "/queue",
        "support": "/support",
        "documentation": "/documentation/reference/settings",
        "login": "/login",
        "components": "/components",
        "nowhere": "/nowhere",
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "name",
    [
        "projects",
        "jobs",
        "charts",
        "overview",
        "job",
        "artifacts",
        "code",
        "environment",
        "compare",
        "search",
        "queue",
        "support",
        "documentation",
        "login",
        "components",
        "nowhere",
    ],
)
def test_nothing_serious_is_found(page: Page, address: str, pages: dict[str, str], name: str, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    page.goto(address + pages[name])
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.wait_for_load_state("domcontentloaded")
    assert _serious(page) == []


def _serious(page: Page) -> list[tuple[str, list[str]]]:
    """Return what axe finds serious on the page, once it has read what it shows, and where."""
    expect(page.get_by_label("Reading", exact=False)).to_have_count(0)
    page.evaluate(built_axe().read_text())  # as part of the page, its policy would not let it run
    found = [violation for violation in page.evaluate(_ASK) if violation["impact"] in _SERIOUS]
    return [(violation["id"], [node["html"][:160] for node in violation["nodes"][:3]]) for violation in found]


def test_a_phone_shows_every_page_without_a_sideways_scroll(page: Page, address: str, pages: dict[str, str]) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    wide, told = {}, {}
    for name, path in pages.items():
        page.goto(address + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        wide[name] = page.evaluate("[document.documentElement, document.querySelector('main')].map(e => e.scrollWidth)")
        if name in _WITH_TABLES:
            told[name] = _serious(page)
    page.set_viewport_size({"width": 1280, "height": 800})
    assert {name: found for name, found in told.items() if found} == {}
    assert {name: widths for name, widths in wide.items() if max(widths) > 390} == {}
