"""Every route with every kind of caller: what comes of it is written down in `outcomes.txt`, and may not change unseen.

The scheduler and TensorBoard are stand-ins that take everything: their lines show the judgement of the door alone,
the others that of the service, too. 404 is also the answer about what somebody does not see.
`WRITE_OUTCOMES=1` writes the file anew.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from tests.fake_issuer import USERS, FakeIssuer
from tests.guarded_stack import GuardedStack, guarded_stack
from werkzeug.routing import Map, Rule

from atlas_core.records import operation_frame
from atlas_services.auth_proxy.routes import ROUTES, Service
from atlas_services.name_converter import NameConverter

FILE = Path(__file__).with_name("outcomes.txt")
JOB, TOKEN = "run-1", "secret-1"
#: What stands in the places of a pattern.
VALUES = {
    "id": JOB,
    "project": "vision",
    "position": 0,
    "bundle_id": "0" * 64,
    "writer": "w",
    "path": "logs/output.log",
    "order": "start_time/descending",
    "key": "k",
    "name": "loss",
    "directory": "d",
    "selection": "s",
}


@pytest.fixture(scope="module")
def stack(redis_server: str, issuer: FakeIssuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuardedStack]:
    home = tmp_path_factory.mktemp("home")
    # The job gives no sign of life while all routes are tried, and must live on.
    variables = {"ATLAS_OIDC_PROJECT_PREFIX": "/projects/", "ATLAS_HEARTBEAT_TIMEOUT": "3600"}
    with guarded_stack(redis_server, home, issuer.url, **variables) as stack:
        yield stack


def callers(issuer: FakeIssuer, patch: pytest.MonkeyPatch) -> dict[str, str | None]:
    patch.setitem(USERS, "otto", ("", ("member",), ("/projects/other",)))
    return {
        "nobody": None,
        "viewer": issuer.token("vera"),
        "owner": issuer.token("max"),
        "colleague": issuer.token("max", sub="id-of-mia", preferred_username="mia"),
        "stranger": issuer.token("otto"),
        "admin": issuer.token("ada"),
        "job": f"atlas_job_{JOB}.{TOKEN}",
        "job itself": TOKEN,
    }


def routes() -> Iterator[tuple[Service, str, str, str]]:
    for service, patterns in ROUTES.items():
        for pattern, methods in patterns:
            rule = Rule(pattern, endpoint="x")
            Map([rule], converters={"name": NameConverter})
            built = rule.build({name: VALUES[name] if name != "id" else _id(pattern) for name in rule.arguments})
            assert built is not None
            for method in methods.split():
                yield service, method, pattern, built[1]


def _id(pattern: str) -> str | int:
    return 0 if "<int:id>" in pattern else JOB


def outcome(stack: GuardedStack, method: str, path: str, token: str | None) -> str:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with requests.request(
        method, stack.url + path, headers=headers, data=b"", timeout=60, allow_redirects=False, stream=True
    ) as answer:
        return str(answer.status_code) if answer.status_code in {401, 403, 404} else "in"


def table(stack: GuardedStack, tokens: dict[str, str | None]) -> str:
    lines = [f"{'':90}" + "".join(f"{name:>11}" for name in tokens)]
    for service, method, pattern, path in routes():
        found = [outcome(stack, method, path, token) for token in tokens.values()]
        lines.append(f"{service.value:16}{method + ' ' + pattern:74}" + "".join(f"{each:>11}" for each in found))
    return "\n".join(lines) + "\n"


@pytest.mark.timeout(900)
def test_what_comes_of_every_route_for_every_caller(
    stack: GuardedStack, issuer: FakeIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = callers(issuer, monkeypatch)
    frames = operation_frame("start", project="vision", user="max", time=time.time())
    headers = {"X-Atlas-User-Token": str(tokens["owner"])}
    began = stack.ask("POST", f"/api/v3/jobs/{JOB}/journal/w?offset=0", TOKEN, data=frames, headers=headers)
    assert began.status_code == 200, began.text
    found = table(stack, tokens)
    if os.environ.get("WRITE_OUTCOMES"):
        FILE.write_text(found)
    assert found.splitlines() == FILE.read_text().splitlines()
