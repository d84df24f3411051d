"""Atlas by Compose, as somebody who has just cloned it starts it: images, volumes, and jobs in containers."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module, util
from pathlib import Path
from typing import Any, TypeVar

import pytest
import requests
from tests.docker_engine import docker_client
from tests.integration.stack import clean_environment, eventually, free_port_base
from tests.redis_server import require

from atlas_core.client import Connection, RestClient

pytestmark = [pytest.mark.docker, pytest.mark.timeout(1800)]

ROOT = Path(__file__).parents[2]
SERVICES = {"archive", "gui", "proxy", "redis", "rest-api", "scheduler", "tensorboard"}


@dataclass
class Installation:
    """Atlas under a name, ports and a network of its own."""

    home: Path
    ports: int
    name: str = field(default_factory=lambda: f"atlas-test-{uuid.uuid4().hex[:8]}")

    @property
    def url(self) -> str:
        """The proxy's address."""
        return f"http://127.0.0.1:{self.ports + 1}"

    @property
    def page(self) -> str:
        """The page's address."""
        return f"http://127.0.0.1:{self.ports}"

    def compose(self, *words: str) -> str:
        """Run `docker compose` and return its output."""
        variables = {
            "ATLAS_BIND_ADDRESS": "0.0.0.0",
            "ATLAS_GUI_PORT": str(self.ports),
            "ATLAS_PROXY_PORT": str(self.ports + 1),
            "ATLAS_JOB_NETWORK": self.name,
            "NUM_WORKERS": "2",
        }
        environment = {**clean_environment(self.home), **variables}
        return run(["docker", "compose", "-p", self.name, *words], cwd=ROOT, env=environment)

    def up(self) -> None:
        self.compose("build", "--quiet")
        try:
            self.compose("up", "--wait", "--wait-timeout", "240")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.compose('logs', '--tail', '15')}") from None

    def containers(self) -> dict[str, dict[str, Any]]:
        """Return what Docker knows of each service's container."""
        ids = self.compose("ps", "-q").split()
        found = json.loads(run(["docker", "inspect", *ids]))
        return {each["Config"]["Labels"]["com.docker.compose.service"]: each for each in found}

    def submit(self, project: Path, **variables: str) -> str:
        """Submit a project with the command, which follows the job to its end, and return what it printed."""
        command = [str(Path(sys.executable).with_name("foundations")), "submit", "scheduler", ".", "main.py"]
        return run(command, cwd=project, env={**clean_environment(self.home), **variables})

    def jobs(self, project: str) -> list[dict[str, Any]]:
        answer = requests.get(f"{self.url}/api/v2beta/projects/{project}/job_listing", timeout=10)
        return list(answer.json()["jobs"]) if answer.ok else []

    def job(self, job_id: str) -> dict[str, Any]:
        answer = requests.get(f"{self.url}/api/v3/jobs/{job_id}", timeout=10)
        assert answer.ok, answer.text
        return dict(answer.json())


def run(command: list[str], cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    """Run a command that must succeed and return its output."""
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=1500)
    assert done.returncode == 0, f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def has_compose() -> bool:
    try:
        return subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


AnyInstallation = TypeVar("AnyInstallation", bound=Installation)


@contextlib.contextmanager
def installed(running: AnyInstallation) -> Iterator[AnyInstallation]:
    """Have it run until the block ends; everything of it is removed then."""
    configuration = running.home / "config" / "submission" / "scheduler.config.yaml"
    configuration.parent.mkdir(parents=True)
    configuration.write_text(f"scheduler_url: {running.url}\n")
    try:
        running.up()
        yield running
    finally:
        left = run(["docker", "ps", "-aq", "--filter", f"network={running.name}", "--filter", "label=atlas.job"])
        if left.split():
            run(["docker", "rm", "-f", *left.split()])
        running.compose("down", "-v", "--remove-orphans")


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A running installation; everything of it is removed at the end."""
    require(docker_client() and has_compose(), "A Docker engine that answers, with Compose")
    with installed(Installation(tmp_path_factory.mktemp("compose"), free_port_base())) as running:
        yield running


def project(directory: Path, name: str, code: str) -> Path:
    """Write a project of one script."""
    place = directory / name
    place.mkdir()
    (place / "main.py").write_text(code)
    return place


def test_a_submitted_job_comes_back_with_log_metrics_and_artifacts(atlas: Installation, tmp_path: Path) -> None:
    code = (
        "import pathlib, foundations\n"
        "print('trained in a container')\n"
        "foundations.log_metric('accuracy', 0.93)\n"
        "pathlib.Path('model.txt').write_text('weights')\n"
        "foundations.save_artifact('model.txt')\n"
    )
    output = atlas.submit(project(tmp_path, "digits", code))
    assert "\ntrained in a container\n" in output
    (job,) = atlas.jobs("digits")
    assert (job["status"], job["output_metrics"][0]["value"]) == ("completed", 0.93)
    assert "trained in a container" in requests.get(f"{atlas.url}/api/v3/jobs/{job['job_id']}/log", timeout=10).text
    assert requests.get(job["artifacts"][0]["uri"], timeout=10).text == "weights"


def test_only_the_page_and_the_proxy_are_published(atlas: Installation) -> None:
    containers = atlas.containers()
    assert set(containers) == SERVICES
    published = {
        name: [each["HostPort"] for ports in found["NetworkSettings"]["Ports"].values() for each in ports or ()]
        for name, found in containers.items()
    }
    assert {name for name, ports in published.items() if ports} == {"gui", "proxy"}
    networks = {name: set(found["NetworkSettings"]["Networks"]) for name, found in containers.items()}
    own = f"{atlas.name}_default"
    assert networks == {name: {own, atlas.name} if name == "proxy" else {own} for name in SERVICES}


def test_a_job_reaches_the_proxy_and_no_other_service(atlas: Installation, tmp_path: Path) -> None:
    addresses = [
        f"{part['IPAddress']}:{port}"
        for name, port in (("scheduler", 5000), ("redis", 6379), ("rest-api", 37722), ("archive", 5557))
        for part in atlas.containers()[name]["NetworkSettings"]["Networks"].values()
    ]
    code = (
        "import socket\n"
        f"for address in ['proxy:5558', 'scheduler:5000', 'redis:6379', *{addresses}]:\n"
        "    host, port = address.split(':')\n"
        "    try:\n"
        "        socket.create_connection((host, int(port)), timeout=3).close()\n"
        "        print('reached', address)\n"
        "    except OSError:\n"
        "        pass\n"
    )
    output = atlas.submit(project(tmp_path, "nosy", code))
    assert [line for line in output.splitlines() if line.startswith("reached")] == ["reached proxy:5558"]


def test_what_a_killed_job_had_logged_arrives(atlas: Installation, tmp_path: Path) -> None:
    code = (
        "import os, signal, foundations\n"
        "for step in range(200):\n"
        "    foundations.log_metric('loss', step)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    atlas.submit(project(tmp_path, "killed", code), DISABLE_LOG_STREAMING="True")
    (job,) = eventually(lambda: [job for job in atlas.jobs("killed") if job["status"] == "failed"], 30)
    assert [each["value"] for each in job["output_metrics"]] == [list(range(200))]


def test_no_process_is_roots_and_no_image_can_be_changed_from_within(atlas: Installation) -> None:
    for name, found in atlas.containers().items():
        users = run(["docker", "top", found["Id"], "-eo", "uid,pid"]).split()[2::2]
        assert users and "0" not in users, name
        assert found["HostConfig"]["ReadonlyRootfs"], name
        assert not found["HostConfig"]["Privileged"], name


def test_tensorboard_shows_a_job_and_can_write_to_no_archive(atlas: Installation, tmp_path: Path) -> None:
    require(util.find_spec("tensorboardX"), "tensorboardX")
    place = project(tmp_path, "curves", "print('trained')\n")
    with import_module("tensorboardX").SummaryWriter(str(place / "runs")) as writer:
        writer.add_scalar("loss", 0.5, 1)
    atlas.submit(place)
    (job,) = atlas.jobs("curves")
    answer = requests.post(f"{atlas.url}/api/v3/tensorboard", json={"job_ids": [job["job_id"]]}, timeout=60)
    assert answer.ok, answer.text
    eventually(lambda: requests.get(f"{answer.json()['url']}data/runs", timeout=90).json(), 90)
    taken = requests.post(f"{atlas.url}/api/v3/jobs/{job['job_id']}/import-tensorboard", timeout=90)
    assert taken.json() == {"files": 1, "points": 1, "metrics": ["loss"]}
    mounts = {each["Destination"]: each["RW"] for each in atlas.containers()["tensorboard"]["Mounts"]}
    assert mounts == {"/var/lib/atlas": False, "/var/lib/tensorboard": True}


def test_the_page_its_routes_and_its_events_come_from_one_address(atlas: Installation) -> None:
    assert "<title>Atlas</title>" in requests.get(f"{atlas.page}/projects/digits/jobs", timeout=10).text
    assert requests.get(f"{atlas.page}/api/v3/projects", timeout=10).ok
    assert requests.get(f"{atlas.page}/readyz", timeout=10).json() == {"status": "ok"}
    with requests.get(f"{atlas.page}/api/v3/events", stream=True, timeout=10) as events:
        assert events.headers["Content-Type"].startswith("text/event-stream")
        assert next(events.iter_lines(chunk_size=1))  # at once, not when a buffer is full
    refused = requests.get(f"{atlas.page}/api/v3/projects", headers={"Host": "elsewhere.example"}, timeout=10)
    assert refused.status_code == 403


def test_a_job_is_submitted_from_another_machine(atlas: Installation, tmp_path: Path) -> None:
    place = project(tmp_path, "remote", "print('sent from afar')")
    code = "import foundations\nprint(foundations.submit(command=['main.py'], project_name='remote').wait(60))\n"
    bridge = json.loads(run(["docker", "network", "inspect", "bridge"]))[0]["IPAM"]["Config"][0]
    gateway = bridge.get("Gateway") or bridge["Subnet"].rpartition(".")[0] + ".1"
    directory = place / "config" / "submission"
    directory.mkdir(parents=True)
    (directory / "scheduler.config.yaml").write_text(f"scheduler_url: http://{gateway}:{atlas.ports + 1}\n")
    (place / "send.py").write_text(code)
    words = ["--network", "bridge", "-v", f"{place}:/job/job_source", "-e", "FOUNDATIONS_COMMAND_LINE=True"]
    output = run(["docker", "run", "--rm", *words, "atlas-worker", "send.py"])
    assert output.endswith("\ncompleted\n"), output
    (job,) = atlas.jobs("remote")
    assert "sent from afar" in requests.get(f"{atlas.url}/api/v3/jobs/{job['job_id']}/log", timeout=10).text


def test_a_job_outlives_the_schedulers_container(atlas: Installation, tmp_path: Path) -> None:
    code = (
        "import time, foundations\n"
        "for step in range(40):\n"
        "    print('step', step, flush=True)\n"
        "    foundations.log_metric('step', step)\n"
        "    time.sleep(0.25)\n"
    )
    atlas.submit(project(tmp_path, "survivor", code), DISABLE_LOG_STREAMING="True")
    eventually(lambda: [job for job in atlas.jobs("survivor") if job["status"] == "running"])
    run(["docker", "kill", atlas.containers()["scheduler"]["Id"]])
    atlas.compose("up", "--wait", "--wait-timeout", "120")
    (job,) = eventually(lambda: [job for job in atlas.jobs("survivor") if job["status"] != "running"], 60)
    assert job["status"] == "completed"
    log = requests.get(f"{atlas.url}/api/v3/jobs/{job['job_id']}/log", timeout=10).text
    assert [line for line in log.splitlines() if line.startswith("step")] == [f"step {step}" for step in range(40)]


def test_everything_is_there_again_when_all_containers_are_made_anew(atlas: Installation) -> None:
    before = {job["job_id"]: job for job in atlas.jobs("digits")}
    assert before
    atlas.compose("down")
    atlas.up()
    assert {job["job_id"]: job for job in atlas.jobs("digits")} == before
    (job,) = before.values()
    assert requests.get(job["artifacts"][0]["uri"], timeout=10).text == "weights"
    assert RestClient(Connection(atlas.url)).user_name()


@pytest.mark.parametrize("variables", [[], ["-e", "ATLAS_NO_LOGIN=0"]])
def test_data_of_people_who_log_in_is_not_opened_to_everybody(atlas: Installation, variables: list[str]) -> None:
    words = ["--rm", "--entrypoint", "sh", *variables, "atlas-redis:0.1.0", "-c"]
    done = subprocess.run(
        ["docker", "run", *words, "touch /data/people-log-in && timeout 60 start-redis"], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "COMPOSE_FILE=docker-compose.yml:docker-compose.auth.yml" in done.stderr


def with_login(**variables: str) -> dict[str, Any]:
    """Return the services by Compose with a login."""
    require(has_compose(), "Docker's Compose")
    files = ["-f", "docker-compose.yml", "-f", "docker-compose.auth.yml"]
    environment = {**clean_environment(Path("/nowhere")), **variables}
    found = json.loads(run(["docker", "compose", *files, "config", "--format", "json"], cwd=ROOT, env=environment))
    return dict(found["services"])


def test_people_log_in_by_keycloak_unless_another_issuer_is_named(tmp_path: Path) -> None:
    ours = with_login(ATLAS_KEYCLOAK_PORT="8081")
    assert ours["keycloak"]["environment"]["KC_HOSTNAME"] == "http://localhost:8081"
    proxy = ours["proxy"]["environment"]
    assert proxy["ATLAS_OIDC_ISSUER"] == "http://localhost:8081/realms/Atlas"
    assert proxy["ATLAS_OIDC_DISCOVERY_URL"] == "http://keycloak:8080/realms/Atlas"
    assert not proxy["ATLAS_OIDC_CLIENT_SECRET_FILE"]
    (tmp_path / "oidc.secret").write_text("secret")
    named = {"ATLAS_OIDC_ISSUER": "https://login.example/r", "ATLAS_OIDC_CLIENT_ID": "atlas"}
    others = with_login(**named, ATLAS_OIDC_CLIENT_SECRET_FILE=str(tmp_path / "oidc.secret"))
    assert "keycloak" not in others
    proxy = others["proxy"]["environment"]
    assert {name: proxy[name] for name in named} == named
    assert proxy["ATLAS_OIDC_DISCOVERY_URL"] == named["ATLAS_OIDC_ISSUER"]
    assert proxy["ATLAS_OIDC_CLIENT_SECRET_FILE"] == others["proxy"]["secrets"][0]["target"]


def test_gpu_mode_shows_the_scheduler_every_gpu() -> None:
    require(has_compose(), "Docker's Compose")
    files = ["-f", "docker-compose.yml", "-f", "docker-compose.gpu.yml"]
    environment = clean_environment(Path("/nowhere"))
    scheduler = json.loads(run(["docker", "compose", *files, "config", "--format", "json"], cwd=ROOT, env=environment))[
        "services"
    ]["scheduler"]
    (devices,) = scheduler["deploy"]["resources"]["reservations"]["devices"]
    assert (devices["driver"], devices["count"], devices["capabilities"]) == ("nvidia", -1, ["gpu", "utility"])
    assert scheduler["environment"]["ATLAS_GPUS"] == "auto"
