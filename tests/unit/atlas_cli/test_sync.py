"""`foundations sync`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.unit.atlas_cli.conftest import Foundations


def test_nothing_to_send_is_no_error(foundations: Foundations) -> None:
    ended = foundations("sync")
    assert (ended.code, ended.out) == (0, "Sent 0 bytes of 0 job(s).\n")


def test_json(foundations: Foundations) -> None:
    facts = json.loads(foundations("sync", "--json").out)
    assert (facts["jobs"], facts["bytes"]) == (0, 0)
    assert not facts["failures"]


def test_another_home_may_be_named(foundations: Foundations, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    assert foundations("sync", "--home", str(other), "--timeout", "1").code == 0


def test_a_home_that_is_not_there_is_an_error(foundations: Foundations, tmp_path: Path) -> None:
    ended = foundations("sync", "--home", str(tmp_path / "nowhere"))
    assert ended.code == 1
    assert "there is no directory" in ended.out + ended.err


def test_a_negative_timeout_is_a_usage_error(foundations: Foundations) -> None:
    assert foundations("sync", "--timeout", "-1").code == 2
