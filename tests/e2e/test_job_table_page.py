"""The projects' pages in a real browser: the table of jobs is filtered, ordered, grouped, brushed and saved."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.integration.stack import RunningStack

_SCRIPT = """
import foundations
import sys

rate = float(sys.argv[1])
foundations.log_param("lr", rate)
foundations.log_param("optimizer", "adam" if rate < 0.1 else "sgd")
for step in range(5):
    foundations.log_metric("loss", rate * 10 + 1 / (step + 1), step=step)
if rate == 0.3:
    foundations.set_tag("best", "yes")
"""
_RATES = ("0.01", "0.02", "0.1", "0.3")
_TABLE = "/projects/sweep/job_listing"


@pytest.fixture(scope="module")
def jobs(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A project of four jobs that differ by their rate; returns its name."""
    folder: Path = tmp_path_factory.mktemp("sweeps") / "sweep"
    folder.mkdir()
    (folder / "train.py").write_text(_SCRIPT)
    for rate in _RATES:
        ended = stack.python("train.py", rate, cwd=folder)
        assert ended.returncode == 0, ended.stderr
    assert len(stack.rest.job_listing("sweep")["jobs"]) == len(_RATES)
    return "sweep"


def _rows(page: Page) -> Locator:
    return page.locator("tr[data-class=job-table-row]")


def _filter(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Filter jobs")


def test_the_directory_finds_and_counts(page: Page, address: str, jobs: str) -> None:
    page.goto(f"{address}/projects")
    page.get_by_label("Find a project").fill("swe")
    row = page.locator("[data-class=project-summary]")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("4 completed")
    page.get_by_label("Order of the projects").select_option("name")
    row.get_by_role("link", name=jobs, exact=True).click()
    expect(_rows(page)).to_have_count(4)
    page.go_back()
    row.get_by_role("link", name="Jobs of sweep tagged best").click()
    expect(_filter(page)).to_have_value("tags.best")
    expect(_rows(page)).to_have_count(1)


def test_the_filter_proposes_what_the_jobs_have(page: Page, address: str, jobs: str) -> None:
    page.goto(address + _TABLE)
    expect(_rows(page)).to_have_count(4)
    _filter(page).press_sequentially("params.l")
    page.get_by_role("option", name="params.lr").click()
    _filter(page).press_sequentially("< 0.05 and metrics.loss.min > 0.2")
    expect(_rows(page)).to_have_count(2)
    expect(page.get_by_text("2 of 4 jobs")).to_be_visible()
    expect(page).to_have_url(re.compile("metrics.loss.min"))
    page.reload()
    expect(_filter(page)).to_have_value("params.lr < 0.05 and metrics.loss.min > 0.2")
    expect(_rows(page)).to_have_count(2)


def test_what_cannot_be_read_is_marked_where_it_stands(page: Page, address: str, jobs: str) -> None:
    page.goto(f"{address}{_TABLE}?filter=params.lr %3D%3D 0.1 and metrics.los > 1")
    expect(page.locator("[data-kind][data-wrong]")).to_have_text("metrics.los")
    expect(page.get_by_text("no job of this project has `metrics.los`")).to_be_visible()
    page.get_by_role("button", name="Show all jobs").click()
    expect(_rows(page)).to_have_count(4)


def test_a_value_and_a_tag_that_are_clicked_write_the_filter(page: Page, address: str, jobs: str) -> None:
    page.goto(address + _TABLE)
    page.locator("td[data-column='parameters:optimizer']").filter(has_text="adam").first.click()
    page.get_by_role("menuitem", name='params.optimizer != "adam"').click()
    expect(_rows(page)).to_have_count(2)
    page.locator("[data-class=project-page-tags]").get_by_role("button", name="best").click()
    expect(_filter(page)).to_have_value('params.optimizer != "adam" and tags.best')
    expect(_rows(page)).to_have_count(1)


def test_columns_are_sorted_moved_hidden_and_show_another_statistic(page: Page, address: str, jobs: str) -> None:
    page.goto(address + _TABLE)
    rates = page.locator("td[data-column='parameters:lr']")
    page.get_by_role("columnheader", name="lr").get_by_role("button", name="lr", exact=True).click()
    expect(rates).to_have_text(["0.3", "0.1", "0.02", "0.01"])
    page.get_by_role("columnheader", name="loss").hover()
    page.get_by_role("button", name="Menu of loss").click()
    page.get_by_role("menuitem", name="best").click()
    expect(page.get_by_role("button", name="loss (best)", exact=True)).to_be_visible()
    page.get_by_role("columnheader", name="lr").drag_to(page.get_by_role("columnheader", name="Status"))
    expect(page.get_by_role("columnheader").nth(2)).to_have_text("lr")
    page.get_by_role("columnheader", name="User").hover()
    page.get_by_role("button", name="Menu of User").click()
    page.get_by_role("menuitem", name="Hide").click()
    expect(page.get_by_role("columnheader", name="User")).to_have_count(0)
    link = page.url
    page.goto(f"{address}/projects")
    page.goto(link)
    expect(page.get_by_role("columnheader").nth(2)).to_have_text("lr")
    expect(rates).to_have_text(["0.3", "0.1", "0.02", "0.01"])


def test_a_view_is_saved_and_restored(page: Page, address: str, jobs: str) -> None:
    page.goto(f"{address}{_TABLE}?filter=tags.best")
    expect(_rows(page)).to_have_count(1)
    page.get_by_role("button", name="Views").click()
    page.get_by_label("Name of this view").fill("the best")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto(address + _TABLE)
    expect(_rows(page)).to_have_count(4)
    page.get_by_role("button", name="Views").click()
    page.get_by_role("link", name="the best", exact=True).click()
    expect(_rows(page)).to_have_count(1)
    expect(_filter(page)).to_have_value("tags.best")
    browser = page.context.browser
    assert browser
    with browser.new_context() as another:
        opened = another.new_page()
        opened.goto(page.url)
        expect(_rows(opened)).to_have_count(1)
        expect(opened.get_by_role("button", name="View: the best")).to_be_visible()


def test_a_brush_on_an_axis_filters_the_table(page: Page, address: str, jobs: str) -> None:
    page.goto(f"{address}{_TABLE}?axes=parameters%253Alr,parameters%253Aoptimizer,!output_metrics%253Aloss")
    expect(page.get_by_text("4 jobs. Drag along an axis")).to_be_visible()
    page.get_by_text("The axes as a table").click()
    page.get_by_label("parameters:lr").or_(page.get_by_label("lr from")).fill("0.05")
    page.keyboard.press("Enter")
    expect(_rows(page)).to_have_count(2)
    page.get_by_role("checkbox", name="sgd").click()
    expect(page.get_by_role("heading", name="No job matches")).to_be_visible()
    page.get_by_role("button", name="Clear the brush").click()
    expect(_rows(page)).to_have_count(4)


def test_groups_show_the_mean_and_lead_to_their_jobs(page: Page, address: str, jobs: str) -> None:
    page.goto(f"{address}{_TABLE}?group=parameters:optimizer")
    expect(page.locator("[data-class=job-group-row]")).to_have_count(2)
    expect(page.locator("canvas").first).to_be_visible()
    page.get_by_role("button", name="adam").click()
    expect(_filter(page)).to_have_value('params.optimizer == "adam"')
    expect(_rows(page)).to_have_count(2)


def test_selected_jobs_are_tagged_and_deleted(page: Page, address: str, jobs: str, stack: RunningStack) -> None:
    page.goto(address + _TABLE)
    expect(_rows(page)).to_have_count(4)
    page.get_by_role("grid").focus()
    page.keyboard.press("End")
    page.keyboard.press("Space")
    page.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_role("textbox", name="Tag").fill("old")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator("[data-class=project-page-tags]")).to_contain_text("old")
    page.reload()
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Delete the job").click()
    expect(page.get_by_text("1 job deleted.")).to_be_visible()
    expect(_rows(page)).to_have_count(3)
    assert len(stack.rest.job_listing("sweep")["jobs"]) == 3


def test_the_overview_keeps_what_people_write(page: Page, address: str, jobs: str) -> None:
    page.goto(f"{address}/projects/sweep/overview")
    expect(page.locator("[data-class=recent-jobs] canvas")).to_be_visible()
    for text in ("# First", "# Second <script>alert(1)</script>"):
        page.get_by_role("button", name="Edit").click()
        page.get_by_label("Description, in Markdown").fill(text)
        expect(page.get_by_role("region", name="Preview").get_by_role("heading")).to_contain_text(text[2:7])
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_role("button", name="Edit")).to_be_visible()
    expect(page.get_by_text("<script>alert(1)</script>")).to_be_visible()
    page.get_by_role("button", name="2 versions").click()
    page.get_by_label("Versions, newest first").get_by_role("button").nth(1).click()
    page.get_by_role("button", name="Restore this version").click()
    expect(page.get_by_role("heading", name="First")).to_be_visible()
    page.get_by_role("textbox", name="Comment").fill("Looks good")
    page.get_by_role("link", name="Projects").first.click()
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("textbox", name="Comment")).to_have_value("Looks good")
    page.get_by_role("button", name="Add comment").click()
    expect(page.get_by_role("listitem").filter(has_text="Looks good")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Looks good")).to_be_visible()


def test_a_job_of_the_queue_appears_while_one_looks(
    page: Page, address: str, jobs: str, stack: RunningStack, tmp_path: Path
) -> None:
    (tmp_path / "main.py").write_text("import foundations; foundations.log_param('lr', 7)\n")
    page.goto(f"{address}{_TABLE}?filter=params.lr %3D%3D 7 or params.lr %3D%3D 0.3")
    expect(_rows(page)).to_have_count(1)
    command = ("submit", "--json", "--project-name", "sweep", "scheduler", str(tmp_path), "main.py")
    submitted = stack.foundations(*command)
    assert submitted.returncode == 0, submitted.stdout
    assert json.loads(submitted.stdout.splitlines()[-1])["job_id"]
    expect(_rows(page)).to_have_count(2)
