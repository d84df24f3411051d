from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from atlas_core import credentials
from atlas_core.credentials import Credentials, CredentialsFile, token_for

URL = "http://127.0.0.1:5558"


@pytest.fixture
def file(tmp_path: Path) -> CredentialsFile:
    return CredentialsFile(tmp_path / "home")


def test_credentials_are_kept_for_their_owner_alone(file: CredentialsFile, tmp_path: Path) -> None:
    file.write(URL, Credentials("t", "r", 5.0))
    file.write("http://other", Credentials("o"))
    path = tmp_path / "home" / "credentials.yaml"
    assert path.stat().st_mode & 0o777 == 0o600
    assert file.read(URL) == Credentials("t", "r", 5.0)
    file.remove(URL)
    assert file.read(URL) is None
    assert file.read("http://other") == Credentials("o")


def test_the_originals_file_is_read(file: CredentialsFile, tmp_path: Path) -> None:
    path = tmp_path / "home" / "credentials.yaml"
    path.parent.mkdir()
    path.write_text("default:\n  token: old\n")
    assert file.read(URL) == Credentials("old")


@pytest.mark.parametrize("text", ["", "[", "- 1", "servers: 3", "default: 3", "servers: {'http://127.0.0.1:5558': {}}"])
def test_a_damaged_file_holds_nothing_and_can_be_written_again(
    file: CredentialsFile, tmp_path: Path, text: str
) -> None:
    path = tmp_path / "home" / "credentials.yaml"
    path.parent.mkdir()
    path.write_text(text)
    assert file.read(URL) is None
    file.write(URL, Credentials("t"))
    assert file.read(URL) == Credentials("t")


def test_a_token_is_renewed_shortly_before_its_end(file: CredentialsFile) -> None:
    asked: list[str] = []

    def renew(refresh_token: str) -> dict[str, Any]:
        asked.append(refresh_token)
        return {"access_token": "new", "expires_in": 300}

    file.write(URL, Credentials("old", "r", time.time() + 5))
    token = token_for(URL, renew)
    assert [token(), token(), token()] == ["new"] * 3
    assert asked == ["r"]
    kept = file.read(URL)
    assert kept is not None
    assert (kept.token, kept.refresh_token) == ("new", "r")


def test_a_token_that_cannot_be_renewed_is_sent_as_it_is(file: CredentialsFile) -> None:
    def renew(refresh_token: str) -> dict[str, Any]:
        raise OSError("no network")

    file.write(URL, Credentials("old", "r", time.time() - 5))
    assert token_for(URL, renew)() == "old"


def test_a_login_that_is_over_is_not_renewed_at_every_request(file: CredentialsFile) -> None:
    asked: list[str] = []

    def renew(refresh_token: str) -> dict[str, Any]:
        asked.append(refresh_token)
        raise OSError("the login is over")

    file.write(URL, Credentials("old", "r", time.time() - 5))
    token = token_for(URL, renew)
    assert [token() for _ in range(20)] == ["old"] * 20
    assert asked == ["r"]
    file.write(URL, Credentials("new", "s", time.time() + 300))  # a new login is noticed at once
    assert token() == "new"


def test_a_file_that_another_process_holds_is_not_waited_for_without_end(
    file: CredentialsFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "_PATIENCE", 0.1)
    monkeypatch.setattr(credentials, "_RENEWAL_PATIENCE", 0.1)
    file.write(URL, Credentials("old", "r", time.time() - 5))
    with file.locked(0.0):
        assert token_for(URL, lambda _: {"access_token": "new"})() == "old"
        with pytest.raises(TimeoutError, match="in use by another process"):
            file.write(URL, Credentials("mine"))
        with pytest.raises(TimeoutError):
            file.remove(URL)
    file.write(URL, Credentials("mine"))
    assert file.read(URL) == Credentials("mine")


def test_the_environment_counts_first_and_a_job_is_itself(
    file: CredentialsFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write(URL, Credentials("kept"))
    assert token_for(URL)() == "kept"
    monkeypatch.setenv("FOUNDATIONS_JOB_ID", "j")
    monkeypatch.setenv("FOUNDATIONS_JOB_TOKEN", "s")
    assert token_for(URL)() == "atlas_job_j.s"
    monkeypatch.setenv("FOUNDATIONS_TOKEN", "given")
    assert token_for(URL)() == "given"


def test_who_never_logged_in_sends_nothing() -> None:
    assert token_for(URL)() is None
