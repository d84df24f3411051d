from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from atlas_services.tracker import AuditEntry, Tracker, keys


def entry(number: int) -> AuditEntry:
    return AuditEntry(float(number), "änn", "id", "10.0.0.1", "DELETE", f"/jobs/{number}", 204, "r")


@pytest.fixture
def log(tracker: Tracker) -> Tracker:
    for number in range(5):
        tracker.audit.add(entry(number))
    return tracker


def test_what_was_written_is_whole(log: Tracker) -> None:
    verdict = log.audit.verify()
    assert (verdict.entries, verdict.broken_at) == (5, None)
    assert [line["path"] for line in log.audit.entries(2)] == ["/jobs/3", "/jobs/4"]
    assert log.audit.entries(1)[0]["hash"] == verdict.head


def test_an_empty_log_is_whole(tracker: Tracker) -> None:
    assert tracker.audit.verify().broken_at is None


def test_a_changed_entry_is_found(log: Tracker) -> None:
    line = json.loads(log.client.lindex(keys.AUDIT, 2))
    log.client.lset(keys.AUDIT, 2, json.dumps({**line, "user": "bob"}))
    assert log.audit.verify().broken_at == 2


@pytest.mark.parametrize("place", [0, 2])
def test_a_removed_entry_is_found(log: Tracker, place: int) -> None:
    log.client.lrem(keys.AUDIT, 1, log.client.lindex(keys.AUDIT, place))
    assert log.audit.verify().broken_at == place


def test_an_entry_that_is_none_is_found(log: Tracker) -> None:
    log.client.rpush(keys.AUDIT, "[]")
    assert log.audit.verify().broken_at == 5


@pytest.mark.parametrize("garbage", ["garbage", "[]", "{}", '{"hash": 1}'])
def test_an_entry_that_is_none_keeps_no_other_out(log: Tracker, garbage: str) -> None:
    log.client.rpush(keys.AUDIT, garbage)
    log.audit.add(entry(6))
    unreadable, last = log.audit.entries(2)
    assert last["path"] == "/jobs/6"
    assert unreadable == (json.loads(garbage) if garbage.startswith("{") else {"unreadable": garbage})
    assert log.audit.verify().broken_at == 5


def test_entries_that_are_written_at_once_make_one_chain(tracker: Tracker) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: tracker.audit.add(entry(number)), range(80)))
    verdict = tracker.audit.verify()
    assert (verdict.entries, verdict.broken_at) == (80, None)
