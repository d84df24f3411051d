"""Atlas by Compose with a login, as the guide says it: nobody gets in without, the first administrator does."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from tests.docker_engine import docker_client
from tests.integration.stack import clean_environment, free_port_base
from tests.integration.test_compose import ROOT, Installation, has_compose, installed, project, run
from tests.redis_server import require

pytestmark = [pytest.mark.docker, pytest.mark.timeout(1800)]

#: The variable by which these tests are asked for where no CI runs.
ASKED = "ATLAS_TEST_COMPOSE_LOGIN"
FILES = ("-f", "docker-compose.yml", "-f", "docker-compose.auth.yml")


class GuardedInstallation(Installation):
    """An installation with the overlay for a login."""

    def compose(self, *words: str) -> str:
        """Run `docker compose` and return its output."""
        variables = {
            "ATLAS_GUI_PORT": str(self.ports),
            "ATLAS_PROXY_PORT": str(self.ports + 1),
            "ATLAS_KEYCLOAK_PORT": str(self.ports + 2),
            "ATLAS_KEYCLOAK_URL": f"http://localhost:{self.ports + 2}",
            "ATLAS_JOB_NETWORK": self.name,
            "NUM_WORKERS": "1",
        }
        environment = {**clean_environment(self.home), **variables}
        return run(["docker", "compose", *FILES, "-p", self.name, *words], cwd=ROOT, env=environment)

    def password(self) -> str:
        """Return what the first start made for the first administrator, and printed."""
        printed = self.compose("logs", "--no-log-prefix", "keycloak")
        (line,) = (line for line in printed.splitlines() if "`atlas-admin`" in line)
        return line.rpartition(" ")[2]

    def foundations(self, *words: str) -> str:
        """Run `foundations` and return what it printed."""
        command = [str(Path(sys.executable).with_name("foundations")), *words]
        return run(command, cwd=self.home, env=clean_environment(self.home))


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedInstallation]:
    """A running installation; everything of it is removed at the end."""
    if not (os.environ.get(ASKED) or os.environ.get("CI")):
        pytest.skip(f"It takes five minutes: `make compose-login-test` runs it, or {ASKED}=1.")
    require(docker_client() and has_compose(), "A Docker engine that answers, with Compose")
    with installed(GuardedInstallation(tmp_path_factory.mktemp("compose"), free_port_base())) as running:
        yield running


def test_who_logs_in_submits_a_job_and_nobody_else_sees_it(atlas: GuardedInstallation, tmp_path: Path) -> None:
    for address in (atlas.url, atlas.page):
        assert requests.get(f"{address}/api/v3/projects", timeout=30).status_code == 401
    login = requests.get(f"{atlas.page}/api/v3/auth/login", allow_redirects=False, timeout=30)
    assert login.headers["Location"].startswith(f"http://localhost:{atlas.ports + 2}/realms/Atlas/")
    assert "Login Succeeded!" in atlas.foundations("login", atlas.url, "-u", "atlas-admin", "-p", atlas.password())
    assert "atlas-admin (admin)" in atlas.foundations("whoami")
    code = "import foundations\nfoundations.set_project_name('elsewhere')\nfoundations.log_metric('loss', 0.5)\n"
    assert "has completed" in atlas.submit(project(tmp_path, "vision", code))
    token = json.loads(atlas.foundations("token", "create", "test", "--json"))["token"]
    headers = {"Authorization": f"Bearer {token}"}
    found = requests.get(f"{atlas.url}/api/v3/projects", headers=headers, timeout=30).json()
    assert [(each["name"], each["by_status"]["completed"]) for each in found] == [("vision", 1)]


def ask(atlas: GuardedInstallation, route: str, **body: str) -> requests.Response:
    """Ask the proxy's own routes for logging in."""
    return requests.post(f"{atlas.url}/api/v3/auth/{route}", json=body, timeout=60)


def test_both_logins_and_the_log_out_reach_keycloak_inside(atlas: GuardedInstallation) -> None:
    device = ask(atlas, "device").json()
    assert device["verification_uri"].startswith(f"http://localhost:{atlas.ports + 2}/realms/Atlas/")
    grant = {"grant_type": "password", "username": "atlas-admin", "password": atlas.password()}
    refresh_token = ask(atlas, "token", **grant).json()["refresh_token"]
    assert ask(atlas, "token", grant_type="refresh_token", refresh_token=refresh_token).status_code == 200
    assert ask(atlas, "logout", refresh_token=refresh_token).status_code == 204
    assert ask(atlas, "token", grant_type="refresh_token", refresh_token=refresh_token).status_code == 401


def test_a_service_that_is_reached_around_the_proxy_refuses(atlas: GuardedInstallation) -> None:
    lines = (
        "import urllib.error, urllib.request",
        "try:",
        "    urllib.request.urlopen('http://rest-api:37722/api/v3/projects')",
        "except urllib.error.HTTPError as error:",
        "    print(error.code)",
    )
    assert atlas.compose("exec", "-T", "archive", "python3", "-c", "\n".join(lines)).strip() == "401"
