"""The administrator's rules."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from atlas_core.errors import InvalidConfig, InvalidSpec
from atlas_core.jobs import JobSpec
from atlas_services.scheduler.limits import Limit
from atlas_services.scheduler.mounts import Mount
from atlas_services.scheduler.policy import Policy
from atlas_services.scheduler.policy_file import PolicyFile


def policy(**rules: Any) -> Policy:
    return Policy.from_dict(rules, "policy.config.yaml")


def refused(rules: Policy, field: str, **spec: Any) -> str:
    with pytest.raises(InvalidSpec) as caught:
        rules.check(JobSpec.from_dict(spec))
    assert caught.value.details["field"] == field
    assert caught.value.message.startswith(f"{field}: ")
    return caught.value.message


class TestRules:
    def test_by_default_any_image_but_no_volume_and_no_other_network(self) -> None:
        rules = policy()
        rules.check(JobSpec.from_dict({"image": "ubuntu", "priority": 100, "time_limit": "9d"}))
        assert "permits no volumes" in refused(rules, "volumes", volumes={"/data": "/mnt"})
        assert "leave it out" in refused(rules, "network", network="bridge")
        spec = JobSpec.from_dict({})
        assert rules.filled(spec) == spec

    def test_images_are_allowed_by_pattern(self) -> None:
        rules = policy(images=["pytorch/*", "registry.local:5000/team/*", "python:3.1?"])
        for image in ("pytorch/pytorch", "registry.local:5000/team/a:1", "python:3.11", None):
            rules.check(JobSpec.from_dict({"image": image}))
        assert "`python:3.9`" in refused(rules, "image", image="python:3.9")
        refused(rules, "image", image="python")
        refused(rules, "image", image="evil/pytorch/x")
        policy(images="ubuntu:latest").check(JobSpec.from_dict({"image": "ubuntu"}))
        refused(policy(images=[]), "image", image="ubuntu")

    def test_networks_are_allowed_by_name(self) -> None:
        rules = policy(networks=["team"])
        rules.check(JobSpec.from_dict({"network": "team"}))
        assert "choose one of team" in refused(rules, "network", network="bridge")

    def test_what_a_job_leaves_open_is_filled_in(self) -> None:
        rules = policy(default_time_limit="12h", default_ram=8, default_cpus=2)
        filled = rules.filled(JobSpec.from_dict({}))
        assert (filled.time_limit, filled.resources.ram, filled.resources.cpus) == (43200, 8, 2)
        own = JobSpec.from_dict({"time_limit": 60, "resources": {"ram": 1, "cpus": 1}})
        assert rules.filled(own) == own
        assert policy(max_time_limit="1d").filled(JobSpec()).time_limit == 86400

    def test_what_is_more_than_allowed_is_refused(self) -> None:
        rules = policy(max_time_limit="1h", max_priority=10)
        rules.check(JobSpec.from_dict({"time_limit": "1h", "priority": 10}))
        assert "(3600)" in refused(rules, "time_limit", time_limit="2h")
        assert "(10)" in refused(rules, "priority", priority=11)

    def test_limits_are_handed_on(self) -> None:
        assert policy(limits={"user": {"gpus": 2}}).limits.of_user("ada") == Limit(None, 2)

    @pytest.mark.parametrize(
        ("rules", "key"),
        [
            ({"volumes": "/data"}, "volumes"),
            ({"volumes": [{"root": "/data", "name": "x"}]}, "volumes"),
            ({"volumes": [{"root": "data"}]}, "volumes"),
            ({"volumes": [{"name": "/data"}]}, "volumes"),
            ({"volumes": [{"name": ""}]}, "volumes"),
            ({"volumes": [{"root": "/data", "mode": "all"}]}, "volumes"),
            ({"volumes": [{"root": "/data", "mdoe": "ro"}]}, "volumes"),
            ({"volumes": [{"root": "/"}]}, "volumes"),
            ({"volumes": [{"root": "/data/.."}]}, "volumes"),
            ({"volumes": [{"root": "/etc/ssl"}]}, "volumes"),
            ({"volumes": [{"root": "/var/run"}]}, "volumes"),
            ({"images": [7]}, "images"),
            ({"networks": ["host"]}, "networks"),
            ({"networks": ["container:db"]}, "networks"),
            ({"max_time_limit": "long"}, "max_time_limit"),
            ({"default_time_limit": "2h", "max_time_limit": "1h"}, "default_time_limit"),
            ({"default_ram": 0}, "default_ram"),
            ({"default_cpus": "all"}, "default_cpus"),
            ({"max_priority": 101}, "max_priority"),
            ({"limits": {"user": {"gpus": -1}}}, "limits.user.gpus"),
        ],
    )
    def test_what_is_no_rule_is_refused_by_file_key_and_value(self, rules: dict[str, Any], key: str) -> None:
        with pytest.raises(InvalidConfig, match=rf"^policy\.config\.yaml: {key}.*\.$") as caught:
            policy(**rules)
        assert caught.value.details["field"] == key

    def test_an_unknown_key_is_told_with_the_nearest(self, caplog: pytest.LogCaptureFixture) -> None:
        policy(volume=[])
        assert "did you mean `volumes`?" in caplog.text


class TestVolumes:
    @pytest.fixture
    def data(self, tmp_path: Path) -> Path:
        for name in ("data/sets", "private"):
            (tmp_path / name).mkdir(parents=True)
        return tmp_path / "data"

    def checked(self, rules: Policy, source: object, mode: str = "ro") -> tuple[Mount, ...]:
        return rules.check_container(JobSpec.from_dict({"volumes": {str(source): {"bind": "/mnt", "mode": mode}}}))

    def test_what_lies_below_a_root_is_mounted(self, data: Path) -> None:
        rules = policy(volumes=[{"root": str(data)}])
        for source in (data, data / "sets"):
            assert self.checked(rules, source) == (Mount(str(source), "/mnt", "ro"),)

    def test_writing_takes_a_root_that_allows_it(self, data: Path) -> None:
        with pytest.raises(InvalidSpec, match="can only be read"):
            self.checked(policy(volumes=[{"root": str(data)}]), data, "rw")
        rules = policy(volumes=[{"root": str(data), "mode": "ro"}, {"root": str(data / "sets"), "mode": "rw"}])
        assert self.checked(rules, data / "sets", "rw")[0].mode == "rw"

    @pytest.mark.parametrize("name", ["../private", "/etc", "/", "/var/run/docker.sock", "{}x", "{}/.."])
    def test_what_lies_elsewhere_is_refused(self, data: Path, name: str) -> None:
        with pytest.raises(InvalidSpec, match=r"^volumes: "):
            self.checked(policy(volumes=[{"root": str(data)}]), name.format(data))

    def test_a_link_counts_as_what_it_leads_to(self, data: Path) -> None:
        rules = policy(volumes=[{"root": str(data), "mode": "rw"}])
        (data / "inside").symlink_to("sets")
        assert self.checked(rules, data / "inside")[0].source == str(data / "sets")
        for name, target in (("out", "../private"), ("socket", "/var/run/docker.sock"), ("machine", "/")):
            (data / name).symlink_to(target)
            with pytest.raises(InvalidSpec, match=f"{name}` is not open to jobs"):
                self.checked(rules, data / name)

    def test_a_directory_that_became_a_link_is_seen_at_the_next_check(self, data: Path) -> None:
        rules = policy(volumes=[{"root": str(data), "mode": "rw"}])
        self.checked(rules, data / "sets")
        (data / "sets").rmdir()
        (data / "sets").symlink_to("/etc")
        with pytest.raises(InvalidSpec, match="is not open to jobs"):
            self.checked(rules, data / "sets")

    def test_what_is_not_there_or_no_file_is_refused(self, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        rules = policy(volumes=[{"root": str(data)}])
        with pytest.raises(InvalidSpec, match=r"is not there on the server \(No such file"):
            self.checked(rules, data / "missing")
        os.mkfifo(data / "pipe")
        with socket.socket(socket.AF_UNIX) as listener:
            monkeypatch.chdir(data)  # the name of a socket is short
            listener.bind("socket")
            for name in ("pipe", "socket"):
                with pytest.raises(InvalidSpec, match="neither a directory nor a file"):
                    self.checked(rules, data / name)

    def test_a_volume_is_open_by_its_name_alone(self) -> None:
        rules = policy(volumes=[{"name": "datasets", "mode": "rw"}])
        assert self.checked(rules, "datasets", "rw") == (Mount("datasets", "/mnt", "rw"),)
        with pytest.raises(InvalidSpec, match=r"`models` is not open to jobs; jobs may mount datasets\."):
            self.checked(rules, "models")

    def test_the_servers_own_files_are_open_to_nobody(self, tmp_path: Path) -> None:
        home = tmp_path / "home"
        (home / "server").mkdir(parents=True)
        (tmp_path / "data").mkdir()
        write(home, f"volumes: [{{root: {tmp_path}, mode: rw}}]")
        rules = PolicyFile(home, {"DOCKER_HOST": f"unix://{tmp_path}/data/docker.sock"}).current()
        for source in (tmp_path, home, home / "server", tmp_path / "data"):
            with pytest.raises(InvalidSpec, match="holds files of the server or of the machine"):
                self.checked(rules, source)


class TestFile:
    def test_without_a_file_the_rules_are_the_defaults(self, tmp_path: Path) -> None:
        assert PolicyFile(tmp_path, {}).current().images == ("*",)

    def test_a_file_that_cannot_be_used_keeps_the_scheduler_from_starting(self, tmp_path: Path) -> None:
        path = write(tmp_path, "images: [1]")
        with pytest.raises(InvalidConfig, match=f"^{path}: images: 1 cannot be used"):
            PolicyFile(tmp_path, {})

    def test_a_scheduler_that_cannot_start_says_why_in_a_sentence(self, tmp_path: Path) -> None:
        path = write(tmp_path, "max_priority: high")
        environment = {**os.environ, "FOUNDATIONS_HOME": str(tmp_path), "ATLAS_BIND": "127.0.0.1:0"}
        command = [sys.executable, "-m", "atlas_services.scheduler"]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)
        assert ended.returncode != 0
        assert f"{path}: max_priority: 'high' is no priority; give a whole number, -100 to 100." in ended.stderr
        assert "Traceback" not in ended.stderr

    def test_a_change_counts_at_once(self, tmp_path: Path) -> None:
        file = PolicyFile(tmp_path, {})
        path = write(tmp_path, "max_priority: 5")
        assert file.current().max_priority == 5
        write(tmp_path, "max_priority: 50")
        assert file.current().max_priority == 50
        path.unlink()
        assert file.current().max_priority == 100

    def test_a_change_that_cannot_be_used_is_told_once_and_changes_nothing(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.ERROR, "atlas.scheduler")
        path = write(tmp_path, "max_priority: 5")
        file = PolicyFile(tmp_path, {})
        for text in ("max_priority: [", "- a list"):
            caplog.clear()
            write(tmp_path, text)
            assert [file.current().max_priority for _ in range(3)] == [5, 5, 5]
            assert len(caplog.records) == 1
            assert str(path) in caplog.text
        write(tmp_path, "max_priority: 7")
        assert file.current().max_priority == 7


def write(home: Path, text: str) -> Path:
    path = home / "config" / "scheduler" / "policy.config.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_text(text)
    return path
