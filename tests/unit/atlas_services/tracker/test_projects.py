from __future__ import annotations

import pytest

from atlas_core.errors import ProjectNotFound
from atlas_core.states import JobStatus
from atlas_services.tracker import Note, Tracker


def create(tracker: Tracker, project: str, time: float) -> None:
    """Add a job, and with it the project."""
    tracker.jobs.create(f"job-{time}", project, JobStatus.QUEUED, time, "t")


def test_projects_come_oldest_first_with_the_time_of_their_first_job(tracker: Tracker) -> None:
    for project, time in (("b", 1.0), ("a", 2.0), ("b", 3.0)):
        create(tracker, project, time)
    assert [(project.name, project.creation_time) for project in tracker.projects.all()] == [("b", 1.0), ("a", 2.0)]


def test_projects_whose_names_look_like_keys_do_not_meet(tracker: Tracker) -> None:
    names = ["x", "x:jobs", "x:notes", "-jobs:x"]
    for time, name in enumerate(names):
        create(tracker, name, float(time))
    for name in names:
        tracker.projects.describe(name, f"about {name}")
        tracker.projects.add_note(name, Note(1.0, "ann", name))
    for time, name in enumerate(names):
        assert tracker.projects.description(name) == f"about {name}"
        assert [note.message for note in tracker.projects.notes(name)] == [name]
        assert tracker.jobs.ids_of_project(name) == [f"job-{float(time)}"]


def test_only_a_project_that_exists_can_be_written_about(tracker: Tracker) -> None:
    with pytest.raises(ProjectNotFound):
        tracker.projects.describe("none", "text")
    with pytest.raises(ProjectNotFound):
        tracker.projects.add_note("none", Note(1.0, "ann", "text"))
    assert tracker.projects.description("none") == ""
    assert tracker.projects.notes("none") == []
