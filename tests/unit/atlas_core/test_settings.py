"""Settings come from the environment, or say which variable is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlas_core.errors import InvalidConfig
from atlas_core.settings import Ports, Settings, home_directory


def test_the_defaults_are_the_documented_ports() -> None:
    settings = Settings.from_environment({})
    assert settings.ports == Ports()
    assert settings.proxy_url == "http://127.0.0.1:5558"
    assert settings.home == Path("~/.foundations").expanduser()


def test_a_port_base_gives_eight_consecutive_ports() -> None:
    ports = Ports.from_base(7000)
    assert (ports.gui, ports.scheduler, ports.rest_api, ports.archive) == (7000, 7001, 7002, 7003)
    assert (ports.proxy, ports.redis, ports.tensorboard, ports.tensorboard_api) == (7004, 7005, 7006, 7007)


@pytest.mark.parametrize("base", [0, 80, 65529, 100000, -1])
def test_a_port_base_without_room_is_refused(base: int) -> None:
    with pytest.raises(InvalidConfig, match=str(base)):
        Ports.from_base(base)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("NUM_WORKERS", "many"),
        ("NUM_WORKERS", "-1"),
        ("ATLAS_MAX_BUNDLE_GB", "x"),
        ("ATLAS_STOP_GRACE", "-1"),
        ("ATLAS_MAX_BUNDLE_GB", "inf"),
        ("ATLAS_MAX_UNPACKED_GB", "nan"),
        ("ATLAS_MAX_ARTIFACT_GB", "1e300"),
        ("ATLAS_PORT_BASE", "high"),
    ],
)
def test_a_wrong_variable_is_named_with_its_value(name: str, text: str) -> None:
    with pytest.raises(InvalidConfig, match=name) as raised:
        Settings.from_environment({name: text})
    assert repr(text) in raised.value.message


def test_the_home_is_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert home_directory({"FOUNDATIONS_HOME": "here"}) == tmp_path / "here"


def test_the_password_of_redis_comes_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "redis.secret"
    secret.write_text("p@ss/word\n")
    environment = {"ATLAS_REDIS_URL": "redis://:old@redis:6379/2", "ATLAS_REDIS_PASSWORD_FILE": str(secret)}
    assert Settings.from_environment(environment).redis_url == "redis://:p%40ss%2Fword@redis:6379/2"


def test_a_missing_password_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig, match=r"ATLAS_REDIS_PASSWORD_FILE: .*missing.* cannot be read"):
        Settings.from_environment({"ATLAS_REDIS_PASSWORD_FILE": str(tmp_path / "missing")})


@pytest.mark.parametrize("text", ["root", "1000", "1000:", "-1:5", "1000:1000:1"])
def test_a_worker_user_is_two_numbers(text: str) -> None:
    with pytest.raises(InvalidConfig, match=r"^ATLAS_WORKER_USER: .* is no user; set it to two numbers"):
        Settings.from_environment({"ATLAS_WORKER_USER": text})
