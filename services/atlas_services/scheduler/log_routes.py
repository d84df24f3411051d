"""The routes of one job's state and log: what `foundations submit` and the browser live on."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request

from atlas_core.errors import JobNotFound
from atlas_core.ids import check_job_id
from atlas_services import web
from atlas_services.scheduler.lifecycle import Lifecycle
from atlas_services.scheduler.logs import JobLogs
from atlas_services.tracker import UNAVAILABLE, Tracker

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_TEXT = "text/plain; charset=utf-8"
_STOPPED = "stopped by the user"


def log_routes(tracker: Tracker, lifecycle: Lifecycle, logs: JobLogs, closing: Callable[[], bool]) -> Blueprint:
    """Return the routes. Streams end when `closing` says that the server is about to."""
    routes = Blueprint("logs", __name__, url_prefix="/api/v3/jobs/<job_id>")

    @routes.get("/state")
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
    def stop(job_id: str) -> tuple[dict[str, str], int]:
        lifecycle.stop(check_job_id(job_id), _STOPPED)
        return {"job_id": job_id}, 202

    @routes.get("/log")
    def log(job_id: str) -> Response:
        tracker.jobs.get(check_job_id(job_id))
        offset = web.query_int("offset", 0)
        if web.query_int("follow", 0):
            stream = logs.follow(job_id, offset, lambda: closing() or _has_ended(tracker, job_id))
            return Response(stream, content_type=_TEXT, headers={"X-Accel-Buffering": "no"})
        return _part(job_id, offset, logs)

    return routes


def _has_ended(tracker: Tracker, job_id: str) -> bool:
    try:
        return tracker.jobs.get(job_id).status.is_finished
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
        return Response(status=416, headers={"Content-Range": f"bytes */{size}"})
    answer = _bytes(job_id, start, end, logs, 206)
    answer.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return answer


def _bytes(job_id: str, start: int, end: int, logs: JobLogs, status: int) -> Response:
    headers = {"Accept-Ranges": "bytes", "Content-Length": str(end - start)}
    return Response(logs.chunks(job_id, start, end), status, content_type=_TEXT, headers=headers)
