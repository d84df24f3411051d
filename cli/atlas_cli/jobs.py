"""The commands about jobs that were submitted: get them, delete them, empty the queue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from atlas_cli.job_archive import download_job
from atlas_cli.lazy_group import LazyCommand, LazyGroup
from atlas_cli.options import debug_option, json_option
from atlas_cli.outcome import FAILED, CommandFailed
from atlas_cli.output import Terminal
from atlas_cli.scheduler import Scheduler
from atlas_core.errors import AtlasError, ServerUnreachable
from atlas_core.states import JobStatus
from foundations import log_stream

get = LazyGroup(
    "get",
    {
        "job": LazyCommand("atlas_cli.jobs:get_job", "Download the files that a job left."),
        "logs": LazyCommand("atlas_cli.jobs:get_logs", "Print what a job has written so far."),
    },
    help="Download a job, or print its log.",
)
delete = LazyGroup(
    "delete",
    {"job": LazyCommand("atlas_cli.jobs:delete_job", "Delete a job that has ended.")},
    help="Delete a job that has ended.",
)


@click.command()
@click.argument("scheduler-config")
@click.argument("job-id")
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
    """Save the files of job JOB_ID as JOB_ID.tgz."""
    scheduler = Scheduler(scheduler_config)
    job_id, _ = scheduler.find(job_id)
    try:
        path = download_job(scheduler.client, job_id, save_dir, source_dir)
    except ServerUnreachable:
        raise
    except AtlasError as error:
        raise CommandFailed(f"Error: Could not download Job {job_id}: {error.message}", error.code) from error
    terminal.show(
        f"Successfully retrieved Job {job_id} from archive store: {path}",
        {"job_id": job_id, "path": str(path), "bytes": path.stat().st_size},
    )


@click.command()
@click.argument("scheduler-config")
@click.argument("job-id")
@click.option("-f", "--follow", is_flag=True, help="Go on until the job has ended, as submit does.")
@json_option
@debug_option
@click.pass_obj
def get_logs(terminal: Terminal, scheduler_config: str, job_id: str, follow: bool) -> int:
    """Print what job JOB_ID has written so far."""
    scheduler = Scheduler(scheduler_config)
    job_id, status = scheduler.find(job_id)
    if follow and not terminal.json:
        status = log_stream.stream(scheduler.client, job_id, terminal.write)
        return FAILED if status is JobStatus.FAILED else 0
    if status.is_waiting:
        raise CommandFailed(f"Error: Job `{job_id}` is queued and has not produced any logs", "conflict")
    with scheduler.client.log_stream(job_id, follow=False) as chunks:
        if terminal.json:
            logs = b"".join(chunks).decode("utf-8", "replace")
            terminal.show(None, {"job_id": job_id, "status": status.value, "logs": logs})
        else:
            _print(terminal, chunks)
    return 0


@click.command()
@click.argument("scheduler-config")
@click.argument("job-id")
@json_option
@debug_option
@click.pass_obj
def delete_job(terminal: Terminal, scheduler_config: str, job_id: str) -> None:
    """Delete job JOB_ID, which has ended, with everything that it left."""
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
@click.argument("scheduler-config")
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


def _print(terminal: Terminal, chunks: Iterator[bytes]) -> None:
    last = b"\n"
    for chunk in chunks:
        terminal.write(chunk)
        last = chunk[-1:] or last
    if last != b"\n":  # else a shell's prompt would stand behind the last word
        terminal.say("")
