"""The command line of the proxy: the original's options."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from atlas_core.settings import Settings
from atlas_services.auth_proxy.options import with_options

ISSUER = {"ATLAS_OIDC_ISSUER": "http://login.example"}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", {}),
        ("-d -t atlas", {}),
        ("-n", {"ATLAS_NO_LOGIN": "1"}),
        ("--null --allow-open-proxy", {"ATLAS_NO_LOGIN": "1", "ATLAS_ALLOW_OPEN_PROXY": "1"}),
        ("-p 80", {"ATLAS_BIND": "10.0.0.5:80"}),
        ("-H 127.0.0.2", {"ATLAS_HOST": "127.0.0.2", "ATLAS_BIND": "127.0.0.2:5558"}),
        ("-H ::1", {"ATLAS_HOST": "::1", "ATLAS_BIND": "[::1]:5558"}),
        ("-H 0.0.0.0 -p 80", {"ATLAS_HOST": "0.0.0.0", "ATLAS_BIND": "0.0.0.0:80"}),
    ],
)
def test_each_option_stands_for_a_setting(arguments: str, expected: dict[str, str]) -> None:
    assert with_options({"ATLAS_HOST": "10.0.0.5"}, arguments.split()) == expected


@pytest.mark.parametrize("arguments", ["-t orbit", "-p many", "-p 0", "-p 65536", "-p -1", "--nul=1", "extra"])
def test_a_senseless_one_is_refused(arguments: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        with_options({}, arguments.split())
    assert "error: " in capsys.readouterr().err


def test_without_a_login_no_issuer_counts() -> None:
    assert Settings.from_environment(ISSUER).oidc is not None
    assert Settings.from_environment({**ISSUER, "ATLAS_NO_LOGIN": "1"}).oidc is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "atlas.example"])
def test_without_a_login_others_are_refused_in_one_sentence(host: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "atlas_services.auth_proxy", "-n", "-H", host]
    environment = {**os.environ, **ISSUER, "FOUNDATIONS_HOME": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "use 127.0.0.1, or set ATLAS_ALLOW_OPEN_PROXY=1" in done.stderr
    assert "Traceback" not in done.stderr
