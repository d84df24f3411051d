"""Where a proxy that lets everybody in may listen."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlas_core.errors import InvalidConfig
from atlas_core.settings import Settings
from atlas_services.auth_proxy.exposure import refuse_half_a_login, refuse_open_proxy


@pytest.mark.parametrize("bind", ["127.0.0.1:5558", "[::1]:5558", "localhost:5558", "127.0.0.1:1,127.0.0.2:2"])
def test_loopback_addresses_are_for_this_machine_alone(bind: str) -> None:
    refuse_open_proxy(bind)


@pytest.mark.parametrize("bind", ["0.0.0.0:5558", "10.0.0.5:5558", "127.0.0.1:1,10.0.0.5:2", "atlas.example:1", ":80"])
def test_others_are_refused(bind: str) -> None:
    with pytest.raises(InvalidConfig, match="ATLAS_ALLOW_OPEN_PROXY=1"):
        refuse_open_proxy(bind)


def test_the_gateway_of_containers_is_one_address_and_no_more() -> None:
    refuse_open_proxy("127.0.0.1:1,172.18.0.1:1", "172.18.0.1/16")
    with pytest.raises(InvalidConfig, match=r"reaches 172\.18\.0\.2"):
        refuse_open_proxy("172.18.0.2:1", "172.18.0.1/16")


def test_a_proxy_that_lets_everybody_in_does_not_stand_before_services_that_expect_a_login(tmp_path: Path) -> None:
    secret = tmp_path / "identity.secret"
    secret.write_text("secret")
    variables = {"ATLAS_IDENTITY_SECRET_FILE": str(secret), "ATLAS_OIDC_ISSUER": "http://login.example"}
    refuse_half_a_login(Settings.from_environment(variables))
    refuse_half_a_login(Settings.from_environment({}))
    with pytest.raises(InvalidConfig, match="ATLAS_OIDC_ISSUER"):
        refuse_half_a_login(Settings.from_environment({**variables, "ATLAS_NO_LOGIN": "1"}))
