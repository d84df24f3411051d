"""The files of a job, whatever engine runs it: from its bundle to a working directory, from there to the archive."""

from __future__ import annotations

import json
import shutil
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

PARAMETERS_FILE = "foundations_job_parameters.json"
#: Where containers have the job's files. The original's clients ask for this working directory, whatever runs the job.
IMAGE_DIRECTORY = PurePosixPath("/job/job_source")


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


def save_records(workspace: Workspace, home: Path) -> None:
    """Move records that were not sent to where `foundations sync` looks, beside those of earlier attempts; no links."""
    if workspace.home.is_symlink() or workspace.journals.is_symlink() or not workspace.journals.is_dir():
        return
    for journal in workspace.journals.iterdir():
        target = home / "journal" / journal.name
        if journal.is_symlink():
            continue
        if target.exists():
            _add(journal, target)
        else:
            move(journal, target)


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
