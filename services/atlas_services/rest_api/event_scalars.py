"""Taking the scalars of a job's TensorBoard event files into its metrics, each exactly once.

An event file is only ever appended to, so the frames made of it are a journal like those that jobs send: the tracker
remembers for each file how far it is applied, and what comes again is skipped.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import requests
from flask import Blueprint, request

from atlas_core.client import Connection
from atlas_core.errors import InvalidInput, ServerError
from atlas_core.ids import check_job_id, now
from atlas_core.names import shortened
from atlas_core.records import point_frame
from atlas_services.openapi import Answer, Body, Operation, describes
from atlas_services.openapi.schema import COUNT, TEXT, list_of, members, text
from atlas_services.tracker import Tracker
from atlas_services.web import json_body

#: Seconds to connect, and to wait for the next points.
_TIMEOUT = (3.05, 300.0)
_LONGEST_PREFIX = 100

_IMPORT = Operation(
    "Take the scalars of a job's TensorBoard event files into its metrics",
    {200: Answer("What the files hold.", members({"files": COUNT, "points": COUNT, "metrics": list_of(TEXT)}))},
    (400, 404, 409, 502, 503),
    body=Body(members({}, {"prefix": text(maxLength=_LONGEST_PREFIX)}), required=False),
)


def routes(tracker: Tracker, tensorboard: Connection) -> Blueprint:
    """Return the blueprint."""
    blueprint = Blueprint("event_scalars", __name__)

    @blueprint.post("/jobs/<job_id>/import-tensorboard")
    @describes(_IMPORT)
    def take_in(job_id: str) -> dict[str, Any]:
        tracker.jobs.get(check_job_id(job_id))
        prefix = _prefix()
        path = f"/jobs/{quote(job_id, safe='')}/scalars"
        with tensorboard.request("GET", path, stream=True, timeout=_TIMEOUT) as answer:
            return _take_in(tracker, job_id, prefix, _lines(answer))

    return blueprint


def _prefix() -> str:
    """Return what the names of the metrics are to begin with. Raises `InvalidInput`."""
    prefix = json_body().get("prefix", "") if request.content_length else ""
    if not isinstance(prefix, str) or len(prefix) > _LONGEST_PREFIX or not prefix.isprintable():
        raise InvalidInput(
            f"prefix: {prefix!r} cannot begin a name; give a text of up to {_LONGEST_PREFIX} characters.",
            field="prefix",
        )
    return prefix


def _lines(answer: requests.Response) -> Iterator[dict[str, Any]]:
    """Yield the lines of the answer. Raises `ServerError` when it ends before the last of them."""
    line: dict[str, Any] = {}
    try:
        for text in answer.iter_lines(chunk_size=64 * 1024):
            line = _line(json.loads(text))
            yield line
    except (ValueError, requests.RequestException):
        line = {}
    if "files" not in line:
        raise ServerError("The event files could not be read; the log of the TensorBoard service says why.")


def _line(value: Any) -> dict[str, Any]:
    """Return a line of the answer. Raises `ValueError` for what is none."""
    if isinstance(value, dict) and ("files" in value or {"file", "points"} <= value.keys()):
        return value
    raise ValueError("This is no line of scalars.")


def _take_in(tracker: Tracker, job_id: str, prefix: str, lines: Iterator[dict[str, Any]]) -> dict[str, Any]:
    """Apply what the lines hold, and return what it is, whether it was new or not."""
    positions: dict[str, int] = {}
    names: dict[str, None] = {}
    count = files = 0
    for line in lines:
        if "files" in line:
            files = line["files"]
            continue
        points = [(shortened(f"{prefix}{name}"), step, time, value) for name, step, time, value in line["points"]]
        frames = b"".join(point_frame(name, float(value), time, step) or b"" for name, step, time, value in points)
        writer = _writer(prefix, line["file"])
        offset = positions.get(writer, 0)
        tracker.journals.take_in(job_id, writer, offset, frames, now())
        positions[writer] = offset + len(frames)
        names.update(dict.fromkeys(point[0] for point in points))
        count += len(points)
    return {"files": files, "points": count, "metrics": list(names)}


def _writer(prefix: str, file: str) -> str:
    name = f"{prefix}\0{file}"
    return f"tensorboard-{hashlib.sha256(name.encode()).hexdigest()[:32]}"
