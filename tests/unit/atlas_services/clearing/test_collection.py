"""Clearing away: what goes, what stays, and that a deleted job leaves nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.scheduler_service import settings_for

from atlas_core.records import operation_frame, point_frame
from atlas_core.settings import Settings
from atlas_core.states import JobStatus
from atlas_services.clearing.collection import Collection, Wish
from atlas_services.sealing.sealer import Sealer
from atlas_services.sealing.series_file import SeriesFiles
from atlas_services.storage.local import LocalStorage
from atlas_services.tracker import Tracker, keys, open_tracker

_DAY = 24 * 3600.0
_NOW = 1000 * _DAY


@dataclass
class House:
    """An installation: its settings, its tracker and its archive."""

    settings: Settings
    tracker: Tracker

    @property
    def archive(self) -> Path:
        return self.settings.archive_root

    @property
    def storage(self) -> LocalStorage:
        return LocalStorage(self.archive)

    def job(self, job_id: str, days_ago: float, project: str = "p", ended: bool = True, points: int = 100) -> None:
        """Run a job that logged something and stored a file of 1000 bytes."""
        time = _NOW - days_ago * _DAY
        frames = [operation_frame("start", project=project, user="ann", time=time)]
        frames += [point_frame("m", float(step), time, step) or b"" for step in range(points)]
        frames += [operation_frame("end", status="completed", exit_code=0, time=time)] if ended else []
        self.tracker.journals.apply(job_id, "w", 0, b"".join(frames), "t", time)
        self.file(f"{job_id}/user_artifacts/model", days_ago)

    def file(self, name: str, days_ago: float = 0.0) -> Path:
        """Put a file of 1000 bytes into the archive."""
        path = self.archive / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * 1000)
        for each in (path, path.parent):
            os.utime(each, (_NOW - days_ago * _DAY,) * 2)
        return path

    def clear(self, **wish: Any) -> dict[str, list[str]]:
        """Clear away; return the names of what went, by kind."""
        report = Collection(self.settings, self.tracker, self.storage).run(Wish(**wish), _NOW)
        return {kind: facts["names"] for kind, facts in report.to_dict()["kinds"].items()}

    def jobs(self) -> list[str]:
        return sorted(path.name for path in self.archive.iterdir() if path.name[0] != ".")


@pytest.fixture
def house(redis_url: str, tmp_path: Path) -> Iterator[House]:
    """An installation that keeps jobs for ever."""
    made = settings_for(tmp_path, redis_url)
    tracker = open_tracker(redis_url, SeriesFiles(LocalStorage(made.archive_root)))
    yield House(made, tracker)
    tracker.close()


def test_jobs_are_kept_for_ever_unless_somebody_says_otherwise(house: House) -> None:
    house.job("old", 500)
    assert house.clear() == {}
    house.settings = replace(house.settings, job_days=100.0)
    assert house.clear() == {"job": ["old"]}
    assert house.jobs() == []
    assert not house.tracker.jobs.exists("old")


def test_young_jobs_running_jobs_and_other_projects_stay(house: House) -> None:
    house.job("old", 20)
    house.job("young", 5)
    house.job("running", 20, ended=False)
    house.job("other", 20, project="q")
    assert house.clear(job_days=10.0, project="p") == {"job": ["old"]}
    assert house.jobs() == ["other", "running", "young"]


def test_a_dry_run_tells_the_same_and_removes_nothing(house: House) -> None:
    house.job("old", 20)
    house.file(".uploads/old.hash.request", 2)
    told = house.clear(dry_run=True, job_days=10.0)
    assert set(told) == {"job", "file that was never finished"}
    assert house.jobs() == ["old"]
    assert house.clear(job_days=10.0) == told
    assert house.clear(job_days=10.0) == {}


def test_sizes_are_told(house: House) -> None:
    house.job("old", 20)
    report = Collection(house.settings, house.tracker, house.storage).run(Wish(job_days=10.0), _NOW)
    assert report.to_dict()["bytes"] == 1000


def test_files_of_deleted_jobs_go_and_those_of_unknown_ones_only_when_asked(house: House) -> None:
    house.job("deleted", 20)
    house.tracker.jobs.delete("deleted", _NOW)
    house.file("stranger/user_artifacts/model", 20)
    os.utime(house.archive / "stranger", (1.0, 1.0))
    assert house.clear() == {"files of a deleted job": ["deleted"]}
    assert house.jobs() == ["stranger"]
    assert house.clear(unknown=True) == {"files of an unknown job": ["stranger"]}
    assert house.jobs() == []


def test_what_is_on_its_way_stays(house: House) -> None:
    house.file(".uploads/job.hash.a", 0.5)
    house.file(".uploads/job.hash.b", 2)
    house.file(".objects/ab/used", 0).parent.joinpath("name").hardlink_to(house.archive / ".objects/ab/used")
    house.file(".objects/cd/unused")
    assert house.clear() == {
        "file that was never finished": [".uploads/job.hash.b"],
        "content that no file has": [".objects/cd/unused"],
    }


def test_keys_that_belong_to_nothing_go(house: House) -> None:
    house.job("job", 1)
    house.job("running", 1, ended=False)
    redis = house.tracker.client
    begun = [keys.points("job", 0, "begun"), keys.envelope("job", 1, "begun"), keys.values("job", "begun")]
    for key in (*begun, keys.points("gone", 0, "m"), keys.points("running", 0, "begun")):
        redis.set(key, b"x")
    told = house.clear()
    assert sorted(told["key in Redis"]) == sorted([*begun, keys.points("gone", 0, "m")])
    assert redis.exists(*begun) == 0
    assert redis.exists(keys.points("running", 0, "begun")) == 1
    assert len(house.tracker.series.points("job", "m").values) == 100


def test_points_that_no_summary_counts_go(house: House) -> None:
    house.job("job", 1, points=600)
    house.job("running", 1, ended=False, points=600)
    redis = house.tracker.client
    for job_id in ("job", "running"):
        redis.set(keys.open_points(job_id, 3, "m"), b"x")
    assert house.clear() == {"key in Redis": [keys.open_points("job", 3, "m")]}
    assert redis.exists(keys.open_points("running", 3, "m")) == 1
    assert len(house.tracker.series.points("job", "m").values) == 600


_TEXT = st.text("ab:{}é ", min_size=1, max_size=4)
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["points", "odd", "param", "tag", "artifact", "facts", "end", "seal", "move", "retag"]),
        _TEXT,
        st.integers(1, 700),
    ),
    max_size=12,
)


@given(_STEPS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_deletion_leaves_nothing_whatever_a_job_did(house: House, steps: list[tuple[str, str, int]]) -> None:
    redis = house.tracker.client
    redis.flushall()
    before = {keys.EVENTS, keys.PROJECTS, keys.DELETED, keys.UNSEALED_WHOLE, keys.INDEX_WHOLE}
    sealer, sent = Sealer(house.tracker, house.storage, house.archive / ".sealing"), 0

    def send(*frames: bytes) -> None:
        nonlocal sent
        sent = house.tracker.journals.apply("job", "w", sent, b"".join(frames), "t", _NOW)

    send(operation_frame("start", project="p", user="ann", time=_NOW))
    for kind, name, number in steps:
        if kind == "points":
            send(*(point_frame(name, float(step), _NOW + step, step) or b"" for step in range(number)))
        elif kind == "odd":
            send(operation_frame("metric", name=name, value="text", time=_NOW))
        elif kind == "param":
            send(operation_frame("param", name=name, value=f"{name} {number}"))
        elif kind == "tag":
            send(operation_frame("tag", key=name, value=number))
        elif kind == "artifact":
            send(operation_frame("artifact", key=name, filename="f", path="user_artifacts/f", size=1, sha256="0"))
        elif kind == "facts":
            send(operation_frame("facts", host=name))
        elif kind == "end":
            send(operation_frame("end", status="completed", exit_code=0, time=_NOW))
        elif kind == "seal":
            sealer.seal("job")
        elif kind == "move":
            house.tracker.jobs.move("job", name.replace("/", ""), _NOW)
        else:
            house.tracker.tags.change("job", {name: "new"})
    send(operation_frame("end", status="completed", exit_code=0, time=_NOW))
    assert house.tracker.jobs.get("job").status is JobStatus.COMPLETED
    assert house.clear(job_days=-1.0)["job"] == ["job"]
    assert {key.decode() for key in redis.scan_iter("*")} - before == set()
    assert house.archive.exists() is False or house.jobs() == []
