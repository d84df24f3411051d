"""`foundations schedule`: how it reads its words, and what it shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.scheduler_service import scheduler_process
from tests.unit.atlas_cli.conftest import Ended, Foundations

pytestmark = pytest.mark.redis

_DAILY = ("--cron", "0 3 * * *")


@pytest.fixture(scope="module")
def server(redis_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler that starts no job."""
    home = tmp_path_factory.mktemp("server")
    with scheduler_process(home, redis_server, NUM_WORKERS="0", CUDA_VISIBLE_DEVICES="0,1") as (_, url):
        yield url


@pytest.fixture(autouse=True)
def _project(foundations: Foundations, config_home: Path, server: str) -> None:
    """A project in the working directory, which the fixture above has made and entered, and a server for it."""
    Path("main.py").write_text("print('hello')\n")
    for name in ("scheduler", "another"):
        (config_home / "submission" / f"{name}.config.yaml").write_text(f"scheduler_url: {server}\n")


def answer_of(ended: Ended) -> dict[str, Any]:
    assert ended.code == 0, ended.out + ended.err
    answer = json.loads(ended.out)
    assert isinstance(answer, dict)
    return answer


def spec_of(foundations: Foundations, name: str) -> dict[str, Any]:
    spec = answer_of(foundations("schedule", "show", "--json", name))["properties"]["spec"]
    assert isinstance(spec, dict)
    return spec


@pytest.mark.parametrize(
    "words",
    [
        ["--name", "placed", *_DAILY, "--num-gpus", "2", "scheduler", ".", "main.py", "--cron", "x", "-h"],
        ["scheduler", "--name=placed", "--num-gpus=2", ".", *_DAILY, "main.py", "--cron", "x", "-h"],
        ["scheduler", ".", *_DAILY, "--name", "placed", "--num-gpus", "2", "main.py", "--cron", "x", "-h"],
        ["scheduler", ".", *_DAILY, "--name", "placed", "--num-gpus", "2", "--", "main.py", "--cron", "x", "-h"],
    ],
)
def test_options_may_stand_anywhere_before_the_command(foundations: Foundations, words: list[str]) -> None:
    ended = foundations("schedule", "add", *words)
    assert ended.code == 0, ended.out
    spec = spec_of(foundations, "placed")
    assert (spec["command"], spec["resources"]["num_gpus"]) == (["main.py", "--cron", "x", "-h"], 2)


def test_a_command_may_begin_with_a_hyphen_behind_two(foundations: Foundations) -> None:
    words = ("scheduler", ".", *_DAILY, "--name", "module", "--", "-m", "package.module", "--", "-x")
    assert foundations("schedule", "add", *words).code == 0
    assert spec_of(foundations, "module")["command"] == ["-m", "package.module", "--", "-x"]


def test_each_run_is_described_as_by_submit(foundations: Foundations) -> None:
    options = ("--priority", "7", "--time-limit", "1h", "--retries", "2", "--retry-on", "oom", "--ram", "0.5")
    foundations("schedule", "add", *_DAILY, "--name", "rich", *options, "scheduler", ".", "main.py")
    spec = spec_of(foundations, "rich")
    assert (spec["priority"], spec["time_limit"]) == (7, 3600)
    assert spec["retries"] == {"limit": 2, "causes": ["oom"]}
    assert spec["resources"]["ram"] == 0.5


def test_a_schedule_without_a_name_is_called_after_its_project(foundations: Foundations) -> None:
    words = (*_DAILY, "--project-name", "My Nice.Project", "scheduler", ".", "main.py")
    job_id = answer_of(foundations("schedule", "add", "--json", *words))["job_id"]
    assert job_id.startswith("My-Nice-Project-")
    assert answer_of(foundations("schedule", "list", "--json", "--project", "My Nice.Project")).keys() == {job_id}


def test_people_are_told_when_the_next_run_is(foundations: Foundations) -> None:
    words = (*_DAILY, "--timezone", "Asia/Tokyo", "--name", "told", "scheduler", ".", "main.py")
    ended = foundations("schedule", "add", *words)
    assert "Scheduled job told; its next run is at 20" in ended.out
    assert " 03:00:00 (Asia/Tokyo), in " in ended.out
    shown = foundations("schedule", "show", "told").out
    assert all(f"{name:<13} {text}" in shown for name, text in (("command", "main.py"), ("when", "0 3 * * *")))


def test_one_that_would_never_run_is_refused_and_takes_no_name(foundations: Foundations) -> None:
    words = (*_DAILY, "--end", "2020-01-01", "--name", "past", "scheduler", ".", "main.py")
    refused = foundations("schedule", "add", *words)
    assert (refused.code, "leave no time ahead" in refused.out) == (1, True)
    assert foundations("schedule", "show", "past").code == 1


def test_another_configuration_may_be_named(foundations: Foundations) -> None:
    foundations("schedule", "add", *_DAILY, "--name", "elsewhere", "another", ".", "main.py")
    paused = foundations("schedule", "pause", "--scheduler-config", "another", "elsewhere")
    assert paused.out == "Paused scheduled job elsewhere\n"
    unknown = foundations("schedule", "pause", "--scheduler-config", "nowhere", "elsewhere")
    assert (unknown.code, "nowhere" in unknown.out) == (1, True)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--cron", "0 3 * *"], "has not five fields"),
        (["--cron", "0 3 * * 9"], "is no weekday"),
        (["--cron", "0 99 * * *"], "schedule.hour: '99'"),
        ([*_DAILY, "--timezone", "Mars/Olympus"], "schedule.timezone: 'Mars/Olympus'"),
        ([*_DAILY, "--start", "soon"], "schedule.start_date: 'soon'"),
        ([*_DAILY, "--grace", "8d"], "misfire_grace"),
        ([*_DAILY, "--name", "a/b"], "job_id: 'a/b'"),
        ([*_DAILY, "--ram", "-1"], "ram: -1"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(foundations: Foundations, words: list[str], sentence: str) -> None:
    ended = foundations("schedule", "add", *words, "scheduler", ".", "main.py")
    assert ended.code == 1
    assert sentence in ended.out
    assert len(ended.out.splitlines()) == 1


def test_a_schedule_needs_a_line_of_cron(foundations: Foundations) -> None:
    ended = foundations("schedule", "add", "scheduler", ".", "main.py")
    assert (ended.code, "--cron" in ended.err) == (2, True)


def test_an_empty_list_says_how_to_fill_it(foundations: Foundations) -> None:
    ended = foundations("schedule", "list", "--project", "nothing")
    assert ended.out == "No job is scheduled in project `nothing`. `foundations schedule add` schedules one.\n"
