"""Why a job is where it is: in a word for programs, and in sentences for people that are exact or are not said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from atlas_core.errors import InvalidSpec
from atlas_core.resources import Resources
from atlas_core.retries import Retries
from atlas_core.states import Cause, JobStatus
from atlas_services.scheduler.outlook import Outlook
from atlas_services.scheduler.plan import Wait
from atlas_services.scheduler.planning import active_of
from atlas_services.scheduler.resources import split_gpus
from atlas_services.scheduler.room import Kind, Need
from atlas_services.scheduler.shortage import holders, sentence
from atlas_services.scheduler.wording import at, by, count, duration, is_known, listed
from atlas_services.tracker import JobRecord

#: The words for what a queued job lacks.
_LACKS = {
    Kind.SLOTS: "slot",
    Kind.GPUS: "gpus",
    Kind.CPUS: "cpus",
    Kind.RAM: "ram",
    Kind.PROJECT_JOBS: "project_limit",
    Kind.PROJECT_GPUS: "project_limit",
    Kind.USER_JOBS: "user_limit",
    Kind.USER_GPUS: "user_limit",
}


@dataclass(frozen=True)
class Explanation:
    """`code` is for programs, `reason` for people; `blocking` are the jobs that are in the way and may be named.

    `promised_start` is when the job starts at the latest, if it has been promised that.
    """

    code: str
    reason: str
    blocking: tuple[str, ...] = ()
    promised_start: float | None = None


def explain(record: JobRecord, position: int | None, outlook: Outlook) -> Explanation:
    """Explain a job in whatever state; `position` is its place in the queue if it stands there, 0 is next."""
    if record.status is JobStatus.QUEUED:
        return explain_queued(record, position, outlook)
    if record.status.is_finished:
        return explain_ended(record)
    return explain_active(record, outlook.moment)


def explain_queued(record: JobRecord, position: int | None, outlook: Outlook) -> Explanation:
    """Explain why a job waits."""
    job_id, plan = record.job_id, outlook.plan
    if not outlook.is_led:
        return Explanation("no_scheduler", "No scheduler hands out jobs at this moment; it waits until one does.")
    if record.not_before is not None and record.not_before > outlook.moment:
        return _pause(record, outlook)
    if job_id in plan.waits:
        return _wait(record, position or 0, plan.waits[job_id], outlook)
    if job_id in plan.impossible:
        return Explanation("impossible", f"{plan.impossible[job_id].rstrip('.')}.")
    if job_id in outlook.unusable:
        return Explanation("impossible", "Its specification cannot be used; it is about to be removed from the queue.")
    if any(start.job_id == job_id for start in plan.starts) or not position:
        return Explanation("starting", "It is about to start.")
    return Explanation("behind", _ahead(position))


def explain_active(record: JobRecord, moment: float) -> Explanation:
    """Explain what a job does that has begun."""
    if record.stop_cause is not None:
        why = f" ({record.stop_reason})" if record.stop_reason else ""
        return Explanation("stopping", f"It was told to stop{why} and is about to end.")
    where = _where(record)
    if record.status is JobStatus.PENDING:
        held = f"It has what it needs{where}; " if where else ""
        return Explanation("preparing", f"{held or 'It has a worker; '}its files and its environment are made ready.")
    start = record.creation_time if record.start_time is None else record.start_time
    if record.mode != "scheduled":
        return Explanation("running", f"It runs outside of the scheduler, since {at(start, moment)}.")
    sentences = [f"It has been running{where} since {at(start, moment)}."]
    ends_by = active_of(record, moment).ends_by
    if ends_by is not None and is_known(ends_by, moment):
        sentences.append(f"Its time limit ends it by {by(ends_by, moment)}.")
    if attempts(record) > 1:
        sentences.append(f"This is attempt {record.attempt} of {attempts(record)}.")
    return Explanation("running", " ".join(sentences))


def explain_ended(record: JobRecord) -> Explanation:
    """Explain how a job ended."""
    took = ""
    if record.start_time is not None and record.completed_time is not None:
        took = f" after {duration(max(0.0, record.completed_time - record.start_time))}"
    if record.status is JobStatus.COMPLETED:
        return Explanation("completed", f"It completed{took}.")
    if record.cause is None:
        return Explanation("failed", f"It failed{took}.")
    words = _CAUSES[record.cause](record)
    tries = f" It was tried {count(record.attempt, 'time')}." if record.attempt > 1 else ""
    return Explanation(record.cause.value, f"{words.rstrip('.')}.{tries}")


def attempts(record: JobRecord) -> int:
    """Return how often the job is tried at most."""
    try:
        return Retries.from_value(record.spec.get("retries")).limit + 1
    except InvalidSpec:
        return record.attempt


def _pause(record: JobRecord, outlook: Outlook) -> Explanation:
    begins = by(record.not_before or 0.0, outlook.moment)
    last = f"Attempt {record.attempt - 1} of {attempts(record)} failed" if record.attempt > 1 else "It pauses"
    return Explanation("pause", f"{last}; the next one may begin by {begins}, after a pause.")


def _wait(record: JobRecord, position: int, wait: Wait, outlook: Outlook) -> Explanation:
    if wait.behind is not None:
        return _behind(wait.behind, outlook)
    need = Need(_resources(record), record.project, record.user or "")
    holding = dict.fromkeys(job.job_id for dimension in wait.lacks for job in holders(dimension, need, outlook))
    blocking = tuple(job_id for job_id in holding if job_id not in outlook.hidden)
    sentences = [sentence(dimension, need, outlook) for dimension in wait.lacks]
    promise, first = outlook.plan.promise, wait.lacks[0].kind
    if promise is None or promise.job_id != record.job_id:
        if position and not first.is_limit:
            sentences.append(_ahead(position))
        return Explanation(_LACKS[first], " ".join(sentences), blocking)
    if promise.start is not None and is_known(promise.start, outlook.moment):
        sentences.append(f"It is promised a start by {by(promise.start, outlook.moment)}.")
    elif holding:
        sentences.append("No start can be promised, as not every job in its way has a time limit.")
    return Explanation(_LACKS[first], " ".join(sentences), blocking, promise.start)


def _behind(other: str, outlook: Outlook) -> Explanation:
    kept = f"It would fit now, but what it needs is kept for {outlook.named(other)}, which stands before it"
    promise = outlook.plan.promise
    start = promise.start if promise is not None and promise.job_id == other else None
    blocking = () if other in outlook.hidden else (other,)
    if start is None or not is_known(start, outlook.moment):
        return Explanation("promise", f"{kept} and waits for more.", blocking)
    return Explanation(
        "promise",
        f"{kept} and is promised a start by {by(start, outlook.moment)}; only a job whose time limit ends "
        "before that may pass.",
        blocking,
    )


def _ahead(position: int) -> str:
    return f"{count(position, 'job')} {'stands' if position == 1 else 'stand'} before it."


def _where(record: JobRecord) -> str:
    gpus = split_gpus(record.gpu_ids)
    return f" on GPU{'' if len(gpus) == 1 else 's'} {listed(gpus)}" if gpus else ""


def _resources(record: JobRecord) -> Resources:
    return Resources.from_dict(record.spec.get("resources") or {})


def _told(words: str) -> Callable[[JobRecord], str]:
    """Return a sentence that ends with what is known in particular."""
    return lambda record: f"{words}: {record.cause_detail}" if record.cause_detail else words


def _stopped(record: JobRecord) -> str:
    detail = record.cause_detail or "stopped"
    return f"It was {detail}" if detail.startswith(("stopped", "removed")) else f"It was stopped: {detail}"


def _exit(record: JobRecord) -> str:
    status = "" if record.exit_code is None else f" with exit status {record.exit_code}"
    return f"Its command ended{status}{f' ({record.cause_detail})' if record.cause_detail else ''}"


def _out_of_memory(record: JobRecord) -> str:
    given = (record.spec.get("resources") or {}).get("ram")
    return f"It used more memory than the {given:g} GB it was given" if given else "It used more memory than there was"


def _out_of_time(record: JobRecord) -> str:
    limit = record.spec.get("time_limit")
    return (
        f"It ran for longer than its time limit, {duration(limit)}"
        if limit
        else "It ran for longer than its time limit"
    )


_CAUSES: dict[Cause, Callable[[JobRecord], str]] = {
    Cause.USER_CODE: _told("Its code failed"),
    Cause.EXIT_CODE: _exit,
    Cause.STOPPED_BY_USER: _stopped,
    Cause.OOM: _out_of_memory,
    Cause.IMAGE_PULL: _told("Its image could not be fetched"),
    Cause.DEPENDENCY_INSTALL: _told("Its environment could not be made"),
    Cause.TIMEOUT: _out_of_time,
    Cause.ENGINE_LOST: _told("What ran it was lost"),
    Cause.LOST_HEARTBEAT: _told("It gave no sign of life any more"),
    Cause.INVALID_SPEC: _told("It could not run as it was submitted"),
}
