"""An issuer of tokens for unit tests: real HTTP and real signatures, made-up users."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

#: Name, password, roles and groups of each user.
USERS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "vera": ("vera:password", ("viewer",), ("/projects/vision",)),
    "max": ("max-password", ("member",), ("/projects/vision", "/projects/speech")),
    "ada": ("ada-password", ("admin",), ()),
    "noah": ("noah-password", (), ()),
}
CLIENT = "foundations"


def new_key() -> rsa.RSAPrivateKey:
    """Return a key to sign with."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class FakeIssuer(ThreadingHTTPServer):
    """Listens on a free port of the loopback interface. `is_down` makes it fail.

    With `base` it goes by that address, at which nobody answers servers. Without `ends_logins` it ends no login but by
    its page. The endpoints in `failing` fail, with `failure`. It hangs while `answering` is not set.
    """

    daemon_threads = True

    def __init__(self) -> None:
        self.keys = {"k1": new_key()}
        self.signing = "k1"
        self.lifetime = 300
        self.is_down = False
        self.ends_logins = True
        self.base = ""
        self.failing: set[str] = set()
        self.failure = 503
        self.answering = threading.Event()
        self.answering.set()
        self.asked: list[str] = []
        self.codes: dict[str, dict[str, str]] = {}
        self.devices: dict[str, str | None] = {}
        self.refresh_tokens: dict[str, str] = {}
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        """The issuer's name, and where browsers find it."""
        return self.base or self.address

    @property
    def address(self) -> str:
        """Where servers reach it."""
        return f"http://127.0.0.1:{self.server_port}/realms/Atlas"

    def token(self, user: str = "max", *, key: Any = None, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """Return an access token of a user; `changes` are claims, None for none."""
        now = int(time.time())
        _, roles, groups = USERS.get(user, ("", (), ()))
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": f"id-of-{user}",
            "iat": now,
            "exp": now + self.lifetime,
            "typ": "Bearer",
            "preferred_username": user,
            "roles": list(roles),
            "groups": list(groups),
            **changes,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        headers = {"kid": self.signing, **(header or {})}
        return jwt.encode(
            claims, key or self.keys[self.signing], algorithm=headers.pop("alg", "RS256"), headers=headers
        )

    def tokens(self, user: str, nonce: str | None = None) -> dict[str, Any]:
        """Return what a grant gives."""
        refresh = f"refresh-{user}-{len(self.refresh_tokens)}"
        self.refresh_tokens[refresh] = user
        found = {"access_token": self.token(user), "refresh_token": refresh, "expires_in": self.lifetime}
        if nonce:
            found["id_token"] = self.token(user, typ="ID", nonce=nonce)
        return {**found, "token_type": "Bearer"}

    def approve(self, user: str, page: str) -> str:
        """Log a user in on the issuer's page; returns the address that the browser is sent back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(page).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = {**asked, "user": user}
        return f"{asked['redirect_uri']}?state={asked['state']}&code={code}"

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Return the answer to a request."""
        base = self.url
        if path.endswith("/.well-known/openid-configuration"):
            names = ("authorization", "token", "device_authorization", "revocation", "end_session")
            return 200, {"issuer": base, "jwks_uri": f"{base}/jwks"} | {f"{n}_endpoint": f"{base}/{n}" for n in names}
        if path.endswith("/jwks"):
            keys = [{**_public(key), "kid": kid, "use": "sig", "alg": "RS256"} for kid, key in self.keys.items()]
            return 200, {"keys": keys}
        if path.endswith("/device_authorization"):
            code = f"device-{len(self.devices)}"
            self.devices[code] = None
            page = f"{base}/device"
            return 200, {
                "device_code": code,
                "user_code": "ABCD-EFGH",
                "verification_uri": page,
                "verification_uri_complete": f"{page}?user_code=ABCD-EFGH",
                "interval": 1,
                "expires_in": 60,
            }
        if path.endswith(("/revocation", "/end_session")):
            self.refresh_tokens.pop(form.get("token") or form.get("refresh_token", ""), None)
            return (204 if path.endswith("/end_session") and self.ends_logins else 200), {}
        return self._grant(form)

    def _grant(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        kind = form.get("grant_type", "")
        if kind == "password" and USERS.get(form["username"], ("",))[0] == form["password"] != "":
            return 200, self.tokens(form["username"])
        if kind == "refresh_token" and form["refresh_token"] in self.refresh_tokens:
            return 200, self.tokens(self.refresh_tokens[form["refresh_token"]])
        if kind == "authorization_code" and form["code"] in self.codes:
            asked = self.codes.pop(form["code"])
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            if challenge == asked["code_challenge"] and form["redirect_uri"] == asked["redirect_uri"]:
                return 200, self.tokens(asked["user"], asked["nonce"])
        if kind.endswith("device_code") and form["device_code"] in self.devices:
            user = self.devices[form["device_code"]]
            return (200, self.tokens(user)) if user else (400, {"error": "authorization_pending"})
        return 401, {"error": "invalid_grant", "error_description": "Invalid user credentials"}


class _Handler(BaseHTTPRequestHandler):
    server: FakeIssuer

    def do_GET(self) -> None:
        """Answer."""
        self._answer({})

    def do_POST(self) -> None:
        """Answer a form."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self._answer({name: values[0] for name, values in parse_qs(body).items()})

    def _answer(self, form: dict[str, str]) -> None:
        self.server.asked.append(self.path)
        self.server.answering.wait(60)
        fails = self.server.is_down or self.path.rpartition("/")[2] in self.server.failing
        status, facts = (self.server.failure, {}) if fails else self.server.answer(self.path, form)
        body = b"" if status == 204 else json.dumps(facts).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""


def _public(key: rsa.RSAPrivateKey) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return found


@contextlib.contextmanager
def fake_issuer() -> Iterator[FakeIssuer]:
    """Run an issuer inside the block."""
    issuer = FakeIssuer()
    thread = threading.Thread(target=issuer.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield issuer
    finally:
        issuer.shutdown()
        issuer.server_close()
        thread.join()
