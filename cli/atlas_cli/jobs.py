"""The commands about jobs that were submitted: get them, delete them, empty the queue."""

from __future__ import annotations

from pathlib import Path

import click

from atlas_cli.completed import complete_config, complete_job
from atlas_cli.job_archive import download_job
from atlas_cli.lazy_group import LazyCommand, LazyGroup
from atlas_cli.options import debug_option, json_option
from atlas_cli.outcome import CommandFailed
from atlas_cli.output import Terminal
from atlas_cli.scheduler import Scheduler
from atlas_core.errors import AtlasError, NotFound, ServerUnreachable
from atlas_core.states import JobStatus

get = LazyGroup(
    "get",
    {
        "job": LazyCommand("atlas_cli.jobs:get_job", "Download the files that a job left."),
        "artifact": LazyCommand("atlas_cli.artifact:get_artifact", "Save a file that a job logged."),
        "logs": LazyCommand("atlas_cli.logs:get_logs", "Print what a job has written so far."),
    },
    help="Download a job or an artifact, or print a log.",
)
delete = LazyGroup(
    "delete",
    {"job": LazyCommand("atlas_cli.jobs:delete_job", "Delete a job that has ended.")},
    help="Delete a job that has ended.",
)


@click.command()
@click.argument("scheduler-config", shell_complete=complete_config)
@click.argument("job-id", shell_complete=complete_job)
@click.option(
    "--save_dir",
    "--save-dir",
    "save_dir",
    metavar="D",
    default=".",
    type=click.Path(path_type=Path, file_okay=False),
    help="Directory in which to save; made if missing. [default: .]",
)
@click.option(
    "--source_dir",
    "--source-dir",
    "source_dir",
    metavar="S",
    help="Save this directory of the job only. [default: all]",
)
@json_option
@debug_option
@click.pass_obj
def get_job(terminal: Terminal, scheduler_config: str, job_id: str, save_dir: Path, source_dir: str | None) -> None:
    """Save the files of job JOB_ID as JOB_ID.tgz.

    \b
    foundations get job scheduler 0d5c
    foundations get job scheduler 0d5c --save_dir results --source_dir outputs
    """
    scheduler = Scheduler(scheduler_config)
    job_id, status = scheduler.find(job_id)
    try:
        with terminal.progress(f"{job_id}.tgz") as advance:
            path = download_job(scheduler.client, job_id, save_dir, source_dir, advance)
    except ServerUnreachable:
        raise
    except AtlasError as error:
        why = _why_there_is_none(scheduler, job_id, status) if isinstance(error, NotFound) else None
        raise CommandFailed(f"Error: Could not download Job {job_id}: {why or error.message}", error.code) from error
    terminal.show(
        f"Successfully retrieved Job {job_id} from archive store\nSaved as {path}",
        {"job_id": job_id, "path": str(path), "bytes": path.stat().st_size},
    )


def _why_there_is_none(scheduler: Scheduler, job_id: str, status: JobStatus) -> str | None:
    """Return why the server has no working directory of the job, where that is no fault."""
    if scheduler.is_started_by_hand(job_id):
        return (
            "it was started by hand, so its working directory was not kept. "
            f"`foundations cp {job_id}: DIR` copies what it logged: artifacts, output, synced directories."
        )
    return None if status.is_finished else f"it is {status.value}; its files arrive when it has ended."


@click.command()
@click.argument("scheduler-config", shell_complete=complete_config)
@click.argument("job-id", shell_complete=complete_job)
@json_option
@debug_option
@click.pass_obj
def delete_job(terminal: Terminal, scheduler_config: str, job_id: str) -> None:
    """Delete job JOB_ID, which has ended, with everything that it left.

    \b
    foundations delete job scheduler 0d5c
    """
    scheduler = Scheduler(scheduler_config)
    job_id, status = scheduler.find(job_id)
    if not status.is_finished:
        word = "queued" if status.is_waiting else status.value
        raise CommandFailed(f"Error: Job `{job_id}` has status `{word}` and cannot be deleted", "conflict")
    try:
        scheduler.client.delete(job_id)
    except AtlasError as error:
        raise CommandFailed(f"Could not completely delete job {job_id}. {error.message}", error.code) from error
    terminal.show(f"Job {job_id} successfully deleted", {"job_id": job_id, "deleted": True})


@click.command()
@click.argument("scheduler-config", shell_complete=complete_config)
@json_option
@debug_option
@click.pass_obj
def clear_queue(terminal: Terminal, scheduler_config: str) -> None:
    """Remove every job that waits in the queue, as if it had never been submitted. Jobs that run go on.

    \b
    foundations clear-queue scheduler
    """
    removed = Scheduler(scheduler_config).client.clear_queue()
    terminal.show(f"Removed {removed} job(s) from queue", {"removed": removed})
