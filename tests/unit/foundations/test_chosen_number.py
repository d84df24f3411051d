"""Numbers that environment variables say."""

from __future__ import annotations

import pytest
from tests.unit.foundations.conftest import Script
from tests.unit.foundations.journal_server import JournalServer

INSTEAD = {
    "FOUNDATIONS_SPOOL_GB": "50 GB are used",
    "FOUNDATIONS_JOURNAL_GB": "10 GB are used",
    "FOUNDATIONS_FLUSH_SECONDS": "the usual times are waited",
    "FOUNDATIONS_SYSTEM_METRICS": "10 seconds are used",
}


@pytest.mark.parametrize("value", ["x", "-1", "nan", "inf"])
def test_each_wrong_number_is_warned_about_once(tracked: Script, server: JournalServer, value: str) -> None:
    tracked.environment.update(dict.fromkeys(INSTEAD, value))
    (tracked.folder / "model.pt").write_bytes(b"weights")
    ended = tracked.run("import foundations\nfoundations.log_metric('x', 1)\nfoundations.save_artifact('model.pt')")
    assert ended.returncode == 0
    assert server.values(server.only_job, "x") == [1]
    said = [f"{name}: '{value}' is no number from 0 on; {instead} instead." for name, instead in INSTEAD.items()]
    assert [(ended.stdout + ended.stderr).count(sentence) for sentence in said] == [1] * len(said)
