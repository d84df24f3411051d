"""The routes of one job's state and log: what `foundations submit` and the browser live on."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from atlas_core.errors import JobNotFound
from atlas_core.ids import check_job_id
from atlas_core.log_frames import FRAMES_TYPE, log_frames
from atlas_services import web
from atlas_services.openapi import TEXT_TYPE, Answer, Header, Operation, Param, describes
from atlas_services.openapi.job_words import CAUSE, STATUS
from atlas_services.openapi.schema import COUNT, INTEGER, TEXT, Named, members, nullable
from atlas_services.scheduler.engines import Engine
from atlas_services.scheduler.job_routes import STOPPED
from atlas_services.scheduler.lifecycle import Lifecycle
from atlas_services.scheduler.logs import JobLogs
from atlas_services.tracker import UNAVAILABLE, Tracker

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_TEXT = "text/plain; charset=utf-8"
_UNBUFFERED = {"X-Accel-Buffering": "no"}
#: Seconds between two questions whether a job has ended, unless one of this scheduler just has.
_BETWEEN = 1.0

_STATE = Operation(
    "The state of a job",
    {
        200: Answer(
            schema=Named(
                "JobState",
                members(
                    {
                        "job_id": TEXT,
                        "status": STATUS,
                        "cause": nullable(CAUSE),
                        "cause_detail": nullable(TEXT),
                        "exit_code": nullable(INTEGER),
                    }
                ),
            )
        )
    },
    (400, 404),
)
_STOP = Operation(
    "Stop a job, whether it waits or runs", {202: Answer(schema=members({"job_id": TEXT}))}, (400, 404, 409)
)
_LOG = Operation(
    "The log of a job",
    {
        200: Answer(
            "The log, or what follows the offset; with follow, frames also hold the line that is not finished.",
            media=TEXT_TYPE,
            or_else=(FRAMES_TYPE,),
        ),
        206: Answer("The part that was asked for.", media=TEXT_TYPE),
    },
    (400, 404, 416, 503),
    query=(
        Param("offset", "Begin at this byte.", COUNT),
        Param("follow", "1: go on until the job ends.", COUNT),
    ),
    headers=(Header("Range", "Such as bytes=0-99."),),
)


def log_routes(
    tracker: Tracker, lifecycle: Lifecycle, engine: Engine, logs: JobLogs, closing: Callable[[], bool]
) -> Blueprint:
    """Return the routes. Streams end when `closing` says that the server is about to."""
    routes = Blueprint("logs", __name__, url_prefix="/api/v3/jobs/<job_id>")

    @routes.get("/state")
    @describes(_STATE)
    def state(job_id: str) -> dict[str, Any]:
        record = tracker.jobs.get(check_job_id(job_id))
        return {
            "job_id": job_id,
            "status": record.status.value,
            "cause": record.cause.value if record.cause else None,
            "cause_detail": record.cause_detail,
            "exit_code": record.exit_code,
        }

    @routes.post("/stop")
    @describes(_STOP)
    def stop(job_id: str) -> tuple[dict[str, str], int]:
        lifecycle.stop(check_job_id(job_id), STOPPED)
        return {"job_id": job_id}, 202

    @routes.get("/log")
    @describes(_LOG)
    def log(job_id: str) -> Response:
        tracker.jobs.get(check_job_id(job_id))
        offset = web.query_int("offset", 0)
        if web.query_int("follow", 0):
            ending = _Ending(tracker, lifecycle, job_id)
            follow = partial(logs.follow, job_id, offset, lambda: closing() or ending.is_known())
            if request.accept_mimetypes.best_match([TEXT_TYPE, FRAMES_TYPE]) == FRAMES_TYPE:
                return web.stream(_frames(engine, job_id, follow), FRAMES_TYPE, _UNBUFFERED)
            return web.stream(follow(), _TEXT, _UNBUFFERED)
        return _part(job_id, offset, logs)

    return routes


def _frames(engine: Engine, job_id: str, follow: Callable[[Callable[[], bytes]], Iterator[bytes]]) -> Iterator[bytes]:
    with engine.unfinished_line(job_id) as unfinished:
        yield from log_frames(follow(unfinished))


class _Ending:
    """The end of a job, as a reader of its log needs it: soon, and without asking Redis at every look."""

    def __init__(self, tracker: Tracker, lifecycle: Lifecycle, job_id: str) -> None:
        self._tracker = tracker
        self._lifecycle = lifecycle
        self._job_id = job_id
        self._seen = -1
        self._next = 0.0

    def is_known(self) -> bool:
        """Whether the job has ended, as far as we know."""
        endings = self._lifecycle.endings
        if endings == self._seen and time.monotonic() < self._next:
            return False
        self._seen, self._next = endings, time.monotonic() + _BETWEEN
        try:
            return self._tracker.jobs.get(self._job_id).status.is_finished
        except JobNotFound:
            return True
        except UNAVAILABLE:  # the log is a file: it can be read on
            return False


def _part(job_id: str, offset: int, logs: JobLogs) -> Response:
    """Answer with the log from `offset` on, or with the part that the request's Range header names."""
    size = logs.size(job_id) or 0
    wanted = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if wanted is None or wanted.groups() == ("", ""):
        return _bytes(job_id, min(offset, size), size, logs, 200)
    first, last = wanted.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last) + 1, size) if first and last else size
    if start >= end:
        raise RequestedRangeNotSatisfiable(size)
    answer = _bytes(job_id, start, end, logs, 206)
    answer.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return answer


def _bytes(job_id: str, start: int, end: int, logs: JobLogs, status: int) -> Response:
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(end - start)}
    return Response(logs.chunks(job_id, start, end), status, content_type=_TEXT, headers=headers)
