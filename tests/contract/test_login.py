"""Logging in, and what passes the proxy where people log in. The issuer is a stand-in; services and Redis are real."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import jwt
import pytest
import redis
import requests
import yaml
from tests.fake_issuer import FakeIssuer, new_key
from tests.guarded_stack import SECRET, GuardedStack

from atlas_core.records import operation_frame
from atlas_services.identity import HEADER, Identity, Role, Signature
from atlas_services.tracker import open_tracker

READ, CHANGE, GOVERN = "/api/v2beta/projects", "/queued_jobs", "/workers"


@pytest.fixture(autouse=True)
def _issuer_as_new(issuer: FakeIssuer) -> Iterator[None]:
    yield
    issuer.is_down, issuer.lifetime, issuer.signing = False, 300, "k1"


def login(stack: GuardedStack, issuer: FakeIssuer, user: str, after: str = "/projects") -> requests.Session:
    """Log in as a browser does."""
    browser = requests.Session()
    begun = browser.get(f"{stack.url}/api/v3/auth/login", params={"next": after}, allow_redirects=False)
    assert begun.status_code == 302
    back = browser.get(issuer.approve(user, begun.headers["Location"]), allow_redirects=False)
    assert (back.status_code, back.headers.get("Location")) == (302, after), back.text
    return browser


def test_without_a_token_nothing_passes(stack: GuardedStack) -> None:
    for path in (READ, "/api/v3/projects", "/jobs/x", "/archive/x/", "/api/v3/events"):
        answer = stack.ask("GET", path)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
        assert answer.json()["detail"].startswith("Token is not valid")
    assert stack.ask("GET", "/").status_code == 200
    assert stack.ask("POST", "/heartbeat").text == "Alive"
    assert stack.ask("GET", "/healthz").status_code == 200


@pytest.mark.parametrize(
    ("user", "statuses"),
    [("vera", (200, 403, 403)), ("max", (200, 200, 403)), ("ada", (200, 200, 200)), ("noah", (403, 403, 403))],
)
def test_each_role_may_do_what_it_may(
    stack: GuardedStack, issuer: FakeIssuer, user: str, statuses: tuple[int, ...]
) -> None:
    token = issuer.token(user)
    answers = [stack.ask(method, path, token) for method, path in (("GET", READ), ("POST", CHANGE), ("POST", GOVERN))]
    assert tuple(answer.status_code for answer in answers) == statuses


def test_the_service_is_told_who_asks_and_never_their_token(stack: GuardedStack, issuer: FakeIssuer) -> None:
    forged = Signature("guessed").sign(Identity("mallory", Role.ADMIN, "x"), "GET", "/jobs/a")
    headers = {HEADER: forged, "Cookie": "atlas_session=1; other=2", "X-Atlas-User-Token": "t"}
    seen = stack.ask("GET", "/jobs/a?x=%2F", issuer.token("max"), headers=headers).json()["headers"]
    assert not {"Authorization", "Cookie", "X-Atlas-User-Token"} & set(seen)
    identity = Signature(SECRET).check(seen[HEADER], "GET", "/jobs/a")
    assert (identity.user, identity.role, identity.subject) == ("max", Role.MEMBER, "id-of-max")


def test_a_service_that_is_reached_around_the_proxy_refuses(stack: GuardedStack, issuer: FakeIssuer) -> None:
    forged = Signature("guessed").sign(Identity("mallory", Role.ADMIN, "x"), "GET", READ)
    for headers in ({}, {"Authorization": f"Bearer {issuer.token('ada')}"}, {HEADER: forged}, {HEADER: "a.b"}):
        assert requests.get(stack.rest_url + READ, headers=headers, timeout=10).status_code == 401
    ours = Signature(SECRET).sign(Identity("max", Role.MEMBER, "x"), "GET", READ)
    assert requests.get(stack.rest_url + READ, headers={HEADER: ours}, timeout=10).status_code == 200
    assert requests.get(f"{stack.rest_url}/api/v3/projects", headers={HEADER: ours}, timeout=10).status_code == 401
    assert requests.get(f"{stack.rest_url}/healthz", timeout=10).status_code == 200


def bad_tokens(issuer: FakeIssuer) -> dict[str, str]:
    good, now = issuer.token("ada"), int(time.time())
    header, payload, signature = good.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    public = issuer.answer("/jwks", {})[1]["keys"][0]["n"]
    by_public_key = jwt.encode({"sub": "x"}, public, algorithm="HS256", headers={"kid": "k1"})
    return {
        "expired": issuer.token("ada", exp=now - 3600),
        "of the future": issuer.token("ada", nbf=now + 3600),
        "made in the future": issuer.token("ada", iat=now + 3600),
        "unsigned": f"{none}.{payload}.",
        "unsigned with a signature": f"{none}.{payload}.{signature}",
        "signed with the public key": by_public_key,
        "for others": issuer.token("ada", aud="account"),
        "for nobody": issuer.token("ada", aud=None),
        "of another issuer": issuer.token("ada", iss="https://elsewhere.example"),
        "signed by another key": issuer.token("ada", key=new_key()),
        "of an unknown key": issuer.token("ada", key=new_key(), header={"kid": "k9"}),
        "changed": f"{header}.{payload[:-2]}AA.{signature}",
        "without an end": issuer.token("ada", exp=None),
        "an ID token": issuer.token("ada", typ="ID"),
        "of another kind": issuer.token("ada", header={"typ": "logout+jwt"}),
        "too long": issuer.token("ada", filler="x" * 7000),
        "no token": "abc",
        "three dots": "a.b.c",
        "a deep one": base64.urlsafe_b64encode(b"[" * 3000).decode() + ".a.b",
        "an unknown API token": "atlas_pat_0123456789ab_secret",
        "an unknown job's": "atlas_job_nothing.secret",
        "no job's": "atlas_job_",
    }


def test_bad_tokens_are_refused(stack: GuardedStack, issuer: FakeIssuer) -> None:
    answers = {name: stack.ask("GET", READ, token) for name, token in bad_tokens(issuer).items()}
    # the longest one is more than a header may hold
    assert {
        name: answer.status_code for name, answer in answers.items() if answer.status_code not in {400, 401, 431}
    } == {}
    assert answers["expired"].json()["detail"] == "Token is not valid: it has expired; log in again."


def test_rotated_keys_are_taken_and_withdrawn_ones_are_not(stack: GuardedStack, issuer: FakeIssuer) -> None:
    old, key = issuer.token("max"), new_key()
    issuer.keys["k2"], issuer.signing = key, "k2"
    deadline = time.monotonic() + 60  # keys are asked for at most every ten seconds
    while stack.ask("GET", READ, issuer.token("max")).status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert stack.ask("GET", READ, old).status_code == 200


def test_who_is_logged_in_goes_on_while_the_issuer_is_away(stack: GuardedStack, issuer: FakeIssuer) -> None:
    late = issuer.token("max", exp=int(time.time()) - 600)
    too_late = issuer.token("max", exp=int(time.time()) - 7200)
    issuer.lifetime = 1
    browser = login(stack, issuer, "max")
    assert stack.ask("GET", READ, late).status_code == 401
    issuer.is_down = True
    assert stack.ask("GET", READ, issuer.token("max", exp=int(time.time()) + 60)).status_code == 200
    assert stack.ask("GET", READ, late).status_code == 200
    assert stack.ask("GET", READ, too_late).status_code == 401
    assert browser.get(stack.url + READ).status_code == 200


def test_a_browser_logs_in_and_out(stack: GuardedStack, issuer: FakeIssuer) -> None:
    browser = login(stack, issuer, "max", "/projects/vision?x=1")
    cookie = next(each for each in browser.cookies if each.name == "atlas_session")
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "Lax"
    assert browser.get(f"{stack.url}/api/v3/auth/session").json()["user"] == "max"
    own = {"Origin": stack.url}
    assert browser.post(stack.url + CHANGE, headers=own).status_code == 200
    assert browser.post(f"{stack.url}/api/v3/auth/logout", headers=own).status_code == 204
    assert browser.get(stack.url + READ).status_code == 401
    stolen = {"Cookie": f"atlas_session={cookie.value}"}
    assert requests.get(stack.url + READ, headers=stolen, timeout=10).status_code == 401


def test_a_session_is_renewed_and_ends_with_the_login(stack: GuardedStack, issuer: FakeIssuer) -> None:
    issuer.lifetime = 1
    browser = login(stack, issuer, "vera")
    asked = len(issuer.asked)
    assert browser.get(stack.url + READ).status_code == 200
    assert len(issuer.asked) > asked
    issuer.refresh_tokens.clear()
    assert browser.get(stack.url + READ).status_code == 401
    assert browser.get(stack.url + READ).status_code == 401


def test_a_session_that_a_newer_proxy_wrote_goes_on(stack: GuardedStack, issuer: FakeIssuer) -> None:
    browser = login(stack, issuer, "max")
    with redis.Redis.from_url(stack.environment["ATLAS_REDIS_URL"]) as client:
        kept = list(client.scan_iter("atlas:session:*"))
        assert kept
        for key in kept:
            content = json.loads(client.get(key) or "")
            client.set(key, json.dumps({**content, "device": "phone"}), keepttl=True)
    assert browser.get(f"{stack.url}/api/v3/auth/session").json()["user"] == "max"


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_page_changes_nothing_with_the_cookie(
    stack: GuardedStack, issuer: FakeIssuer, headers: dict[str, str]
) -> None:
    browser = login(stack, issuer, "max")
    assert browser.post(stack.url + CHANGE, headers=headers).status_code == 403


def test_a_code_is_good_once_and_in_the_browser_that_began_alone(stack: GuardedStack, issuer: FakeIssuer) -> None:
    browser = requests.Session()
    page = browser.get(f"{stack.url}/api/v3/auth/login", allow_redirects=False).headers["Location"]
    back = issuer.approve("max", page)
    assert requests.get(back, allow_redirects=False, timeout=10).status_code == 401
    other = requests.Session()
    other.get(f"{stack.url}/api/v3/auth/login", allow_redirects=False)
    assert other.get(back, allow_redirects=False).status_code == 401
    kept = {"Cookie": f"atlas_login={browser.cookies['atlas_login']}"}
    assert browser.get(back, allow_redirects=False).status_code == 302
    assert requests.get(back, headers=kept, allow_redirects=False, timeout=10).status_code == 401


@pytest.mark.parametrize("after", ["https://evil.example/", "//evil.example", "/\\evil.example", "x", "/a\r\nb", ""])
def test_nobody_is_sent_elsewhere_after_the_login(stack: GuardedStack, issuer: FakeIssuer, after: str) -> None:
    browser = requests.Session()
    begun = browser.get(f"{stack.url}/api/v3/auth/login", params={"next": after}, allow_redirects=False)
    back = browser.get(issuer.approve("max", begun.headers["Location"]), allow_redirects=False)
    assert back.headers["Location"] == "/"


#: What Chromium accepts where a page is to be.
A_PAGE = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7"
}


@pytest.mark.parametrize("headers", [A_PAGE, {"Accept": "text/html"}])
def test_people_are_led_to_the_issuers_page_and_back(stack: GuardedStack, headers: dict[str, str]) -> None:
    answer = stack.ask("GET", "/tensorboard/x/?a=1&b=2", headers=headers)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/api/v3/auth/login?next=/tensorboard/x/%3Fa%3D1%26b%3D2"


def test_people_whose_login_fails_read_what_to_do_next(stack: GuardedStack, issuer: FakeIssuer) -> None:
    failed = stack.ask("GET", "/api/v3/auth/callback?state=<b>&code=x", headers=A_PAGE)
    assert failed.status_code == 401
    refused = stack.ask("GET", "/api/v3/auth/callback?error=x&error_description=<script>", headers=A_PAGE)
    for answer in (failed, refused):
        assert answer.headers["Content-Type"].startswith("text/html")
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert 'href="/api/v3/auth/login"' in answer.text
        assert "<script>" not in answer.text
    browser = requests.Session()
    page = browser.get(f"{stack.url}/api/v3/auth/login", allow_redirects=False).headers["Location"]
    nobody = browser.get(issuer.approve("noah", page), headers=A_PAGE, allow_redirects=False)
    assert nobody.status_code == 403
    assert "ask your administrator" in nobody.text
    assert "As soon as you have a role" in nobody.text
    assert stack.ask("GET", "/api/v3/auth/callback?state=x&code=x").json()["code"] == "unauthorized"


def test_the_originals_clients_log_in(stack: GuardedStack, issuer: FakeIssuer) -> None:
    answer = requests.get(f"{stack.url}/api/v2beta/auth/cli_login", auth=("vera", "vera:password"), timeout=10)
    assert {"access_token", "refresh_token"} <= set(answer.json())
    claims = stack.ask("GET", "/api/v2beta/auth/verify", answer.json()["access_token"]).json()
    assert (claims["preferred_username"], claims["sub"]) == ("vera", "id-of-vera")
    assert stack.ask("GET", "/api/v2beta/auth/logout", answer.json()["refresh_token"]).status_code == 200
    assert answer.json()["refresh_token"] not in issuer.refresh_tokens
    wrong = requests.get(f"{stack.url}/api/v2beta/auth/cli_login", auth=("vera", "wrong"), timeout=10)
    assert (wrong.status_code, wrong.json()["description"]) == (401, "Invalid user credentials")
    assert stack.ask("GET", "/api/v2beta/auth/login").status_code == 302


def test_ten_thousand_wrong_passwords_reach_the_issuer_a_few_times(stack: GuardedStack, issuer: FakeIssuer) -> None:
    asked, statuses = len(issuer.asked), []
    body = {"grant_type": "password", "username": "ada", "password": "guess"}
    with requests.Session() as session:
        for _ in range(100):
            statuses.append(session.post(f"{stack.url}/api/v3/auth/token", json=body).status_code)
    assert statuses[0] == 401
    assert set(statuses[10:]) == {429}
    assert len(issuer.asked) - asked <= 11
    kept = open_tracker(stack.environment["ATLAS_REDIS_URL"]).audit.entries(200)
    assert len([entry for entry in kept if entry["path"] == "/api/v3/auth/token"]) <= 11  # guesses do not fill the log


def test_slow_clients_keep_nobody_out(stack: GuardedStack, issuer: FakeIssuer) -> None:
    host, port = stack.url.removeprefix("http://").split(":")
    beginnings = (
        b"GET /api/v3/projects HT",
        b"POST /queued_jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{",
    )
    with ExitStack() as opened:
        slow = [opened.enter_context(socket.create_connection((host, int(port)), timeout=90)) for _ in range(200)]
        for number, connection in enumerate(slow):
            connection.sendall(beginnings[number % 2])
        for _ in range(5):
            assert stack.ask("GET", READ, issuer.token("vera")).status_code == 200
        slow[0].sendall(b"TP/1.1\r\nHost: localhost\r\n\r\n")  # who is slow and goes on is answered
        assert slow[0].recv(12) == b"HTTP/1.1 401"


def test_strangers_whose_bodies_do_not_come_keep_nobody_out(stack: GuardedStack, issuer: FakeIssuer) -> None:
    """Who is not answered at once holds no thread either: there are fewer of these than they would take."""
    host, port = stack.url.removeprefix("http://").split(":")
    endings = (
        b"Transfer-Encoding: chunked\r\n\r\n5\r\n{",
        b"Content-Length: 9\r\nExpect: 100-continue\r\n\r\n",
        b"Content-Length: 50000\r\n\r\n{",
        b"Content-Length: 32000\r\nX-Long: " + 8000 * b"x" + b"\r\n\r\n{",
    )
    with ExitStack() as opened:
        slow = [opened.enter_context(socket.create_connection((host, int(port)), timeout=90)) for _ in range(600)]
        for number, connection in enumerate(slow):
            path = b"/api/v3/auth/" + (b"token", b"device", b"logout")[number % 3]
            connection.sendall(b"POST " + path + b" HTTP/1.1\r\nHost: localhost\r\n" + endings[number // 3 % 4])
        for _ in range(5):
            assert stack.ask("GET", READ, issuer.token("vera")).status_code == 200


@pytest.mark.parametrize("path", ["/token", "/device", "/logout"])
@pytest.mark.parametrize(
    ("ending", "status", "code"),
    [
        (b"Transfer-Encoding: chunked\r\n\r\n", 411, "length_required"),
        (b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n", 417, "expectation_failed"),
        (b"Content-Length: 32769\r\n\r\n", 413, "payload_too_large"),
    ],
)
def test_a_stranger_is_refused_before_a_body_that_is_waited_for(
    stack: GuardedStack, path: str, ending: bytes, status: int, code: str
) -> None:
    host, port = stack.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=90) as connection:
        connection.sendall(f"POST /api/v3/auth{path} HTTP/1.1\r\nHost: localhost\r\n".encode() + ending)
        came = b""
        while chunk := connection.recv(65536):
            came += chunk
    answer = came.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), came
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == code


def test_a_login_on_another_device(stack: GuardedStack, issuer: FakeIssuer) -> None:
    begun = stack.ask("POST", "/api/v3/auth/device").json()
    body = {"grant_type": "device_code", "device_code": begun["device_code"]}
    waiting = stack.ask("POST", "/api/v3/auth/token", json=body)
    assert (waiting.status_code, waiting.json()["reason"]) == (401, "authorization_pending")
    issuer.devices[begun["device_code"]] = "max"
    token = stack.ask("POST", "/api/v3/auth/token", json=body).json()["access_token"]
    assert stack.ask("GET", READ, token).status_code == 200


@pytest.mark.parametrize("body", [{}, {"grant_type": "magic"}, {"grant_type": "password"}, [], {"grant_type": 1}])
def test_a_senseless_grant_is_refused_with_its_reason(stack: GuardedStack, body: Any) -> None:
    answer = stack.ask("POST", "/api/v3/auth/token", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_input")


def test_a_token_for_programs(stack: GuardedStack, issuer: FakeIssuer) -> None:
    made = stack.ask("POST", "/api/v3/auth/tokens", issuer.token("max"), json={"name": "ci", "role": "viewer"})
    assert made.status_code == 201
    token, token_id = made.json()["token"], made.json()["id"]
    assert stack.ask("GET", READ, token).status_code == 200
    assert stack.ask("POST", CHANGE, token).status_code == 403
    assert stack.ask("POST", "/api/v3/auth/tokens", token, json={"name": "more"}).status_code == 403
    listed = stack.ask("GET", "/api/v3/auth/tokens", issuer.token("max")).json()["tokens"]
    assert [(each["id"], each["name"]) for each in listed] == [(token_id, "ci")]
    assert "token" not in listed[0]
    assert stack.ask("DELETE", f"/api/v3/auth/tokens/{token_id}", issuer.token("vera")).status_code == 404
    assert stack.ask("DELETE", f"/api/v3/auth/tokens/{token_id}", issuer.token("max")).status_code == 204
    assert stack.ask("GET", READ, token).status_code == 401


def test_a_token_for_programs_loses_what_its_maker_loses(stack: GuardedStack, issuer: FakeIssuer) -> None:
    as_admin = issuer.token("ada", sub="id-of-eve", preferred_username="eve")
    made = stack.ask("POST", "/api/v3/auth/tokens", as_admin, json={"name": "ci", "role": "admin"}).json()["token"]
    assert stack.ask("POST", GOVERN, made).status_code == 200
    later = int(time.time()) + 5
    demoted: dict[str, Any] = {"sub": "id-of-eve", "preferred_username": "eve", "iat": later}
    assert stack.ask("GET", READ, issuer.token("ada", roles=["viewer"], **demoted)).status_code == 200
    assert [stack.ask(*ask, made).status_code for ask in (("POST", GOVERN), ("POST", CHANGE), ("GET", READ))] == [
        403,
        403,
        200,
    ]
    assert stack.ask("GET", READ, as_admin).status_code == 200  # an older word of the issuer raises nobody again
    assert stack.ask("POST", CHANGE, made).status_code == 403
    demoted["iat"] = later + 5
    assert stack.ask("GET", READ, issuer.token("ada", roles=[], **demoted)).status_code == 403
    refused = stack.ask("GET", READ, made)
    assert (refused.status_code, refused.json()["reason"]) == (401, "invalid_claims")
    assert "has no role here any more" in refused.json()["detail"]


def test_an_administrator_revokes_the_tokens_of_others(stack: GuardedStack, issuer: FakeIssuer) -> None:
    made = stack.ask("POST", "/api/v3/auth/tokens", issuer.token("max"), json={"name": "ci"}).json()
    listed = stack.ask("GET", "/api/v3/auth/tokens?all=1", issuer.token("ada")).json()["tokens"]
    assert made["id"] in [each["id"] for each in listed]
    assert stack.ask("DELETE", f"/api/v3/auth/tokens/{made['id']}", issuer.token("ada")).status_code == 204
    assert stack.ask("GET", READ, made["token"]).status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"name": "x\n"}, 400),
        ({"name": "x", "days": 0}, 400),
        ({"name": "x", "days": 1e9}, 400),
        ({"name": "x", "role": "king"}, 400),
        ({"name": "x", "role": "admin"}, 403),
        ({"name": "x", "projects": "vision"}, 400),
    ],
)
def test_a_token_that_cannot_be_made(
    stack: GuardedStack, issuer: FakeIssuer, body: dict[str, Any], status: int
) -> None:
    assert stack.ask("POST", "/api/v3/auth/tokens", issuer.token("max"), json=body).status_code == status


def begin_job(stack: GuardedStack, user_token: str | None, job_id: str, job_token: str) -> requests.Response:
    frames = operation_frame("start", project="vision", user="somebody", time=time.time())
    headers = {"X-Atlas-User-Token": user_token} if user_token else {}
    return stack.ask("POST", f"/api/v3/jobs/{job_id}/journal/w?offset=0", job_token, data=frames, headers=headers)


def test_a_job_writes_with_its_own_token_and_dies_with_it(stack: GuardedStack, issuer: FakeIssuer) -> None:
    assert begin_job(stack, None, "run-1", "secret-1").status_code == 401
    assert begin_job(stack, issuer.token("vera"), "run-1", "secret-1").status_code == 403
    assert begin_job(stack, issuer.token("max"), "run-1", "secret-1").status_code == 200
    assert begin_job(stack, issuer.token("max"), "run-2", "secret-2").status_code == 200
    own, other = "/api/v3/jobs/run-1/journal/w?offset=0", "/api/v3/jobs/run-2/journal/w?offset=0"
    assert stack.ask("POST", own, "secret-1").status_code == 200
    assert stack.ask("POST", other, "secret-1").status_code == 403
    assert stack.ask("POST", own, issuer.token("ada")).status_code == 403
    credential = "atlas_job_run-1.secret-1"
    assert stack.ask("GET", READ, credential).status_code == 200
    assert stack.ask("POST", GOVERN, credential).status_code == 403
    assert stack.ask("GET", READ, "atlas_job_run-2.secret-1").status_code in {401, 403}
    tracker = open_tracker(stack.environment["ATLAS_REDIS_URL"])
    assert tracker.jobs.get("run-1").user == "max"
    end = operation_frame("end", status="completed", time=time.time())
    applied = stack.ask("POST", own, "secret-1").json()["applied"]
    stack.ask("POST", f"/api/v3/jobs/run-1/journal/w?offset={applied}", "secret-1", data=end)
    tracker.close()
    assert stack.ask("GET", READ, credential).status_code == 401


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"job_ids":' * 50_000, b"\xff", b'{"job_ids": [{}]}'])
def test_a_body_that_names_jobs_in_a_senseless_way_is_refused(
    stack: GuardedStack, issuer: FakeIssuer, body: bytes
) -> None:
    for path in ("/api/v3/jobs/tags", "/api/v3/jobs/delete"):
        assert stack.ask("POST", path, issuer.token("max"), data=body).status_code in {400, 403}


def test_only_an_administrator_deletes_a_project(stack: GuardedStack, issuer: FakeIssuer) -> None:
    described = {"project_description": "x"}
    stack.ask("PUT", "/api/v2beta/projects/empty/description", issuer.token("max"), json=described)
    assert stack.ask("DELETE", "/api/v3/projects/empty", issuer.token("max")).status_code == 403
    assert stack.ask("DELETE", "/api/v3/projects/empty", issuer.token("ada")).status_code in {204, 404}


def test_a_job_stays_in_its_project_and_keeps_what_it_logged(stack: GuardedStack, issuer: FakeIssuer) -> None:
    begun = begin_job(stack, issuer.token("max"), "run-3", "secret-3").json()["applied"]
    frames = operation_frame("project", name="other") + operation_frame("param", name="lr", value=0.1)
    moved = stack.ask("POST", f"/api/v3/jobs/run-3/journal/w?offset={begun}", "secret-3", data=frames)
    assert moved.status_code == 200
    job = stack.ask("GET", "/api/v3/jobs/run-3", issuer.token("max")).json()
    assert job["project"] == "vision"
    assert "lr" in json.dumps(job)


def test_a_script_run_by_hand_moves_where_its_user_may(stack: GuardedStack, issuer: FakeIssuer) -> None:
    begun = begin_job(stack, issuer.token("max"), "run-4", "secret-4").json()["applied"]
    frames = operation_frame("project", name="other")
    for user, project in (("ada", "vision"), ("vera", "vision"), ("max", "other")):
        path, headers = f"/api/v3/jobs/run-4/journal/{user}?offset=0", {"X-Atlas-User-Token": issuer.token(user)}
        assert stack.ask("POST", path, "secret-4", data=frames, headers=headers).status_code == 200
        assert stack.ask("GET", "/api/v3/jobs/run-4", issuer.token("max")).json()["project"] == project
    headers = {"X-Atlas-User-Token": "worn out"}
    path = f"/api/v3/jobs/run-4/journal/w?offset={begun}"
    assert stack.ask("POST", path, "secret-4", data=frames, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "//api/v2beta/projects",
        "/api/v2beta/../v2beta/projects",
        "/API/V2BETA/PROJECTS",
        "/api%2Fv2beta/projects",
        "/api/v2beta/projects/login/job_listing",
        "/api/v2beta/projects/x/job_listing?login",
        "/api/v2beta/auth/login/../../projects",
        "/jobs/login",
        "/api/v3/auth/login/x",
        "/api/v3/auth/%2e%2e/projects",
    ],
)
def test_no_trick_with_the_path_gets_through(stack: GuardedStack, path: str) -> None:
    before = len(stack.scheduler.received)
    answer = raw(stack, f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert answer.split(b" ")[1] in {b"401", b"404"}, answer
    assert len(stack.scheduler.received) == before


def test_headers_that_are_smuggled_do_not_arrive(stack: GuardedStack, issuer: FakeIssuer) -> None:
    token = issuer.token("max")
    lines = [
        f"Authorization: Bearer {token}",
        "X_Atlas_Identity: forged",
        "x-atlas-identity: forged",
        "Connection: close",
    ]
    answer = raw(stack, "GET /jobs/a HTTP/1.1\r\nHost: localhost\r\n" + "\r\n".join(lines) + "\r\n\r\n")
    seen = json.loads(answer.partition(b"\r\n\r\n")[2])["headers"]
    assert [value for name, value in seen.items() if "identity" in name.lower() and value == "forged"] == []


@pytest.mark.parametrize(
    "request_text",
    [
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "y" * 20_000 + "\r\n\r\n",
        "POST /queued_jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET /jobs/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        "GET /jobs/a\r\nHost: x HTTP/1.1\r\n\r\n",
    ],
)
def test_a_malformed_request_is_refused(stack: GuardedStack, request_text: str) -> None:
    before = len(stack.scheduler.received)
    status = raw(stack, request_text).split(b" ")[1]
    assert status.startswith(b"4")
    assert len(stack.scheduler.received) == before


def raw(stack: GuardedStack, text: str) -> bytes:
    host, port = stack.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(text.encode())
        connection.settimeout(10)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
            if b"\r\n\r\n" in received and b"Connection: close" not in received.split(b"\r\n\r\n")[0]:
                break
        return received


def command(stack: GuardedStack, home: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `foundations` at a home of its own."""
    config = home / "config" / "submission" / "scheduler.config.yaml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(f"scheduler_url: {stack.url}\n")
    environment = {**os.environ, "FOUNDATIONS_HOME": str(home), **variables}
    program = [sys.executable, "-c", "from atlas_cli.main import run; run()", *words]
    return subprocess.run(program, env=environment, cwd=home, capture_output=True, text=True, timeout=60)


def test_the_command_line_logs_in_and_out(stack: GuardedStack, issuer: FakeIssuer, tmp_path: Path) -> None:
    assert "run `foundations login`" in command(stack, tmp_path, "whoami").stdout
    failed = command(stack, tmp_path, "login", stack.url, "-u", "vera", "-p", "wrong")
    assert (failed.returncode, failed.stdout) == (1, "\nLogin Failed!\nError response: Invalid user credentials\n")
    done = command(stack, tmp_path, "login", stack.url, "-u", "vera", "-p", "vera:password")
    assert (done.returncode, done.stdout) == (0, "\nLogin Succeeded!\n")
    file = tmp_path / "credentials.yaml"
    assert file.stat().st_mode & 0o777 == 0o600
    assert yaml.safe_load(file.read_text())["default"]["token"]
    assert f"vera (viewer) at {stack.url}" in command(stack, tmp_path, "whoami").stdout
    assert f"logged out at {stack.url}" in command(stack, tmp_path, "logout").stdout
    assert "token" not in file.read_text()
    assert command(stack, tmp_path, "whoami").returncode == 1


def test_the_command_line_renews_what_has_ended(stack: GuardedStack, issuer: FakeIssuer, tmp_path: Path) -> None:
    issuer.lifetime = 1
    assert command(stack, tmp_path, "login", "-u", "max", "-p", "max-password").returncode == 0
    before = yaml.safe_load((tmp_path / "credentials.yaml").read_text())["servers"][stack.url]
    issuer.lifetime = 300
    assert "max (member)" in command(stack, tmp_path, "whoami").stdout
    after = yaml.safe_load((tmp_path / "credentials.yaml").read_text())["servers"][stack.url]
    assert after["expires"] > before["expires"]


def test_the_command_line_logs_in_on_another_device(stack: GuardedStack, issuer: FakeIssuer, tmp_path: Path) -> None:
    known = set(issuer.devices)

    def agree() -> None:
        deadline = time.monotonic() + 60
        while not set(issuer.devices) - known and time.monotonic() < deadline:
            time.sleep(0.05)
        for code in set(issuer.devices) - known:
            issuer.devices[code] = "ada"

    helper = threading.Thread(target=agree)
    helper.start()
    done = command(stack, tmp_path, "login")
    helper.join()
    assert "ABCD-EFGH" in done.stdout
    assert done.stdout.endswith("\nLogin Succeeded!\n")


def test_tokens_are_made_by_the_command_line(stack: GuardedStack, issuer: FakeIssuer, tmp_path: Path) -> None:
    as_max = {"FOUNDATIONS_TOKEN": issuer.token("max")}
    made = json.loads(command(stack, tmp_path, "token", "create", "night", "--json", **as_max).stdout)
    assert "night" in command(stack, tmp_path, "token", "list", **as_max).stdout
    assert "max (member)" in command(stack, tmp_path, "whoami", FOUNDATIONS_TOKEN=made["token"]).stdout
    assert command(stack, tmp_path, "token", "revoke", made["id"], **as_max).returncode == 0
    assert command(stack, tmp_path, "whoami", FOUNDATIONS_TOKEN=made["token"]).returncode == 1
