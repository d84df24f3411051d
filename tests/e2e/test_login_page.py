"""Logging in and out in a real browser, over a real stack; the issuer is a stand-in, whose page is left at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from tests.fake_issuer import FakeIssuer, fake_issuer
from tests.integration.stack import RunningStack, running_stack

pytestmark = [pytest.mark.browser, pytest.mark.stack, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def issuer() -> Iterator[FakeIssuer]:
    with fake_issuer() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def stack(issuer: FakeIssuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """A stack where people log in."""
    home = tmp_path_factory.mktemp("guarded") / "home"
    with running_stack(home, NUM_WORKERS="1", ATLAS_ENGINE="process", ATLAS_OIDC_ISSUER=issuer.url) as running:
        yield running


def enter(page: Page, address: str, issuer: FakeIssuer) -> None:
    """Log in on the way to the queue."""
    page.goto(f"{address}/queue")
    page.wait_for_url(f"{issuer.url}/**")
    page.goto(issuer.approve("max", page.url))
    expect(page).to_have_url(f"{address}/queue")
    expect(page.get_by_text("Nothing runs.")).to_be_visible()


def test_a_long_address_waits_in_the_tab_for_the_login(page: Page, address: str, issuer: FakeIssuer) -> None:
    wanted = f"{address}/projects/none/job_listing?filter=params.note+%3D%3D+%22{'x' * 2500}%22"
    page.goto(wanted)
    page.wait_for_url(f"{issuer.url}/**")
    page.goto(issuer.approve("max", page.url))
    expect(page).to_have_url(wanted)
    expect(page.get_by_role("heading", name="There is no project")).to_be_visible()
    leave(page)
    page.wait_for_url(f"{issuer.url}/**")


def leave(page: Page) -> None:
    page.get_by_role("button", name="Logged in as max").click()
    page.get_by_role("menuitem", name="Log out").click()


def test_who_logs_in_comes_back_to_the_page_that_they_wanted_and_can_leave(
    page: Page, address: str, issuer: FakeIssuer
) -> None:
    enter(page, address, issuer)
    leave(page)
    page.wait_for_url(f"{issuer.url}/authorization?**")
    assert page.request.get(f"{address}/api/v3/projects").status == 401


def test_who_leaves_ends_the_login_on_the_issuers_page_where_nothing_else_ends_it(
    page: Page, address: str, issuer: FakeIssuer
) -> None:
    issuer.ends_logins = False
    enter(page, address, issuer)
    leave(page)
    page.wait_for_url(f"{issuer.url}/end_session?**")
    assert "id_token_hint=" in page.url
    assert page.request.get(f"{address}/api/v3/projects").status == 401
