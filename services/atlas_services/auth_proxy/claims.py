"""What the claims of a token say about a user here: name, role, projects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from atlas_core.errors import Forbidden
from atlas_core.oidc_settings import OidcSettings
from atlas_services.identity import Identity, Role

#: Characters of the longest name that is taken over.
_LONGEST_NAME = 255


def identity_of(claims: Mapping[str, Any], settings: OidcSettings) -> Identity:
    """Return whom the claims speak of. Raises `Forbidden` for a user without a role."""
    role = _role(claims, settings)
    name = str(claims.get("preferred_username") or claims.get("email") or claims["sub"])[:_LONGEST_NAME]
    return Identity(user=name, role=role, subject=str(claims["sub"]), projects=_projects(claims, role, settings))


def _role(claims: Mapping[str, Any], settings: OidcSettings) -> Role:
    named = set(_texts(claims, settings.roles_claim))
    found = [role for role in Role if role.value in named] or [Role(text) for text in [settings.default_role] if text]
    if not found:
        name = claims.get("preferred_username") or claims["sub"]
        raise Forbidden(f"`{name}` has no role here; ask your administrator for `viewer`, `member` or `admin`.")
    return found[-1]


def _projects(claims: Mapping[str, Any], role: Role, settings: OidcSettings) -> tuple[str, ...] | None:
    prefix = settings.project_prefix
    if not prefix or role is Role.ADMIN:
        return None
    groups = _texts(claims, settings.groups_claim)
    return tuple(sorted({group[len(prefix) :] for group in groups if group.startswith(prefix) and group != prefix}))


def _texts(claims: Mapping[str, Any], path: str) -> list[str]:
    """Return the texts in a claim; a claim whose own name has dots is found, too."""
    found: Any = claims.get(path)
    if found is None:
        found = claims
        for name in path.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
    texts = found.split() if isinstance(found, str) else found
    return [text for text in texts if isinstance(text, str)] if isinstance(texts, list) else []
