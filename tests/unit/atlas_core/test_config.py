"""Configuration files: where they are found, and what a wrong one says."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from atlas_core.config import (
    config_directory,
    find_config,
    list_configs,
    load_execution_config,
    load_submission_config,
)
from atlas_core.errors import ConfigNotFound, InvalidConfig
from atlas_core.job_config import JobConfig, load_job_config


@pytest.fixture(autouse=True)
def messages(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> pytest.LogCaptureFixture:
    monkeypatch.setattr(logging.getLogger("foundations"), "propagate", True)
    return caplog


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_local_file_wins_over_the_one_at_home(tmp_path: Path) -> None:
    write(config_directory("submission") / "scheduler.config.yaml", "scheduler_url: http://home:1")
    local = write(tmp_path / "config/submission/scheduler.config.yaml", "scheduler_url: http://local:2/")
    assert find_config("submission", "scheduler", tmp_path) == local
    assert load_submission_config("scheduler", tmp_path).scheduler_url == "http://local:2"


def test_an_empty_local_file_falls_through(tmp_path: Path) -> None:
    write(config_directory("submission") / "scheduler.config.yaml", "scheduler_url: http://home:1")
    write(tmp_path / "config/submission/scheduler.config.yaml", "\n")
    assert load_submission_config("scheduler", tmp_path).scheduler_url == "http://home:1"


def test_an_unknown_submission_configuration_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigNotFound) as raised:
        load_submission_config("nowhere", tmp_path)
    assert raised.value.message == "Could not find submission configuration with name: `nowhere`"


def test_no_execution_configuration_is_no_error(tmp_path: Path) -> None:
    assert load_execution_config("default", tmp_path) is None


def test_the_original_execution_configuration_is_understood(tmp_path: Path, messages: pytest.LogCaptureFixture) -> None:
    text = "results_config: {redis_end_point: redis://x:1}\ncache_config: {end_point: /cache}\nlog_level: debug\n"
    write(tmp_path / "config/execution/default.config.yaml", text)
    config = load_execution_config("default", tmp_path)
    assert config is not None
    assert config.log_level == "DEBUG"
    assert not messages.records


@pytest.mark.parametrize("url", ["localhost:5558", "ftp://x", "http://", "3", ""])
def test_an_address_that_is_none_is_refused(tmp_path: Path, url: str) -> None:
    path = write(tmp_path / "config/submission/s.config.yaml", f"scheduler_url: '{url}'")
    with pytest.raises(InvalidConfig, match="scheduler_url") as raised:
        load_submission_config("s", tmp_path)
    assert str(path) in raised.value.message


def test_configurations_are_listed_by_name() -> None:
    for name in ("b", "a"):
        write(config_directory("submission") / f"{name}.config.yaml", "scheduler_url: http://x:1")
    assert [name for name, _ in list_configs("submission")] == ["a", "b"]


def test_a_job_configuration_is_read(tmp_path: Path) -> None:
    write(
        tmp_path / "job.config.yaml",
        "project_name: digits\nnum_gpus: 1\nram: 4\nparams: {lr: 0.1}\n"
        "worker:\n  image: me/worker\n  environment: {A: 1}\n  args: [main.py]\n  resources: {cpus: 2}\n",
    )
    config = load_job_config(tmp_path)
    assert config.project_name == "digits"
    assert config.resources == {"num_gpus": 1, "ram": 4.0}
    assert config.params == {"lr": 0.1}
    assert config.worker["image"] == "me/worker"
    assert config.worker["environment"] == {"A": "1"}
    assert config.worker["command"] == ["main.py"]
    assert config.worker["resources"]["cpus"] == 2.0


def test_a_job_configuration_says_on_which_terms_its_jobs_run(tmp_path: Path) -> None:
    write(
        tmp_path / "job.config.yaml",
        "gpu_memory: 40\nshm: 2\npriority: 0\ntime_limit: 1h30m\nretries: 3\n"
        "worker: {network: lab, priority: 5, retries: {limit: 2, causes: [oom]}, resources: {gpu_model: A100}}\n",
    )
    config = load_job_config(tmp_path)
    assert config.resources == {"gpu_memory": 40.0, "shm": 2.0}
    assert config.terms == {"priority": 0, "time_limit": "1h30m", "retries": 3}
    assert config.worker == {
        "network": "lab",
        "priority": 5,
        "retries": {"limit": 2, "causes": ["oom"]},
        "resources": {"gpu_model": "A100"},
    }


def test_a_project_without_the_file_has_no_wishes(tmp_path: Path) -> None:
    assert load_job_config(tmp_path) == JobConfig()


def test_an_unknown_key_is_warned_about_with_the_nearest_known_name(
    tmp_path: Path, messages: pytest.LogCaptureFixture
) -> None:
    write(tmp_path / "job.config.yaml", "projet_name: x\nworker: {imagee: y}\n")
    load_job_config(tmp_path)
    assert "unknown key `projet_name` is ignored; did you mean `project_name`?" in messages.text
    assert "unknown key `imagee` is ignored; did you mean `image`?" in messages.text


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("num_gpus: many", "num_gpus: 'many'"),
        ("num_gpus: -1", "num_gpus: -1"),
        ("ram: lots", "ram: 'lots'"),
        ("project_name: [1]", "project_name"),
        ("log_level: LOUD", "log_level: 'LOUD'"),
        ("params: 3", "params"),
        ("worker: 3", "worker"),
        ("worker: {environment: 3}", "environment"),
        ("worker: {resources: 3}", "worker.resources: expected keys and values, but got 3"),
        ("worker: {resources: {gpus: 3}}", "resources.gpus: there is no such resource"),
        ("gpu_memory: big", "gpu_memory: 'big' is no amount"),
        ("num_gpus: 0\ngpu_model: A100", "gpu_model: the job asks for no GPU"),
        ("priority: 101", "priority: 101 is no priority"),
        ("time_limit: 2 weeks", "time_limit: '2 weeks' is no duration"),
        ("retries: {limit: 1, causes: [tiredness]}", "retries.causes: 'tiredness' cannot be retried"),
        ("worker: {priority: high}", "priority: 'high' is no priority"),
        ("- a\n- b", "list"),
    ],
)
def test_a_wrong_type_is_refused_with_file_key_and_value(tmp_path: Path, text: str, named: str) -> None:
    path = write(tmp_path / "job.config.yaml", text)
    with pytest.raises(InvalidConfig) as raised:
        load_job_config(tmp_path)
    assert str(path) in raised.value.message
    assert named in raised.value.message


def test_broken_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path / "job.config.yaml", "project_name: x\nparams: {a: 1\nram: 3\n")
    with pytest.raises(InvalidConfig, match=r"line \d+: this is no valid YAML") as raised:
        load_job_config(tmp_path)
    assert str(path) in raised.value.message


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "job.config.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidConfig, match=r"job\.config\.yaml"):
        load_job_config(tmp_path)
