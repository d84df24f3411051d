"""`foundations submit`: send a directory as a job and follow its log."""

from __future__ import annotations

from pathlib import Path

import click

from atlas_cli.job_options import OptionsFirst, job_and_command, job_options, retry_policy
from atlas_cli.log_screen import follow_log
from atlas_cli.outcome import FAILED
from atlas_cli.output import Terminal
from atlas_cli.scheduler import Scheduler
from atlas_core.states import JobStatus
from foundations import log_stream, submission
from foundations.submission_server import SubmissionServer


@click.command(cls=OptionsFirst, context_settings={"allow_interspersed_args": False})
@job_options
@click.option("--stream-job-logs", type=bool, default=True, metavar="B", help="Follow the log. [default: True]")
@job_and_command
def submit(
    terminal: Terminal,
    /,
    scheduler_config: str,
    job_directory: str,
    command: tuple[str, ...],
    stream_job_logs: bool,
    retries: int | None,
    retry_on: str | None,
    **wishes: str | int | float | None,
) -> int:
    """Submit JOB_DIRECTORY as a job to the scheduler that SCHEDULER_CONFIG names, and follow its log.

    Everything after JOB_DIRECTORY is the job's command and is passed on as it is: options for submit stand before.
    Ctrl-C stops following, never the job. The exit code is 0 when the job completed, 1 when it failed.

    \b
    foundations submit scheduler . main.py --epochs 20
    foundations submit --num-gpus 2 --gpu-model A100 --gpu-memory 40 scheduler . main.py
    foundations submit --time-limit 2h --retries 3 --retry-on oom,engine_lost scheduler . main.py
    foundations submit --priority 10 --image my-registry/training:1.0 scheduler . main.py
    """
    SubmissionServer.at(Scheduler(scheduler_config, Path(job_directory)).url).progress = terminal.progress
    try:
        deployment = submission.submit(
            scheduler_config=scheduler_config,
            job_directory=job_directory,
            command=list(command),
            params={},
            stream_job_logs=False,
            retries=retry_policy(retries, retry_on),
            **wishes,
        )
    except KeyboardInterrupt:
        terminal.say("\nInterrupted before the server confirmed the job.")
        raise
    facts = {"job_id": deployment.job_id, "project": deployment.project}
    if not stream_job_logs or log_stream.is_disabled():
        terminal.show(None, facts)
        return 0
    status = _follow(terminal, Scheduler(scheduler_config, Path(job_directory)), deployment.job_id)
    terminal.show(None, {**facts, "status": status.value})
    return FAILED if status is JobStatus.FAILED else 0


def _follow(terminal: Terminal, scheduler: Scheduler, job_id: str) -> JobStatus:
    try:
        return follow_log(terminal, scheduler.client, job_id)
    except KeyboardInterrupt:
        again = f"foundations get logs {scheduler.environment} {job_id} --follow"
        terminal.say(f"\nThe job goes on. Follow it again: {again}")
        raise
