from __future__ import annotations

import os
from pathlib import Path

import pytest

from atlas_core.errors import InvalidInput, NotFound
from atlas_services.tensorboard_api.logdirs import MOST_JOBS, Chosen, LogDirectories


class Home:
    """An archive, and the log directories over it."""

    def __init__(self, root: Path) -> None:
        self.archive = root / "archive"
        self.root = root / "logs"
        self.logdirs = LogDirectories(self.root, self.archive)

    def keep(self, job_id: str, name: str = "events.out.tfevents.1") -> Path:
        """Store an event file in the job's TensorBoard directory."""
        return self.write(job_id, f"synced_directories/__tensorboard__/{name}")

    def write(self, job_id: str, name: str) -> Path:
        path = self.archive / job_id / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("events")
        return path

    def choose(self, *job_ids: str) -> str:
        return self.logdirs.choose([Chosen(job_id) for job_id in job_ids])

    def shown(self, selection: str) -> dict[str, str]:
        """Return the files that a reader of the log directory finds, with where they lie in the archive."""
        runs = self.logdirs.find(selection)
        walk = os.walk(runs, followlinks=True)
        found = [Path(folder, name) for folder, _, names in walk for name in names if Path(folder, name).is_file()]
        archive = self.archive.resolve()
        return {str(path.relative_to(runs)): str(path.resolve().relative_to(archive)) for path in found}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_the_same_jobs_have_the_same_directory_in_any_order(home: Home) -> None:
    for job_id in ("a", "b"):
        home.keep(job_id)
    assert home.choose("a", "b") == home.choose("b", "a", "b")
    assert home.choose("a") not in {home.choose("b"), home.choose("a", "b")}


def test_a_choice_leaves_those_of_others_alone(home: Home) -> None:
    home.keep("a")
    home.keep("b", "deep/er/x.tfevents")
    first = home.choose("a")
    second = home.choose("b")
    kept = "synced_directories/__tensorboard__"
    assert home.shown(first) == {"a/events.out.tfevents.1": f"a/{kept}/events.out.tfevents.1"}
    assert home.shown(second) == {"b/deep/er/x.tfevents": f"b/{kept}/deep/er/x.tfevents"}


def test_files_that_come_later_are_there(home: Home) -> None:
    home.keep("a")
    selection = home.choose("a")
    home.keep("a", "train/new.tfevents")
    assert "a/train/new.tfevents" in home.shown(selection)


def test_jobs_whose_ids_begin_alike_are_told_apart(home: Home) -> None:
    jobs = ["12345678-a", "12345678-b", "12345678"]
    for job_id in jobs:
        home.keep(job_id)
    selection = home.choose(*jobs)
    assert {name.partition("/")[0] for name in home.shown(selection)} == set(jobs)


def test_a_run_bears_the_label_without_what_no_directory_can_be_called(home: Home) -> None:
    home.keep("0123456789")
    selection = home.logdirs.choose([Chosen("0123456789", "../é'x\n/`rm -rf`" + "y" * 500)])
    (name,) = home.logdirs.find(selection).iterdir()
    assert name.name.startswith("01234567 .. é x rm -rf yyy")
    assert len(name.name) < 80


def test_a_new_label_renames_the_run(home: Home) -> None:
    home.keep("a")
    home.logdirs.choose([Chosen("a", "one")])
    selection = home.logdirs.choose([Chosen("a", "two")])
    assert [path.name for path in home.logdirs.find(selection).iterdir()] == ["a two"]


@pytest.mark.parametrize("job_id", ["../a", "a/b", "", ".", "a;id", "$(id)", "a\n", "-rf"])
def test_what_is_no_job_id_is_refused(home: Home, job_id: str) -> None:
    with pytest.raises(InvalidInput):
        home.choose(job_id)
    assert not home.root.exists()


def test_none_and_too_many_jobs_are_refused(home: Home) -> None:
    for jobs in ([], [f"j{number}" for number in range(MOST_JOBS + 1)]):
        with pytest.raises(InvalidInput, match="choose 1 to"):
            home.choose(*jobs)


def test_a_job_without_event_files_is_refused_by_name(home: Home) -> None:
    home.keep("a")
    home.write("b", "artifacts/model.bin")
    with pytest.raises(InvalidInput, match="job `b` has no TensorBoard files"):
        home.choose("a", "b")


def test_a_job_that_is_about_to_keep_files_is_shown_once_they_come(home: Home) -> None:
    selection = home.logdirs.choose([Chosen("a", keeps=True)])
    assert home.shown(selection) == {}
    home.keep("a")
    assert list(home.shown(selection)) == ["a/events.out.tfevents.1"]


def test_what_a_job_left_in_its_working_directory_is_found(home: Home) -> None:
    home.write("a", "artifacts/out/runs/train/x.tfevents.1")
    home.write("a", "artifacts/out/runs/validation/x.tfevents.2")
    home.write("a", "artifacts/secret.txt")
    assert set(home.shown(home.choose("a"))) == {"a/train/x.tfevents.1", "a/validation/x.tfevents.2"}


def test_a_link_out_of_the_archive_is_not_followed(home: Home, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.tfevents.1").write_text("private")
    home.write("a", "artifacts/y.tfevents.2")
    (home.archive / "a" / "artifacts" / "z.tfevents.3").symlink_to(outside / "x.tfevents.1")
    (home.archive / "a" / "artifacts" / "folder").symlink_to(outside)
    assert list(home.shown(home.choose("a"))) == ["a/y.tfevents.2"]
    for place in ("b/synced_directories/__tensorboard__", "c/artifacts"):
        (home.archive / place).parent.mkdir(parents=True)
        (home.archive / place).symlink_to(outside)
        with pytest.raises(InvalidInput):
            home.choose(place[0])


@pytest.mark.parametrize("name", ["..", "0" * 20, "../../etc", "x"])
def test_an_unknown_selection_is_not_found(home: Home, name: str) -> None:
    home.root.mkdir()
    with pytest.raises(NotFound, match="send the jobs to TensorBoard again"):
        home.logdirs.find(name)


def test_what_nobody_used_is_removed_and_the_archive_is_not(home: Home) -> None:
    kept = home.keep("a")
    home.keep("b")
    old, new = home.choose("a"), home.choose("b")
    os.utime(home.root / old, (1000, 1000))
    assert home.logdirs.remove_unused(2000) == [old]
    with pytest.raises(NotFound):
        home.logdirs.find(old)
    assert home.logdirs.find(new)
    assert kept.read_text() == "events"
