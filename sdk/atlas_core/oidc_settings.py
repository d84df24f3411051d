"""Settings of the login: which issuer of tokens is trusted (OpenID Connect), and what its claims mean here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from atlas_core.errors import InvalidConfig

#: What a user may be, the least first.
ROLES = ("viewer", "member", "admin")
#: Minutes for which users who are logged in go on while the issuer does not answer.
_GRACE = 60.0
_MOST_GRACE = 1440.0


@dataclass(frozen=True)
class OidcSettings:
    """One trusted issuer. `discovery_url` is where servers reach it, if that is not its name; `grace` is in seconds.

    `roles_claim` and `groups_claim` name claims, with dots for claims inside of claims. A user without a role gets
    `default_role`, or nothing if that is empty. With a `project_prefix` the groups that begin with it name the projects
    that a user may see; without one every user sees every project.
    """

    issuer: str
    client_id: str
    audience: str
    client_secret: str = ""
    discovery_url: str = ""
    roles_claim: str = "roles"
    groups_claim: str = "groups"
    default_role: str = ""
    project_prefix: str = ""
    grace: float = _GRACE * 60

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> OidcSettings | None:
        """Return what `env` describes; None without an issuer: nobody logs in. Raises `InvalidConfig`."""
        issuer = env.get("ATLAS_OIDC_ISSUER", "").rstrip("/")
        if not issuer:
            return None
        client_id = env.get("ATLAS_OIDC_CLIENT_ID") or "foundations"
        return cls(
            issuer=_url(issuer, "ATLAS_OIDC_ISSUER"),
            client_id=client_id,
            audience=env.get("ATLAS_OIDC_AUDIENCE") or client_id,
            client_secret=read_secret(env, "ATLAS_OIDC_CLIENT_SECRET_FILE"),
            discovery_url=_url(env.get("ATLAS_OIDC_DISCOVERY_URL") or issuer, "ATLAS_OIDC_DISCOVERY_URL").rstrip("/"),
            roles_claim=env.get("ATLAS_OIDC_ROLES_CLAIM") or "roles",
            groups_claim=env.get("ATLAS_OIDC_GROUPS_CLAIM") or "groups",
            default_role=_role(env.get("ATLAS_OIDC_DEFAULT_ROLE", "")),
            project_prefix=env.get("ATLAS_OIDC_PROJECT_PREFIX", ""),
            grace=_minutes(env.get("ATLAS_OIDC_GRACE_MINUTES") or str(_GRACE)) * 60,
        )


def read_secret(env: Mapping[str, str], name: str) -> str:
    """Return what the file holds that the variable `name` names; empty without one. Raises `InvalidConfig`."""
    file = env.get(name)
    if not file:
        return ""
    try:
        secret = Path(file).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise InvalidConfig(
            f"{name}: {file!r} cannot be read ({error}); name a file that holds the secret.", field=name
        ) from error
    if not secret:
        raise InvalidConfig(f"{name}: {file!r} is empty; name a file that holds the secret.", field=name)
    return secret


def _url(value: str, name: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise InvalidConfig(
            f"{name}: {value!r} is no address; write it like https://login.example.com/realms/Atlas.", field=name
        )
    return value


def _role(value: str) -> str:
    if value and value not in ROLES:
        raise InvalidConfig(
            f"ATLAS_OIDC_DEFAULT_ROLE: {value!r} is no role; set it to {' or '.join(ROLES)}, or leave it out.",
            field="ATLAS_OIDC_DEFAULT_ROLE",
        )
    return value


def _minutes(value: str) -> float:
    try:
        minutes = float(value)
    except ValueError:
        minutes = -1.0
    if not 0 <= minutes <= _MOST_GRACE:
        raise InvalidConfig(
            f"ATLAS_OIDC_GRACE_MINUTES: {value!r} is not usable; set it to a number from 0 to {_MOST_GRACE:g}.",
            field="ATLAS_OIDC_GRACE_MINUTES",
        )
    return minutes
