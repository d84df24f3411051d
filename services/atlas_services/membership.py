"""What somebody may see and change in a service: the projects that they see, and the jobs that are theirs.

The paths of all services name a project `project` and a job `job_id`, so that one place can judge them all. Who
does not see a project gets no other answer than if it were not there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from atlas_core.errors import BundleNotFound, Forbidden, InvalidInput, JobNotFound, NotFound, ProjectNotFound
from atlas_core.ids import is_bundle_id, is_job_id
from atlas_services.identity import Identity, Role
from atlas_services.json_requests import json_body
from atlas_services.tracker import Tracker

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: What those may ask for who do not see every project, though its path names neither project nor job: it tells nothing
#: of one, or is judged by its body, or leaves out of its answer what they do not see.
_FOR_EVERYBODY = frozenset(
    {
        "/queued_jobs",
        "/scheduled_jobs",
        "/job_bundle",
        "/api/v3/bundles/<bundle_id>",
        "/api/v3/jobs/tags",
        "/api/v3/jobs/delete",
        "/api/v3/jobs/read",
        "/api/v3/series",
        "/api/v3/tensorboard",
        "/api/v2beta/upload_to_tensorboard",
        "/tensorboard/<selection>/",
        "/tensorboard/<selection>/<path:path>",
    }
)
#: Likewise, to read.
_LISTS = frozenset(
    {
        "/running_jobs",
        "/completed_jobs",
        "/failed_jobs",
        "/workers",
        "/api/v2beta/projects",
        "/api/v2beta/auth/verify",
        "/api/v3/projects",
        "/api/v3/queue",
        "/api/v3/running",
        "/api/v3/nodes",
        "/api/v3/events",
        "/api/v3/jobs",
        "/openapi.json",
        "/docs",
    }
)
#: What the routes begin with that describe the others.
_DESCRIPTIONS = "/api/v3/openapi/"
#: Of the former, the ones that take new jobs.
_SUBMISSIONS = frozenset({"/queued_jobs", "/scheduled_jobs"})
#: Where jobs are named in the body.
_JOBS_IN_BODY = frozenset({"/api/v3/jobs/tags", "/api/v3/jobs/delete"})
#: Whose answers list projects.
_LISTS_OF_PROJECTS = frozenset({"/api/v3/projects", "/api/v2beta/projects"})


@dataclass(frozen=True)
class _Owned:
    """A job or a schedule, as far as it matters here."""

    job_id: str
    project: str
    user: str | None
    parent: str | None = None


class Membership:
    """Judges the present request."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker

    def check(self, identity: Identity) -> None:
        """Raise `Forbidden`, or that there is no such project or job, unless they may ask this."""
        rule = request.url_rule
        if not identity.is_known or rule is None:
            return
        _check_name(identity, rule.rule)
        if identity.role is Role.ADMIN:
            return
        values = request.view_args or {}
        _check_projects(identity, [values.get("project"), request.args.get("project"), _project_in_body(rule.rule)])
        job_ids = [values["job_id"]] if "job_id" in values else _jobs_in_body(rule.rule)
        if is_job_id(values.get("bundle_id")) and not is_bundle_id(values["bundle_id"]):
            self._check_bundle_of_job(identity, values["bundle_id"])
        for record in self._records(job_ids, values.get("position")):
            _check_job(identity, record)
        if identity.projects is not None and not {"project", "job_id", "position"} & set(values):
            _check_unscoped(rule.rule)

    def check_change(self, identity: Identity, job_id: str) -> None:
        """Raise `Forbidden` if there is such a job and they may not change it, whether they see it or not."""
        if not identity.is_known or identity.role is Role.ADMIN:
            return
        for record in self._records([job_id], None):
            if not identity.sees(record.project) or not _may_change(identity, record):
                raise Forbidden(f"Job `{job_id}` belongs to somebody else; take a new id.", job_id=job_id)

    def shorten(self, identity: Identity, response: Response) -> Response:
        """Leave out of a list of projects those that they do not see."""
        rule = request.url_rule
        if (
            identity.projects is None
            or rule is None
            or rule.rule not in _LISTS_OF_PROJECTS
            or response.status_code != 200
        ):
            return response
        body = response.get_json()
        rows: list[dict[str, Any]] = body if isinstance(body, list) else body["projects"]
        seen = [row for row in rows if identity.sees(str(row.get("name")))]
        response.set_data(json.dumps(seen if isinstance(body, list) else {**body, "projects": seen}))
        return response

    def _check_bundle_of_job(self, identity: Identity, job_id: str) -> None:
        """Raise `BundleNotFound` unless they see the job whose bundle it is: its id is no secret, as a hash is."""
        record = self._record(job_id)
        if record is None or not identity.sees(record.project):
            raise BundleNotFound(f"Bundle {job_id} is not there.", bundle_id=job_id)

    def _records(self, job_ids: Iterable[str], position: object) -> list[_Owned]:
        if isinstance(position, int):
            job_ids = [self._tracker.queue.at(position)]
        return [record for job_id in job_ids if (record := self._record(job_id)) is not None]

    def _record(self, job_id: str) -> _Owned | None:
        try:
            job = self._tracker.jobs.get(job_id)
            return _Owned(job_id, job.project, job.user, job.parent)
        except JobNotFound:
            pass
        try:
            schedule = self._tracker.schedules.get(job_id)
        except NotFound:
            return None  # the route itself says that there is none, or makes it
        return _Owned(job_id, schedule.project, schedule.submission.get("metadata", {}).get("username"))


def _check_projects(identity: Identity, names: Iterable[object]) -> None:
    for name in names:
        if isinstance(name, str) and not identity.sees(name):
            raise ProjectNotFound(f"Project `{name}` does not exist.", project=name)


def _check_name(identity: Identity, rule: str) -> None:
    """Refuse a job that is submitted in somebody else's name."""
    if rule not in _SUBMISSIONS or request.method != "POST":
        return
    metadata = _body().get("metadata")
    name = metadata.get("username") if isinstance(metadata, dict) else None
    if name is not None and name != identity.user:
        raise InvalidInput(
            f"metadata.username: {name!r} is somebody else; you are logged in as {identity.user!r}.",
            field="metadata.username",
        )


def _check_job(identity: Identity, record: _Owned) -> None:
    if not identity.sees(record.project):
        raise JobNotFound(f"Job `{record.job_id}` does not exist.", job_id=record.job_id)
    if request.method not in _SAFE and not _may_change(identity, record):
        raise Forbidden(f"Job `{record.job_id}` belongs to {record.user}; {_who_may(identity)}.")


def _who_may(identity: Identity) -> str:
    by_users, by_jobs = "its owner and administrators may change it", "a job may change itself and what it submitted"
    return by_jobs if identity.job_id else by_users


def _may_change(identity: Identity, record: _Owned) -> bool:
    if identity.job_id is None:
        return identity.owns(record.user)
    is_child = record.parent == identity.job_id and identity.owns(record.user)
    return is_child or record.job_id == identity.job_id


def _check_unscoped(rule: str) -> None:
    is_list = rule in _LISTS or rule.startswith(_DESCRIPTIONS)
    if rule not in _FOR_EVERYBODY and not (is_list and request.method in _SAFE):
        raise Forbidden("This concerns every project; you see some of them, so name one.")


def _body() -> Mapping[str, Any]:
    """Return what the body says; nothing if it is no JSON object, which the route itself refuses."""
    try:
        return json_body()
    except InvalidInput:
        return {}


def _project_in_body(rule: str) -> object:
    if rule not in _SUBMISSIONS or request.method != "POST":
        return None
    metadata = _body().get("metadata")
    return metadata.get("project_name") if isinstance(metadata, dict) else None


def _jobs_in_body(rule: str) -> list[str]:
    if rule not in _JOBS_IN_BODY:
        return []
    named = _body().get("job_ids")
    if not isinstance(named, list):
        raise Forbidden("Name the jobs by `job_ids`: to change all of a project at once takes the role `admin`.")
    return [each for each in named if is_job_id(each)]
