"""Who asks: the identity that the proxy has found out, and how it tells the services so that nobody else can.

The proxy signs it with a secret that it shares with the services, for a short time, one method and one path.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from urllib.parse import unquote

from atlas_core.errors import Unauthorized
from atlas_core.jobs import NOBODY

#: The header that carries it. Whoever sends one to the proxy sends it in vain.
HEADER = "X-Atlas-Identity"
#: Seconds for which a signed identity holds. The clocks of two machines may differ by less.
_LIFETIME = 60
#: Bytes of the longest header; a web server refuses a longer one.
_LONGEST = 7500


class Role(str, Enum):
    """What somebody may do: read; submit and change what is theirs; change everything."""

    VIEWER = "viewer"
    MEMBER = "member"
    ADMIN = "admin"

    def includes(self, other: Role) -> bool:
        """Whether who has this role may do all that `other` may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True)
class Identity:
    """Somebody. `projects` are those that they may see, None for all. A job acts in its user's name: `job_id`."""

    user: str
    role: Role
    subject: str = ""
    projects: tuple[str, ...] | None = None
    job_id: str | None = None

    @property
    def is_known(self) -> bool:
        """Whether somebody logged in."""
        return bool(self.subject)

    def sees(self, project: str) -> bool:
        """Whether they may see what is in a project."""
        return self.projects is None or project in self.projects

    def owns(self, user: str | None) -> bool:
        """Whether they may change what belongs to `user`."""
        return self.role is Role.ADMIN or (self.role is Role.MEMBER and user == self.user)

    def named(self, claimed: str) -> str:
        """Return the name under which they act: where nobody logs in, the one that they claim."""
        return self.user if self.is_known else claimed


#: Where nobody logs in, everybody may do everything.
ANYBODY = Identity(user=NOBODY, role=Role.ADMIN)


class Signature:
    """Signs identities and checks them. `clock` returns the seconds since the epoch."""

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret.encode()
        self._clock = clock

    def sign(self, identity: Identity, method: str, path: str) -> str:
        """Return the header's value for a request to `path`, whose query does not count.

        Raises `Unauthorized` if it would be too long.
        """
        facts = {
            "user": identity.user,
            "role": identity.role.value,
            "subject": identity.subject,
            "projects": identity.projects,
            "job": identity.job_id,
            "until": int(self._clock()) + _LIFETIME,
        }
        payload = base64.urlsafe_b64encode(json.dumps(facts, separators=(",", ":")).encode()).decode()
        if len(payload) > _LONGEST:
            raise Unauthorized("Your login names too many projects; ask your administrator for fewer groups.")
        return f"{payload}.{self._mac(payload, method, path)}"

    def check(self, header: str | None, method: str, path: str) -> Identity:
        """Return who asks. Raises `Unauthorized` unless the proxy says so, of this request, and just now."""
        payload, _, mac = (header or "").partition(".")
        if not hmac.compare_digest(mac.encode(), self._mac(payload, method, path).encode()):
            raise Unauthorized("This service answers the proxy only; call the proxy.")
        facts = json.loads(base64.urlsafe_b64decode(payload))
        if facts["until"] < self._clock():
            raise Unauthorized("What the proxy said is too old; the clocks of the servers may differ.")
        projects = facts["projects"]
        return Identity(
            user=facts["user"],
            role=Role(facts["role"]),
            subject=facts["subject"],
            projects=None if projects is None else tuple(projects),
            job_id=facts["job"],
        )

    def _mac(self, payload: str, method: str, path: str) -> str:
        # Decoded: on the way a client library may write the same path in another way.
        text = f"{method}\n{unquote(path.partition('?')[0])}\n{payload}"
        return hmac.new(self._secret, text.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()
