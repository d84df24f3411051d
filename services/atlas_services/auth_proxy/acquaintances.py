"""Whom the issuer's tokens speak of; and what it last said of each, for the tokens that they made for programs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from atlas_core.errors import Forbidden
from atlas_core.oidc_settings import OidcSettings
from atlas_services.auth_proxy.claims import identity_of
from atlas_services.auth_proxy.token_check import invalid
from atlas_services.identity import Identity, Role
from atlas_services.tracker import ApiToken, People, Person

#: People of whom it is remembered what was written down last.
_MOST_KEPT = 10_000


class Acquaintances:
    """Everybody who logs in. Safe to use from several threads."""

    def __init__(self, settings: OidcSettings, people: People) -> None:
        self._settings = settings
        self._people = people
        self._noted: OrderedDict[str, Person] = OrderedDict()

    def identity(self, claims: Mapping[str, Any]) -> Identity:
        """Return whom the claims speak of, and note what they say. Raises `Forbidden` for a user without a role."""
        subject, said = str(claims["sub"]), float(claims["iat"])
        try:
            identity = identity_of(claims, self._settings)
        except Forbidden:
            self._note(subject, Person(user="", role=None, projects=None, said=said))
            raise
        projects = None if identity.projects is None else list(identity.projects)
        self._note(subject, Person(identity.user, identity.role.value, projects, said))
        return identity

    def bearer(self, token: ApiToken) -> Identity:
        """Return whose token it is: it may do what it was made for, and no more than its maker may by now.

        Raises `Unauthorized` when that is nothing.
        """
        maker = self._people.get(token.subject)
        if maker is None or maker.role is None:
            raise invalid(f"its maker `{token.user}` has no role here any more", "invalid_claims")
        role = min(Role(token.role), Role(maker.role), key=list(Role).index)
        return Identity(token.user, role, token.subject, _both(token.projects, maker.projects))

    def _note(self, subject: str, person: Person) -> None:
        kept = self._noted.get(subject)
        if kept is not None and (kept == person or kept.said > person.said):
            return
        self._people.note(subject, person)
        self._noted[subject] = person
        while len(self._noted) > _MOST_KEPT:
            self._noted.pop(next(iter(self._noted)), None)


def _both(some: list[str] | None, others: list[str] | None) -> tuple[str, ...] | None:
    """Return the projects that are in both lists; None is every project."""
    if some is None or others is None:
        found = others if some is None else some
        return None if found is None else tuple(found)
    return tuple(project for project in some if project in others)
