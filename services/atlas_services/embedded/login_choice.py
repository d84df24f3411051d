"""Whether people log in to this home. Once they did, nobody opens it to everybody by forgetting a variable."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from atlas_core.errors import InvalidConfig
from atlas_core.settings import Settings
from atlas_services.secret_file import secret_in


def settle_login(settings: Settings, server: Path) -> Settings:
    """Return the settings with the secret by which the services know a proxy where people log in.

    Raises `InvalidConfig` without a login where people have logged in before, unless the settings say that it is meant.
    """
    secret = server / "identity.secret"
    if settings.oidc is not None:
        return replace(settings, identity_secret=secret_in(secret))
    if secret.exists() and not settings.no_login:
        raise InvalidConfig(
            f"ATLAS_OIDC_ISSUER: people log in to {server.parent}, and without this variable whoever reaches it "
            "could do everything; set it, or start with --null (ATLAS_NO_LOGIN=1) to let everybody in on purpose.",
            field="ATLAS_OIDC_ISSUER",
        )
    return settings
