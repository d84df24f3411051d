"""TensorBoard in a real browser, behind the proxy: its charts load, and its page can call nothing else of ours."""

from __future__ import annotations

from importlib import util
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, expect
from tests.integration.stack import RunningStack
from tests.redis_server import require

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.timeout(300)]

TRAINING = """
import foundations
from tensorboardX import SummaryWriter

foundations.set_tensorboard_logdir("runs")
with SummaryWriter("runs") as writer:
    for step in range(50):
        writer.add_scalar("loss", 1 / (1 + step), step)
"""
#: What a script on the page learns when it calls a route of ours.
ASK = "path => fetch(path, {method: 'GET'}).then(answer => answer.status).catch(error => error.name)"


@pytest.fixture(scope="module")
def shown(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address at which TensorBoard shows a job."""
    require(util.find_spec("tensorboard") and util.find_spec("tensorboardX"), "TensorBoard")
    folder: Path = tmp_path_factory.mktemp("curves") / "curves"
    folder.mkdir()
    (folder / "train.py").write_text(TRAINING)
    ended = stack.python("train.py", cwd=folder)
    assert ended.returncode == 0, ended.stderr
    (job,) = stack.rest.job_listing("curves")["jobs"]
    answer = requests.post(f"{stack.url}/api/v3/tensorboard", json={"job_ids": [job["job_id"]]}, timeout=60)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["url"])


def test_a_scalar_chart_loads(page: Page, shown: str) -> None:
    page.goto(shown, timeout=90_000)
    card = page.locator("scalar-card").first
    expect(card).to_contain_text("loss", timeout=60_000)
    expect(card.locator("line-chart")).to_be_visible(timeout=60_000)
    expect(page.locator("runs-data-table, runs-table").first).to_contain_text("curves", timeout=60_000)


def test_the_page_of_jobs_opens_it(page: Page, address: str, shown: str) -> None:
    page.goto(f"{address}/projects/curves/job_listing")
    page.locator("[data-class=job-table-row]").get_by_role("checkbox").check()
    with page.expect_popup(timeout=60_000) as opened:
        page.get_by_role("button", name="Send to TensorBoard").click()
    board = opened.value
    board.wait_for_url("**/tensorboard/**", timeout=60_000)
    expect(board.locator("scalar-card").first).to_contain_text("loss", timeout=60_000)
    board.close()


def test_its_page_calls_no_route_of_ours(page: Page, shown: str) -> None:
    page.goto(shown, timeout=90_000)
    assert page.evaluate(ASK, "data/runs") == 200
    for path in ("/api/v3/projects", "/", "/queued_jobs", "/tensorboard/" + "0" * 20 + "/data/runs"):
        assert page.evaluate(ASK, path) == "TypeError"
