"""What jobs logged, as files for others: a job's metrics as Parquet, a project as a zip."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from itertools import chain
from typing import IO
from urllib.parse import quote

from flask import Blueprint, Response

from atlas_core.errors import ServerError
from atlas_core.ids import check_job_id
from atlas_core.settings import Settings
from atlas_services.openapi import Answer, Operation, describes
from atlas_services.sealing import PARQUET
from atlas_services.storage import Storage
from atlas_services.tracker import Tracker
from atlas_services.web import stream

#: Exports at the same time: each takes a core and 200 MB.
_EXPORTS = threading.BoundedSemaphore(2)
_CHUNK = 256 * 1024
_PARQUET, _ZIP = "application/vnd.apache.parquet", "application/zip"

_METRICS = Operation(
    "Every point of a job's metrics as Parquet, as far as the job has come",
    {200: Answer("Columns key, step, time, value, other.", media=_PARQUET)},
    (400, 404, 502, 503),
)
_PROJECT = Operation(
    "A project as a zip: project.json, jobs.jsonl, metrics.parquet",
    {200: Answer("The zip, as it is made.", media=_ZIP)},
    (404, 502, 503),
)


def routes(tracker: Tracker, settings: Settings, storage: Storage) -> Blueprint:
    """Return the blueprint; in `storage` lie the files of sealed jobs."""
    blueprint = Blueprint("exports", __name__)

    @blueprint.get("/jobs/<job_id>/metrics.parquet")
    @describes(_METRICS)
    def metrics(job_id: str) -> Response:
        tracker.jobs.get(check_job_id(job_id))
        chunks = _sealed(tracker, storage, job_id) or _export(settings, "job", job_id)
        return _file(chunks, f"{job_id}.parquet", _PARQUET)

    @blueprint.get("/projects/<project>/export")
    @describes(_PROJECT)
    def project(project: str) -> Response:
        tracker.projects.require(project)
        return _file(_export(settings, "project", project), f"{project}.zip", _ZIP)

    return blueprint


def _file(chunks: Iterator[bytes], name: str, media: str) -> Response:
    first = next(chunks)  # whatever keeps it from being made is told while it can be
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    answer = stream(chain([first], chunks), media, {"Content-Disposition": disposition})
    answer.call_on_close(chunks.close)  # type: ignore[attr-defined]
    return answer


def _sealed(tracker: Tracker, storage: Storage, job_id: str) -> Iterator[bytes] | None:
    """Return the file that was written when the job was sealed, which has every point; None if there is none."""
    if tracker.seals.file(job_id) is None:
        return None
    path = f"{job_id}/{PARQUET}"
    found = storage.find(path)
    return None if found is None else storage.chunks(path, 0, found.size)


def _export(settings: Settings, kind: str, name: str) -> Iterator[bytes]:
    """Yield the export. Raises `ServerError` when it is not whole, so that the connection breaks."""
    command = [sys.executable, "-m", "atlas_services.rest_api.exporting", str(os.getpid()), kind, name]
    variables = {
        "FOUNDATIONS_HOME": str(settings.home),
        "ATLAS_REDIS_URL": settings.redis_url,
        "ATLAS_REDIS_PASSWORD_FILE": "",  # the address has the password
        "ATLAS_PROXY_URL": settings.proxy_url,
    }
    environment = {**os.environ, **variables}
    with (
        _EXPORTS,
        subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process,
    ):
        assert process.stdout is not None
        try:
            yield from _chunks(process.stdout)
            if process.wait():
                raise ServerError("The export could not be made; the log of the REST API says why.")
        finally:
            process.kill()


def _chunks(pipe: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: pipe.read1(_CHUNK), b"")  # type: ignore[attr-defined]
