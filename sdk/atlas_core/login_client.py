"""Logging in at a server: the proxy's routes, and connections that are made in the name of who is logged in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from atlas_core.client import PATIENCE, TIMEOUT, Connection
from atlas_core.credentials import token_for

_PATH = "/api/v3/auth"


class LoginClient:
    """The routes for logging in and out, and for the tokens of programs."""

    def __init__(self, connection: Connection) -> None:
        self._http = connection

    def session(self) -> dict[str, Any]:
        """Return who we are: `login`, `user`, `role`, `projects`. Raises `Unauthorized`."""
        return self._http.ask(dict, "GET", f"{_PATH}/session")

    def by_password(self, user: str, password: str) -> dict[str, Any]:
        """Return the tokens of a user. Raises `Unauthorized`, `TooManyRequests`, `NotFound` where nobody logs in."""
        return self._grant({"grant_type": "password", "username": user, "password": password})

    def begin_device(self) -> dict[str, Any]:
        """Begin a login on another device: `user_code`, `verification_uri`, `device_code`, `interval`, `expires_in`."""
        return self._http.ask(dict, "POST", f"{_PATH}/device")

    def finish_device(self, device_code: str) -> dict[str, Any]:
        """Return the tokens. Raises `Unauthorized`; its `reason` is `authorization_pending` until somebody agreed."""
        return self._grant({"grant_type": "device_code", "device_code": device_code})

    def renew(self, refresh_token: str) -> dict[str, Any]:
        """Return new tokens for an old one. Raises `Unauthorized` when the login is over."""
        return self._grant({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def log_out(self, refresh_token: str) -> None:
        """End a login."""
        body = {"refresh_token": refresh_token} if refresh_token else {}
        self._http.request("POST", f"{_PATH}/logout", json=body).close()

    def create_token(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        """Make a token for a program: `id`, `token` and what is known of it. Raises `InvalidInput` or `Forbidden`."""
        return self._http.ask(dict, "POST", f"{_PATH}/tokens", json=dict(wish))

    def tokens(self, everybody: bool = False) -> list[dict[str, Any]]:
        """Return our tokens, or, for an administrator, everybody's."""
        answer = self._http.ask(dict, "GET", f"{_PATH}/tokens", params={"all": int(everybody)})
        with self._http.understood():
            return [dict(token) for token in answer["tokens"]]

    def revoke_token(self, token_id: str) -> None:
        """Make a token worthless. Raises `NotFound`."""
        self._http.request("DELETE", f"{_PATH}/tokens/{quote(token_id, safe='')}").close()

    def _grant(self, body: Mapping[str, str]) -> dict[str, Any]:
        return self._http.ask(dict, "POST", f"{_PATH}/token", json=dict(body))


def user_connection(url: str, patience: float = PATIENCE, timeout: tuple[float, float] = TIMEOUT) -> Connection:
    """Return a connection in the name of this process's user, or of the job that it is."""

    def renew(refresh_token: str) -> dict[str, Any]:
        return LoginClient(Connection(url, patience=0.0)).renew(refresh_token)

    return Connection(url, token_for(url, renew), patience, timeout)
