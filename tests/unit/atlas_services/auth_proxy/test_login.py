"""Passwords that are guessed: how often the issuer hears of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from tests.fake_issuer import CLIENT, FakeIssuer, fake_issuer

from atlas_core.errors import TooManyRequests, Unauthorized
from atlas_core.oidc_settings import OidcSettings
from atlas_services.auth_proxy.issuer import Issuer
from atlas_services.auth_proxy.key_ring import KeyRing
from atlas_services.auth_proxy.login import Login
from atlas_services.auth_proxy.token_check import TokenCheck

GUESSES = 10_000


@pytest.fixture
def issuer() -> Iterator[FakeIssuer]:
    with fake_issuer() as issuer:
        yield issuer


@pytest.fixture
def login(issuer: FakeIssuer) -> Login:
    settings = OidcSettings.from_environment({"ATLAS_OIDC_ISSUER": issuer.url, "ATLAS_OIDC_CLIENT_ID": CLIENT})
    assert settings is not None
    asked = Issuer(settings)
    return Login(settings, asked, TokenCheck(settings, KeyRing(asked.keys), lambda: False), "secret")


def passwords_heard(issuer: FakeIssuer) -> int:
    return sum(path.endswith("/token") for path in issuer.asked)


@pytest.mark.parametrize(
    ("users", "addresses", "most"),
    [
        pytest.param(1, 1, 10, id="one user from one address"),
        pytest.param(GUESSES, 1, 60, id="everybody from one address"),
        pytest.param(1, GUESSES, 100, id="one user from everywhere"),
    ],
)
def test_of_ten_thousand_wrong_passwords_the_issuer_hears_of_a_few(
    login: Login, issuer: FakeIssuer, users: int, addresses: int, most: int
) -> None:
    wrong = refused = 0
    for number in range(GUESSES):
        try:
            login.by_password(f"user-{number % users}", f"guess-{number}", f"10.0.0.{number % addresses}")
        except Unauthorized:
            wrong += 1
        except TooManyRequests:
            refused += 1
    assert (wrong, refused) == (most, GUESSES - most)
    assert passwords_heard(issuer) == most


def test_who_knows_the_password_is_not_counted_among_the_guessers(login: Login) -> None:
    for _ in range(30):
        assert login.by_password("vera", "vera:password", "10.0.0.1")["access_token"]


def test_the_right_password_is_not_tried_either_once_there_were_too_many(login: Login, issuer: FakeIssuer) -> None:
    for number in range(20):
        with suppress(Unauthorized, TooManyRequests):
            login.by_password("vera", f"guess-{number}", "10.0.0.1")
    heard = passwords_heard(issuer)
    with pytest.raises(TooManyRequests):
        login.by_password("Vera ", "vera:password", "10.0.0.1")
    assert passwords_heard(issuer) == heard
    assert login.by_password("vera", "vera:password", "10.0.0.2")["access_token"]
