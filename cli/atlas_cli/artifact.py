"""`foundations get artifact`: a file that a job logged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import click

from atlas_cli.completed import complete_words
from atlas_cli.download import Download
from atlas_cli.options import debug_option, json_option
from atlas_cli.outcome import CommandFailed
from atlas_cli.output import Terminal
from atlas_cli.scheduler import Scheduler, config_and_names

#: So many keys are named when there is none such.
_NAMED = 10


@click.command()
@click.argument(
    "words", nargs=-1, required=True, metavar="[SCHEDULER-CONFIG] JOB-ID KEY|PATH", shell_complete=complete_words
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, allow_dash=True),
    help="File or directory to save it as or in; - is standard output. [default: its file name]",
)
@json_option
@debug_option
@click.pass_obj
def get_artifact(terminal: Terminal, words: tuple[str, ...], output: Path | None) -> None:
    """Save an artifact of job JOB-ID, called by its key, its file name or its path in the archive.

    \b
    foundations get artifact 0d5c model
    foundations get artifact 0d5c predictions.csv -o results/
    foundations get artifact staging 0d5c report -o - | less
    """
    if output == Path("-") and terminal.json:
        raise click.UsageError("--json and -o - both want standard output; save the artifact as a file.")
    config, [text, name] = config_and_names(words, 2, "a job and an artifact")
    scheduler = Scheduler(config)
    job_id, _ = scheduler.find(text)
    artifact = _chosen(job_id, name, scheduler.tracked(job_id)["artifacts"])
    if output == Path("-"):
        with scheduler.archive.read(job_id, artifact["path"]) as chunks:
            for chunk in chunks:
                terminal.write(chunk)
        return
    target = _target(output, str(artifact["filename"]))
    with terminal.progress(target.name, int(artifact["size"])) as advance:
        size = Download(scheduler.archive, job_id, artifact["path"], advance).save(target, artifact.get("sha256"))
    facts = {"job_id": job_id, "key": artifact["key"], "path": str(target), "bytes": size}
    terminal.show(f"Saved artifact `{artifact['key']}` of job {job_id}: {target}", facts)


def _target(output: Path | None, filename: str) -> Path:
    name = PurePosixPath(filename).name
    if output is None:
        return Path(name)
    return output / name if output.is_dir() else output


def _chosen(job_id: str, name: str, artifacts: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return the artifact of this key, or else the one of this file name or path. Raises `CommandFailed`."""
    for field in ("key", "path", "filename"):
        found = [artifact for artifact in artifacts if artifact[field] == name]
        if len(found) == 1:
            return found[0]
        if found:
            keys = ", ".join(artifact["key"] for artifact in found)
            raise CommandFailed(f"Error: `{name}` names several artifacts; choose by key: {keys}.", "conflict")
    raise CommandFailed(f"Error: Job `{job_id}` has no artifact `{name}`; {_those(artifacts)}", "not_found")


def _those(artifacts: Sequence[Mapping[str, Any]]) -> str:
    if not artifacts:
        return "it logged none. `foundations cp` copies what it left in its working directory."
    more = ", ..." if len(artifacts) > _NAMED else ""
    return f"it has {', '.join(artifact['key'] for artifact in artifacts[:_NAMED])}{more}."
