"""An issuer whose name browsers alone reach, as in a network of containers; and one that does not hear of a log-out."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import requests
from tests.fake_issuer import FakeIssuer, fake_issuer
from tests.guarded_stack import GuardedStack, guarded_stack

READ = "/api/v2beta/projects"
#: Nobody answers there.
NAME = "http://127.0.0.1:1/realms/Atlas"


@pytest.fixture(scope="module")
def issuer() -> Iterator[FakeIssuer]:
    with fake_issuer() as issuer:
        issuer.base = NAME
        yield issuer


@pytest.fixture(scope="module")
def stack(redis_server: str, issuer: FakeIssuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedStack]:
    home = tmp_path_factory.mktemp("home")
    with guarded_stack(redis_server, home, NAME, ATLAS_OIDC_DISCOVERY_URL=issuer.address) as stack:
        yield stack


@pytest.fixture(autouse=True)
def _issuer_as_new(issuer: FakeIssuer) -> Iterator[None]:
    yield
    issuer.ends_logins, issuer.failing, issuer.failure = True, set(), 503


def browser_of(stack: GuardedStack, issuer: FakeIssuer) -> requests.Session:
    """Log in as a browser does."""
    browser = requests.Session()
    page = browser.get(f"{stack.url}/api/v3/auth/login", allow_redirects=False, timeout=30).headers["Location"]
    assert page.startswith(f"{NAME}/authorization?")
    assert browser.get(issuer.approve("max", page), allow_redirects=False, timeout=30).status_code == 302
    return browser


def leave(stack: GuardedStack, browser: requests.Session) -> requests.Response:
    """Log a browser out, of which nothing may be left here."""
    answer = browser.post(f"{stack.url}/api/v3/auth/logout", headers={"Origin": stack.url}, timeout=60)
    assert "atlas_session" not in browser.cookies
    return answer


def test_every_way_to_log_in_and_out_finds_the_issuer(stack: GuardedStack, issuer: FakeIssuer) -> None:
    begun = stack.ask("POST", "/api/v3/auth/device").json()
    assert begun["verification_uri"].startswith(NAME)
    issuer.devices[begun["device_code"]] = "max"
    grant = {"grant_type": "device_code", "device_code": begun["device_code"]}
    tokens = stack.ask("POST", "/api/v3/auth/token", json=grant).json()
    assert stack.ask("GET", READ, tokens["access_token"]).status_code == 200
    body = {"refresh_token": tokens["refresh_token"]}
    assert stack.ask("POST", "/api/v3/auth/logout", json=body).status_code == 204
    assert tokens["refresh_token"] not in issuer.refresh_tokens


def test_a_browser_that_leaves_is_forgotten_by_the_issuer(stack: GuardedStack, issuer: FakeIssuer) -> None:
    browser = browser_of(stack, issuer)
    assert leave(stack, browser).status_code == 204
    assert issuer.refresh_tokens == {}


def test_a_browser_is_led_to_the_issuers_page_when_only_that_ends_the_login(
    stack: GuardedStack, issuer: FakeIssuer
) -> None:
    issuer.ends_logins = False
    answer = leave(stack, browser_of(stack, issuer))
    assert (answer.status_code, issuer.refresh_tokens) == (200, {})
    assert answer.json()["page"].startswith(f"{NAME}/end_session?client_id=foundations&id_token_hint=")


def test_a_log_out_of_which_the_issuer_does_not_hear_is_none(stack: GuardedStack, issuer: FakeIssuer) -> None:
    browser, tokens = browser_of(stack, issuer), issuer.tokens("max")
    issuer.failing = {"revocation", "end_session"}
    answer = leave(stack, browser)
    assert answer.status_code == 200
    assert "The issuer of tokens fails" in answer.json()["left"]
    body = {"refresh_token": tokens["refresh_token"]}
    assert stack.ask("POST", "/api/v3/auth/logout", json=body).status_code == 503


def test_no_request_makes_an_expired_token_valid(stack: GuardedStack, issuer: FakeIssuer) -> None:
    late = issuer.token("max", exp=int(time.time()) - 60)
    assert stack.ask("GET", READ, late).status_code == 401
    issuer.failing = {"revocation", "device_authorization", "token"}
    for path, body in (
        ("logout", {"refresh_token": "x"}),
        ("device", None),
        ("token", {"grant_type": "password", "username": "max", "password": "x"}),
    ):
        assert stack.ask("POST", f"/api/v3/auth/{path}", json=body).status_code == 503
        assert stack.ask("GET", READ, late).status_code == 401


@pytest.mark.parametrize("failure", [404, 503])
def test_an_expired_token_goes_on_while_the_issuer_does_not_say_who_it_is(
    stack: GuardedStack, issuer: FakeIssuer, failure: int
) -> None:
    late = issuer.token("max", exp=int(time.time()) - 60)
    issuer.failing, issuer.failure = {"openid-configuration"}, failure
    assert stack.ask("GET", READ, late).status_code == 200
    issuer.failing = set()
    deadline = time.monotonic() + 60  # for some seconds it is not asked again
    while stack.ask("GET", READ, late).status_code != 401:
        assert time.monotonic() < deadline
        time.sleep(0.5)
