"""The commands about jobs that were submitted, against a scheduler over HTTP."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest
from tests.unit.atlas_cli.conftest import Foundations
from tests.unit.atlas_cli.scheduler_double import Job, SchedulerDouble

_COMMANDS = [("get", "job"), ("get", "logs"), ("stop",), ("delete", "job")]


@pytest.mark.parametrize("command", _COMMANDS)
def test_an_unknown_job_is_named_with_its_environment(
    foundations: Foundations, scheduler: SchedulerDouble, command: tuple[str, ...]
) -> None:
    ended = foundations(*command, "scheduler", "j-1")
    assert (ended.code, ended.out) == (1, "Error: Job `j-1` does not exist for environment `scheduler`\n")


@pytest.mark.parametrize("command", _COMMANDS)
def test_what_is_no_job_id_is_refused_without_asking_the_server(
    foundations: Foundations, scheduler: SchedulerDouble, command: tuple[str, ...]
) -> None:
    ended = foundations(*command, "scheduler", "../etc")
    assert ended.code == 1
    assert ended.out.startswith("Error running command: job_id: '../etc' is no job id")


@pytest.mark.parametrize("command", [*_COMMANDS, ("clear-queue",)])
def test_a_server_that_does_not_answer_is_one_sentence(
    foundations: Foundations, scheduler: SchedulerDouble, command: tuple[str, ...]
) -> None:
    ended = foundations(*command, "nowhere", *([] if command == ("clear-queue",) else ["j-1"]))
    assert ended.code == 1
    assert ended.out.startswith("Error running command: Cannot currently find Atlas server at http://127.0.0.1:1")
    assert ended.out.count("\n") == 1


@pytest.mark.parametrize("command", [*_COMMANDS, ("clear-queue",)])
def test_an_unknown_configuration_is_named(foundations: Foundations, command: tuple[str, ...]) -> None:
    ended = foundations(*command, "staging", *([] if command == ("clear-queue",) else ["j-1"]))
    assert (ended.code, ended.out) == (1, "Could not find submission configuration with name: `staging`\n")


class TestStop:
    """`foundations stop`."""

    def test_a_running_job_is_stopped(self, foundations: Foundations, scheduler: SchedulerDouble) -> None:
        scheduler.jobs["j-1"] = Job("running")
        ended = foundations("stop", "scheduler", "j-1")
        assert (ended.code, ended.out) == (0, "Stopped running job j-1\n")
        assert scheduler.jobs["j-1"].status == "failed"

    @pytest.mark.parametrize(
        ("status", "word"),
        [("queued", "queued"), ("completed", "completed"), ("failed", "failed")],
    )
    def test_any_other_job_is_not(
        self, foundations: Foundations, scheduler: SchedulerDouble, status: str, word: str
    ) -> None:
        scheduler.jobs["j-1"] = Job(status)
        ended = foundations("stop", "scheduler", "j-1")
        assert ended.code == 1
        assert ended.out.splitlines()[0] == f"Error: Job `j-1` is {word} and cannot be stopped"
        assert ("`foundations queue remove j-1`" in ended.out) == (status == "queued")
        assert scheduler.jobs["j-1"].status == status

    def test_a_job_that_is_being_made_ready_is_stopped(
        self, foundations: Foundations, scheduler: SchedulerDouble
    ) -> None:
        scheduler.jobs["j-1"] = Job("pending")
        ended = foundations("stop", "scheduler", "j-1")
        assert (ended.code, ended.out) == (0, "Stopped job j-1\n")
        assert scheduler.jobs["j-1"].status == "failed"

    @pytest.mark.parametrize("status", ["queued", "pending"])
    def test_a_job_that_waits_is_taken_out_of_the_queue(
        self, foundations: Foundations, scheduler: SchedulerDouble, status: str
    ) -> None:
        scheduler.jobs["j-1"] = Job(status)
        ended = foundations("queue", "remove", "j-1")
        assert (ended.code, ended.out) == (0, "Removed job j-1 from the queue\n")
        assert scheduler.jobs["j-1"].status == "failed"

    def test_a_job_that_runs_is_in_no_queue(self, foundations: Foundations, scheduler: SchedulerDouble) -> None:
        scheduler.jobs["j-1"] = Job("running")
        ended = foundations("queue", "remove", "j-1")
        assert (ended.code, ended.out) == (1, "Error: Job `j-1` is running and does not wait\n")

    def test_a_refusal_of_the_server_is_a_failure(self, foundations: Foundations, scheduler: SchedulerDouble) -> None:
        scheduler.jobs["j-1"] = Job("running")
        scheduler.broken = True
        ended = foundations("stop", "scheduler", "j-1")
        assert (ended.code, ended.out) == (1, "Error stopping job j-1: The job has changed meanwhile.\n")

    def test_json(self, foundations: Foundations, scheduler: SchedulerDouble) -> None:
        scheduler.jobs["j-1"] = Job("running")
        assert json.loads(foundations("stop", "--json", "scheduler", "j-1").out) == {"job_id": "j-1", "stopped": True}
        ended = foundations("stop", "scheduler", "j-1", "--json")
        assert ended.code == 1
        assert json.loads(ended.out)["error"]["code"] == "invalid_transition"

    @pytest.mark.parametrize(
        ("status", "message"),
        [
            ("completed", "Job j-1 completed before it was stopped\n"),
            ("running", "Job j-1 was told to stop and is still ending\n"),
        ],
    )
    def test_what_became_of_the_job_is_said_as_it_is(
        self, foundations: Foundations, scheduler: SchedulerDouble, status: str, message: str
    ) -> None:
        scheduler.jobs["j-1"] = Job("running", stopped=status)
        ended = foundations("stop", "scheduler", "j-1")
        assert (ended.code, ended.out) == (0, message)

    def test_several_jobs_are_stopped_and_each_is_told_of(
        self, foundations: Foundations, scheduler: SchedulerDouble
    ) -> None:
        scheduler.jobs = {"a": Job("running"), "b": Job("failed"), "c": Job("running")}
        ended = foundations("stop", "scheduler", "a", "b", "../c", "c")
        assert ended.code == 1
        lines = ended.out.splitlines()
        assert lines[0] == "Stopped running job a"
        assert lines[1] == "Error: Job `b` is failed and cannot be stopped"
        assert lines[2].startswith("job_id: '../c' is no job id")
        assert lines[3] == "Stopped running job c"

    def test_json_of_several_jobs(self, foundations: Foundations, scheduler: SchedulerDouble) -> None:
        scheduler.jobs = {"a": Job("running"), "b": Job("running")}
        jobs = json.loads(foundations("stop", "scheduler", "a", "b", "--json").out)["jobs"]
        assert [(job["job_id"], job["stopped"], job["message"]) for job in jobs] == [
            ("a", True, "Stopped running job a"),
            ("b", True, "Stopped running job b"),
        ]


class TestDelete:
    """`foundations delete job`."""

    @pytest.mark.parametrize("status", ["completed", "failed"])
    def test_a_job_that_has_ended_is_deleted(
        self, foundations: Foundations, scheduler: SchedulerDouble, status: str
    ) -> None:
        scheduler.jobs["j-1"] = Job(status)
        ended = foundations("delete", "job", "scheduler", "j-1")
        assert (ended.code, ended.out) == (0, "Job j-1 successfully deleted\n")
        assert scheduler.jobs == {}

    @pytest.mark.parametrize(("status", "word"), [("queued", "queued"), ("pending", "queued"), ("running", "running")])
    def test_a_job_that_has_not_ended_is_kept(
        self, foundations: Foundations, scheduler: SchedulerDouble, status: str, word: str
    ) -> None:
        scheduler.jobs["j-1"] = Job(status)
        ended = foundations("delete", "job", "scheduler", "j-1")
        assert (ended.code, ended.out) == (1, f"Error: Job `j-1` has status `{word}` and cannot be deleted\n")
        assert "j-1" in scheduler.jobs

    def test_a_refusal_of_the_server_is_a_failure(self, foundations: Foundations, scheduler: SchedulerDouble) -> None:
        scheduler.jobs["j-1"] = Job("completed")
        scheduler.broken = True
        ended = foundations("delete", "job", "scheduler", "j-1")
        assert ended.code == 1
        assert ended.out.startswith("Could not completely delete job j-1. ")


class TestClearQueue:
    """`foundations clear-queue`."""

    def test_what_waits_is_removed_and_counted(self, foundations: Foundations, scheduler: SchedulerDouble) -> None:
        scheduler.jobs = {"a": Job("queued"), "b": Job("running"), "c": Job("queued")}
        ended = foundations("clear-queue", "scheduler")
        assert (ended.code, ended.out) == (0, "Removed 2 job(s) from queue\n")
        assert list(scheduler.jobs) == ["b"]

    def test_an_empty_queue_is_no_error(self, foundations: Foundations, scheduler: SchedulerDouble) -> None:
        assert json.loads(foundations("clear-queue", "scheduler", "--json").out) == {"removed": 0}


class TestGetLogs:
    """`foundations get logs`."""

    @pytest.mark.parametrize("status", ["running", "completed", "failed"])
    def test_what_was_written_is_printed(
        self, foundations: Foundations, scheduler: SchedulerDouble, status: str
    ) -> None:
        scheduler.jobs["j-1"] = Job(status, "one\ntwo ä\n")
        ended = foundations("get", "logs", "scheduler", "j-1")
        assert (ended.code, ended.out) == (0, "one\ntwo ä\n")

    def test_a_last_line_without_an_end_is_given_one(
        self, foundations: Foundations, scheduler: SchedulerDouble
    ) -> None:
        scheduler.jobs["j-1"] = Job("running", "one\ntwo", end="running")
        assert foundations("get", "logs", "scheduler", "j-1").out == "one\ntwo\n"

    def test_the_server_is_not_asked_for_the_log_as_one_text(
        self, foundations: Foundations, scheduler: SchedulerDouble
    ) -> None:
        scheduler.jobs["j-1"] = Job("completed", "one\n")
        foundations("get", "logs", "scheduler", "j-1")
        foundations("get", "logs", "--json", "scheduler", "j-1")
        assert [query for path, query in scheduler.asked if path.endswith("/log")] == ["offset=0&follow=0"] * 2
        assert "/jobs/j-1" not in [path for path, _ in scheduler.asked]

    @pytest.mark.parametrize("status", ["queued", "pending"])
    def test_a_job_that_waits_has_no_logs(
        self, foundations: Foundations, scheduler: SchedulerDouble, status: str
    ) -> None:
        scheduler.jobs["j-1"] = Job(status)
        ended = foundations("get", "logs", "scheduler", "j-1")
        assert (ended.code, ended.out) == (1, "Error: Job `j-1` is queued and has not produced any logs\n")

    def test_what_is_written_while_a_job_is_made_ready_is_shown(
        self, foundations: Foundations, scheduler: SchedulerDouble
    ) -> None:
        scheduler.jobs["j-1"] = Job("pending", "INFO: pulling\n")
        assert foundations("get", "logs", "scheduler", "j-1").out == "INFO: pulling\n"

    def test_json(self, foundations: Foundations, scheduler: SchedulerDouble) -> None:
        scheduler.jobs["j-1"] = Job("failed", "one\n")
        facts = json.loads(foundations("get", "logs", "scheduler", "j-1", "--json").out)
        assert facts == {"job_id": "j-1", "status": "failed", "logs": "one\n"}

    @pytest.mark.parametrize(("end", "code"), [("completed", 0), ("failed", 1)])
    def test_following_a_job_ends_as_the_job_does(
        self, foundations: Foundations, scheduler: SchedulerDouble, end: str, code: int
    ) -> None:
        scheduler.jobs["j-1"] = Job("running", "one\n", end)
        ended = foundations("get", "logs", "scheduler", "j-1", "--follow")
        assert ended.code == code
        assert "one\n" in ended.out


class TestGetJob:
    """`foundations get job`."""

    @pytest.fixture(autouse=True)
    def _job(self, scheduler: SchedulerDouble) -> None:
        scheduler.jobs["j-1"] = Job(files={"main.py": "print(1)", "outputs/a.txt": "A", "outputs/deep/b.txt": "B"})

    def test_the_archive_is_saved_in_the_working_directory(self, foundations: Foundations) -> None:
        ended = foundations("get", "job", "scheduler", "j-1")
        assert ended.code == 0
        assert ended.out.startswith("Successfully retrieved Job j-1 from archive store\nSaved as ")
        with tarfile.open("j-1.tgz") as tar:
            assert tar.getnames() == ["j-1/main.py", "j-1/outputs/a.txt", "j-1/outputs/deep/b.txt"]
        assert [path.name for path in Path().iterdir()] == ["j-1.tgz"]

    @pytest.mark.parametrize("option", ["--save_dir", "--save-dir"])
    def test_save_dir_is_made_and_used(self, foundations: Foundations, option: str) -> None:
        assert foundations("get", "job", "scheduler", "j-1", option, "deep/er").code == 0
        assert tarfile.is_tarfile("deep/er/j-1.tgz")

    @pytest.mark.parametrize("source", ["outputs", "outputs/", "./outputs"])
    def test_source_dir_keeps_that_directory_alone(self, foundations: Foundations, source: str) -> None:
        assert foundations("get", "job", "scheduler", "j-1", "--source_dir", source).code == 0
        with tarfile.open("j-1.tgz") as tar:
            assert tar.getnames() == ["j-1/outputs/a.txt", "j-1/outputs/deep/b.txt"]
            kept = tar.extractfile("j-1/outputs/deep/b.txt")
            assert kept is not None and kept.read() == b"B"

    def test_a_source_dir_that_the_job_lacks_leaves_nothing(self, foundations: Foundations) -> None:
        ended = foundations("get", "job", "scheduler", "j-1", "--source_dir", "models", "--save_dir", "here")
        assert ended.code == 1
        assert ended.out == "Error: Could not download Job j-1: it left no `models`.\n"
        assert list(Path("here").iterdir()) == []

    def test_a_source_dir_outside_the_job_is_refused(self, foundations: Foundations) -> None:
        ended = foundations("get", "job", "scheduler", "j-1", "--source_dir", "../other")
        assert ended.code == 1
        assert "source_dir: '../other' leads out of the job" in ended.out

    def test_of_a_script_that_was_started_by_hand_it_is_said_what_there_is(
        self, foundations: Foundations, scheduler: SchedulerDouble
    ) -> None:
        scheduler.jobs["j-1"].files = None
        scheduler.tracked["j-1"] = {"mode": "execution"}
        ended = foundations("get", "job", "scheduler", "j-1")
        assert (ended.code, list(Path().iterdir())) == (1, [])
        assert ended.out.startswith(
            "Error: Could not download Job j-1: it was started by hand, so its working directory was not kept. "
            "`foundations cp j-1: DIR` copies what it logged"
        )

    def test_of_a_job_that_runs_it_is_said_that_its_files_come_later(
        self, foundations: Foundations, scheduler: SchedulerDouble
    ) -> None:
        scheduler.jobs["j-1"].files = None
        scheduler.jobs["j-1"].status = "running"
        ended = foundations("get", "job", "scheduler", "j-1")
        assert ended.out == "Error: Could not download Job j-1: it is running; its files arrive when it has ended.\n"

    @pytest.mark.parametrize("files", [None, {"<broken>": ""}])
    def test_an_answer_that_is_no_archive_is_never_saved_as_one(
        self, foundations: Foundations, scheduler: SchedulerDouble, files: dict[str, str] | None
    ) -> None:
        scheduler.jobs["j-1"].files = files
        ended = foundations("get", "job", "scheduler", "j-1")
        assert ended.code == 1
        assert ended.out.startswith("Error: Could not download Job j-1: ")
        assert list(Path().iterdir()) == []

    def test_a_directory_that_cannot_be_made_is_named(self, foundations: Foundations) -> None:
        Path("file").write_text("")
        ended = foundations("get", "job", "scheduler", "j-1", "--save_dir", "file/below")
        assert ended.code == 1
        assert "save_dir: `file/below` cannot be written to" in ended.out

    def test_json(self, foundations: Foundations) -> None:
        facts = json.loads(foundations("get", "job", "scheduler", "j-1", "--json").out)
        assert facts == {"job_id": "j-1", "path": "j-1.tgz", "bytes": Path("j-1.tgz").stat().st_size}
