"""Thousands of malformed, smuggled and disguised requests to a proxy where people log in, over raw sockets.

None may make it fail, and what reaches a service is a route of the table, asked once, by whom the proxy says.
"""

from __future__ import annotations

import contextlib
import random
import re
import socket
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from tests.fake_issuer import FakeIssuer
from tests.guarded_stack import SECRET, GuardedStack

from atlas_services.auth_proxy.permissions import Access, access_of
from atlas_services.auth_proxy.routes import RouteTable, Service
from atlas_services.identity import HEADER, Role, Signature

#: Requests of one test. The seeds are fixed: a run tries what every other run tries.
REQUESTS = 1200
#: Seconds in which the proxy answers, or closes the connection: it has seen the end of what is sent.
PATIENCE = 60

PATHS = (
    "/jobs/a",
    "/queued_jobs",
    "/running_jobs/a/logs",
    "/workers",
    "/workers/1",
    "/api/v3/queue",
    "/api/v3/projects",
    "/api/v2beta/projects",
    "/archive/a/logs/output.log",
    "/tensorboard/s/",
    "/api/v3/auth/login",
    "/api/v3/auth/session",
    "/healthz",
    "/metrics",
    "/selections",
    "/",
)
TWISTS = (
    lambda path: path,
    lambda path: "/" + path,
    lambda path: path + "/",
    lambda path: path + "/..",
    lambda path: "/healthz/.." + path,
    lambda path: "/api/v3/auth/%2e%2e/%2e%2e/.." + path,
    lambda path: path.replace("/", "/./"),
    lambda path: path.replace("/", "//"),
    lambda path: path.replace("/", "%2f"),
    lambda path: path.replace("/", "%252f"),
    lambda path: path.replace("/", "\\"),
    lambda path: path.replace("a", "%61"),
    lambda path: path.upper(),
    lambda path: path + "%00",
    lambda path: path + "\x00",
    lambda path: path + "%0d%0aX-Atlas-Identity:%20x",
    lambda path: path + "\r\nX-Atlas-Identity: x",
    lambda path: path + ";a=b",
    lambda path: path + "?" + "q=%ff&" * 20,
    lambda path: path + "#/healthz",
    lambda path: "/healthz?" + path,
    lambda path: "/healthz#" + path,
    lambda path: "http://localhost" + path,
    lambda path: "http://elsewhere.example" + path,
    lambda path: "//localhost" + path,
    lambda path: path + "/\u00e4\u202e",
    lambda path: path + "/" + "x" * 9000,
    lambda path: path + "%",
    lambda path: path + "%zz",
    lambda path: path + "%c0%af",
    lambda path: "*",
    lambda path: "",
)
METHODS = (
    "GET",
    "GET",
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "get",
    "G\x00T",
)
VERSIONS = ("HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/9", "")
HEADERS = (
    "X-Atlas-Identity: e30.x",
    "x-atlas-identity: e30.x\r\nX-ATLAS-IDENTITY: e30.y",
    "X_Atlas_Identity: e30.x",
    "X-Atlas-Identity : e30.x",
    " X-Atlas-Identity: e30.x",
    "X-Atlas-User-Token: t",
    "Connection: X-Atlas-Identity, Authorization, close",
    "Authorization: Bearer",
    "Authorization: Bearer a\r\n b",
    "Authorization: Basic YTpi",
    "Authorization: Bearer \xff\xfe",
    "Cookie: atlas_session=x; atlas_session=y",
    "Cookie: " + "a=b; " * 3000,
    "X-Long: " + "y" * 30_000,
    "\r\n".join(f"X-{number}: y" for number in range(300)),
    "Host: elsewhere.example",
    "Host: localhost\r\nHost: elsewhere.example",
    "Host: localhost, elsewhere.example",
    "X-Forwarded-Host: elsewhere.example",
    "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: https",
    "X-Original-URL: /workers\r\nX-Rewrite-URL: /workers\r\nX-HTTP-Method-Override: POST",
    "X-Request-Id: a\tb",
    "Content-Length: 0",
    "Content-Length: 5\r\n\r\nhello",
    "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    "Content-Length: +5\r\n\r\nhello",
    "Content-Length: -1",
    "Content-Length: 99999999999999999999",
    "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /jobs/smuggled HTTP/1.1\r\nHost: localhost",
    "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0",
    "Transfer-Encoding: xchunked\r\n\r\n0",
    "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\nGET /jobs/smuggled HTTP/1.1\r\nHost: localhost",
    "Transfer-Encoding:\x0bchunked\r\n\r\n0",
    "Expect: 100-continue",
    "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AA",
    "Range: bytes=9-1,-",
    "Accept: text/html;q=x",
    "Accept-Encoding: \x01",
    "No-Colon",
    ": empty",
    "X: a\nY: b",
    "X: a\rY: b",
    "X: \x00",
)


def requests_of(seed: int, token: str | None) -> Iterator[bytes]:
    chance = random.Random(seed)
    for _ in range(REQUESTS):
        twisted = chance.choice(TWISTS)(chance.choice(PATHS))
        lines = [f"{chance.choice(METHODS)} {twisted} {chance.choice(VERSIONS)}"]
        lines += ["Host: localhost"] if chance.random() < 0.9 else []
        lines += [f"Authorization: Bearer {token}"] if token else []
        lines += chance.sample(HEADERS, chance.choice((0, 1, 1, 2, 3)))
        yield ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def statuses(stack: GuardedStack, text: bytes) -> list[int]:
    """Return the status of each answer; none where the connection was closed without a word."""
    host, port = stack.url.removeprefix("http://").split(":")
    received = b""
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        with contextlib.suppress(OSError):
            connection.sendall(text)
            connection.shutdown(socket.SHUT_WR)
        connection.settimeout(PATIENCE)
        with contextlib.suppress(OSError):
            while chunk := connection.recv(65536):
                received += chunk
    return [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3}) ", received)]


def failures(stack: GuardedStack, seed: int, token: str | None) -> list[tuple[list[int], bytes]]:
    found = ((statuses(stack, text), text) for text in requests_of(seed, token))
    # 501 and 505 say that a method or a version is not known
    return [
        (codes, text[:300]) for codes, text in found if any(code >= 500 and code not in {501, 505} for code in codes)
    ]


@pytest.mark.timeout(900)
def test_without_a_token_nothing_reaches_a_service_and_nothing_fails(stack: GuardedStack) -> None:
    before = len(stack.scheduler.received)
    assert failures(stack, 1, None) == []
    assert stack.scheduler.received[before:] == []


@pytest.mark.timeout(900)
def test_with_a_token_only_what_the_table_knows_arrives_and_whose_it_is(
    stack: GuardedStack, issuer: FakeIssuer
) -> None:
    before = len(stack.scheduler.received)
    assert failures(stack, 2, issuer.token("vera")) == []
    arrived, table, signature = stack.scheduler.received[before:], RouteTable(), Signature(SECRET)
    assert arrived  # else the test would prove nothing
    for seen in arrived:
        path = unquote(seen["path"].partition("?")[0])
        found = table.find(path, seen["method"])
        assert found.service in {Service.SCHEDULER, Service.TENSORBOARD}
        assert access_of(seen["method"], found.pattern) is Access.READ
        assert "smuggled" not in path
        names = [name.lower().replace("_", "-") for name in seen["headers"]]
        assert names.count(HEADER.lower()) == 1
        assert not {"authorization", "cookie", "x-atlas-user-token"} & set(names)
        identity = signature.check(seen["headers"][HEADER], seen["method"], seen["path"])
        assert (identity.user, identity.role) == ("vera", Role.VIEWER)


def test_it_answers_as_ever_afterwards(stack: GuardedStack, issuer: FakeIssuer) -> None:
    assert stack.ask("GET", "/healthz").status_code == 200
    assert stack.ask("GET", "/jobs/a", issuer.token("vera")).status_code == 200
