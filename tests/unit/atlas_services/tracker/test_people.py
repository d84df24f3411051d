"""What the issuer last said of people."""

from __future__ import annotations

from atlas_services.tracker import Person, Tracker


def test_the_latest_word_counts_in_whatever_order_words_come(tracker: Tracker) -> None:
    assert tracker.people.get("id") is None
    for said, role in ((10.0, "admin"), (30.5, "viewer"), (20.0, "admin")):
        tracker.people.note("id", Person("ann", role, ["vision"], said))
    assert tracker.people.get("id") == Person("ann", "viewer", ["vision"], 30.5)
    tracker.people.note("id", Person("", None, None, 31.0))
    assert tracker.people.get("id") == Person("", None, None, 31.0)
    assert tracker.people.get("another") is None
