"""Limits that environment variables say in gigabytes."""

from __future__ import annotations

import pytest

from foundations.size_limit import limit_in_gigabytes


@pytest.mark.parametrize(
    ("chosen", "limit"), [("nan", 7), ("-1", 7), ("many", 7), ("", 7), ("0", 0), ("0.5", 2**29), ("50", 50 * 2**30)]
)
def test_what_says_nothing_usable_leaves_the_usual_one(
    monkeypatch: pytest.MonkeyPatch, chosen: str, limit: int
) -> None:
    monkeypatch.setenv("FOUNDATIONS_SPOOL_GB", chosen)
    assert limit_in_gigabytes("FOUNDATIONS_SPOOL_GB", 7) == limit


def test_what_is_not_said_leaves_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FOUNDATIONS_SPOOL_GB", raising=False)
    assert limit_in_gigabytes("FOUNDATIONS_SPOOL_GB", 7) == 7
