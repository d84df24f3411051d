"""A real Keycloak with our realm, in a container of its own."""

from __future__ import annotations

import contextlib
import subprocess
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.docker_engine import docker_client
from tests.redis_server import free_port, require

_ROOT = Path(__file__).parents[1]
_BASE, _IMAGE = "quay.io/keycloak/keycloak:26.5", "atlas-keycloak:0.1.0"
_SECRETS = "/opt/keycloak/data/h2"
#: Seconds in which it starts on a busy machine; twenty on an idle one.
_PATIENCE = 600.0


@dataclass
class Keycloak:
    """One Keycloak, and its administration."""

    name: str
    url: str

    @property
    def issuer(self) -> str:
        """The issuer of its tokens."""
        return f"{self.url}/realms/Atlas"

    def secret(self, name: str) -> str:
        """Return a password that the first start made."""
        return _docker("exec", self.name, "cat", f"{_SECRETS}/{name}.secret")

    def add_user(self, user: str, password: str, role: str | None, groups: tuple[str, ...] = ()) -> None:
        """Make a user with a role, in groups below `projects`."""
        facts = {
            "username": user,
            "enabled": True,
            "email": f"{user}@example.com",
            "emailVerified": True,
            "firstName": user,
            "lastName": "Test",
            "credentials": [{"type": "password", "value": password, "temporary": False}],
            "groups": [f"/projects/{group}" for group in groups],
        }
        for group in groups:
            parent = self._administer("GET", "/group-by-path/projects").json()["id"]
            self._administer("POST", f"/groups/{parent}/children", json={"name": group})
        where = self._administer("POST", "/users", json=facts).headers["Location"]
        if role:
            found = self._administer("GET", f"/roles/{role}").json()
            self._administer("POST", f"/users/{where.rpartition('/')[2]}/role-mappings/realm", json=[found])

    def set_lifetime(self, seconds: int) -> None:
        """Say how long access tokens hold."""
        self._administer("PUT", "", json={"accessTokenLifespan": seconds})

    def _administer(self, method: str, path: str, **options: Any) -> requests.Response:
        grant = {"grant_type": "password", "client_id": "admin-cli", "username": "admin"}
        grant["password"] = self.secret("keycloak-admin")
        token = requests.post(f"{self.url}/realms/master/protocol/openid-connect/token", data=grant, timeout=60)
        headers = {"Authorization": f"Bearer {token.json()['access_token']}"}
        answer = requests.request(
            method, f"{self.url}/admin/realms/Atlas{path}", headers=headers, timeout=60, **options
        )
        assert answer.status_code < 400 or answer.status_code == 409, answer.text
        return answer


@contextlib.contextmanager
def running_keycloak(gui_url: str, proxy_url: str) -> Iterator[Keycloak]:
    """Run a Keycloak whose client is the Atlas at these addresses. Skips the test without Docker or the image."""
    client = docker_client()
    require(client, "A Docker engine that answers")
    assert client is not None
    require(client.images(name=_BASE), f"The image {_BASE}")
    _docker("build", "--quiet", "--tag", _IMAGE, "--file", "services/keycloak/Dockerfile", ".")
    name, port = f"atlas-test-keycloak-{uuid.uuid4().hex[:8]}", free_port()
    url = f"http://127.0.0.1:{port}"
    variables = {"KC_HOSTNAME": url, "ATLAS_GUI_URL": gui_url, "ATLAS_PROXY_URL": proxy_url}
    words = [word for key, value in variables.items() for word in ("--env", f"{key}={value}")]
    words += ["--name", name, "--memory", "1500m", "--publish", f"127.0.0.1:{port}:8080"]
    _docker("run", "--detach", *words, _IMAGE)
    try:
        _wait_for(f"{url}/realms/Atlas", name)
        yield Keycloak(name, url)
    finally:
        _docker("rm", "--force", "--volumes", name)


def _wait_for(url: str, name: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        with contextlib.suppress(requests.RequestException):
            if requests.get(url, timeout=10).status_code == 200:
                return
        if time.monotonic() > deadline or _docker("inspect", "--format", "{{.State.Running}}", name) != "true":
            raise TimeoutError(_docker("logs", "--tail", "30", name))
        time.sleep(0.5)


def _docker(*words: str) -> str:
    done = subprocess.run(["docker", *words], cwd=_ROOT, capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
