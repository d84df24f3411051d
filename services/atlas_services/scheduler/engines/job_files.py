"""The files of a job, whatever engine runs it: from its bundle to a working directory, from there to the archive."""

from __future__ import annotations

import json
import logging
import os
import shutil
import stat
import uuid
from pathlib import Path, PurePosixPath

from atlas_core.errors import InvalidSpec
from atlas_core.jobs import JobSpec
from atlas_core.values import plain
from atlas_services.scheduler.archive import Archive
from atlas_services.scheduler.bundles import BundleStore
from atlas_services.scheduler.engines import Assignment
from atlas_services.scheduler.engines.job_environment import write_home
from atlas_services.scheduler.engines.workspace import Workspace, move

_log = logging.getLogger("atlas.scheduler")

PARAMETERS_FILE = "foundations_job_parameters.json"
#: Where containers have the job's files. The original's clients ask for this working directory, whatever runs the job.
IMAGE_DIRECTORY = PurePosixPath("/job/job_source")
#: How a directory is opened that the job may have replaced by a link.
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
#: Directories one in the other below `journal`: a job's, and its spool.
_DEPTH = 2


def lay_out(workspace: Workspace, bundles: BundleStore, assignment: Assignment, server_url: str) -> None:
    """Unpack the job's files into a new working directory, with its parameters and its home.

    Raises `BundleNotFound`, or `OSError`.
    """
    workspace.remove()
    workspace.path.mkdir(parents=True)
    unpacked = workspace.path / f"unpacking-{uuid.uuid4().hex}"
    bundles.unpack(assignment.job_id, assignment.spec.bundle_id, unpacked)
    unpacked.rename(workspace.source)
    if assignment.spec.params is not None:
        text = json.dumps(plain(dict(assignment.spec.params)))  # NaN stays NaN: Python reads it
        (workspace.source / PARAMETERS_FILE).unlink(missing_ok=True)
        (workspace.source / PARAMETERS_FILE).write_text(text)
    write_home(workspace.home, server_url)


def put_away(workspace: Workspace, archive: Archive, job_id: str) -> None:
    """Move the job's files into the archive.

    A link in the place of the directory was put there by the job, and leads wherever it likes: it is left behind.
    """
    if not workspace.source.is_symlink():
        move(workspace.source, archive.artifacts(job_id))


def has_records(workspace: Workspace) -> bool:
    """Whether a job that has ended left journals that may be read; nothing in them leads elsewhere from then on.

    What the job laid there beside plain files of one name is removed: links, pipes, devices. Journals that cannot be
    looked through, or that lie behind a link, count as none.
    """
    try:
        home = os.open(workspace.home, _DIRECTORY)
        try:
            journals = os.open(workspace.journals.name, _DIRECTORY, dir_fd=home)
        finally:
            os.close(home)
        try:
            _keep_plain_files(journals, _DEPTH)
            return bool(os.listdir(journals))  # noqa: PTH208 - a descriptor
        finally:
            os.close(journals)
    except FileNotFoundError:
        return False
    except OSError as error:
        _log.warning("%s: what the job logged and did not send cannot be used: %s", workspace.path.name, error)
        return False


def _keep_plain_files(directory: int, depth: int) -> None:
    """Remove the rest from an open directory and from those below. Raises `OSError`, if there are too deep ones too."""
    for name in os.listdir(directory):
        kind = os.stat(name, dir_fd=directory, follow_symlinks=False)
        if stat.S_ISDIR(kind.st_mode) and depth:
            below = os.open(name, _DIRECTORY, dir_fd=directory)
            try:
                _keep_plain_files(below, depth - 1)
            finally:
                os.close(below)
        elif not stat.S_ISREG(kind.st_mode) or kind.st_nlink > 1:
            os.unlink(name, dir_fd=directory)  # of a directory that is an error: no journal is so deep


def save_records(workspace: Workspace, home: Path) -> bool:
    """Move records that were not sent to where `foundations sync` looks, beside those of earlier attempts; no links.

    Returns whether there were any.
    """
    if not has_records(workspace):
        return False
    for journal in workspace.journals.iterdir():
        target = home / "journal" / journal.name
        if target.exists():
            _add(journal, target)
        else:
            move(journal, target)
    return True


def _add(source: Path, target: Path) -> None:
    """Move the files that `target` lacks there; each record has a name of its own."""
    for path in source.rglob("*"):
        place = target / path.relative_to(source)
        if path.is_file() and not path.is_symlink() and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, place)
    shutil.rmtree(source, ignore_errors=True)


def directory_of(spec: JobSpec) -> PurePosixPath:
    """Return the directory, relative to the job's files, in which the job is to run. Raises `InvalidSpec`."""
    path = PurePosixPath(spec.working_dir or ".")
    if path.is_relative_to(IMAGE_DIRECTORY):
        path = path.relative_to(IMAGE_DIRECTORY)
    if path.is_absolute() or ".." in path.parts:
        raise InvalidSpec(
            f"working_dir: `{spec.working_dir}` is outside of the job's files; give a directory of the project.",
            field="working_dir",
        )
    return path
