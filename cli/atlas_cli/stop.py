"""`foundations stop`: end jobs that run, and say what became of each."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import click

from atlas_cli.completed import complete_config, complete_job
from atlas_cli.options import debug_option, json_option
from atlas_cli.outcome import FAILED, CommandFailed
from atlas_cli.output import Terminal
from atlas_cli.scheduler import Scheduler
from atlas_core.errors import AtlasError, InvalidInput, ServerUnreachable
from atlas_core.states import JobStatus


@dataclass(frozen=True)
class _Stopped:
    """What became of a job that was to be stopped."""

    job_id: str
    stopped: bool
    message: str


@click.command()
@click.argument("scheduler-config", shell_complete=complete_config)
@click.argument("job-ids", metavar="JOB-ID...", nargs=-1, required=True, shell_complete=complete_job)
@json_option
@debug_option
@click.pass_obj
def stop(terminal: Terminal, scheduler_config: str, job_ids: tuple[str, ...]) -> int:
    """Stop each of the jobs JOB-ID, whether it runs or is being made ready.

    A job that waits is taken out of the queue by `foundations queue remove`.

    \b
    foundations stop scheduler 0d5c
    foundations stop scheduler 0d5c 7f2a
    """
    scheduler = Scheduler(scheduler_config)
    if len(job_ids) == 1:
        ended = _stop(scheduler, job_ids[0])
        terminal.show(ended.message, {"job_id": ended.job_id, "stopped": ended.stopped})
        return 0
    results, failed = [], False
    for job_id in job_ids:
        try:
            result = _stop(scheduler, job_id)
        except (CommandFailed, InvalidInput) as error:
            result, failed = _Stopped(job_id, stopped=False, message=error.message), True
        results.append(result)
        terminal.say(result.message)
    if terminal.json:
        terminal.show(None, {"jobs": [asdict(result) for result in results]})
    return FAILED if failed else 0


def _stop(scheduler: Scheduler, text: str) -> _Stopped:
    """Stop a job and return what came of it. Raises `CommandFailed` when it cannot be stopped."""
    job_id, status = scheduler.find(text)
    if status is JobStatus.QUEUED:
        remedy = f"`foundations queue remove {job_id}` takes it out of the queue."
        raise CommandFailed(f"Error: Job `{job_id}` is queued and cannot be stopped\n{remedy}", "invalid_transition")
    if status.is_finished:
        raise CommandFailed(f"Error: Job `{job_id}` is {status.value} and cannot be stopped", "invalid_transition")
    try:
        scheduler.client.stop(job_id)
        after = scheduler.client.status(job_id)
    except ServerUnreachable:
        raise
    except AtlasError as error:
        raise CommandFailed(f"Error stopping job {job_id}: {error.message}", error.code) from error
    if after is JobStatus.COMPLETED:
        return _Stopped(job_id, stopped=False, message=f"Job {job_id} completed before it was stopped")
    if not after.is_finished:
        return _Stopped(job_id, stopped=False, message=f"Job {job_id} was told to stop and is still ending")
    kind = "running job" if status is JobStatus.RUNNING else "job"
    return _Stopped(job_id, stopped=True, message=f"Stopped {kind} {job_id}")
