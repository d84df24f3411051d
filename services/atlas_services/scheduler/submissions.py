"""Taking jobs in: everything is checked first, then the job is created and queued in one step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from atlas_core.errors import BundleNotFound, Conflict, InvalidInput, JobNotFound
from atlas_core.ids import now
from atlas_core.jobs import Submission
from atlas_core.states import JobStatus
from atlas_core.values import dumps, loads
from atlas_services.openapi.schema import TEXT, Schema, open_members
from atlas_services.scheduler.bundles import BundleStore
from atlas_services.scheduler.engines import Engine
from atlas_services.scheduler.old_spec import translate
from atlas_services.scheduler.policy import Policy
from atlas_services.tracker import JobRecord, Pipeline, Tracker

#: A job as clients submit it. The routes say in sentences what is wrong with one.
SUBMISSION: Schema = open_members(
    {"job_id": TEXT, "spec": open_members({})}, {"metadata": open_members({}), "gpu_spec": open_members({})}
)


class MissingBundle(InvalidInput):
    """Raised when a job of the original's clients comes before its bundle."""


def read_submission(body: Mapping[str, Any]) -> Submission:
    """Return the job that a body describes, whichever client wrote it. Raises `InvalidSpec`."""
    spec = body["spec"]
    translated = translate(spec, body.get("job_id")) if isinstance(spec, Mapping) else spec
    submission = Submission.from_dict({**body, "spec": translated})
    submission.check_names()
    return submission


class Submissions:
    """The door through which jobs come in. `policy` returns the rules of the moment, `sender` who submits."""

    def __init__(
        self,
        tracker: Tracker,
        bundles: BundleStore,
        engine: Engine,
        token_of: Callable[[str], str],
        policy: Callable[[], Policy],
        sender: Callable[[], str],
    ) -> None:
        self._tracker = tracker
        self._bundles = bundles
        self._engine = engine
        self._token_of = token_of
        self._policy = policy
        self._sender = sender

    def submit(self, body: Mapping[str, Any]) -> str:
        """Queue the job that the body of POST /queued_jobs describes and return its id.

        The same body again changes nothing. Raises `InvalidSpec`, `MissingBundle`, `BundleNotFound` when it names one,
        or `Conflict` when there is another job of this id.
        """
        submission = read_submission(body)
        if not self._is_known(submission):
            self.check(submission)
            if not self.queue(submission):
                self._is_known(submission)  # the same request came twice at the same time
        for key, value in submission.tags.items():  # also of a known job: we may have died right before this line
            self._tracker.jobs.set_tag(submission.job_id, key, value)
        return submission.job_id

    def check(self, submission: Submission) -> None:
        """Raise `MissingBundle`, `BundleNotFound` or `InvalidSpec` unless the job may, and could, run here."""
        policy = self._policy()
        policy.check(submission.spec)
        self._check_bundle(submission)
        self._engine.check(policy.filled(submission.spec))

    def queue(self, submission: Submission, pipe: Pipeline | None = None) -> bool:
        """Create the job, which joins the queue, perhaps as part of a transaction. Whether there was none of its id."""
        return self._tracker.jobs.create(
            submission.job_id,
            submission.project,
            JobStatus.QUEUED,
            now(),
            self._token_of(submission.job_id),
            pipe=pipe,
            mode="scheduled",
            user=submission.user,
            parent=submission.parent,
            owner=None if submission.owner is None else "{}:{}".format(*submission.owner),
            spec=self._policy().filled(submission.spec).to_dict(),
        )

    def _check_bundle(self, submission: Submission) -> None:
        """Raise `MissingBundle` or `BundleNotFound`. What somebody else sent for this job does not count."""
        name = submission.spec.bundle_id
        if name is None and not self._bundles.holds_of(submission.job_id, self._sender()):
            raise MissingBundle(f"Job bundle {submission.job_id}.tgz not found", bundle_id=submission.job_id)
        if name is not None and not self._bundles.holds(name):
            raise BundleNotFound(f"Job bundle {name}.tgz not found", bundle_id=name)

    def _is_known(self, submission: Submission) -> bool:
        try:
            record = self._tracker.jobs.get(submission.job_id)
        except JobNotFound:
            return False
        if not _is_same(record, submission):
            raise Conflict(
                f"Job `{submission.job_id}` exists already and is another one; submit under a new id.",
                job_id=submission.job_id,
            )
        return True


def _is_same(record: JobRecord, submission: Submission) -> bool:
    """Whether the submission is the one that made this job. A job may have moved to another project since."""
    wanted = loads(dumps(submission.spec.to_dict()))
    moved = record.project != submission.project and record.status.is_waiting
    asked = _without_defaults(record.spec, wanted)
    return record.mode == "scheduled" and asked == wanted and record.user == submission.user and not moved


def _without_defaults(stored: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored specification without what `wanted` leaves open: the policy of that time filled it in."""
    asked = dict(stored)
    if "time_limit" not in wanted:
        asked.pop("time_limit", None)
    if isinstance(stored.get("resources"), Mapping):
        open_ones = {name: None for name in ("ram", "cpus") if wanted["resources"].get(name) is None}
        asked["resources"] = {**stored["resources"], **open_ones}
    return asked
