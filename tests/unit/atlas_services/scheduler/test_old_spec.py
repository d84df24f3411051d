"""Specifications of old clients."""

from __future__ import annotations

from typing import Any

import pytest
from docker.models.containers import RUN_CREATE_KWARGS, RUN_HOST_CONFIG_KWARGS
from hypothesis import given
from hypothesis import strategies as st

from atlas_core.errors import InvalidSpec
from atlas_core.jobs import JobSpec
from atlas_services.scheduler.old_spec import translate
from atlas_services.scheduler.policy import Policy

_ALL = frozenset({*RUN_CREATE_KWARGS, *RUN_HOST_CONFIG_KWARGS, "network", "remove", "stdout", "stderr", "platform"})
#: Of docker-py's arguments, those with a meaning for a job.
_MEANT = frozenset(JobSpec.__dataclass_fields__) | {"device_requests", "mem_limit", "nano_cpus", "shm_size"}
_words = st.text(min_size=1, max_size=8) | st.sampled_from(
    ["host", "container:db", "/", "/var/run/docker.sock:/mnt", "ALL", "../..", "foundations-atlas", "nvidia"]
)
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_words, inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("limit", "ram"),
    [(4, 4), ("4", 4), (0.5, 0.5), (2 * 1024**3, 2), ("2g", 2), ("512m", 0.5), ("2gb", 2), ("1048576k", 1)],
)
def test_memory_is_gigabytes_however_it_is_given(limit: object, ram: float) -> None:
    assert translate({"mem_limit": limit})["resources"] == {"ram": ram}


@pytest.mark.parametrize("limit", [0, -1, True, "x", "g", "", "nan", "inf", [], {}])
def test_what_is_no_amount_of_memory_is_refused(limit: object) -> None:
    with pytest.raises(InvalidSpec, match="mem_limit"):
        translate({"mem_limit": limit})


def test_an_explicit_amount_of_memory_wins() -> None:
    assert translate({"mem_limit": 4, "resources": {"ram": 2, "cpus": 1}})["resources"] == {"ram": 2, "cpus": 1}


def test_command_lines_are_split_into_words_and_lists_stay() -> None:
    spec = {"entrypoint": "python -u", "command": ["main.py", "a b"]}
    assert translate(spec) == {"entrypoint": ["python", "-u"], "command": ["main.py", "a b"]}


def test_only_mounts_of_the_original_are_dropped() -> None:
    volumes = {"/w/1": {"bind": "/job", "mode": "rw"}, "/w": {"bind": "/w"}, "/data": {"bind": "/mnt", "mode": "ro"}}
    assert translate({"volumes": volumes}, "1")["volumes"] == {"/data": {"bind": "/mnt", "mode": "ro"}}


def test_tokens_of_users_do_not_come_in() -> None:
    environment = {"FOUNDATIONS_TOKEN": "secret", "PYTHONPATH": "/mine", "A": None}
    assert translate({"environment": environment})["environment"] == {"PYTHONPATH": "/mine", "A": None}


@pytest.mark.parametrize(
    "spec",
    [{"privileged": True}, {"network": "host"}, {"runtime": ["nvidia"]}, {"pid_mode": "host"}, {"ports": {"80": 80}}],
)
def test_what_a_job_may_not_have_is_refused_by_name(spec: dict[str, Any]) -> None:
    with pytest.raises(InvalidSpec) as caught:
        translate(spec)
    assert caught.value.details["field"] == f"spec.{next(iter(spec))}"


@given(
    st.sampled_from(sorted(_ALL - _MEANT - {"detach", "runtime"})), _values.filter(lambda value: value or value == 0)
)
def test_no_other_argument_of_docker_can_be_asked_for(name: str, value: object) -> None:
    if value is False:
        assert translate({name: value}) == {}
        return
    with pytest.raises(InvalidSpec) as caught:
        translate({name: value})
    assert caught.value.details["field"] == f"spec.{name}"
    assert f"spec.{name} cannot be asked for" in caught.value.message


@given(st.dictionaries(st.sampled_from(sorted(_ALL)), _values, max_size=4))
def test_whatever_comes_is_refused_or_asks_for_nothing_beyond_a_job(spec: dict[str, Any]) -> None:
    try:
        job = JobSpec.from_dict(translate(spec, "job-1"))
        Policy().check(job)
    except InvalidSpec as error:
        assert "field" in error.details
        return
    assert (job.network, dict(job.volumes)) == (None, {})
    assert not any(name.startswith("FOUNDATIONS_") for name in job.environment)


@pytest.mark.parametrize(
    "spec", [{"privileged": False}, {"cap_add": []}, {"ports": {}}, {"user": ""}, {"devices": None}]
)
def test_what_asks_for_nothing_changes_nothing(spec: dict[str, Any]) -> None:
    assert translate(spec) == {}


def test_our_own_specifications_come_through_unchanged() -> None:
    spec = JobSpec.from_dict(
        {
            "command": ["main.py"],
            "environment": {"A": "1"},
            "image": "ubuntu",
            "network": "team",
            "params": {},
            "priority": 3,
            "resources": {"num_gpus": 1, "gpu_model": "A100", "shm": 2},
            "retries": 2,
            "time_limit": "1h",
            "volumes": {"/data": {"bind": "/mnt", "mode": "ro"}},
        }
    )
    assert JobSpec.from_dict(translate(spec.to_dict(), "job-1")) == spec


@pytest.mark.parametrize("image", ["us.gcr.io/dessa-atlas/worker", "us.gcr.io/dessa-atlas/worker-gpu:latest"])
def test_the_images_of_the_original_are_ours(image: str) -> None:
    assert translate({"image": image, "network": "foundations-atlas", "runtime": "nvidia", "detach": True}) == {}
    assert translate({"image": f"{image}/x"}) == {"image": f"{image}/x"}


def test_amounts_are_translated() -> None:
    gpus = [{"Driver": "nvidia", "Count": 2, "DeviceIDs": None, "Capabilities": [["gpu", "compute"]], "Options": {}}]
    spec = {"nano_cpus": 1_500_000_000, "shm_size": "512m", "device_requests": gpus}
    assert translate(spec)["resources"] == {"cpus": 1.5, "shm": 0.5, "num_gpus": 2}
    assert translate({**spec, "resources": {"num_gpus": 1}})["resources"]["num_gpus"] == 1


@pytest.mark.parametrize(
    "request_",
    [
        {"Count": -1, "Capabilities": [["gpu"]]},
        {"DeviceIDs": ["0"], "Capabilities": [["gpu"]]},
        {"Count": 1},
        {"Count": 1, "Capabilities": 7},
        {"Count": 1, "Capabilities": ["g"]},
        {"Count": None, "Capabilities": [["gpu"]]},
        {"Count": 1, "Driver": "cdi", "Capabilities": [["gpu"]]},
        "all",
    ],
)
def test_which_gpus_is_not_for_the_job_to_say(request_: object) -> None:
    with pytest.raises(
        InvalidSpec, match=r"device_requests: .* (cannot be asked for; ask for|is no) (a )?number of GPUs"
    ):
        translate({"device_requests": [request_]})


@pytest.mark.parametrize("network", ["host", "container:db", "ns:/proc/1/ns/net"])
def test_nobody_elses_network_is_shared(network: str) -> None:
    with pytest.raises(InvalidSpec, match="the network of the host or of another container"):
        translate({"network": network})


def test_what_old_clients_set_of_their_jobs_environment_is_dropped() -> None:
    sent = {
        "FOUNDATIONS_USER": "ada",
        "FOUNDATIONS_JOB_ID": "job-1",
        "FOUNDATIONS_PROJECT_NAME": "digits",
        "PYTHONPATH": "/job/",
        "FOUNDATIONS_HOME": "/root/.foundations/",
        "FOUNDATIONS_TOKEN": None,
        "LD_PRELOAD": "mine.so",
    }
    assert translate({"environment": sent}, "job-1")["environment"] == {"LD_PRELOAD": "mine.so"}
    lines = [f"{name}={value}" for name, value in sent.items() if value] + ["BARE", "A=b=c"]
    kept = {"LD_PRELOAD": "mine.so", "BARE": None, "A": "b=c"}
    assert translate({"environment": lines}, "job-1")["environment"] == kept


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FOUNDATIONS_JOB_TOKEN", "stolen"),
        ("FOUNDATIONS_SERVER_URL", "http://evil"),
        ("FOUNDATIONS_PARENT_RUN", "job-2"),
        ("FOUNDATIONS_JOB_ID", "job-2"),
        ("FOUNDATIONS_JOB_ID", ["job-1"]),
    ],
)
def test_no_job_speaks_for_another(name: str, value: object) -> None:
    with pytest.raises(InvalidSpec, match=f"environment: {name} .*leave it out") as caught:
        translate({"environment": {name: value}}, "job-1")
    assert caught.value.details["field"] == "environment"
    if isinstance(value, str):
        with pytest.raises(InvalidSpec, match=f"environment: {name}"):
            translate({"environment": [f"{name}={value}"]}, "job-1")
