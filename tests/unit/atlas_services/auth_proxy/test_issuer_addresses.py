"""By which addresses a proxy reaches an issuer that goes by another name."""

from __future__ import annotations

import pytest

from atlas_services.auth_proxy.issuer_addresses import inner_address

ISSUER = "https://login.example.com/realms/Atlas"


@pytest.mark.parametrize(
    ("discovery_url", "url", "expected"),
    [
        pytest.param(ISSUER, f"{ISSUER}/token", f"{ISSUER}/token", id="found by its name"),
        pytest.param(
            "http://kc:8080/realms/Atlas", f"{ISSUER}/token", "http://kc:8080/realms/Atlas/token", id="inside"
        ),
        pytest.param("http://kc/a/realms/Atlas", f"{ISSUER}/token", "http://kc/a/realms/Atlas/token", id="other path"),
        pytest.param("http://kc/realms/Atlas", "https://LOGIN.example.com/x?y=1", "http://kc/x?y=1", id="beside it"),
        pytest.param("http://kc/realms/Atlas", f"{ISSUER}2/token", "http://kc/realms/Atlas2/token", id="like it"),
        pytest.param(
            "http://kc/realms/Atlas", "https://keys.example.com/x", "https://keys.example.com/x", id="elsewhere"
        ),
        pytest.param(
            "http://kc/realms/Atlas", "http://kc/realms/Atlas/x", "http://kc/realms/Atlas/x", id="known inside"
        ),
    ],
)
def test_servers_call_the_issuer_where_they_find_it(discovery_url: str, url: str, expected: str) -> None:
    assert inner_address(ISSUER, discovery_url)(url) == expected
