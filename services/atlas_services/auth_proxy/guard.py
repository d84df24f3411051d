"""Who makes the present request, and whether they may: the door that every request passes where people log in."""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from dataclasses import replace

from flask import g, request

from atlas_core.errors import AtlasError, Forbidden, JobNotFound, Unauthorized
from atlas_core.ids import check_job_id
from atlas_services.auth_proxy.acquaintances import Acquaintances
from atlas_services.auth_proxy.browser_sessions import BrowserSessions
from atlas_services.auth_proxy.permissions import Access
from atlas_services.auth_proxy.sending import lift_limit
from atlas_services.auth_proxy.token_check import TokenCheck, invalid
from atlas_services.identity import Identity, Role
from atlas_services.tracker import Tracker
from atlas_services.tracker.api_tokens import digest_of
from atlas_services.web import bearer_token

#: The cookie of a browser that is logged in.
COOKIE = "atlas_session"
#: What the tokens of users for programs, and those of jobs, begin with.
API_TOKEN, JOB_TOKEN = "atlas_pat_", "atlas_job_"
#: The header in which a script that was started by hand says whose run it is: its other token is the run's own.
USER_HEADER = "X-Atlas-User-Token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_PAGES = frozenset({"same-origin", "none"})
#: Seconds between two notes of when a token was used.
_NOTED_EVERY = 60.0
#: Tokens of which it is remembered when that was noted.
_MOST_NOTED = 10_000


class Guard:
    """Finds out who asks. `clock` returns the seconds since the epoch."""

    def __init__(
        self,
        tracker: Tracker,
        check: TokenCheck,
        acquaintances: Acquaintances,
        sessions: BrowserSessions,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._tracker = tracker
        self._check = check
        self._acquaintances = acquaintances
        self._sessions = sessions
        self._clock = clock
        self._noted: dict[str, float] = {}

    def admit(self, access: Access, job_id: str | None) -> Identity:
        """Return who makes the present request. Raises `Unauthorized`, or `Forbidden` if they may not.

        `job_id` is the job that the path names.
        """
        g.access = access
        if access is Access.OWN_JOB:
            return self._job_itself(check_job_id(job_id))
        identity = self.caller()
        if not identity.role.includes(access.role):
            raise Forbidden(
                f"`{identity.user}` is {identity.role.value} here; this takes the role `{access.role.value}`."
            )
        if identity.job_id and not access.is_for_jobs:
            raise Forbidden("A job may not do this; its user may.")
        return identity

    def caller(self) -> Identity:
        """Return who makes the present request. Raises `Unauthorized`, or `Forbidden` for a user without a role."""
        g.caller = self._caller()
        lift_limit()
        return g.caller  # type: ignore[no-any-return]

    def _caller(self) -> Identity:
        token = bearer_token()
        if token:
            return self._bearer(token)
        cookie = request.cookies.get(COOKIE)
        if not cookie:
            raise Unauthorized("Token is not valid: the request carries none; run `foundations login`.")
        refuse_other_pages()
        return self._sessions.identity(cookie)

    def _bearer(self, token: str) -> Identity:
        if token.startswith(API_TOKEN):
            return self._api_token(token)
        if token.startswith(JOB_TOKEN):
            return self._job(token)
        return self._acquaintances.identity(self._check.claims(token))

    def _api_token(self, token: str) -> Identity:
        token_id, _, secret = token.removeprefix(API_TOKEN).partition("_")
        found = self._tracker.api_tokens.get(token_id)
        if found is None or not hmac.compare_digest(found.digest, digest_of(secret)):
            raise invalid("it was revoked, or never made", "invalid_header")
        now = self._clock()
        if found.expires <= now:
            raise invalid("it has expired; make another one", "token_expired")
        self._note_use(token_id, now)
        return self._acquaintances.bearer(found)

    def _note_use(self, token_id: str, now: float) -> None:
        if now - self._noted.get(token_id, 0.0) > _NOTED_EVERY:
            if len(self._noted) > _MOST_NOTED:
                self._noted.clear()
            self._noted[token_id] = now
            self._tracker.api_tokens.note_use(token_id, now)

    def _job(self, token: str) -> Identity:
        """Return a job in its user's name, for as long as it lives."""
        job_id, _, secret = token.removeprefix(JOB_TOKEN).rpartition(".")
        try:
            identity, is_over = self._identity_of_job(job_id, secret)
        except JobNotFound:
            raise invalid("there is no such job", "invalid_header") from None
        if is_over:
            raise invalid("its job has ended", "token_expired")
        return identity

    def _job_itself(self, job_id: str) -> Identity:
        """Return the job that the path names. What it recorded before its end it may still send after it."""
        try:
            job = self._identity_of_job(job_id, bearer_token() or "")[0]
            return replace(job, projects=self._projects_of_run(job))
        except JobNotFound:
            token = request.headers.get(USER_HEADER)
            if not token:
                raise Unauthorized(
                    f"Token is not valid: job `{job_id}` is unknown, and the request does not say who begins it; run "
                    "`foundations login`."
                ) from None
            user = self._bearer(token)
            if not user.role.includes(Role.MEMBER) or user.job_id:
                raise Forbidden(f"`{user.user}` may not begin a job; this takes the role `member`.") from None
            return user

    def _projects_of_run(self, job: Identity) -> tuple[str, ...] | None:
        """Return where a job may be: a script that somebody runs by hand wherever they may, any other where it is."""
        token = request.headers.get(USER_HEADER, "")
        if not token or token.startswith(JOB_TOKEN):
            return job.projects
        try:
            user = self._bearer(token)
        except AtlasError:  # what it logs counts all the same
            return job.projects
        if user.user != job.user or not user.role.includes(Role.MEMBER):
            return job.projects
        return None if user.projects is None else (*user.projects, *(job.projects or ()))

    def _identity_of_job(self, job_id: str, secret: str) -> tuple[Identity, bool]:
        self._tracker.jobs.check_token(job_id, secret)
        record = self._tracker.jobs.get(job_id)
        subject = f"job:{job_id}"
        return Identity(record.user or "", Role.MEMBER, subject, (record.project,), job_id), record.status.is_finished


def refuse_other_pages() -> None:
    """Raise `Forbidden` unless a page of ours asks, if something is to change: a cookie comes whoever asks."""
    if request.method in _SAFE:
        return
    site = request.headers.get("Sec-Fetch-Site", "").lower()
    if site not in _OWN_PAGES and "Origin" not in request.headers:
        raise Forbidden("Origin: a browser says which page asks; this request does not.", field="Origin")
