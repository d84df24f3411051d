"""Servers elsewhere, named by configuration files, those of the original among them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.atlas_cli.conftest import Foundations
from tests.unit.atlas_cli.scheduler_double import Job, SchedulerDouble

#: As the original's installer wrote it, with all that it might hold besides. No path of it is on this machine.
_OLD = """\
job_deployment_env: local_docker_scheduler_plugin
job_results_root: /srv/atlas/job_data
working_dir_root: /srv/atlas/local_docker_scheduler/work_dir
job_store_dir_root: /srv/atlas/job_bundle_store_dir
scheduler_url: {url}/
container_config_root: /srv/atlas/config/local_docker_scheduler/worker_config
cache_config:
  end_point: /cache_end_point
redis_url: redis://srv:6379
worker:
  environment:
    GREETING: hello
"""


@pytest.fixture
def lab(scheduler: SchedulerDouble, config_home: Path) -> SchedulerDouble:
    """The server, known by a file of the original as `lab`."""
    (config_home / "submission" / "lab.config.yaml").write_text(_OLD.format(url=scheduler.url))
    return scheduler


@pytest.fixture
def job_directory(foundations: Foundations) -> Path:
    """A project in the working directory."""
    directory = Path("project")
    directory.mkdir()
    (directory / "main.py").write_text("print(1)")
    return directory


def test_a_file_of_the_original_is_enough_and_is_taken_without_remarks(
    foundations: Foundations, lab: SchedulerDouble, job_directory: Path
) -> None:
    ended = foundations("submit", "lab", str(job_directory), "main.py")
    assert ended.code == 0
    assert "WARNING" not in ended.out + ended.err
    [submission] = lab.submissions
    assert submission["spec"]["environment"] == {"GREETING": "hello"}
    assert "/srv" not in str(submission)


@pytest.mark.parametrize("words", [("logs", "lab", "j-1"), ("get", "logs", "lab", "j-1"), ("doctor", "lab")])
def test_every_command_takes_it(foundations: Foundations, lab: SchedulerDouble, words: tuple[str, ...]) -> None:
    lab.jobs["j-1"] = Job(logs="said\n")
    ended = foundations(*words)
    assert ended.code == 0
    assert "unknown key" not in ended.out and "nobody reads" not in ended.out


def test_one_in_the_job_directory_wins_and_an_empty_one_does_not(
    foundations: Foundations, lab: SchedulerDouble, job_directory: Path
) -> None:
    local = job_directory / "config" / "submission" / "lab.config.yaml"
    local.parent.mkdir(parents=True)
    local.write_text("")
    assert foundations("submit", "lab", str(job_directory), "main.py").code == 0
    local.write_text("scheduler_url: http://127.0.0.1:1\n")
    ended = foundations("submit", "lab", str(job_directory), "main.py")
    assert ended.code == 1
    assert "Cannot currently find Atlas server at http://127.0.0.1:1" in ended.out


def test_what_a_scheduler_alone_cannot_answer_is_said_with_the_remedy(
    foundations: Foundations, lab: SchedulerDouble
) -> None:
    lab.jobs["j-1"] = Job()
    lab.is_alone = True
    for words in (("diff", "lab", "j-1", "j-1"), ("get", "artifact", "lab", "j-1", "x"), ("cp", "lab", "j-1:x", ".")):
        ended = foundations(*words)
        assert ended.code == 1
        assert "name its proxy, by default at port 5558, as scheduler_url of the configuration `lab`" in ended.out
