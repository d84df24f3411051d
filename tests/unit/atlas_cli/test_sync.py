"""`foundations sync`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
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


def leave_refused(home: Path) -> Path:
    """Leave a run of which one file was refused."""
    spool = home / "journal" / "j1" / "spool"
    spool.mkdir(parents=True)
    (spool / "w.000000.refused").write_text('{"key": "a", "data": "w.000000.data"}')
    (spool / "w.000000.data").write_text("a")
    return spool


def test_what_was_refused_is_told_until_it_is_forgotten(foundations: Foundations, tmp_path: Path) -> None:
    spool = leave_refused(tmp_path)
    ended = foundations("sync", "--home", str(tmp_path))
    assert (ended.code, "1 file stays refused. `foundations sync --retry-refused`" in ended.out) == (0, True)
    ended = foundations("sync", "--home", str(tmp_path), "--forget-refused")
    assert ended.out == "Sent 0 bytes of 0 job(s).\nRemoved 1 refused file.\n"
    assert not spool.parent.exists()
    facts = json.loads(foundations("sync", "--home", str(tmp_path), "--json").out)
    assert (facts["refused"], facts["left"], facts["is_full"], facts["forgotten"]) == (0, 0, False, 0)


def test_what_was_refused_can_be_offered_again(foundations: Foundations, tmp_path: Path) -> None:
    spool = leave_refused(tmp_path)
    assert foundations("sync", "--home", str(tmp_path), "--retry-refused").code == 1  # nobody says whose it is
    assert [path.suffix for path in sorted(spool.iterdir())] == [".data", ".json"]


def test_it_is_either_offered_or_forgotten(foundations: Foundations) -> None:
    assert foundations("sync", "--retry-refused", "--forget-refused").code == 2


def test_a_home_in_which_too_much_waits_is_told(
    foundations: Foundations, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOUNDATIONS_UNSENT_GB", "0.000001")
    journal = tmp_path / "journal" / "j1"
    journal.mkdir(parents=True)
    (journal / f"w.{0:020}").write_bytes(bytes(2000))
    ended = foundations("sync", "--home", str(tmp_path))
    assert "2 kB still wait. FOUNDATIONS_UNSENT_GB allows no more" in ended.out
