"""Tokens of jobs."""

from __future__ import annotations

from pathlib import Path

from atlas_services.scheduler.tokens import JobTokens


def test_a_token_is_the_same_for_every_scheduler_of_a_home(tmp_path: Path) -> None:
    secret = tmp_path / "server" / "secret"
    assert JobTokens(secret).of("job-1") == JobTokens(secret).of("job-1")


def test_jobs_and_homes_have_tokens_of_their_own(tmp_path: Path) -> None:
    tokens = {JobTokens(tmp_path / home).of(job) for home in "ab" for job in ("job-1", "job-2")}
    assert len(tokens) == 4


def test_nobody_else_can_read_the_secret(tmp_path: Path) -> None:
    JobTokens(tmp_path / "secret")
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
