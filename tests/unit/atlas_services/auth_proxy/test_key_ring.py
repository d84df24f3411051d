from __future__ import annotations

import json
from typing import Any

import jwt
import pytest
from tests.fake_issuer import new_key

from atlas_core.errors import Unauthorized
from atlas_services.auth_proxy.issuer import IssuerAway
from atlas_services.auth_proxy.key_ring import KeyRing


class Source:
    """Stands for the issuer's keys."""

    def __init__(self) -> None:
        self.names = ["k1"]
        self.asked = 0
        self.is_away = False
        self.now = 0.0
        self.kept: str | None = None
        self._public = jwt.algorithms.RSAAlgorithm.to_jwk(new_key().public_key())

    def fetch(self) -> list[dict[str, Any]]:
        self.asked += 1
        if self.is_away:
            raise IssuerAway("away")
        return [{**json.loads(self._public), "kid": name, "use": "sig"} for name in self.names]

    def keep(self, text: str) -> None:
        self.kept = text

    def ring(self) -> KeyRing:
        return KeyRing(self.fetch, lambda: self.kept, self.keep, lambda: self.now)


def test_keys_are_asked_for_once_and_then_now_and_then() -> None:
    source = Source()
    ring = source.ring()
    for _ in range(5):
        ring.key("k1")
    assert source.asked == 1
    source.now = 400.0
    ring.key("k1")
    assert source.asked == 2


def test_a_new_key_is_asked_for_and_no_unknown_one_too_often() -> None:
    source = Source()
    ring = source.ring()
    ring.key("k1")
    source.names = ["k2"]
    for _ in range(100):
        with pytest.raises(Unauthorized):
            ring.key("k2")
    assert source.asked == 1
    source.now = 11.0
    ring.key("k2")
    with pytest.raises(Unauthorized):
        ring.key("k1")
    assert source.asked == 2


def test_known_keys_go_on_while_the_issuer_is_away_and_over_a_restart() -> None:
    source = Source()
    ring = source.ring()
    ring.key("k1")
    source.is_away, source.now = True, 4000.0
    ring.key("k1")
    source.ring().key("k1")


def test_without_any_key_the_issuer_is_away() -> None:
    source = Source()
    source.is_away = True
    with pytest.raises(IssuerAway):
        source.ring().key("k1")


def test_keys_that_sign_nothing_for_us_are_left_out() -> None:
    odd = [
        {"kty": "oct", "kid": "a", "k": "AAAA"},
        {"kty": "XYZ", "kid": "b"},
        {"kty": "RSA"},
        {"use": "enc", "kid": "c"},
    ]
    ring = KeyRing(lambda: odd)
    for name in ("a", "b", "c", ""):
        with pytest.raises(Unauthorized):
            ring.key(name)
