"""What the issuer says of itself, and whom it keeps waiting when it says nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from tests.fake_issuer import CLIENT, FakeIssuer, fake_issuer

from atlas_core.oidc_settings import OidcSettings
from atlas_services.auth_proxy.issuer import Issuer, IssuerAway

LONG = 3601.0


class Clock:
    """Stands still unless it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def fake() -> Iterator[FakeIssuer]:
    with fake_issuer() as issuer:
        yield issuer
        issuer.answering.set()


def issuer_of(fake: FakeIssuer, clock: Clock) -> Issuer:
    settings = OidcSettings.from_environment({"ATLAS_OIDC_ISSUER": fake.url, "ATLAS_OIDC_CLIENT_ID": CLIENT})
    assert settings is not None
    return Issuer(settings, clock)


def wait_until_asked(fake: FakeIssuer, times: int) -> None:
    deadline = time.monotonic() + 30
    while len(fake.asked) < times:
        assert time.monotonic() < deadline, "it was not asked in time"
        time.sleep(0.01)


def test_while_it_hangs_only_one_waits_for_it_and_the_others_go_on_with_what_is_known(fake: FakeIssuer) -> None:
    clock = Clock()
    issuer = issuer_of(fake, clock)
    page = issuer.page("token_endpoint")
    clock.now = LONG
    fake.answering.clear()
    first = threading.Thread(target=issuer.page, args=("token_endpoint",))
    first.start()
    wait_until_asked(fake, 2)
    assert [issuer.page("token_endpoint") for _ in range(5)] == [page] * 5
    assert len(fake.asked) == 2
    fake.answering.set()
    first.join()


def test_who_does_not_know_it_yet_does_not_wait_for_others_who_ask(fake: FakeIssuer) -> None:
    issuer = issuer_of(fake, Clock())

    def ask() -> None:
        with suppress(IssuerAway):  # on a slow machine it may give up before all have asked
            issuer.page("token_endpoint")

    fake.answering.clear()
    asking = [threading.Thread(target=ask) for _ in range(3)]
    for thread in asking:
        thread.start()
    wait_until_asked(fake, 3)
    fake.answering.set()
    for thread in asking:
        thread.join()
    assert issuer.page("token_endpoint") == f"{fake.url}/token"


def test_once_it_failed_it_is_left_alone_for_some_seconds(fake: FakeIssuer) -> None:
    clock = Clock()
    issuer = issuer_of(fake, clock)
    page = issuer.page("token_endpoint")
    clock.now, fake.is_down = LONG, True
    assert [issuer.page("token_endpoint") for _ in range(5)] == [page] * 5
    assert len(fake.asked) == 2
    clock.now += 11
    fake.is_down = False
    assert issuer.page("token_endpoint") == page
    assert len(fake.asked) == 3


def test_of_whom_nothing_is_known_it_is_said_and_asked_each_time(fake: FakeIssuer) -> None:
    issuer = issuer_of(fake, Clock())
    fake.is_down = True
    for _ in range(2):
        with pytest.raises(IssuerAway, match="does not say who it is"):
            issuer.page("token_endpoint")
    fake.is_down = False
    assert issuer.page("token_endpoint") == f"{fake.url}/token"


def test_who_goes_by_another_name_is_not_the_issuer(fake: FakeIssuer) -> None:
    issuer = issuer_of(fake, Clock())
    fake.base = "http://other.example"
    with pytest.raises(IssuerAway, match=r"calls itself 'http://other\.example'"):
        issuer.page("token_endpoint")
