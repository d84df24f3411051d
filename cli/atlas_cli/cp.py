"""`foundations cp`: files and directories of a job, copied to this machine."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import click

from atlas_cli.completed import complete_file_of_job
from atlas_cli.download import Advance, Download, is_here, keep_time
from atlas_cli.options import debug_option, json_option
from atlas_cli.outcome import CommandFailed
from atlas_cli.output import Terminal
from atlas_cli.phrases import count
from atlas_cli.scheduler import Scheduler, config_and_names
from atlas_core.client import ArchiveClient
from atlas_core.errors import InvalidInput, NotFound
from atlas_core.states import JobStatus

#: Where the working directory of a job lies in its archive.
_WORKING_DIRECTORY = "artifacts"
#: What the archive of a job holds for itself: the files to which `synced_directories` links, and what
#: `metrics.parquet` says, as the page draws it.
_INTERNAL = re.compile(r"synced_objects|synced_manifests|metrics\.\d+\.series")
#: Where to copy a file so that the next program reads it.
_STANDARD_OUTPUT = "-"


@dataclass(frozen=True)
class _File:
    """A file of a job: its path in the archive, and below what is copied."""

    path: PurePosixPath
    name: PurePosixPath
    size: int
    modified: float
    executable: bool


@click.command("cp")
@click.argument(
    "words", nargs=-1, required=True, metavar="[SCHEDULER-CONFIG] JOB-ID:PATH DEST", shell_complete=complete_file_of_job
)
@json_option
@debug_option
@click.pass_obj
def cp(terminal: Terminal, words: tuple[str, ...]) -> None:
    """Copy PATH, a file or a directory of job JOB-ID, to DEST.

    PATH lies in the working directory of the job, as it was when the job ended; JOB-ID: alone is all of it. What is
    not there is looked for in the job's archive, as logs/output.log or user_artifacts. What was executable is so here.
    An interrupted copy goes on where it broke off when it is called again; what has arrived is not fetched twice.
    With - as DEST a file is written to standard output.

    \b
    foundations cp 0d5c:outputs/model.pt .
    foundations cp 0d5c:outputs results
    foundations cp staging 0d5c: everything
    foundations cp 0d5c:metrics.csv - | head
    """
    config, [source, destination] = config_and_names(words, 2, "JOB-ID:PATH and where to copy it")
    text, colon, path = source.partition(":")
    if not colon:
        raise click.UsageError(f"{source!r} names no file of a job; write JOB-ID:PATH.")
    if destination == _STANDARD_OUTPUT and terminal.json:
        raise click.UsageError("--json and - both want standard output; copy to a file.")
    wanted = _inside(path)
    scheduler = Scheduler(config)
    job_id, status = scheduler.find(text)
    scheduler.tracked(job_id)  # which says where there is no archive to be asked
    files, is_directory = _found(scheduler.archive, job_id, status, wanted)
    if destination == _STANDARD_OUTPUT:
        _print(terminal, scheduler.archive, job_id, None if is_directory else files[0])
        return
    target = _target(Path(destination), wanted.name, is_directory)
    with terminal.progress(source, sum(file.size for file in files)) as advance:
        for file in files:
            _save(scheduler.archive, job_id, file, target / file.name, advance)
    size = sum(file.size for file in files)
    terminal.show(
        f"Copied {count(len(files), 'file')} of job {job_id} to {target}",
        {"job_id": job_id, "path": str(target), "files": len(files), "bytes": size},
    )


def _print(terminal: Terminal, archive: ArchiveClient, job_id: str, file: _File | None) -> None:
    if file is None:
        raise InvalidInput("-: a directory cannot be written to standard output; name a file of the job, or a place.")
    with archive.read(job_id, str(file.path)) as chunks:
        for chunk in chunks:
            terminal.write(chunk)


def _inside(path: str) -> PurePosixPath:
    inside = PurePosixPath(path)
    if inside.is_absolute() or ".." in inside.parts:
        raise InvalidInput(f"`{path}` leads out of the job; give a path such as `outputs`.", field="path")
    return inside


def _target(destination: Path, name: str, is_directory: bool) -> Path:
    """Return where to copy: into a directory that is there, else as what is named."""
    if name and destination.is_dir():
        return destination / name
    if is_directory and destination.exists() and not destination.is_dir():
        raise InvalidInput(f"`{destination}` is a file; name a directory to copy a directory to.", field="destination")
    return destination


def _found(archive: ArchiveClient, job_id: str, status: JobStatus, wanted: PurePosixPath) -> tuple[list[_File], bool]:
    """Return the files to copy, and whether they are those of a directory. Raises `CommandFailed` without any such."""
    for place in (PurePosixPath(_WORKING_DIRECTORY) / wanted, wanted):
        try:
            return list(_walk(archive, job_id, place, PurePosixPath())), True
        except NotFound:
            entry = _entry(archive, job_id, place)
            if entry is not None:
                return [entry], False
    when = "" if status.is_finished else f" It is {status.value}; its files arrive when it has ended."
    raise CommandFailed(f"Error: Job `{job_id}` has no file or directory `{wanted}`.{when}", "not_found")


def _walk(archive: ArchiveClient, job_id: str, place: PurePosixPath, below: PurePosixPath) -> Iterator[_File]:
    """Yield every file at or below a directory. Raises `NotFound` for what is none."""
    for entry in archive.listing(job_id, "" if place == PurePosixPath() else str(place)):
        name = _plain(str(entry["name"]))
        if place == PurePosixPath() and _INTERNAL.fullmatch(name):
            continue
        if entry["kind"] == "directory":
            yield from _walk(archive, job_id, place / name, below / name)
        else:
            yield _file(place / name, below / name, entry)


def _entry(archive: ArchiveClient, job_id: str, place: PurePosixPath) -> _File | None:
    """Return the file at this place, if there is one."""
    directory = "" if place.parent == PurePosixPath() else str(place.parent)
    try:
        entries = archive.listing(job_id, directory)
    except NotFound:
        return None
    found = next((entry for entry in entries if entry["name"] == place.name and entry["kind"] == "file"), None)
    if found is None:
        return None
    return _file(place, PurePosixPath(), found)


def _file(path: PurePosixPath, name: PurePosixPath, entry: Mapping[str, Any]) -> _File:
    # an older server does not say what can be executed
    return _File(path, name, int(entry["size"]), float(entry["modified"]), entry.get("executable") is True)


def _plain(name: str) -> str:
    """Return a name that a server gave, which must not lead out of the target. Raises `InvalidInput`."""
    if name in {"", ".", ".."} or "/" in name or "\0" in name:
        raise InvalidInput(f"The server names a file {name!r}, which is no name.")
    return name


def _save(archive: ArchiveClient, job_id: str, file: _File, target: Path, advance: Advance) -> None:
    if is_here(target, file.size, file.modified):
        advance(file.size)
    else:
        Download(archive, job_id, str(file.path), advance).save(target)
        keep_time(target, file.modified)
    if file.executable:
        _let_execute(target)


def _let_execute(target: Path) -> None:
    """Let those execute the file who may read it."""
    mode = target.stat().st_mode
    with contextlib.suppress(OSError):  # it was here before, and is somebody else's
        target.chmod(mode | (mode & 0o444) >> 2)
