"""The archive of a job: everything that lay in its working directory at the end, as one gzip tar."""

from __future__ import annotations

import contextlib
import tarfile
import uuid
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from atlas_core.client import SchedulerClient
from atlas_core.errors import InvalidInput, NotFound, ServerError


def download_job(
    client: SchedulerClient, job_id: str, directory: Path, source: str | None, advance: Callable[[int], None]
) -> Path:
    """Save the archive in `directory` and return its path; with `source` only that directory of the job.

    `advance` is told how many more bytes have come. Nothing is left behind on failure. Raises what the client raises,
    `NotFound` when the job has no such directory, `InvalidInput` when the directory cannot be written to or `source` is
    no path inside a job.
    """
    wanted = None if source is None else _inside(source)
    target = directory / f"{job_id}.tgz"
    whole = target.with_name(f".{job_id}.{uuid.uuid4().hex[:12]}.download")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        client.download_files(job_id, whole, advance)
        if wanted is not None:
            _keep(whole, PurePosixPath(job_id) / wanted)
        whole.replace(target)
    except OSError as error:
        raise InvalidInput(f"save_dir: `{directory}` cannot be written to ({error.strerror}).") from error
    finally:
        with contextlib.suppress(OSError):
            whole.unlink()
    return target


def _inside(source: str) -> PurePosixPath:
    path = PurePosixPath(source)
    if path.is_absolute() or ".." in path.parts:
        raise InvalidInput(f"source_dir: {source!r} leads out of the job; give a path such as `outputs`.")
    return path


def _keep(archive: Path, wanted: PurePosixPath) -> None:
    """Reduce the archive to what lies at or below `wanted`."""
    part = archive.with_name(archive.name + ".kept")
    kept = 0
    try:
        with tarfile.open(archive, "r|gz") as old, tarfile.open(part, "w:gz") as new:
            for member in old:
                if PurePosixPath(member.name).is_relative_to(wanted):
                    new.addfile(member, old.extractfile(member) if member.isreg() else None)
                    kept += 1
        if not kept:
            raise NotFound(f"it left no `{PurePosixPath(*wanted.parts[1:])}`.")
        part.replace(archive)
    except (tarfile.TarError, EOFError) as error:
        raise ServerError("the server sent no tar archive.") from error
    finally:
        part.unlink(missing_ok=True)
