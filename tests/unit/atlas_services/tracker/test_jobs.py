from __future__ import annotations

import itertools

import pytest

from atlas_core.errors import Conflict, Forbidden, InvalidTransition, JobNotFound, Unauthorized
from atlas_core.records import operation_frame, point_frame
from atlas_core.states import TRANSITIONS, Cause, JobStatus
from atlas_services.tracker import Tracker, keys

TOKEN = "the-token"
PAIRS = list(itertools.product(JobStatus, JobStatus))


def create(tracker: Tracker, job_id: str = "job", status: JobStatus = JobStatus.QUEUED, time: float = 1.0) -> None:
    """Add a scheduled job to the project `p`."""
    assert tracker.jobs.create(job_id, "p", status, time, TOKEN, user="ann")


@pytest.mark.parametrize(("before", "after"), [pair for pair in PAIRS if pair[1] in TRANSITIONS[pair[0]]])
def test_an_allowed_transition_moves_the_job_and_its_indices(
    tracker: Tracker, before: JobStatus, after: JobStatus
) -> None:
    create(tracker, status=before)
    tracker.jobs.transition("job", after, 2.0, exit_code=3)
    record = tracker.jobs.get("job")
    assert (record.status, record.exit_code) == (after, 3)
    assert {status: tracker.jobs.ids_in(status) for status in JobStatus} == {
        status: ["job"] if status is after else [] for status in JobStatus
    }
    assert tracker.queue.ids() == (["job"] if after is JobStatus.QUEUED else [])
    assert active_ids(tracker) == (["job"] if after in {JobStatus.PENDING, JobStatus.RUNNING} else [])


def active_ids(tracker: Tracker) -> list[str]:
    return [record.job_id for record in tracker.jobs.active()]


def test_the_active_jobs_are_those_of_the_scheduler_alone(tracker: Tracker) -> None:
    create(tracker, "waits")
    create(tracker, "begins", JobStatus.PENDING)
    create(tracker, "runs", JobStatus.RUNNING, 2.0)
    tracker.jobs.create("elsewhere", "p", JobStatus.RUNNING, 1.0, TOKEN, user="ann", mode="execution")
    assert active_ids(tracker) == ["begins", "runs"]
    tracker.jobs.transition("runs", JobStatus.COMPLETED, 3.0)
    tracker.jobs.delete("runs", 4.0)
    assert active_ids(tracker) == ["begins"]


def test_jobs_that_were_active_before_there_was_a_set_of_them_are_found(tracker: Tracker) -> None:
    for job_id, status in (("waits", JobStatus.QUEUED), ("begins", JobStatus.PENDING), ("runs", JobStatus.RUNNING)):
        create(tracker, job_id, status)
    tracker.jobs.create("elsewhere", "p", JobStatus.RUNNING, 1.0, TOKEN, user="ann", mode="execution")
    tracker.client.delete(keys.ACTIVE, keys.ACTIVE_WHOLE)
    assert active_ids(tracker) == ["begins", "runs"]
    tracker.jobs.transition("runs", JobStatus.COMPLETED, 3.0)
    assert active_ids(tracker) == ["begins"]


@pytest.mark.parametrize(("before", "after"), [pair for pair in PAIRS if pair[1] not in TRANSITIONS[pair[0]]])
def test_a_forbidden_transition_is_refused_and_changes_nothing(
    tracker: Tracker, before: JobStatus, after: JobStatus
) -> None:
    create(tracker, status=before)
    with pytest.raises(InvalidTransition) as refusal:
        tracker.jobs.transition("job", after, 2.0, exit_code=3)
    assert refusal.value.details["current"] == before.value
    record = tracker.jobs.get("job")
    assert (record.status, record.exit_code) == (before, None)
    assert tracker.jobs.ids_in(before) == ["job"]


def test_an_unknown_job_has_no_transitions(tracker: Tracker) -> None:
    with pytest.raises(JobNotFound):
        tracker.jobs.transition("nobody", JobStatus.FAILED, 1.0)


def test_creating_a_job_twice_changes_nothing(tracker: Tracker) -> None:
    create(tracker)
    assert not tracker.jobs.create("job", "other", JobStatus.RUNNING, 9.0, "x")
    record = tracker.jobs.get("job")
    assert (record.project, record.status, record.creation_time, record.user) == ("p", JobStatus.QUEUED, 1.0, "ann")
    assert tracker.queue.ids() == ["job"]
    assert [project.name for project in tracker.projects.all()] == ["p"]


def test_only_an_ended_job_can_be_deleted(tracker: Tracker) -> None:
    create(tracker, status=JobStatus.RUNNING)
    with pytest.raises(InvalidTransition):
        tracker.jobs.delete("job", 2.0)
    assert tracker.jobs.get("job").status is JobStatus.RUNNING


def test_deletion_leaves_no_key_of_the_job_behind(tracker: Tracker) -> None:
    create(tracker, status=JobStatus.RUNNING)
    frames = b"".join(point_frame(f"m/{index}", 1.0, 1.0) or b"" for index in range(9000))
    frames += operation_frame("metric", name="text", value="word", time=1.0)
    frames += operation_frame("param", name="lr", value=1) + operation_frame("tag", key="a", value=1)
    frames += operation_frame("artifact", key="k", filename="f", path="user_artifacts/f", size=1, sha256="0")
    tracker.journals.apply("job", "w", 0, frames, TOKEN, 1.0)
    tracker.jobs.transition("job", JobStatus.COMPLETED, 2.0)
    tracker.jobs.delete("job", 3.0)
    left = {key.decode() for key in tracker.client.scan_iter("atlas:*")}
    assert left == {"atlas:projects", "atlas:events", "atlas:deleted", keys.INDEX_WHOLE}
    with pytest.raises(JobNotFound):
        tracker.jobs.get("job")


def test_a_deleted_job_cannot_come_back(tracker: Tracker) -> None:
    create(tracker, status=JobStatus.COMPLETED)
    tracker.jobs.delete("job", 3.0)
    with pytest.raises(Conflict):
        tracker.jobs.create("job", "p", JobStatus.QUEUED, 4.0, TOKEN)
    with pytest.raises(JobNotFound):
        tracker.journals.apply("job", "w", 0, operation_frame("start", project="p", time=1.0), TOKEN, 5.0)
    assert tracker.jobs.ids_of_project("p") == []


def test_a_deleted_id_is_known_for_a_year_and_no_longer(tracker: Tracker) -> None:
    year = 366 * 86400.0
    for job_id, time in (("old", 1.0), ("young", 100.0), ("last", year + 50.0)):
        tracker.jobs.create(job_id, "p", JobStatus.COMPLETED, time, TOKEN)
        tracker.jobs.delete(job_id, time)
    with pytest.raises(Conflict):
        tracker.jobs.create("young", "p", JobStatus.QUEUED, year + 60.0, TOKEN)
    assert tracker.jobs.create("old", "p", JobStatus.QUEUED, year + 60.0, TOKEN)


def test_a_token_opens_its_own_job_alone(tracker: Tracker) -> None:
    create(tracker)
    tracker.jobs.check_token("job", TOKEN)
    with pytest.raises(Forbidden):
        tracker.jobs.check_token("job", "another")
    with pytest.raises(Unauthorized):
        tracker.jobs.check_token("job", None)
    with pytest.raises(JobNotFound):
        tracker.jobs.check_token("nobody", TOKEN)


def test_tags_keep_the_order_in_which_they_were_set(tracker: Tracker) -> None:
    create(tracker)
    names = [f"tag{index}" for index in range(200)]
    for name in names:
        tracker.jobs.set_tag("job", name, "old")
    tracker.jobs.set_tag("job", names[0], "new")
    tracker.jobs.remove_tag("job", names[1])
    tags = tracker.jobs.view("job").tags
    assert list(tags) == [names[0], *names[2:]]
    assert tags[names[0]] == "new"


def test_a_tag_needs_a_job(tracker: Tracker) -> None:
    with pytest.raises(JobNotFound):
        tracker.jobs.set_tag("nobody", "a", "b")


def test_moving_a_job_takes_it_out_of_its_old_project(tracker: Tracker) -> None:
    create(tracker)
    tracker.jobs.move("job", "q", 2.0)
    assert (tracker.jobs.ids_of_project("p"), tracker.jobs.ids_of_project("q")) == ([], ["job"])
    assert tracker.jobs.get("job").project == "q"


def test_counts_tell_the_states_of_each_project(tracker: Tracker) -> None:
    create(tracker, "a")
    create(tracker, "b", JobStatus.RUNNING)
    create(tracker, "c", JobStatus.RUNNING)
    counts = tracker.jobs.counts(["p", "none"])
    assert counts[0][JobStatus.RUNNING] == 2
    assert counts[0][JobStatus.QUEUED] == 1
    assert sum(counts[1].values()) == 0


def test_the_cause_of_an_end_is_kept(tracker: Tracker) -> None:
    create(tracker, status=JobStatus.RUNNING)
    tracker.jobs.transition("job", JobStatus.FAILED, 5.0, cause=Cause.OOM, cause_detail="too much", completed_time=5.0)
    record = tracker.jobs.get("job")
    assert (record.cause, record.cause_detail, record.completed_time) == (Cause.OOM, "too much", 5.0)


def test_jobs_are_found_by_who_submitted_them_and_by_their_code(tracker: Tracker) -> None:
    for place, name in enumerate(("first", "second")):
        spec = {"bundle_id": "ab" * 32}
        assert tracker.jobs.create(name, "p", JobStatus.COMPLETED, place, TOKEN, parent="above", spec=spec)
    assert tracker.jobs.get("first").parent == "above"
    assert tracker.jobs.children("above") == tracker.jobs.ids_of_bundle("ab" * 32) == ["second", "first"]
    tracker.jobs.delete("second", 3.0)
    assert tracker.jobs.children("above") == tracker.jobs.ids_of_bundle("ab" * 32) == ["first"]
    tracker.jobs.delete("first", 3.0)
    assert not tracker.client.exists(keys.children("above"), keys.bundle_jobs("ab" * 32))


def test_a_job_stays_among_those_of_the_code_that_it_was_submitted_with(tracker: Tracker) -> None:
    tracker.jobs.create("a", "p", JobStatus.COMPLETED, 1.0, TOKEN, spec={"bundle_id": "ab" * 32})
    told = operation_frame("facts", source={"bundle_id": "cd" * 32})
    tracker.journals.apply("a", "w", 0, told, TOKEN, 2.0)
    assert tracker.jobs.get("a").bundle_id == "ab" * 32
    assert (tracker.jobs.ids_of_bundle("ab" * 32), tracker.jobs.ids_of_bundle("cd" * 32)) == (["a"], [])
    tracker.jobs.delete("a", 3.0)
    assert tracker.jobs.ids_of_bundle("ab" * 32) == []


def test_what_a_job_submitted_is_forgotten_with_it(tracker: Tracker) -> None:
    create(tracker, "above", JobStatus.COMPLETED)
    assert tracker.jobs.create("below", "p", JobStatus.QUEUED, 1.0, TOKEN, parent="above")
    tracker.jobs.delete("above", 2.0)
    assert tracker.jobs.children("above") == []
    assert tracker.jobs.get("below").parent == "above"
