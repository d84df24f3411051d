"""`foundations logs` and `foundations get logs`: what a job has written."""

from __future__ import annotations

from collections.abc import Iterator

import click

from atlas_cli.completed import complete_config, complete_job, complete_words
from atlas_cli.log_screen import follow_log
from atlas_cli.options import debug_option, json_option
from atlas_cli.outcome import FAILED, CommandFailed
from atlas_cli.output import Terminal
from atlas_cli.scheduler import Scheduler, config_and_names
from atlas_core.states import JobStatus

_follow_option = click.option("-f", "--follow", is_flag=True, help="Go on until the job has ended, as submit does.")


@click.command()
@click.argument("words", nargs=-1, required=True, metavar="[SCHEDULER-CONFIG] JOB-ID", shell_complete=complete_words)
@_follow_option
@json_option
@debug_option
@click.pass_obj
def logs(terminal: Terminal, words: tuple[str, ...], follow: bool) -> int:
    """Print what job JOB-ID has written so far.

    \b
    foundations logs -f 0d5c
    foundations logs staging 0d5c --json
    """
    config, [text] = config_and_names(words, 1, "one job")
    return _show(terminal, Scheduler(config), text, follow)


@click.command()
@click.argument("scheduler-config", shell_complete=complete_config)
@click.argument("job-id", shell_complete=complete_job)
@_follow_option
@json_option
@debug_option
@click.pass_obj
def get_logs(terminal: Terminal, scheduler_config: str, job_id: str, follow: bool) -> int:
    """Print what job JOB_ID has written so far.

    \b
    foundations get logs scheduler 0d5c
    foundations get logs scheduler 0d5c --follow
    """
    return _show(terminal, Scheduler(scheduler_config), job_id, follow)


def _show(terminal: Terminal, scheduler: Scheduler, text: str, follow: bool) -> int:
    if follow and terminal.json:
        raise click.UsageError("--json is one answer, and --follow goes on; leave one of them out.")
    job_id, status = scheduler.find(text)
    if follow:
        status = follow_log(terminal, scheduler.client, job_id)
        return FAILED if status is JobStatus.FAILED else 0
    if status is JobStatus.QUEUED or (status is JobStatus.PENDING and not _has_log(scheduler, job_id)):
        raise CommandFailed(f"Error: Job `{job_id}` is queued and has not produced any logs", "conflict")
    with scheduler.client.log_stream(job_id, follow=False) as chunks:
        if terminal.json:
            written = b"".join(chunks).decode("utf-8", "replace")
            terminal.show(None, {"job_id": job_id, "status": status.value, "logs": written})
        else:
            _print(terminal, chunks)
    return 0


def _has_log(scheduler: Scheduler, job_id: str) -> bool:
    """Whether anything was written for a job that is being made ready, such as how far its image has come."""
    with scheduler.client.log_stream(job_id, follow=False) as chunks:
        return any(chunks)


def _print(terminal: Terminal, chunks: Iterator[bytes]) -> None:
    last = b"\n"
    for chunk in chunks:
        terminal.write(chunk)
        last = chunk[-1:] or last
    if last != b"\n":  # else a shell's prompt would stand behind the last word
        terminal.say("")
