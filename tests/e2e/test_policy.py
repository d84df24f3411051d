"""The page under its policy, in a real browser: everything is shown, and nothing that is not ours runs."""

from __future__ import annotations

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect
from tests.e2e.seeds import train
from tests.integration.stack import RunningStack

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.timeout(300)]

_PROJECT = "guarded"
_FILES = ("bars.vl.json", "confusion.plotly.json", "report.html", "scores.csv", "samples", "tone.wav")


@pytest.fixture(scope="module")
def job(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of a job that saved files."""
    folder = tmp_path_factory.mktemp("guarded")
    return f"/projects/{_PROJECT}/jobs/{train(stack, folder, _PROJECT, 0.1, saves=True)}"


def test_no_page_of_ours_does_what_its_policy_forbids(page: Page, address: str, job: str) -> None:
    refusals: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            refusals.append(message.text)

    page.on("console", note)
    for path in ("/projects", f"/projects/{_PROJECT}/job_listing", job, "/queue", "/components"):
        page.goto(address + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_load_state("domcontentloaded")
    page.goto(f"{address}{job}?tab=artifacts")
    for name in _FILES:
        page.get_by_role("list", name="Files").get_by_text(name, exact=True).click()
        expect(page.get_by_role("region", name="Shown: ")).to_be_visible()
    expect(page.locator("audio")).to_be_visible()
    page.remove_listener("console", note)
    assert refusals == []


def test_a_script_that_gets_into_the_page_does_not_run(page: Page, address: str) -> None:
    page.goto(f"{address}/projects")
    page.evaluate(
        """() => {
            const script = document.createElement('script');
            script.textContent = 'window.ran = true';
            document.body.append(script);
            document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="window.ran = true">');
        }"""
    )
    page.wait_for_function("document.images[document.images.length - 1].complete")
    assert page.evaluate("window.ran === undefined")
