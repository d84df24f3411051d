"""The name of every key in Redis. The keys of one job share a hash tag, so that they stay together in a cluster."""

from __future__ import annotations

from atlas_core.states import JobStatus

#: String: the workers as people changed them; see `tracker.workers`.
WORKERS = "atlas:workers"

#: Sorted sets: project name -> creation time; job id -> creation time; job id -> last sign of life; removed id -> when.
PROJECTS = "atlas:projects"
JOBS = "atlas:jobs"
HEARTBEATS = "atlas:heartbeats"
DELETED = "atlas:deleted"
#: Seconds for which a removed id stays known: what a machine recorded for that job may be sent until then.
DELETED_KEPT = 366 * 86400

#: Sorted set: id of each job of the scheduler that holds a slot -> when it came into its state. String: there once all
#: of them are in it, those too that held one before there was this set.
ACTIVE = "atlas:active"
ACTIVE_WHOLE = "atlas:active:whole"

#: Sorted set: job id -> place; the smallest place runs first. The first counter gives the place of the next job within
#: its priority; the second counts how often a waiting job moved to another project.
QUEUE = "atlas:queue"
QUEUE_TAIL = "atlas:queue:tail"
QUEUE_MOVES = "atlas:queue:moves"

#: Sorted set: id of each ended job whose series are not in the archive yet -> when it ended. String: there once those
#: are in it too that ended before there was this set. Who seals them, while it says that it lives.
UNSEALED = "atlas:unsealed"
UNSEALED_WHOLE = "atlas:unsealed:whole"
SEALER = "atlas:sealer"
#: The field of a job that names the file in the archive that holds its series; see `tracker.sealed`.
SEALED = "sealed"

#: Which scheduler leads, while it says that it lives; and how many have led so far.
LEASE = "atlas:lease"
TERM = "atlas:lease:term"

#: Sorted set: id of each schedule -> creation time. Stream: the ids of schedules that somebody changed; it is cut at
#: about this many.
SCHEDULES = "atlas:schedules"
SCHEDULE_CHANGES = "atlas:schedules:changes"
SCHEDULE_CHANGES_KEPT = 1000

#: What the keys of `project_jobs` begin with. A project's name comes last in its keys: it may hold a ':'.
PROJECT_JOBS_PREFIX = "atlas:project-jobs:"

#: What the keys of `bundle_jobs` begin with.
BUNDLE_JOBS_PREFIX = "atlas:bundle-jobs:"

#: What the keys of `status_jobs` begin with.
STATUS_PREFIX = "atlas:status:"

#: Stream of what happened, for whoever waits instead of asking. It is cut at about this many events.
EVENTS = "atlas:events"
EVENTS_KEPT = 10000

#: List: the entries of the audit log, oldest first.
AUDIT = "atlas:audit"

#: Hashes: id of each token that a user has made -> JSON of it; and when it was last used. String: JSON of the issuer's
#: public keys, last seen. Hash: subject of each user -> JSON of what the issuer last said of them.
API_TOKENS = "atlas:api-tokens"
API_TOKENS_USED = "atlas:api-tokens:used"
ISSUER_KEYS = "atlas:issuer-keys"
PEOPLE = "atlas:people"

#: What the keys of the index begin with, and the field of a job that holds its row. Both change with the index's form,
#: so that old and new never meet.
INDEX_PREFIX = "atlas:index1:"
ROW = "row1"
#: There once every job is in the index.
INDEX_WHOLE = f"{INDEX_PREFIX}whole"


def project(name: str) -> str:
    """Hash: description and other facts of a project."""
    return f"atlas:project:{name}"


def project_jobs(name: str) -> str:
    """Sorted set: id of each job of a project -> creation time."""
    return f"{PROJECT_JOBS_PREFIX}{name}"


def index_fields(project: str) -> str:
    """Hash: name of each column of a project's index -> how many jobs have a value in it."""
    return f"{INDEX_PREFIX}fields:{len(project.encode())}:{project}:"


def index_version(project: str) -> str:
    """Text: another whenever a cell of a project's index has changed."""
    return f"{INDEX_PREFIX}version:{len(project.encode())}:{project}:"


def index_rows(project: str) -> str:
    """Hash: row of each job in the index of its project -> id."""
    return f"{INDEX_PREFIX}rows:{len(project.encode())}:{project}:"


def project_descriptions(name: str) -> str:
    """List: JSON of each version of a project's description, newest first."""
    return f"atlas:project-descriptions:{name}"


def project_notes(name: str) -> str:
    """List: JSON of each note on a project, oldest first."""
    return f"atlas:project-notes:{name}"


def project_views(name: str) -> str:
    """Hash: name of each view of a project's table -> JSON of what `tracker.views.View` holds."""
    return f"atlas:project-views:{name}"


def status_jobs(status: JobStatus) -> str:
    """Sorted set: id of each job in this state -> when it came into it."""
    return f"{STATUS_PREFIX}{status.value}"


def session(name: str) -> str:
    """String: what is kept of a browser that is logged in."""
    return f"atlas:session:{name}"


def user_sessions(subject: str) -> str:
    """Sorted set: name of each session of a user -> when it ends."""
    return f"atlas:user-sessions:{subject}"


def schedule(job_id: str) -> str:
    """String: JSON of what `tracker.schedules.ScheduleRecord` holds."""
    return f"atlas:schedule:{job_id}"


def job(job_id: str) -> str:
    """Hash: what `tracker.jobs.JobRecord` holds."""
    return f"atlas:{{job:{job_id}}}"


def params(job_id: str) -> str:
    """Hash: parameter name -> ordered JSON value."""
    return f"{job(job_id)}:params"


def tags(job_id: str) -> str:
    """Hash: tag -> ordered JSON value."""
    return f"{job(job_id)}:tags"


def metrics(job_id: str) -> str:
    """Hash: metric name -> ordered JSON summary."""
    return f"{job(job_id)}:metrics"


def children(job_id: str) -> str:
    """Sorted set: id of each job that this job submitted -> creation time."""
    return f"{job(job_id)}:children"


def bundle_jobs(bundle_id: str) -> str:
    """Sorted set: id of each job that runs the code of this bundle -> creation time."""
    return f"{BUNDLE_JOBS_PREFIX}{bundle_id}"


def artifacts(job_id: str) -> str:
    """Hash: artifact key -> ordered JSON description."""
    return f"{job(job_id)}:artifacts"


def facts(job_id: str) -> str:
    """Hash: name -> JSON of what is known of how a job ran. It may be long, and no listing shows it."""
    return f"{job(job_id)}:facts"


def journals(job_id: str) -> str:
    """Hash: writer -> up to which byte its journal has been applied."""
    return f"{job(job_id)}:journals"


def points(job_id: str, segment: int, name: str) -> str:
    """String: packed points of a metric, in the order in which they were logged; see `tracker.chunks`."""
    return f"{points_prefix(job_id)}{segment}:{name}"


def open_points(job_id: str, chunk: int, name: str) -> str:
    """String: packed points of a metric that do not fill their chunk yet."""
    return f"{job(job_id)}:open:{chunk}:{name}" if chunk else points(job_id, 0, name)


def chunks(job_id: str, name: str) -> str:
    """Hash: number of each whole chunk of a metric's points -> these, packed tight."""
    return f"{job(job_id)}:chunks:{name}"


def points_prefix(job_id: str) -> str:
    """What the keys of `points` begin with."""
    return f"{job(job_id)}:points:"


def envelope(job_id: str, level: int, name: str) -> str:
    """String: the packed blocks of a level of a metric's envelope."""
    return f"{envelope_prefix(job_id)}{level}:{name}"


def envelope_prefix(job_id: str) -> str:
    """What the keys of `envelope` begin with."""
    return f"{job(job_id)}:envelope:"


def values(job_id: str, name: str) -> str:
    """List: JSON values of a metric that no double holds; points refer to them by index."""
    return f"{job(job_id)}:values:{name}"
