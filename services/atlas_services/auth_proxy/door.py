"""The door between the world and the services; and the open one, of a laptop, where nobody logs in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from flask import Blueprint, Flask

from atlas_core.errors import NotFound
from atlas_services.auth_proxy.routes import Found
from atlas_services.identity import ANYBODY, Identity

#: Where the proxy's own routes for logging in begin, and those routes: all there are, with a login or without.
LOGIN_PATH = "/api/v3/auth"
_LOGIN_ROUTES = (
    ("GET", "/login"),
    ("GET", "/callback"),
    ("POST", "/logout"),
    ("POST", "/device"),
    ("POST", "/token"),
    ("GET", "/tokens"),
    ("POST", "/tokens"),
    ("DELETE", "/tokens/<token_id>"),
)


@dataclass(frozen=True)
class Passage:
    """How a request goes on to its service: without some of its headers, and with some of ours.

    `check` raises once whoever asked may not ask this any more; None where everybody may.
    """

    without: tuple[str, ...] = ()
    added: Mapping[str, str] = field(default_factory=dict)
    check: Callable[[], None] | None = None


class Door(Protocol):
    """Lets requests in, or not."""

    def furnish(self, app: Flask) -> None:
        """Add the door's own routes to the proxy."""

    def check_ready(self) -> None:
        """Raise when something is missing that the door needs."""

    def let_in(self, found: Found, target: str) -> Passage:
        """Return how the present request goes on. Raises `Unauthorized` or `Forbidden`."""


class OpenDoor:
    """Lets everybody in, as nobody in particular."""

    def furnish(self, app: Flask) -> None:
        """See `Door`."""
        app.register_blueprint(_no_login())

    def check_ready(self) -> None:
        """See `Door`."""

    def let_in(self, found: Found, target: str) -> Passage:
        """See `Door`."""
        return Passage()


def described(identity: Identity) -> dict[str, Any]:
    """Return an identity as its owner sees it."""
    return {
        "login": identity.is_known,
        "user": identity.user,
        "role": identity.role.value,
        "projects": None if identity.projects is None else list(identity.projects),
        "job_id": identity.job_id,
    }


def _no_login() -> Blueprint:
    routes = Blueprint("no_login", __name__, url_prefix=LOGIN_PATH)

    @routes.get("/session")
    def session() -> dict[str, Any]:
        return described(ANYBODY)

    def refuse(token_id: str = "") -> str:
        raise NotFound("This server has no login; every user is `CE User`.")

    for method, path in _LOGIN_ROUTES:
        routes.add_url_rule(path, f"{method}{path}".replace(".", ""), refuse, methods=[method])
    return routes
