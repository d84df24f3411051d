"""Specifications of old clients."""

from __future__ import annotations

from typing import Any

import pytest

from atlas_core.errors import InvalidSpec
from atlas_services.scheduler.old_spec import translate


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
