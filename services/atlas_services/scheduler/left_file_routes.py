"""The route of what a job left in its working directory."""

from __future__ import annotations

import gzip
import os
import tarfile
import threading
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from flask import Blueprint, Response, request

from atlas_core.ids import check_job_id
from atlas_services.openapi import Answer, Operation, describes
from atlas_services.scheduler.archive import Archive
from atlas_services.scheduler.replies import NOTHING, SENTENCE, text
from atlas_services.storage.packing import tarred

_CHUNK = 64 * 1024
#: Most of what jobs leave is compressed already, or text, which level 1 does nearly as well as 9.
_COMPRESSION = 1
#: Seconds for which the files of a job may be taken from a cache: they do not change any more.
_FRESH = 12 * 3600

_FILES = Operation(
    "The files of a job as it left them",
    {200: Answer("A gzip tar, entries below the job's id.", media="application/x-tar"), 304: NOTHING}
    | dict.fromkeys((403, 404), SENTENCE),
    (400,),
    is_old=True,
)


def left_file_routes(archive: Archive) -> Blueprint:
    """Return the route."""
    routes = Blueprint("left_files", __name__)

    @routes.get("/job_bundle/<job_id>")
    @describes(_FILES)
    def send_artifacts(job_id: str) -> Response:
        check_job_id(job_id)
        stored = [] if archive.artifacts(job_id).is_dir() else archive.stored_artifacts(job_id)
        if stored:
            return Response(_gzipped(tarred(stored)), content_type="application/x-tar")
        if not archive.directory(job_id).is_dir():
            return text(f"No archive directory found for Job {job_id}", 404)
        artifacts = archive.artifacts(job_id)
        if not artifacts.is_dir():
            return text(f"The artifact directory was not found for Job {job_id}", 404)
        if not os.access(artifacts, os.R_OK | os.X_OK):
            return text(f"The artifact directory of Job {job_id} cannot be read", 403)
        answer = Response(_tar(artifacts, job_id), content_type="application/x-tar")
        answer.set_etag(_version(artifacts), weak=True)
        answer.cache_control.max_age, answer.cache_control.private = _FRESH, True
        answer.automatically_set_content_length = False  # to count the bytes, all would be kept in memory
        answer.make_conditional(request)
        return answer

    return routes


def _version(artifacts: Path) -> str:
    """Return what differs when the files of a job may: they arrive at its end, all at once."""
    facts = artifacts.stat()
    return f"{facts.st_ino:x}-{facts.st_mtime_ns:x}"


def _gzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(_COMPRESSION, wbits=zlib.MAX_WBITS | 16)
    for chunk in chunks:
        yield packer.compress(chunk)
    yield packer.flush()


def _tar(directory: Path, top: str) -> Iterator[bytes]:
    """Yield a gzip tar of `directory`, its entries below `top`, as it is written by a thread.

    Raises what kept a file from being read, so that the connection breaks: the client must not take a part for all.
    """
    reader, writer = os.pipe()
    failures: list[Exception] = []

    def write() -> None:
        with (
            suppress(BrokenPipeError),  # the client went away
            os.fdopen(writer, "wb") as pipe,
            gzip.GzipFile("", "wb", _COMPRESSION, pipe) as zipped,
        ):
            try:
                with tarfile.open(fileobj=zipped, mode="w|") as tar:
                    tar.add(directory, arcname=top)
            except Exception as error:  # told before the end is written, which must not be sent
                failures.append(error)

    thread = threading.Thread(target=write, name="artifacts", daemon=True)
    thread.start()
    with os.fdopen(reader, "rb") as pipe:
        while chunk := pipe.read1(_CHUNK):
            if failures:
                break
            yield chunk
    if failures:
        raise failures[0]
