"""Whether people log in to a home: not forgotten with a variable."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlas_core.errors import InvalidConfig
from atlas_core.settings import Settings
from atlas_services.embedded.login_choice import settle_login

GUARDED = Settings.from_environment({"ATLAS_OIDC_ISSUER": "http://login.example"})
OPEN = Settings.from_environment({})


def test_a_home_where_nobody_has_logged_in_is_open(tmp_path: Path) -> None:
    assert settle_login(OPEN, tmp_path) == OPEN
    assert list(tmp_path.iterdir()) == []


def test_where_people_log_in_the_services_know_the_proxy_by_one_secret(tmp_path: Path) -> None:
    secret = settle_login(GUARDED, tmp_path).identity_secret
    assert secret
    assert settle_login(GUARDED, tmp_path).identity_secret == secret


def test_a_home_where_people_have_logged_in_is_opened_on_purpose_alone(tmp_path: Path) -> None:
    settle_login(GUARDED, tmp_path)
    with pytest.raises(InvalidConfig, match="ATLAS_NO_LOGIN=1"):
        settle_login(OPEN, tmp_path)
    on_purpose = Settings.from_environment({"ATLAS_OIDC_ISSUER": "http://login.example", "ATLAS_NO_LOGIN": "1"})
    assert not settle_login(on_purpose, tmp_path).identity_secret
