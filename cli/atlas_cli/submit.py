"""`foundations submit`: send a directory as a job and follow its log."""

from __future__ import annotations

from pathlib import Path

import click

from atlas_cli.options import debug_option, json_option
from atlas_cli.outcome import FAILED
from atlas_cli.output import Terminal
from atlas_cli.scheduler import Scheduler
from atlas_core.states import JobStatus
from foundations import log_stream, submission


class _OptionsFirst(click.Command):
    """Reads options up to the job directory; what follows belongs to the user's program and is left as it is."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the options that stand between the two names before them."""
        takes_value = {name for option in self.params for name in option.opts if not getattr(option, "is_flag", True)}
        options: list[str] = []
        names: list[str] = []
        rest = list(args)
        while rest and len(names) < 2 and rest[0] != "--":
            word = rest.pop(0)
            target = options if word.startswith("-") and word != "-" else names
            target.append(word)
            if word in takes_value and rest:
                options.append(rest.pop(0))
        return super().parse_args(ctx, [*options, *names, *rest])


@click.command(cls=_OptionsFirst, context_settings={"allow_interspersed_args": False})
@click.option("--entrypoint", metavar="E", help="Program that runs the command, instead of Python.")
@click.option("--project-name", metavar="P", help="Project of the job. [default: the name of the job directory]")
@click.option("--num-gpus", type=int, metavar="N", help="GPUs that the job needs. [default: 0]")
@click.option("--gpu-memory", type=float, metavar="GB", help="Memory that each GPU has at least, in GB.")
@click.option("--gpu-model", metavar="NAME", help="Part of the name of each GPU, such as A100.")
@click.option("--ram", type=float, metavar="GB", help="Memory that the job may use, in GB.")
@click.option("--cpus", type=float, metavar="N", help="CPU cores that the job may use.")
@click.option("--shm", type=float, metavar="GB", help="Shared memory (/dev/shm) of the job's container, in GB.")
@click.option("--image", metavar="IMAGE", help="Image of the job's container. [default: the server's]")
@click.option("--network", metavar="NAME", help="Network that the job's container joins. [default: the server's]")
@click.option("--priority", type=int, metavar="N", help="From -100 to 100; a higher one goes first. [default: 0]")
@click.option("--time-limit", metavar="T", help="Stop each attempt after this time: 90s, 30m, 1h30m, 2d.")
@click.option("--retries", type=int, metavar="N", help="Try a failed job again, up to N times. [default: 0]")
@click.option("--retry-on", metavar="CAUSES", help="Only after these failures: oom,engine_lost. [default: any]")
@click.option("--stream-job-logs", type=bool, default=True, metavar="B", help="Follow the log. [default: True]")
@json_option
@debug_option
@click.argument("scheduler-config")
@click.argument("job-directory")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
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
    try:
        deployment = submission.submit(
            scheduler_config=scheduler_config,
            job_directory=job_directory,
            command=list(command),
            params={},
            stream_job_logs=False,
            retries=_retries(retries, retry_on),
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


def _retries(limit: int | None, causes: str | None) -> int | dict[str, object] | None:
    """Return the wish for further attempts; with causes alone there is one."""
    if causes is None:
        return limit
    words = [word.strip() for word in causes.split(",") if word.strip()]
    return {"limit": 1 if limit is None else limit, "causes": words or causes}


def _follow(terminal: Terminal, scheduler: Scheduler, job_id: str) -> JobStatus:
    try:
        return log_stream.stream(scheduler.client, job_id, terminal.write)
    except KeyboardInterrupt:
        again = f"foundations get logs {scheduler.environment} {job_id} --follow"
        terminal.say(f"\nThe job goes on. Follow it again: {again}")
        raise
