"""Where a proxy that lets everybody in may listen."""

from __future__ import annotations

import pytest

from atlas_core.errors import InvalidConfig
from atlas_services.auth_proxy.exposure import refuse_open_proxy


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
