"""What the documents allow, and what they do not, sent through a proxy where people log in, as a member and a viewer.

No answer is an error of ours, and what reaches a service is what their roles allow.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import unquote

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.core.result import Ok
from tests.contract.test_fuzzed_routes import can_be_wrong
from tests.fake_issuer import FakeIssuer
from tests.guarded_stack import SECRET, GuardedStack
from tests.scheduler_service import settings_for

from atlas_core.records import operation_frame, point_frame
from atlas_services.auth_proxy.permissions import Access, access_of
from atlas_services.auth_proxy.routes import RouteTable
from atlas_services.identity import HEADER, Role, Signature
from atlas_services.scheduler.app import Scheduler
from atlas_services.tracker import open_tracker

#: One operation of a document, and a request to it.
Operation: TypeAlias = APIOperation[Any, Any, Any, Any]
Request: TypeAlias = Case[Any]

#: Requests to each operation of each kind.
EXAMPLES = 2
#: A stream that ends with the connection.
ENDLESS = {"/api/v3/events"}
#: Whose job there is, so that requests get further than to the door.
KNOWN = {"job_id": "a", "project": "vision", "name": "loss", "key": "k", "order": "status/desc"}


@pytest.fixture(scope="module")
def documents(stack: GuardedStack, issuer: FakeIssuer) -> dict[str, dict[str, Any]]:
    """The document of each service; the scheduler's comes from itself, for a stand-in takes its place."""
    tracker = open_tracker(stack.environment["ATLAS_REDIS_URL"])
    frames = [
        operation_frame("start", project="vision", user="max", time=1.0),
        operation_frame("tag", key="k", value="v"),
        point_frame("loss", 1.0, 2.0) or b"",
        operation_frame("end", status="completed", exit_code=0, time=9.0),
    ]
    tracker.journals.apply("a", "w", 0, b"".join(frames), "token", 1.0)
    tracker.close()
    found = {}
    for name in ("rest_api", "archive_server"):
        found[name] = stack.ask("GET", f"/api/v3/openapi/{name}.json", issuer.token("vera")).json()
    settings = settings_for(Path(stack.environment["FOUNDATIONS_HOME"]), stack.environment["ATLAS_REDIS_URL"])
    found["scheduler"] = Scheduler(settings).app().test_client().get("/openapi.json").get_json()
    return found


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        assert isinstance(found, Ok), found
        if found.ok().path not in ENDLESS:
            yield found.ok()


def failures(stack: GuardedStack, operation: Operation, mode: GenerationMode, token: str) -> list[str]:
    """Return what an operation answers that it must not."""
    found: list[str] = []

    @seed(20200106)
    @hypothesis_settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Request) -> None:
        if case.path_parameters:
            case.path_parameters.update({name: KNOWN[name] for name in case.path_parameters if name in KNOWN})
        try:
            answer = case.call(base_url=stack.url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
        except requests.exceptions.InvalidHeader:
            return  # the client refuses to send it
        if answer.status_code == 500:
            found.append(f"{answer.status_code} {case.as_curl_command()}\n{answer.text[:300]}")

    send()
    return found


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize(("user", "role"), [("max", Role.MEMBER), ("vera", Role.VIEWER)])
def test_nothing_fails_and_nobody_gets_further_than_their_role(
    stack: GuardedStack,
    issuer: FakeIssuer,
    documents: dict[str, dict[str, Any]],
    user: str,
    role: Role,
    mode: GenerationMode,
) -> None:
    before, token = len(stack.scheduler.received), issuer.token(user)
    found = [
        failure
        for document in documents.values()
        for operation in operations(document)
        if mode is GenerationMode.POSITIVE or can_be_wrong(operation)
        for failure in failures(stack, operation, mode, token)
    ]
    assert not found, "\n\n".join(found)
    table, signature = RouteTable(), Signature(SECRET)
    # what the services ask of each other did not come by the proxy
    arrived = [each for each in stack.scheduler.received[before:] if "X-Forwarded-For" in each["headers"]]
    assert arrived  # else the test would prove nothing
    for seen in arrived:
        route = table.find(unquote(seen["path"].partition("?")[0]), seen["method"])
        identity = signature.check(seen["headers"][HEADER], seen["method"], seen["path"])
        needed = access_of(seen["method"], route.pattern)
        assert (identity.subject, identity.role) == (f"id-of-{user}", role)
        assert needed is not Access.OWN_JOB, seen
        assert role.includes(needed.role), seen
